#include "framework/probe/machine.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "datasets/hash.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr double kKilo = 1e3, kMega = 1e6;
constexpr std::int64_t kKibi = 1024;

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  std::string result = std::move(text).str();
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) result.pop_back();
  return result;
}

std::int64_t to_integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

double to_number(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The value of "name   : value"; empty where there is none.
std::string field(const std::string& line, std::string_view name) {
  if (!line.starts_with(name)) return "";
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || line.find_first_not_of(" \t", name.size()) != colon) return "";
  const std::size_t value = line.find_first_not_of(" \t", colon + 1);
  return value == std::string::npos ? "" : line.substr(value);
}

std::string vendor_name(const std::string& id) {
  if (id == "GenuineIntel") return "Intel";
  if (id == "AuthenticAMD") return "AMD";
  if (id == "0x41") return "Arm";
  return id;
}

struct CpuInfo {
  std::string cpu, vendor, family, model, stepping;
  std::set<std::string> sockets;
  std::set<std::pair<std::string, std::string>> cores;
  int threads = 0;
  double mhz = 0;
  bool is_virtual = false;
};

CpuInfo parse_cpuinfo(const std::string& text) {
  CpuInfo info;
  std::istringstream lines(text);
  std::string socket = "0";
  const auto keep_first = [](std::string& into, std::string value) {
    if (into.empty()) into = std::move(value);
  };
  for (std::string line; std::getline(lines, line);) {
    if (!field(line, "processor").empty()) ++info.threads;
    keep_first(info.cpu, field(line, "model name"));
    keep_first(info.vendor, field(line, "vendor_id"));
    keep_first(info.vendor, field(line, "CPU implementer"));
    keep_first(info.family, field(line, "cpu family"));
    keep_first(info.model, field(line, "model"));
    keep_first(info.model, field(line, "CPU part"));
    keep_first(info.stepping, field(line, "stepping"));
    info.mhz = std::max(info.mhz, to_number(field(line, "cpu MHz")));
    if (const std::string id = field(line, "physical id"); !id.empty()) info.sockets.insert(socket = id);
    if (const std::string id = field(line, "core id"); !id.empty()) info.cores.insert({socket, id});
    if (line.starts_with("flags") && line.find(" hypervisor") != std::string::npos) info.is_virtual = true;
  }
  return info;
}

// [B] "MemTotal:  1024 kB"
std::int64_t meminfo(const std::string& text, std::string_view name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const std::string value = field(line, name); !value.empty()) return to_integer(value) * kKibi;
  return 0;
}

// "0-3,8" -> 5
int count_cpus(const std::string& list) {
  int count = 0;
  std::istringstream ranges(list);
  for (std::string range; std::getline(ranges, range, ',');) {
    const std::size_t dash = range.find('-');
    const std::int64_t first = to_integer(range);
    count += static_cast<int>(
        dash == std::string::npos ? 1 : to_integer(std::string_view(range).substr(dash + 1)) - first + 1);
  }
  return std::max(count, 1);
}

// "2048K", "260M" or plain bytes.
std::int64_t cache_bytes(const std::string& size) {
  const std::int64_t unit = size.ends_with('K') ? kKibi : size.ends_with('M') ? kKibi * kKibi : 1;
  return to_integer(size) * unit;
}

std::vector<Cache> read_caches(const fs::path& folder) {
  std::vector<Cache> caches;
  for (int index = 0;; ++index) {
    const fs::path at = folder / fmt::format("index{}", index);
    const std::string level = read_text(at / "level");
    if (level.empty()) break;
    const Cache cache{static_cast<int>(to_integer(level)), read_text(at / "type"),
                      cache_bytes(read_text(at / "size")), count_cpus(read_text(at / "shared_cpu_list"))};
    if (cache.bytes > 0) caches.push_back(cache);
  }
  return caches;
}

// [CPUs] The container's share: of control groups version 2, else 1.
std::optional<double> read_quota(const fs::path& cgroup) {
  std::int64_t quota = 0, period = 0;
  if (std::istringstream both(read_text(cgroup / "cpu.max")); both >> quota >> period)
    return period > 0 ? std::optional(static_cast<double>(quota) / static_cast<double>(period))
                      : std::nullopt;
  quota = to_integer(read_text(cgroup / "cpu" / "cpu.cfs_quota_us"));
  period = to_integer(read_text(cgroup / "cpu" / "cpu.cfs_period_us"));
  if (quota <= 0 || period <= 0) return std::nullopt;
  return static_cast<double>(quota) / static_cast<double>(period);
}

// [B] The container's limit; 0 without one ("max", or version 1's huge number).
std::int64_t read_memory_limit(const fs::path& cgroup) {
  for (const fs::path& file : {cgroup / "memory.max", cgroup / "memory" / "memory.limit_in_bytes"})
    if (const std::int64_t limit = to_integer(read_text(file)); limit > 0) return limit;
  return 0;
}

double read_frequency(const fs::path& root, double mhz) {
  const std::int64_t khz =
      to_integer(read_text(root / "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq"));
  return khz > 0 ? static_cast<double>(khz) * kKilo : mhz * kMega;
}

}  // namespace

std::int64_t Machine::last_level_cache() const {
  const Cache* last = nullptr;
  for (const Cache& c : caches)
    if (!last || c.level > last->level) last = &c;
  if (!last) return 0;
  return last->bytes * std::max(1, (threads + last->threads - 1) / last->threads);
}

std::string Machine::identity() const {
  Fnv1a hash;
  for (const std::string* text : {&cpu, &vendor, &stepping, &architecture}) hash.add(*text);
  for (const int count : {sockets, cores, threads, usable_threads})
    hash.add_word(static_cast<std::uint64_t>(count));
  for (const Cache& c : caches) hash.add(fmt::format("{}|{}|{}|{}", c.level, c.type, c.bytes, c.threads));
  // A kernel keeps more or less of the memory to itself: only whole GiB count.
  hash.add_word(static_cast<std::uint64_t>((memory_bytes + (std::int64_t{1} << 29)) >> 30));
  hash.add_number(cpu_quota.value_or(0));
  return hash.text();
}

Machine read_machine(const fs::path& root, int affinity) {
  const std::string cpuinfo = read_text(root / "proc/cpuinfo");
  if (cpuinfo.empty())
    throw Error(fmt::format("{} cannot be read: this is not Linux, or /proc is not there.",
                            (root / "proc/cpuinfo").string()));
  const CpuInfo info = parse_cpuinfo(cpuinfo);
  Machine m;
  m.cpu = info.cpu.empty() ? fmt::format("{} {}", vendor_name(info.vendor), info.model) : info.cpu;
  m.vendor = vendor_name(info.vendor);
  m.stepping = fmt::format("family {}, model {}, stepping {}", info.family, info.model, info.stepping);
  m.threads = std::max(info.threads, 1);
  m.sockets = std::max(static_cast<int>(info.sockets.size()), 1);
  m.cores = info.cores.empty() ? m.threads : static_cast<int>(info.cores.size());
  m.frequency = read_frequency(root, info.mhz);
  m.caches = read_caches(root / "sys/devices/system/cpu/cpu0/cache");
  m.is_virtual = info.is_virtual;

  const fs::path cgroup = root / "sys/fs/cgroup";
  m.cpu_quota = read_quota(cgroup);
  m.usable_threads = affinity > 0 ? std::min(affinity, m.threads) : m.threads;
  if (m.cpu_quota)
    m.usable_threads = std::clamp(static_cast<int>(std::ceil(*m.cpu_quota)), 1, m.usable_threads);

  const std::string memory = read_text(root / "proc/meminfo");
  m.memory_bytes = meminfo(memory, "MemTotal");
  m.available_bytes = meminfo(memory, "MemAvailable");
  if (const std::int64_t limit = read_memory_limit(cgroup); limit > 0 && limit < m.memory_bytes) {
    m.memory_bytes = limit;
    m.available_bytes = std::min(m.available_bytes, limit);
  }
  m.load = to_number(read_text(root / "proc/loadavg"));
  m.kernel = read_text(root / "proc/version");
  m.kernel = m.kernel.substr(0, m.kernel.find(" ("));
  m.compiler = fmt::format("{} {}",
#ifdef __clang__
                           "Clang",
#else
                           "GCC",
#endif
                           __VERSION__);
  return m;
}

Machine this_machine() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affinity = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  Machine machine = read_machine("/", affinity);
  utsname name{};
  if (uname(&name) == 0) machine.architecture = name.machine;
  return machine;
}

}  // namespace ironlaw
