// What a probe measures: rows that say what was done, how fast, and how steady that was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "framework/probe/machine.hpp"
#include "framework/probe/timing.hpp"

namespace ironlaw {

// What was measured; the words of the table and of probe.csv.
namespace measured {
inline constexpr const char
    *matmul = "matmul",  // FLOP/s of C = A B
    *read = "read", *copy = "copy", *scale = "scale", *add = "add",
    *triad = "triad",                          // B/s, as STREAM counts
        *cache_read = "cache_read",            // B/s of one thread over a working set
            *cache_latency = "cache_latency",  // s from one dependent load to the next, over a working set
                *launch = "launch",            // s to hand an empty step to the worker threads, and back
                    *mlp = "mlp";  // s of the MLP of one decoder layer: m tokens, k wide, n inside
}  // namespace measured

struct Measurement {
  std::string what = {};
  std::string precision = {};        // of a product; else empty
  std::int64_t m = 0, n = 0, k = 0;  // of a product
  double bytes = 0;                  // of a stream: moved by a run; of the cache ladder: the working set
  int threads = 1;
  double value = 0, median = 0;  // best and median, in `unit`
  std::string unit = {};         // "FLOP/s", "B/s", "s"
  double spread = 0;             // of the times: (third - first quartile) / median
  int samples = 0;
  std::string how = {};  // "Eigen 3.4.0, AVX2"
  int matrices = 1;      // B of a product: so many in turn, as the weights of layers that follow each other
};

// With what, and with how many matrices.
std::string how_of(const Measurement& m);

// A measurement of a rate: `amount` (FLOP, B) a run. Of a time: amount 0.
void set_value(Measurement& m, const Timing& timing, double amount, const char* unit);

// What was measured: the machine's CPUs, or an accelerator in it. A number that is not known is 0.
struct ProbedDevice {
  std::string name;
  std::string vendor, family, kind;  // as a hardware target has them: "Intel", "x86_64", "cpu"
  int cores = 0;
  double memory_bytes = 0, cache_bytes = 0;  // cache: of the last level, all together
};
ProbedDevice cpus_of(const Machine& machine);

struct ProbeResult {
  Machine machine;
  ProbedDevice device;
  std::string date;  // ISO, UTC
  bool is_quick = false;
  std::vector<Measurement> rows;
  std::vector<std::string> notes;  // what was left out, and why
  double seconds = 0;              // that it took

  // The fastest row (by best) of that kind; null where there is none. `precision`: of products, "" for
  // others.
  const Measurement* fastest(const std::string& what, const std::string& precision = "") const;
};

}  // namespace ironlaw
