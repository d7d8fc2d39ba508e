// What moved between the golden grid and now, for people and for scripts.
#pragma once

#include <string>

#include "calibration/drift/drift.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

// Reasons first, the worst on top; of each the phases and models that moved and the worst point of each.
// `grid` is how the text calls the golden grid.
std::string drift_text(const Drift& drift, const std::string& grid, std::string (*heading)(std::string_view));

// All points, none left out.
Json drift_json(const Drift& drift, const std::string& grid);

}  // namespace ironlaw
