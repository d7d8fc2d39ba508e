// The workloads that a candidate is tried on.
#pragma once

#include <string>
#include <vector>

#include "framework/conformance/subject.hpp"

namespace ironlaw::conformance {

// Models x phases x batch sizes x precisions x device counts on the candidate's devices (Subject::devices),
// at most `most` of them, spread evenly and the same every time. A service is at half of what its device can
// serve, which needs a prediction; where there is none it is left out.
std::vector<Scenario> grid_of(Subject& subject, std::size_t most);

// "llama-3.1-8b decode on 8 H100-SXM-80GB, fp8, batch 64".
std::string described(const Scenario& scenario);

// [s] Of one request: a closed loop's cycle serves all that run.
double time_per_request(const Prediction& prediction);

}  // namespace ironlaw::conformance
