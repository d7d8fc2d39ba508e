// What a prediction hangs on: where its time goes, which parameter moves it most, and what of it nobody
// stated or measured. From the prediction alone, so that a group that is predicted badly can be looked into.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

struct Insight {
  std::string wall;                    // the one that accounts for most of the time: "2 Memory"
  double share = 0;                    // of the time
  std::string parameter;               // the one with the largest elasticity
  double elasticity = 0;               // |d log time / d parameter on its link scale|
  std::vector<std::string> inherited;  // scopes of that parameter for which no row was fitted: "device"
  std::vector<std::string> assumed;    // what the source does not state: "precision", "split", "batch"
};

Insight look_into(const Row& row, const ParameterSet& parameters, Evaluator& evaluator);

// A row of a group with its log(predicted / observed).
struct Missed {
  const Row* row;
  const Insight* insight;
  double log_error;
};

// What these errors, taken together, point at: one clause a suspicion, the strongest first.
std::vector<std::string> suspect(std::span<const Missed> rows);

}  // namespace ironlaw
