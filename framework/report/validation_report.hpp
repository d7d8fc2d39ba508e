// A validation as text for people and as JSON for scripts.
#pragma once

#include <string>

#include "calibration/validation.hpp"

namespace ironlaw {

// Groups of fewer cells carry no verdict.
inline constexpr int kCellsForVerdict = 10;

std::string validation_text(const Validation& validation);

// One object: holdout, fitted and held-out counts, groups and by_* (lists of {group, n, cells, median_ape,
// mean_ape, p90_ape, bias, coverage50, coverage90}, fractions, null where there is no row), baselines in the
// same form, precision_basis, not_lowered.
std::string validation_json(const Validation& validation);

}  // namespace ironlaw
