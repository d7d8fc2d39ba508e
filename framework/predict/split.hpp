// How a model is spread over devices when nobody says.
#pragma once

#include "framework/predict/scenario.hpp"

namespace ironlaw {

// The split of `devices` devices for a scenario (its own split is ignored): the fewest devices a replica that
// hold it, tensor parallel first up to one scale-up domain, then pipeline stages; the rest are replicas.
// "Hold" means weights, gradients and optimizer states (training) or weights and one request (inference) in
// 90% of the memory. Every replica has a request to serve. Falls back to the largest replica when none holds
// it. Throws Error when devices < 1.
Parallelism default_split(const Scenario& scenario, int devices);

// Fills what is 0 in `wanted` so that TP x PP x DP = devices; devices = 0: as many as TP x PP x DP says.
// Throws Error naming the numbers when that is impossible.
Parallelism complete_split(const Scenario& scenario, int devices, const Parallelism& wanted);

}  // namespace ironlaw
