// What the benchmarks share: the plugins that were built beside them, and how they report.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include "framework/plugin/plugin_host.hpp"
#include "framework/predict/predictor.hpp"

namespace ironlaw::bench {

inline const PluginHost& plugins() {
  static const PluginHost host(search_path());
  return host;
}

inline Predictor& predictor() {
  static Predictor p({plugins().walls().begin(), plugins().walls().end()});
  return p;
}

// CPU time of one case (a row, an operator, a scenario): as cases a second and as microseconds a case.
inline void report(benchmark::State& state, std::size_t cases) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(cases));
  using benchmark::Counter;
  state.counters["us_per_case"] =
      Counter(static_cast<double>(cases) * 1e-6, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

// What every benchmark's main does: a library that cannot be loaded ends it with the reason.
inline int run(int argc, char** argv, void (*register_all)()) try {
  benchmark::Initialize(&argc, argv);
  for (const PluginFailure& f : plugins().failures())
    std::fprintf(stderr, "%s: %s\n", f.path.c_str(), f.reason.c_str());
  register_all();
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return EXIT_FAILURE;
}

}  // namespace ironlaw::bench
