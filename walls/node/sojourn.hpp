// The time from arrival to departure in a queue with many servers, as a distribution.
#pragma once

#include <array>
#include <limits>

#include "../queueing.hpp"

namespace ironlaw::queueing {

// The time that a service takes, from its mean and its coefficient of variation cv: the fits of Whitt 1982
// (doi:10.1287/opre.30.1.125), both exponential at cv = 1 and closed under the sums that follow.
//   cv <= 1: mean (1 - cv), which every service takes, and an exponential time of mean x cv;
//   cv > 1: one of two exponential times, each of half of the mean on average (balanced means).
template <class T>
struct Service {
  T fixed, share;           // share: of the first kind
  std::array<T, 2> rate{};  // of the exponential times
};

template <class T>
Service<T> service_of(const T& mean, const T& cv) {
  constexpr double kSteepest = 1e-3;  // what is steadier counts as this steady
  const double variation = value_of(cv);
  if (variation <= 1) {
    const T part = variation < kSteepest ? T(kSteepest) : cv;
    return {mean * (T(1.0) - part), T(1.0), {T(1.0) / (mean * part), T(1.0)}};
  }
  const T square = cv * cv;
  const T share = (T(1.0) + sqrt((square - T(1.0)) / (square + T(1.0)))) / T(2.0);
  return {T(0.0), share, {share * T(2.0) / mean, (T(1.0) - share) * T(2.0) / mean}};
}

// The time in the queue is 0, or with the chance `waits` exponential with the rate wait_rate: exact for
// M/M/c, and the usual approximation for M/G/c with the mean wait of Allen and Cunneen.
template <class T>
struct Sojourn {
  T waits, wait_rate;
  Service<T> service;
};

// P(X + Y > t) for X of a Service's rate and Y the time in the queue:
//   e^-mt + P(waits) m (e^-mt - e^-wt)/(w - m),  which has the limit m t e^-mt at w = m.
template <class T>
T convolved_tail(const T& rate, const T& waits, const T& wait_rate, const T& t) {
  const bool wait_is_longer = value_of(wait_rate) < value_of(rate);
  const T slow = wait_is_longer ? wait_rate : rate, fast = wait_is_longer ? rate : wait_rate;
  return exp(-(rate * t)) + waits * rate * t * exp(-(slow * t)) * smooth::mean_decay((fast - slow) * t);
}

// The chance that a request takes longer than time.
template <class T>
T tail(const Sojourn<T>& s, const T& time) {
  if (!(value_of(time) > value_of(s.service.fixed))) return T(1.0);
  const T t = time - s.service.fixed;
  const auto part = [&](std::size_t kind) {
    return convolved_tail(s.service.rate[kind], s.waits, s.wait_rate, t);
  };
  const T first = part(0);
  if (value_of(s.service.share) >= 1) return first;
  return s.service.share * first + (T(1.0) - s.service.share) * part(1);
}

namespace detail {

template <class To, class From>
Sojourn<To> constant(const Sojourn<From>& s) {
  const auto as = [](const From& x) { return To(value_of(x)); };
  return {as(s.waits),
          as(s.wait_rate),
          {as(s.service.fixed), as(s.service.share), {as(s.service.rate[0]), as(s.service.rate[1])}}};
}

// tail and its slope in time.
inline Dual<1> tail_at(const Sojourn<Dual<1>>& s, double time) {
  return tail(s, Dual<1>::variable(time, 0));
}

// The time that a share `beyond` exceeds: Newton's steps on the logarithm inside a bracket.
inline double root(const Sojourn<Dual<1>>& s, double beyond) {
  const Service<Dual<1>>& service = s.service;
  double low = service.fixed.a, high = low + 1 / service.rate[0].a;
  while (tail_at(s, high).a > beyond) {
    low = high;
    high = service.fixed.a + 2 * (high - service.fixed.a);
  }
  double t = high;
  for (int step = 0; step < 100 && high - low > 1e-15 * high; ++step) {
    const Dual<1> above = tail_at(s, t);
    (above.a > beyond ? low : high) = t;
    double next = t - above.a * std::log(above.a / beyond) / above.v[0];
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - t) <= 1e-14 * t) return next;
    t = next;
  }
  return t;
}

}  // namespace detail

// The time that a share `beyond` of the requests exceeds. One step of Newton on T at the root gives it the
// derivatives of the implicit function.
template <class T>
T sojourn_quantile(const Sojourn<T>& s, const T& beyond) {
  const auto fixed = detail::constant<Dual<1>>(s);
  const double t = detail::root(fixed, value_of(beyond));
  const double slope = detail::tail_at(fixed, t).v[0];
  if (!(slope < 0)) return T(t);
  return T(t) - (tail(s, T(t)) - beyond) / T(slope);
}

// The same of the time in the queue alone.
template <class T>
T wait_quantile(const T& waits, const T& wait_rate, const T& beyond) {
  if (!(value_of(waits) > value_of(beyond))) return T(0.0);
  return log(waits / beyond) / wait_rate;
}

}  // namespace ironlaw::queueing
