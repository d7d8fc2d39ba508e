// The scaling law of training: what loss parameters and tokens buy, and how tokens served later move the best
// split between them.
#pragma once

#include <cmath>

#include "ironlaw/dual.hpp"

namespace ironlaw {

// L(N, D) = irreducible + capacity / N^capacity_exponent + data / D^data_exponent.
struct Law {
  double irreducible, capacity, capacity_exponent, data, data_exponent;
};
// Hoffmann's own constants contradict their other two approaches and their intervals are too narrow, as
// Besiroglu et al. show by fitting the data of the paper's figure again. Both recalled.
inline constexpr Law kLaws[] = {{1.8172, 482.01, 0.3478, 2085.43, 0.3658}, {1.69, 406.4, 0.34, 410.7, 0.28}};

// What the loss has above the irreducible one, for lack of parameters and for lack of data.
template <class T>
struct Excess {
  T capacity, data;
};
template <class T>
Excess<T> excess_of(const Law& law, const T& parameters, const T& tokens) {
  return {T(law.capacity) * pow(parameters, -law.capacity_exponent),
          T(law.data) * pow(tokens, -law.data_exponent)};
}

// At one loss, let the excess g be split into g x for capacity and g (1 - x) for data. 6 N D + 2 N D_served
// is least where D s = D_served / 3, s = a x / (b (1 - x)) - 1, and D = (B/g)^(1/b) ((a + b + b
// s)/a)^(1/b): in log s a convex, growing function, on which Newton's method cannot miss. The last step is
// taken in T, so that it carries the derivatives of the root.
template <class T>
T overtraining(const Law& law, const T& excess, const T& served) {
  const double a = law.capacity_exponent, b = law.data_exponent;
  const T least_tokens = pow(T(law.data * (a + b) / a) / excess, 1 / b);  // D at s = 0
  const T start = served / (least_tokens * T(3.0));
  if (!(served > T(0.0))) return start;
  const T log_start = log(start);
  double root = value_of(log_start);
  for (int i = 0; i < 50; ++i) {
    const double s = std::exp(root) * b / (a + b), miss = root - value_of(log_start) + std::log1p(s) / b;
    root -= miss / (1 + s / (1 + s) / b);
  }
  const double s = std::exp(root) * b / (a + b);
  const T miss = T(root) - log_start + T(std::log1p(s) / b);
  return exp(T(root) - miss / T(1 + s / (1 + s) / b));
}

}  // namespace ironlaw
