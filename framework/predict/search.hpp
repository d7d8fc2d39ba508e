// The search for a split: which tensor, pipeline and data parallelism is fastest on so many devices.
#pragma once

#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"

namespace ironlaw {

// One way to spread a scenario over its devices.
struct Candidate {
  Parallelism split;
  Recompute recompute = Recompute::none;
  double time = 0;             // [s]
  double mfu = 0;              // model FLOPs over the peak of all devices and the time
  double memory_headroom = 0;  // [B] negative: it does not fit
  std::string refused;         // why it cannot be, "" when it can
};

// All splits of `devices` devices with TP a power of two up to one scale-up domain (or what the model's heads
// allow) and PP a divisor up to the number of layers; in training also with and without full recomputation.
// Those that fit come first, fastest first; then those that do not, least over first; then what is refused.
// The scenario's own split is ignored; its interleave is kept. Allocates; a few hundred evaluations.
std::vector<Candidate> search_splits(const Scenario& scenario, int devices, Predictor& predictor,
                                     const ParameterSet& parameters);

// The scenario spread over so many devices in the fastest way. Throws Error where none can be evaluated, or
// none fits.
Scenario spread_fastest(const Scenario& scenario, int devices, Predictor& predictor,
                        const ParameterSet& parameters);

}  // namespace ironlaw
