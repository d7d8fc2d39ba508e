// Which predictions the golden grid holds, and making them.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "calibration/drift/golden.hpp"
#include "framework/predict/predictor.hpp"

namespace ironlaw {

// The points of the grid for these targets and all models, in the order of the file; see the table in
// golden_grid.cpp. A representative device that is not among the targets has no points.
std::vector<GoldenPoint> golden_points(std::span<const ironlaw_hardware* const> hardware);

// Answers the points with textbook and prior parameters and, unless null, with fitted ones, on every core.
// What a target or model cannot do at all is a row with outcome "refused". Throws Error when a wall fails or
// a point names what does not exist.
std::vector<GoldenRow> golden_rows(std::span<const GoldenPoint> points,
                                   const std::vector<const ironlaw_wall*>& walls,
                                   std::span<const ironlaw_hardware* const> hardware,
                                   const ParameterSet* fitted);

}  // namespace ironlaw
