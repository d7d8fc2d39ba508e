#include "framework/probe/device_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cmath>
#include <memory>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

constexpr double kCacheMultiple = 4;
constexpr std::int64_t kLeastArray = 256 << 20;

struct DevicePlan {
  double seconds;
  TimingLimits limits;
  std::vector<ProductSize> products, decoding;
};

DevicePlan device_plan(bool is_quick) {
  if (is_quick)
    return {4,
            {.seconds = 0.05, .least_sample = 2e-3, .least_samples = 3, .most_samples = 20},
            {{1024, 1024, 1024}, {4096, 4096, 4096}},
            {{16, 8192, 8192}}};
  return {34,
          {.seconds = 0.25, .least_sample = 5e-3, .least_samples = 5, .most_samples = 50},
          {{512, 512, 512},
           {1024, 1024, 1024},
           {2048, 2048, 2048},
           {4096, 4096, 4096},
           {8192, 8192, 8192},
           {2048, 28672, 8192}},
          {{1, 8192, 8192}, {16, 8192, 8192}, {64, 8192, 8192}, {256, 8192, 8192}}};
}

// Throws Error with the device's reason.
void check(std::int32_t status, const ironlaw_error& error) {
  if (status != IRONLAW_OK) throw Error(error.message);
}

class DeviceProbe {
 public:
  DeviceProbe(bool is_quick, const Machine& machine, const ironlaw_probe_device& device, const Clock& clock)
      : plan_(device_plan(is_quick)), device_(device), clock_(clock), begin_(clock()) {
    ironlaw_probe_facts facts{};
    facts.struct_size = sizeof facts;
    ironlaw_error error{};
    check(device.describe(&facts, &error), error);
    library_ = facts.library;
    result_.machine = machine;
    result_.device = {
        facts.name,         device.vendor,    device.family, device.kind, static_cast<int>(facts.cores),
        facts.memory_bytes, facts.cache_bytes};
    result_.date = today();
    result_.is_quick = is_quick;
  }

  void measure_launch() {
    attempt(
        "launches", [&](void** job, ironlaw_error* error) { return device_.open_launch(job, error); },
        {.what = measured::launch, .how = "an empty kernel, many in a row"}, 0, "s");
  }

  void measure_triad() {
    const auto wanted = static_cast<std::int64_t>(kCacheMultiple * result_.device.cache_bytes);
    const std::int64_t bytes = std::max(kLeastArray, wanted);
    attempt(
        "triads", [&](void** job, ironlaw_error* error) { return device_.open_triad(bytes, job, error); },
        {.what = measured::triad, .bytes = 3.0 * static_cast<double>(bytes), .how = library_},
        3.0 * static_cast<double>(bytes), "B/s");
  }

  void measure_products(const char* precision) {
    for (const ProductSize& size : plan_.products) measure_product(precision, size, 1);
    for (const ProductSize& size : plan_.decoding)
      measure_product(precision, size,
                      static_cast<std::int32_t>(2 + 2 * result_.device.cache_bytes /
                                                        static_cast<double>(size.n * size.k)));
  }

  ProbeResult finish() {
    result_.seconds = clock_() - begin_;
    return std::move(result_);
  }

 private:
  void measure_product(const char* precision, const ProductSize& size, std::int32_t copies) {
    const double flops =
        2.0 * static_cast<double>(size.m) * static_cast<double>(size.n) * static_cast<double>(size.k);
    attempt(
        fmt::format("{} products of {} x {} x {}", precision, size.m, size.n, size.k),
        [&](void** job, ironlaw_error* error) {
          return device_.open_product(precision, size.m, size.n, size.k, copies, job, error);
        },
        {.what = measured::matmul,
         .precision = precision,
         .m = size.m,
         .n = size.n,
         .k = size.k,
         .how = library_,
         .matrices = copies},
        flops, "FLOP/s");
  }

  // One measurement; what the device refuses is noted.
  template <class Open>
  void attempt(const std::string& what, const Open& open, Measurement m, double amount, const char* unit) {
    if (clock_() - begin_ > plan_.seconds) {
      result_.notes.push_back(fmt::format("Left out for lack of time: {}.", what));
      return;
    }
    try {
      ironlaw_error error{};
      void* raw = nullptr;
      check(open(&raw, &error), error);
      const std::unique_ptr<void, void (*)(void*)> job(raw, device_.close);
      const Timing timing = time_runs([&](int runs) { check(device_.run(job.get(), runs, &error), error); },
                                      plan_.limits, clock_);
      set_value(m, timing, amount, unit);
      result_.rows.push_back(std::move(m));
    } catch (const Error& e) {
      result_.notes.push_back(fmt::format("Left out: {}: {}.", what, e.what()));
    }
  }

  DevicePlan plan_;
  const ironlaw_probe_device& device_;
  const Clock& clock_;
  double begin_;
  std::string library_;
  ProbeResult result_;
};

}  // namespace

const ironlaw_probe_device& load_probe_device(const std::filesystem::path& folder, const std::string& kind) {
  const std::filesystem::path path = folder / fmt::format("{}.so", kind);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(
        fmt::format("--device is {}: this build has no part for it, because its toolkit was not there when "
                    "ironlaw was built ({} is missing).",
                    kind, path.string()));
  boost::dll::fs::error_code error;
  // Never unloaded: a driver's threads may be running its code.
  static auto* const library = new boost::dll::shared_library;
  library->load(path, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error || !library->has(IRONLAW_PROBE_DEVICE_SYMBOL))
    throw Error(fmt::format("--device is {}: {} cannot be loaded: {}.", kind, path.string(),
                            error ? error.message() : "it has no symbol " IRONLAW_PROBE_DEVICE_SYMBOL));
  const auto entry = library->get<const ironlaw_probe_device*()>(IRONLAW_PROBE_DEVICE_SYMBOL);
  return *entry();
}

ProbeResult run_device_probe(bool is_quick, const Machine& machine, const ironlaw_probe_device& device,
                             const Clock& clock, const std::function<void(const std::string&)>& progress) {
  DeviceProbe probe(is_quick, machine, device, clock);
  progress("launches");
  probe.measure_launch();
  progress("triads");
  probe.measure_triad();
  for (std::uint32_t i = 0; i < device.n_precisions; ++i) {
    progress(fmt::format("{} products", device.precisions[i]));
    probe.measure_products(device.precisions[i]);
  }
  return probe.finish();
}

}  // namespace ironlaw
