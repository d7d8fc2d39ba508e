// The wall that decides a claim.
#pragma once

#include <optional>

#include "framework/audit/verdict.hpp"

namespace ironlaw {

// Of a figure: the wall that binds the peak, or the first that reads the memory's figure. Of a prediction:
// the binding wall. Of a predicted ratio: the wall that differs most between the sides, for the same work
// (compare.hpp); where it does not decide either way, the product's binding wall. Nothing where a side cannot
// be predicted.
std::optional<DecidingWall> deciding_wall(const Subject& subject, const Conditions& conditions,
                                          Reader& reader, Predictor& predictor);

}  // namespace ironlaw
