// What the model says of the operators that a probe measured.
#pragma once

#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"
#include "framework/probe/measurement.hpp"

namespace ironlaw {

struct PredictedRow {
  const Measurement* row;
  double measured = 0, predicted = 0;  // [s] of a run; measured: the best
  bool is_anchor = false;              // a figure of the target was made of it, so that it proves nothing
  double ratio() const { return predicted / measured; }
};

struct PredictedProbe {
  std::vector<PredictedRow> rows;
  double launch_latency = 0;  // [s] measured, used in place of the parameter
  // Of |predicted / measured - 1| over the rows that are no anchors; NaN without any.
  double median_error = 0, p90_error = 0;
  std::vector<std::string> notes;  // what is not predicted, and why
};

// Predicts every product, every stream on all threads, and the MLP of a layer, by the walls on operator rows:
// compute, memory, software. `hardware` is the probed machine as a target. A launch takes as long as was
// measured. Throws Error of a wall that fails.
PredictedProbe predict_probe(const ProbeResult& result, const ironlaw_hardware& hardware,
                             Predictor& predictor, const ParameterSet& parameters);

}  // namespace ironlaw
