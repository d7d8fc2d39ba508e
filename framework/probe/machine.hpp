// What machine this is, as Linux tells it, and what of it this process may use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw {

struct Cache {
  int level = 0;
  std::string type;        // "Data", "Instruction", "Unified"
  std::int64_t bytes = 0;  // of one
  int threads = 1;         // hardware threads that share one
};

// A text that is not known is empty, a number 0.
struct Machine {
  std::string cpu;           // "Intel(R) Xeon(R) Processor"
  std::string vendor;        // "Intel", "AMD", "Arm", ...
  std::string stepping;      // "family 6, model 207, stepping 2": tells apart chips of one name
  std::string architecture;  // "x86_64"
  int sockets = 0, cores = 0, threads = 0;  // that are online
  int usable_threads = 1;                   // by affinity and the container's CPU quota
  std::optional<double> cpu_quota;          // [CPUs] of the container
  double frequency = 0;                     // [Hz] the highest that the kernel knows of, else the present one
  std::vector<Cache> caches;                // of the first CPU
  std::int64_t memory_bytes = 0;            // that may be used: the machine's or the container's
  std::int64_t available_bytes = 0;         // of them free now
  double load = 0;          // processes that were running or waiting, on average over the last minute
  bool is_virtual = false;  // the CPU says that it is a virtual machine's
  std::string kernel;       // "Linux version 6.1.0"
  std::string compiler;     // of this program

  // [B] of all caches of the highest level together; 0 where it is not known.
  std::int64_t last_level_cache() const;
  // 16 hexadecimal digits of a hash of what makes the machine: the CPU, its counts and caches, memory and
  // quota. The same after a new kernel; no name, address or serial number goes in.
  std::string identity() const;
};

// Reads /proc and /sys below `root`. What is missing there stays unknown. `affinity` is how many CPUs this
// process may run on, 0 when that is not known. Throws Error when `root` has no /proc/cpuinfo.
Machine read_machine(const std::filesystem::path& root, int affinity);
// This machine.
Machine this_machine();

}  // namespace ironlaw
