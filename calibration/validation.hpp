// Validation: fit without some rows, predict them, and say by group how wrong that was, next to baselines.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/metrics.hpp"
#include "calibration/stored_fit.hpp"

namespace ironlaw {

// What is held out: "round=inference-v4.1" (fitted: what was published before it), "hardware=", "model=",
// "submitter=", "source=", "shape=", or "fold=2/5".
struct HoldOut {
  std::string key, value;
  std::string text() const { return key + "=" + value; }
};

struct Validation {
  std::string holdout;
  int fitted_rows = 0, fitted_cells = 0, held_rows = 0, held_cells = 0;
  std::vector<Metrics> groups;  // seen, new_device, new_model, new_both, then all
  std::vector<Metrics> by_model, by_device, by_suite;
  std::map<std::string, std::vector<Metrics>> baselines;  // by name: the same groups
  std::map<std::string, int> precision_basis;             // of the held-out rows
  Unlowered unlowered;  // held-out rows that could not be predicted, by reason
  bool reused = false;  // the stored fit of this split was used
};

struct ValidationInputs {
  const std::vector<Observation>& observations;
  const std::vector<Round>& rounds;
  const std::vector<const ironlaw_hardware*>& hardware;
  Predictor& predictor;
  Store* store = nullptr;  // fits are looked up and saved here; may be null
  FitIdentity identity;
  FitOptions options;
};

// The shape of a model that has no name of its own, with the table it stands in: what "shape=" holds out.
// Empty for a named model.
std::string shape_of(const Observation& observation);
// Whether a hold-out takes this observation out of the fit and predicts it.
bool is_held(const Observation& observation, const HoldOut& holdout);
// When a round was published; empty for another hold-out. Throws Error when that is not known: without a date
// there is no past.
std::string published_before(const HoldOut& holdout, const std::vector<Round>& rounds);

// What was seen in fitted rows of the same suite.
class Seen {
 public:
  void add(const Observation& fitted);
  // "seen", "new_device", "new_model" or "new_both".
  const char* group(const Observation& held) const;

 private:
  std::set<std::pair<std::string, std::string>> devices_, models_;
};
inline constexpr const char* kSeenGroups[] = {"seen", "new_device", "new_model", "new_both"};

// Model FLOPs behind one unit of the observed rate, and the rate with textbook parameters.
struct PlainPrediction {
  double unit_flops = 0, textbook = 0;
};
PlainPrediction predict_plainly(const Row& row, Evaluator& evaluator);

// Checks "key=value" against what there is; throws Error with suggestions.
HoldOut parse_holdout(const std::string& text, const ValidationInputs& inputs);

// Throws Error when nothing is left to fit or nothing is held out.
Validation validate(const HoldOut& holdout, const ValidationInputs& inputs);

// K folds of whole cells, pooled.
Validation validate_folds(int folds, const ValidationInputs& inputs);

}  // namespace ironlaw
