// Work, checkpoints and failures at random (exponential) times, after Daly 2006, section 3. With M the mean
// time between failures, everything in units of M: stall d to take a checkpoint, interval y of work between
// two, and r, what a failure costs besides the work since the last checkpoint began: the restart, and the
// time the checkpoint needed to become durable. From one durable checkpoint to the next takes on average
//   e^r (e^(y + d) - 1),
// failures during restarts and repeated ones included, so the share of time that makes progress is
//   y / (e^r (e^(y + d) - 1)).
// Exact for every y, d and r: it tends to 0 from above when failures outrun the work, where the first order
// 1 - d/y - y/2 - r is negative.
#pragma once

#include <ironlaw/dual.hpp>

namespace ironlaw::checkpointing {

template <int N>
Dual<N> expm1(const Dual<N>& x) {
  return x.chain(std::expm1(x.a), std::exp(x.a));
}
using std::expm1;

// z / (e^z - 1): 1 at 0, z e^-z for large z.
template <class T>
T decay(const T& z) {
  if (value_of(z) == 0) return T(1.0) - z / T(2.0);
  return z * exp(-z) / -expm1(-z);
}

// z + e^-z - 1 without cancellation.
inline double excess(double z) {
  if (z > 0.5) return z + std::expm1(-z);
  double sum = 1;  // z^2/2! - z^3/3! + z^4/4! - ..., nested
  for (int n = 20; n > 2; --n) sum = 1 - z / n * sum;
  return z * z / 2 * sum;
}

// The interval y of work that maximises the progress for a stall d: 1 - y = e^-(y + d). In z = y + d it reads
// excess(z) = d. Newton's method comes down to the root from above; its last step, on T, is exact in the
// derivative.
template <class T>
T best_interval(const T& stall) {
  const double d = value_of(stall);
  if (d == 0) return stall;
  double z = d + std::fmin(1.0, std::sqrt(2 * d));
  for (int i = 0; i < 60; ++i) {
    const double step = (d - excess(z)) / -std::expm1(-z);
    z += step;
    if (!(std::fabs(step) > 1e-15 * z)) break;
  }
  return T(z) + (stall - T(excess(z))) / T(-std::expm1(-z)) - stall;
}

}  // namespace ironlaw::checkpointing
