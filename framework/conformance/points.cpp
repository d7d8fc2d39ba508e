#include "framework/conformance/points.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace ironlaw::conformance {

double Points::of(const ironlaw_port& port) {
  const double x = usual(port);
  if (x >= port.min && x <= port.max) return x;
  // A range that has nothing to do with its unit's usual magnitudes.
  if (std::isfinite(port.min) && std::isfinite(port.max)) return between(port.min, port.max);
  return std::clamp(x, port.min, port.max);
}

double Points::usual(const ironlaw_port& port) {
  const std::string_view unit = port.unit;
  const bool is_bounded = std::isfinite(port.min) && std::isfinite(port.max);
  if (port.flags & IRONLAW_PORT_DISCRETE && is_bounded)
    return std::min(port.max, std::floor(between(port.min, port.max + 1)));
  if (port.flags & IRONLAW_PORT_SETTING && is_bounded)
    return between(port.min + 0.05 * (port.max - port.min), port.max - 0.05 * (port.max - port.min));
  if (port.flags & IRONLAW_PORT_SETTING && port.neutral > 0)
    return std::max(1.01 * port.min, port.neutral * std::exp(between(-1, 1)));
  if (port.flags & IRONLAW_PORT_DISCRETE)
    return port.max == 1 ? std::floor(between(0, 2)) : std::floor(std::exp2(between(0, 7)));
  if (port.max == 1) return between(0.05, 0.95);
  if (unit == "B/s") return std::exp(between(std::log(1e10), std::log(1e13)));
  if (unit == "FLOP/s") return std::exp(between(std::log(1e13), std::log(1e16)));
  if (unit == "FLOP") return std::exp(between(std::log(1e6), std::log(1e15)));
  if (unit == "B") return std::exp(between(std::log(1e3), std::log(1e11)));
  if (unit == "s") return std::exp(between(std::log(1e-6), std::log(1e-1)));
  if (unit == "J/s") return std::exp(between(std::log(10.0), std::log(1e3)));
  if (unit == "1/s") return std::exp(between(std::log(1e-9), std::log(1e2)));
  return std::exp(between(std::log(std::max(port.min, 1.0)), std::log(5000.0)));
}

Row Points::row(const ironlaw_function& f) {
  Row x;
  std::vector<std::size_t> kinds;  // is_matmul, ...: an operator is one of them
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
    x.push_back(of(*f.inputs[i]));
    if (std::string_view(f.inputs[i]->name).starts_with("is_")) kinds.push_back(i);
  }
  if (kinds.empty()) return x;
  for (const std::size_t i : kinds) x[i] = 0;
  x[kinds[static_cast<std::size_t>(between(0, 1) * static_cast<double>(kinds.size()))]] = 1;
  return x;
}

std::vector<Row> rows_of(const ironlaw_function& f, int count) {
  Points points;
  std::vector<Row> rows;
  rows.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) rows.push_back(points.row(f));
  return rows;
}

}  // namespace ironlaw::conformance
