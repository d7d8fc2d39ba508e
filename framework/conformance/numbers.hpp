// What a function computes, as one number an output: notices an equation that changed although nobody raised
// its model_version.
#pragma once

#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw::conformance {

// Evaluates the function at fixed points (points.hpp) and returns for each output the mean over them of
// asinh(1e12 x value): a logarithm that takes zero and negative values, so that times of a microsecond and
// work of a petaflop count alike. A relative change d of an output at a share s of the points moves its
// number by s x d. Unknown values and infinities count as numbers of their own. All numbers are NaN where the
// function fails.
std::vector<double> numbers_of(const ironlaw_function& function);

// Numbers of two builds that differ by less are the same equation: the last digits of exp and log differ
// between machines.
inline constexpr double kSameNumber = 1e-7;

}  // namespace ironlaw::conformance
