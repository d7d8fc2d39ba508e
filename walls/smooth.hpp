// Small functions that walls need on numbers with derivatives too, without their cancellations.
#pragma once

#include <cmath>

#include "ironlaw/dual.hpp"

namespace ironlaw::smooth {

// What a function of x is that has this value and this slope at x.
inline double lifted(double, double value, double) {
  return value;
}
template <int N>
Dual<N> lifted(const Dual<N>& x, double value, double slope) {
  return x.chain(value, slope);
}

// The mean of e^-t over t from 0 to y: (1 - e^-y)/y, 1 at 0.
template <class T>
T mean_decay(const T& y) {
  const double x = value_of(y);
  if (std::abs(x) < 1e-3) return T(1.0) - y * (T(1.0) - y * (T(1.0) - y / T(4.0)) / T(3.0)) / T(2.0);
  const double value = -std::expm1(-x) / x;
  return lifted(y, value, (std::exp(-x) - value) / x);
}

}  // namespace ironlaw::smooth
