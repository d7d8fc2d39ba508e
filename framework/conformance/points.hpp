// Rows to call a function with, made from nothing but its ports.
#pragma once

#include <random>
#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw::conformance {

using Row = std::vector<double>;  // one value for each input of a function

// Interior points: inside every port's range, of magnitudes that a machine of today has, no two inputs on a
// kink. Inputs whose names begin with is_ exclude each other: exactly one of them is 1. The same every time.
class Points {
 public:
  double of(const ironlaw_port& port);
  Row row(const ironlaw_function& function);

 private:
  double between(double low, double high) { return std::uniform_real_distribution<>(low, high)(engine_); }
  double usual(const ironlaw_port& port);
  std::mt19937_64 engine_{22};  // NOLINT(bugprone-random-generator-seed): the same points every day
};

std::vector<Row> rows_of(const ironlaw_function& function, int count);

}  // namespace ironlaw::conformance
