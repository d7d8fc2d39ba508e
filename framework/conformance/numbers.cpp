#include "framework/conformance/numbers.hpp"

#include <cmath>
#include <limits>

#include "framework/conformance/evaluate.hpp"

namespace ironlaw::conformance {
namespace {

constexpr int kPoints = 128;

double logarithmic(double value) {
  constexpr double kSmallest = 1e-12, kUnknown = 1000, kInfinite = 2000;  // no finite value comes near those
  if (std::isnan(value)) return kUnknown;
  if (std::isinf(value)) return std::copysign(kInfinite, value);
  return std::asinh(value / kSmallest);
}

}  // namespace

std::vector<double> numbers_of(const ironlaw_function& function) {
  const Evaluation evaluation = evaluate(function, rows_of(function, kPoints));
  if (evaluation.status != IRONLAW_OK)
    return std::vector<double>(function.n_outputs, std::numeric_limits<double>::quiet_NaN());
  std::vector<double> numbers(function.n_outputs, 0.0);
  for (const Row& outputs : evaluation.out)
    for (std::size_t o = 0; o < outputs.size(); ++o) numbers[o] += logarithmic(outputs[o]) / kPoints;
  return numbers;
}

}  // namespace ironlaw::conformance
