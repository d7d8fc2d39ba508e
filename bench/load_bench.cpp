// Start-up: finding, checking and loading every plugin, and fitting the walls together.
//
// The loader keeps a library until the process ends, so from the second iteration on a load costs its checks
// only; the first one is what a process pays. It is measured by itself, once, on the wall clock.
#include <fmt/format.h>

#include <chrono>

#include "bench/support.hpp"

namespace ironlaw::bench {
namespace {

void host_again(benchmark::State& state) {
  for (auto _ : state) {
    PluginHost host(search_path());
    benchmark::DoNotOptimize(&host);
  }
  report(state, plugins().plugins().size());
}

void pipeline(benchmark::State& state) {
  const ironlaw_hardware& hardware = plugins().find_hardware("h100");
  for (auto _ : state) {
    Pipeline made(plugins().walls(), &hardware, source_columns());
    benchmark::DoNotOptimize(&made);
  }
  report(state, 1);
}

// Everything between a scenario and an answer, ledger and error bar included.
void predict(benchmark::State& state) {
  Scenario s;
  s.model = &find_model("llama-3.1-8b");
  s.hardware = &plugins().find_hardware("h100");
  s.batch = 64;
  const ParameterSet parameters = ParameterSet::prior();
  for (auto _ : state) {
    Prediction p = predictor().predict(s, parameters);
    benchmark::DoNotOptimize(&p);
  }
  report(state, 1);
}

// Registered first: the one iteration of this benchmark is the first load of the process.
void first_start(benchmark::State& state, double seconds) {
  for (auto _ : state) state.SetIterationTime(seconds);
  state.counters["us_per_case"] = seconds * 1e6;
}

void register_all() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("plugin_host/loaded_before", host_again);
  RegisterBenchmark("pipeline", pipeline);
  RegisterBenchmark("predict/llama-3.1-8b/decode", predict);
}

}  // namespace
}  // namespace ironlaw::bench

int main(int argc, char** argv) {
  using namespace ironlaw;
  const auto start = std::chrono::steady_clock::now();
  const std::span<const ironlaw_wall* const> walls = bench::plugins().walls();
  if (walls.empty()) {
    fmt::print(stderr, "no walls were found.\n");
    return EXIT_FAILURE;
  }
  const Pipeline first(walls, &bench::plugins().find_hardware("h100"), source_columns());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  benchmark::RegisterBenchmark("start_up/host_and_pipeline", bench::first_start, seconds.count())
      ->Iterations(1)
      ->UseManualTime();
  return bench::run(argc, argv, bench::register_all);
}
