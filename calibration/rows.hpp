// From observations to what calibration works on: cases with an observed rate, and the count of rows that
// could not become one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "datasets/records.hpp"
#include "framework/predict/predictor.hpp"

namespace ironlaw {

// Where each precision in a fit comes from. Never looks at an observed rate.
//
// A row that does not state its precision takes the most frequent one among the fitted rows that do and agree
// with it on (suite, model, accuracy class, device); where there are none on (suite, model, accuracy class,
// family), then (suite, model kind, family), then (suite, model kind, vendor), then (suite, model, accuracy
// class); else the narrowest of fp8, bf16 and fp16 that the device multiplies. What the device has no dense
// peak for is passed over. Where decoders are served in the narrowest floating point of the devices that
// voted, a device of another family gets its own narrowest: a vendor's FP4 device is not run in what its FP8
// one needed.
class PrecisionRule {
 public:
  // One vote for each cell, so that many submitters of one system do not outvote another system.
  void learn(const Observation& o, const ModelSpec& model, const ironlaw_hardware& hardware,
             Precision precision);
  struct Choice {
    Precision precision;
    const char* basis;  // "stated", "same model and device", ...
  };
  Choice choose(const Observation& o, const ModelSpec& model, const ironlaw_hardware& hardware) const;

 private:
  static std::vector<std::string> keys(const Observation& o, const ModelSpec& model,
                                       const ironlaw_hardware& hardware);
  // By cell: whether its device has no narrower floating point.
  using Votes = std::map<std::string, bool>;
  std::map<std::string, std::map<Precision, Votes>> votes_;  // key, precision
};

// One observation that can be predicted.
struct Row {
  Observation observation;
  const ModelSpec* model = nullptr;
  const ironlaw_hardware* hardware = nullptr;
  Scenario scenario;  // precision and split are set by lower_rows
  double units = 1;   // of the observed rate in one request: output tokens, or 1 sample
  std::string precision_basis;
  std::string cell;  // round, device, count, model, precision, scenario: rows of one cell share an error
  Case lowered;
  bool per_request = false;  // the observed rate is of one request (1 / TPOT), not of all that run
  // A microbenchmark: the operators that it timed, one after the other. Empty for a run of a model.
  std::vector<Operator<double>> operators;
};

// [1/s] What the row observes, in requests or samples (units not yet counted), from the outcome of its case.
double observed_rate(const Row& row, const Outcome& outcome);

// Rows by why they were left out: "no hardware target: L4" -> 62.
using Unlowered = std::map<std::string, int>;

// The observations that the present model can say something about, without precision and split: closed
// division, no duplicates or copies, no reference code, no lowered power limits, Offline or training, a model
// and a device that exist here. Exact repeats within a cell are one observation.
std::vector<Row> select_rows(const std::vector<Observation>& observations,
                             const std::vector<const ironlaw_hardware*>& hardware, Unlowered& unlowered);

// Teaches the rule the stated precisions of `rows`.
PrecisionRule learn_precisions(const std::vector<Row>& rows);

// Sets precision and split, and lowers the row. Throws Error with the reason when it cannot be predicted.
void lower_row(Row& row, const PrecisionRule::Choice& choice, Predictor& predictor);

// The same with the rule's choices. Rows that cannot be lowered are removed and counted.
void lower_rows(std::vector<Row>& rows, const PrecisionRule& rule, Predictor& predictor,
                Unlowered& unlowered);

}  // namespace ironlaw
