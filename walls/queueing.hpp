// Queues that several walls share: the chance that a request has to wait, and how long it waits on average.
//
// Servers are whole and identical, arrivals queue for all of them and are served in their order.
#pragma once

#include <cmath>
#include <limits>

#include "smooth.hpp"

namespace ironlaw {
namespace queueing {

template <class T>
T normal_density(const T& z) {
  return exp(z * z * T(-0.5)) * T(0.39894228040143267794);  // 1/sqrt(2 pi)
}
template <class T>
T normal_distribution(const T& z) {
  const double x = value_of(z);
  return smooth::lifted(z, 0.5 * std::erfc(-x * 0.70710678118654752440), normal_density(x));
}

// 1/B, B the chance that all servers of a system without a queue are busy:
//   1/B = 1 + c/A + c(c-1)/A^2 + ... (c terms), A = c rho, all of them positive.
// The terms rise and fall again within some sqrt(c) steps. Beyond 1e30 nobody ever waits: infinity.
inline double inverse_erlang_b(double servers, double rho) {
  double term = 1, sum = 1;
  for (int busy = static_cast<int>(servers); busy >= 1; --busy) {
    const double ratio = busy / (servers * rho);
    term *= ratio;
    sum += term;
    if (sum > 1e30) return std::numeric_limits<double>::infinity();
    if (ratio < 1 && term < 1e-17 * sum) break;
  }
  return sum;
}

// With dB/drho = c B (1/rho - 1 + B), which the sum above gives.
template <class T>
T exact_erlang_c(double servers, const T& rho) {
  const double r = value_of(rho), b = 1 / inverse_erlang_b(servers, r);
  const double slope_b = servers * b * (1 / r - 1 + b);
  const double rest = 1 - r + r * b;
  return smooth::lifted(rho, b / rest, (slope_b * (1 - r) + b * (1 - b)) / (rest * rest));
}

// Janssen, van Leeuwaarden, Zwart 2011 refine the limit of Halfin and Whitt; the last term is Stirling's.
template <class T>
T many_server_erlang_c(double servers, const T& rho) {
  const T idle = T(1.0) - rho, root = T(std::sqrt(servers)), spare = idle * root;
  const bool is_near_one = value_of(idle) < 1e-4;  // where the logarithm would cancel
  const T alpha = root * (is_near_one ? idle * (T(1.0) + idle / T(3.0)) : sqrt((-idle - log(rho)) * T(2.0)));
  const T hazard = normal_density(alpha);
  if (value_of(hazard) < 1e-30) return T(0.0);
  const T inverse_b = normal_distribution(alpha) / hazard * T(1.0 + 1.0 / (12.0 * servers));
  return T(1.0) / (rho + spare * (inverse_b + T(2.0 / 3.0) / root));
}

}  // namespace queueing

// The chance that a request waits in an M/M/c queue whose servers are busy for a share rho of the time
// (Erlang 1917; the sum: Cooper 1981, Introduction to Queueing Theory). Exact up to 10,000 servers in less
// than 5 us, within 2e-6 of it beyond (Janssen, van Leeuwaarden, Zwart 2011, Operations Research 59(6);
// Halfin, Whitt 1981). 1 where rho >= 1. A fraction of a server serves nobody, and at least one serves.
template <class T>
T erlang_c(double servers, const T& rho) {
  constexpr double kExact = 10000;
  const double whole = std::floor(servers < 1 ? 1 : servers), r = value_of(rho);
  if (std::isnan(servers) || std::isnan(r)) return T(std::numeric_limits<double>::quiet_NaN());
  if (r >= 1) return T(1.0);
  if (whole == 1) return rho;
  if (r <= 0) return T(0.0);
  return whole <= kExact ? queueing::exact_erlang_c(whole, rho) : queueing::many_server_erlang_c(whole, rho);
}

// The mean time in the queue of a GI/G/c system (Allen, Cunneen; Allen 1990, Probability, Statistics, and
// Queueing Theory): that of M/M/c times the mean of the squared coefficients of variation of the times
// between arrivals and of service; exact for M/M/c and M/G/1. NaN where rho >= 1: the queue grows for ever.
template <class T>
T mean_wait(const T& service_time, double servers, const T& rho, const T& cv_arrival, const T& cv_service) {
  if (!(value_of(rho) < 1)) return T(std::numeric_limits<double>::quiet_NaN());
  const double whole = std::floor(servers < 1 ? 1 : servers);
  const T variability = (cv_arrival * cv_arrival + cv_service * cv_service) * T(0.5);
  return erlang_c(servers, rho) * service_time / ((T(1.0) - rho) * T(whole)) * variability;
}

}  // namespace ironlaw
