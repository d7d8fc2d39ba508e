// What the accuracy is meant to reach, and what a study found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calibration/study.hpp"

namespace ironlaw {

struct Goal {
  const char* what;    // is held out
  const char* known;   // what others reach
  double goal;         // median absolute percentage error
  const char* key;     // of the hold-outs that it is about
  const char* suite;   // "" for any
  const char* group;   // of kSeenGroups; "" for any
  const char* source;  // what the name of the rows' source begins with; "" for any
  // Not of a run but of single operators: their group in an OperatorStudy, on shapes ("shape") or on devices
  // ("hardware") that were held out. "" for runs.
  const char* operators = "";
};

// In the words of the plan for this version.
const std::vector<Goal>& goals();

// Of the hold-outs of its kind: whether a goal of runs (not of single operators) counts this row when it is
// held out. What the row's group is, is not looked at.
bool is_about(const Goal& goal, const Observation& observation);

// The rows of a study that a goal is about, measured; none: the study has no such row.
std::optional<Metrics> reached(const Goal& goal, const Study& study);

// Where the 90% interval is meant to lie.
inline constexpr double kLeastCoverage90 = 0.85, kMostCoverage90 = 0.95;

}  // namespace ironlaw
