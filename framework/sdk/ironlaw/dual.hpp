// A forward-mode dual number: a value and its N partial derivatives.
//
// Walls are templates over their number type, so the same body runs on double and on Dual<N>, which gives
// exact derivatives. Unlike ceres::Jet this needs no Eigen and has one layout whatever the compiler flags.
//
// ceil, floor and comparisons have zero derivative; max and min take the derivative of the side they pick.
#pragma once

#include <cmath>

namespace ironlaw {

template <int N>
struct Dual {
  double a = 0;      // the value
  double v[N] = {};  // d a / d seed

  constexpr Dual() = default;
  constexpr Dual(double value) : a(value) {}  // NOLINT(google-explicit-constructor): constants mix freely
  static constexpr Dual variable(double value, int seed) {
    Dual d(value);
    d.v[seed] = 1;
    return d;
  }

  friend constexpr Dual operator+(const Dual& x, const Dual& y) {
    return lift(x.a + y.a, [&](int k) { return x.v[k] + y.v[k]; });
  }
  friend constexpr Dual operator-(const Dual& x, const Dual& y) {
    return lift(x.a - y.a, [&](int k) { return x.v[k] - y.v[k]; });
  }
  friend constexpr Dual operator*(const Dual& x, const Dual& y) {
    return lift(x.a * y.a, [&](int k) { return x.v[k] * y.a + x.a * y.v[k]; });
  }
  friend constexpr Dual operator/(const Dual& x, const Dual& y) {
    const double q = x.a / y.a;
    return lift(q, [&](int k) { return (x.v[k] - q * y.v[k]) / y.a; });
  }
  friend constexpr Dual operator-(const Dual& x) {
    return lift(-x.a, [&](int k) { return -x.v[k]; });
  }
  friend constexpr bool operator<(const Dual& x, const Dual& y) { return x.a < y.a; }
  friend constexpr bool operator>(const Dual& x, const Dual& y) { return x.a > y.a; }
  friend constexpr bool operator<=(const Dual& x, const Dual& y) { return x.a <= y.a; }
  friend constexpr bool operator>=(const Dual& x, const Dual& y) { return x.a >= y.a; }

  // The number with this value whose partials are partial(k).
  template <class F>
  static constexpr Dual lift(double value, const F& partial) {
    Dual r(value);
    for (int k = 0; k < N; ++k) r.v[k] = partial(k);
    return r;
  }
  // f(x) by the chain rule, with slope = f'(x).
  constexpr Dual chain(double value, double slope) const {
    return lift(value, [&](int k) { return slope * v[k]; });
  }
};

template <int N>
Dual<N> sqrt(const Dual<N>& x) {
  const double r = std::sqrt(x.a);
  return x.chain(r, 0.5 / r);
}
template <int N>
Dual<N> log(const Dual<N>& x) {
  return x.chain(std::log(x.a), 1 / x.a);
}
template <int N>
Dual<N> log2(const Dual<N>& x) {
  return x.chain(std::log2(x.a), 1 / (x.a * 0.69314718055994530942));
}
template <int N>
Dual<N> exp(const Dual<N>& x) {
  const double r = std::exp(x.a);
  return x.chain(r, r);
}
template <int N>
Dual<N> pow(const Dual<N>& x, double p) {
  const double r = std::pow(x.a, p);
  return x.chain(r, p * r / x.a);
}
template <int N>
Dual<N> ceil(const Dual<N>& x) {
  return Dual<N>(std::ceil(x.a));
}
template <int N>
Dual<N> floor(const Dual<N>& x) {
  return Dual<N>(std::floor(x.a));
}

using std::ceil;
using std::exp;
using std::floor;
using std::log;
using std::log2;
using std::pow;
using std::sqrt;

template <class T>
constexpr T max(const T& x, const T& y) {
  return x < y ? y : x;
}
template <class T>
constexpr T min(const T& x, const T& y) {
  return y < x ? y : x;
}

// The plain value of a number of either type.
constexpr double value_of(double x) {
  return x;
}
template <int N>
constexpr double value_of(const Dual<N>& x) {
  return x.a;
}

}  // namespace ironlaw
