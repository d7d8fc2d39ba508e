#include "framework/probe/probe.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string_view>

#include "framework/probe/cpu_products.hpp"
#include "framework/probe/memory_tests.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kKibi = 1024, kMebi = kKibi * 1024, kGibi = kMebi * 1024;
constexpr double kShareOfMemory = 0.25;
constexpr std::int64_t kHopsARun = 1024;
constexpr double kBusy = 0.5;  // processes a thread
// Which share of the time has passed when a part must have begun its last measurement: none starves the next.
constexpr double kStreamsUntil = 0.4, kProductsUntil = 0.8, kMlpUntil = 0.85, kLadderUntil = 1;

class Probe {
 public:
  Probe(const ProbePlan& plan, const Machine& machine, const Clock& clock) : plan_(plan), clock_(clock) {
    result_.machine = machine;
    result_.device = cpus_of(machine);
    result_.date = today();
    result_.is_quick = plan.is_quick;
    begin_ = clock();
    if (machine.load > kBusy * plan.threads)
      result_.notes.push_back(fmt::format(
          "The machine was busy: {:.1f} processes ran or waited on average in the minute before. What is "
          "measured is less than it can do; measure again when it is idle.",
          machine.load));
  }

  void measure_launch() {
    Workers workers(plan_.threads);
    const std::function<void(int)> nothing = [](int) {};
    Measurement m{.what = measured::launch, .threads = plan_.threads, .how = "an empty step of all threads"};
    const Timing timing = time([&](int runs) {
      for (int i = 0; i < runs; ++i) workers.step(nothing);
    });
    add(std::move(m), timing, 0, "s");
  }

  void measure_streams() {
    const auto cache = static_cast<double>(result_.machine.last_level_cache());
    const auto wanted = static_cast<std::size_t>(std::max(plan_.cache_multiple * cache, 64.0 * kMebi));
    const std::size_t bytes = std::min(wanted, plan_.most_stream_bytes) / 3;
    if (static_cast<double>(3 * bytes) < 4 * cache)
      result_.notes.push_back(fmt::format(
          "The three arrays of the streams are {:.0f} MiB together, {:.1f} times the last-level cache; "
          "STREAM asks for each to be 4 times as large: part of them may have come from the cache.",
          static_cast<double>(3 * bytes) / kMebi, static_cast<double>(3 * bytes) / cache));
    Workers all(plan_.threads);
    Streams streams(bytes, all);
    for (int threads = plan_.threads;; threads = (threads + 1) / 2) {
      Workers some(threads);
      for (const Stream stream : kStreams) {
        // The others say little more of fewer threads.
        const bool is_main = stream == Stream::read || stream == Stream::triad;
        if (plan_.is_quick && threads < plan_.threads && !is_main) continue;
        const bool is_needed = threads == plan_.threads && stream == Stream::triad;
        if (!is_needed && !has_time("streams", kStreamsUntil)) continue;
        const Timing timing = time([&](int runs) { streams.run(stream, runs, some); });
        add({.what = name_of(stream),
             .bytes = streams.bytes_of(stream),
             .threads = threads,
             .how = fmt::format("arrays of {:.0f} MiB", static_cast<double>(bytes) / kMebi)},
            timing, streams.bytes_of(stream), "B/s");
      }
      if (threads == 1) return;
    }
  }

  void measure_products(const ironlaw_cpu_product& kernel) {
    Workers workers(plan_.threads);
    const std::string what = fmt::format("{} products", kernel.precision);
    for (std::size_t i = 0; i < plan_.products.size(); ++i)
      if (i == plan_.main_product || has_time(what, kProductsUntil))
        measure_product(kernel, plan_.products[i], 1, workers);
    if (std::string_view(kernel.precision) == "fp64") return;  // no model's weights
    for (const ProductSize& size : plan_.decoding)
      if (has_time(what, kProductsUntil)) measure_product(kernel, size, copies_of(kernel, size), workers);
  }

  // Its weights as those of a model's other layers leave them: not in the cache.
  void measure_mlp(const ironlaw_cpu_product& kernel) {
    if (!has_time("layer's MLP", kMlpUntil)) return;
    Workers workers(plan_.threads);
    const ProductSize up = plan_.mlp, down{up.m, up.k, up.n};
    const auto at = [](std::int64_t x) { return static_cast<std::size_t>(x); };
    CpuProduct up_product(kernel, at(up.m), at(up.n), at(up.k), copies_of(kernel, up), workers);
    CpuProduct down_product(kernel, at(down.m), at(down.n), at(down.k), copies_of(kernel, down), workers);
    const std::size_t inside = at(up.m * up.n);
    const Buffer activations(inside * sizeof(float));
    const auto* from = static_cast<const float*>(up_product.c());
    auto* to = static_cast<float*>(activations.data());
    const std::function<void(int)> activate = [&](int worker) {
      const Part p = part_of(inside, worker, workers.count());
      for (std::size_t i = p.first; i < p.last; ++i) to[i] = std::max(from[i], 0.0F);
    };
    const Timing timing = time([&](int runs) {
      for (int i = 0; i < runs; ++i) {
        up_product.run(1);
        workers.step(activate);
        down_product.run(1);
      }
    });
    add({.what = measured::mlp,
         .precision = kernel.precision,
         .m = up.m,
         .n = up.n,
         .k = up.k,
         .threads = workers.count(),
         .how = kernel.how},
        timing, 0, "s");
  }

  void measure_ladder() {
    for (const std::size_t bytes : plan_.working_sets) {
      if (!has_time("larger working sets", kLadderUntil)) return;
      const auto set = static_cast<double>(bytes);
      {
        const Buffer buffer(bytes);
        std::fill_n(static_cast<double*>(buffer.data()), bytes / sizeof(double), 1.0);
        double sum = 0;
        const Timing timing = time([&](int runs) { sum += read_set(buffer, runs); });
        add({.what = measured::cache_read, .bytes = set, .threads = 1, .how = "one thread"}, timing, set,
            "B/s");
      }
      PointerChase chase(bytes);
      chase.follow(static_cast<std::int64_t>(chase.lines()));  // all of it once
      Timing timing = time([&](int runs) { chase.follow(runs * kHopsARun); });
      timing.best /= kHopsARun;
      timing.median /= kHopsARun;
      add({.what = measured::cache_latency, .bytes = set, .threads = 1, .how = "a chain of dependent loads"},
          timing, 0, "s");
    }
  }

  ProbeResult finish() {
    result_.seconds = clock_() - begin_;
    return std::move(result_);
  }

 private:
  // As many matrices of weights as do not fit in the last-level cache together.
  std::size_t copies_of(const ironlaw_cpu_product& kernel, const ProductSize& size) const {
    const auto bytes = static_cast<double>(size.n * size.k) * static_cast<double>(kernel.input_bytes);
    const double cache = static_cast<double>(result_.machine.last_level_cache());
    const double wanted = std::min(2 * cache, static_cast<double>(plan_.most_stream_bytes));
    return std::max<std::size_t>(2, static_cast<std::size_t>(std::ceil(wanted / bytes)));
  }

  void measure_product(const ironlaw_cpu_product& kernel, const ProductSize& size, std::size_t copies,
                       Workers& workers) {
    const auto at = [](std::int64_t x) { return static_cast<std::size_t>(x); };
    CpuProduct product(kernel, at(size.m), at(size.n), at(size.k), copies, workers);
    const Timing timing = time([&](int runs) { product.run(runs); });
    Measurement m{.what = measured::matmul,
                  .precision = kernel.precision,
                  .m = size.m,
                  .n = size.n,
                  .k = size.k,
                  .threads = workers.count(),
                  .how = kernel.how};
    m.matrices = static_cast<int>(copies);
    add(std::move(m), timing,
        2.0 * static_cast<double>(size.m) * static_cast<double>(size.n) * static_cast<double>(size.k),
        "FLOP/s");
  }

  Timing time(const std::function<void(int)>& body) const { return time_runs(body, plan_.limits, clock_); }

  void add(Measurement m, const Timing& timing, double amount, const char* unit) {
    set_value(m, timing, amount, unit);
    result_.rows.push_back(std::move(m));
  }

  // Before this share of the time has passed? What is then left out is noted, once.
  bool has_time(const std::string& what, double share) {
    if (clock_() - begin_ < share * plan_.seconds) return true;
    const std::string note = fmt::format("Left out for lack of time: some {}.", what);
    auto& notes = result_.notes;
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    return false;
  }

  const ProbePlan& plan_;
  const Clock& clock_;
  double begin_ = 0;
  ProbeResult result_;
};

}  // namespace

ProbePlan plan_of(bool is_quick, int threads, const Machine& machine) {
  ProbePlan plan;
  plan.is_quick = is_quick;
  plan.threads = threads;
  const auto memory = static_cast<std::size_t>(kShareOfMemory * static_cast<double>(machine.available_bytes));
  std::size_t largest_set = 0;
  if (is_quick) {
    plan.seconds = 4;
    plan.limits = {.seconds = 0.04, .least_sample = 1e-3, .least_samples = 3, .most_samples = 20};
    plan.main_product = 1;
    plan.products = {{256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}};
    plan.decoding = {{8, 2048, 2048}};
    plan.mlp = {64, 2048, 1024};
    plan.cache_multiple = 1.5;
    plan.most_stream_bytes = std::min(memory, 384 * kMebi);
    largest_set = 64 * kMebi;
  } else {
    plan.seconds = 34;
    plan.limits = {.seconds = 0.25, .least_sample = 2e-3, .least_samples = 3, .most_samples = 50};
    plan.main_product = 4;
    plan.products = {{64, 64, 64},       {128, 128, 128},    {256, 256, 256},   {512, 512, 512},
                     {1024, 1024, 1024}, {2048, 2048, 2048}, {128, 4096, 1024}, {512, 1024, 4096}};
    plan.decoding = {{1, 4096, 4096}, {4, 4096, 4096}, {16, 4096, 4096}, {64, 4096, 4096}};
    plan.cache_multiple = 6;
    plan.most_stream_bytes = std::min(memory, 3 * kGibi / 2);
    largest_set = 512 * kMebi;
  }
  for (std::size_t bytes = 16 * kKibi; bytes <= std::min(largest_set, memory); bytes *= is_quick ? 4 : 2)
    plan.working_sets.push_back(bytes);
  return plan;
}

ProbeResult run_probe(const ProbePlan& plan, const Machine& machine,
                      std::span<const ironlaw_cpu_product* const> kernels, const Clock& clock,
                      const std::function<void(const std::string&)>& progress) {
  Probe probe(plan, machine, clock);
  progress("handing steps to threads");
  probe.measure_launch();
  progress("streams through memory");
  probe.measure_streams();
  for (const ironlaw_cpu_product* kernel : kernels) {
    progress(fmt::format("{} products", kernel->precision));
    probe.measure_products(*kernel);
  }
  for (const ironlaw_cpu_product* kernel : kernels)
    if (std::string_view(kernel->precision) == "fp32") probe.measure_mlp(*kernel);
  progress("caches");
  probe.measure_ladder();
  probe.measure_launch();  // once more: the first time another process may have had the CPU
  return probe.finish();
}

std::string today() {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace ironlaw
