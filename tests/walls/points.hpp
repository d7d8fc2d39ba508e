// Rows for the functions of all walls, and their evaluation by index.
#pragma once

#include <cmath>
#include <functional>
#include <random>

#include "tests/walls/functions.hpp"

namespace ironlaw::testing {

// The functions of all walls, with the name of each.
inline void for_each_function(const std::function<void(const ironlaw_function&)>& visit) {
  for (const ironlaw_wall* wall : host().walls())
    for (std::uint32_t f = 0; f < wall->n_functions; ++f) {
      SCOPED_TRACE(std::string(wall->id) + ", " + wall->functions[f]->name);
      visit(*wall->functions[f]);
    }
}

// Interior points: magnitudes that a machine of today has, no two inputs on a kink.
class Points {
 public:
  double of(const ironlaw_port& port) {
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
  std::vector<double> row(const ironlaw_function& f) {
    std::vector<double> x;
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

 private:
  double between(double low, double high) { return std::uniform_real_distribution<>(low, high)(engine_); }
  std::mt19937_64 engine_{22};  // NOLINT(bugprone-random-generator-seed): the same test every day
};

// Outputs and, when asked for, the Jacobian of a block of rows; all by row.
struct Block {
  std::vector<std::vector<double>> out, jacobian;
};
inline Block run(const ironlaw_function& f, const std::vector<std::vector<double>>& rows,
                 bool with_jacobian = false) {
  const std::size_t n = rows.size();
  std::vector<std::vector<double>> in(f.n_inputs, std::vector<double>(n)), out(f.n_outputs, in[0]),
      jac(std::size_t{f.n_inputs} * f.n_outputs, in[0]);
  std::vector<const double*> ins;
  std::vector<double*> outs, jacs;
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::size_t row = 0; row < n; ++row) in[i][row] = rows[row][i];
    ins.push_back(in[i].data());
  }
  for (auto& column : out) outs.push_back(column.data());
  for (auto& column : jac) jacs.push_back(column.data());
  ironlaw_error error{};
  const std::int32_t status = with_jacobian ? f.eval_grad(ins.data(), outs.data(), jacs.data(), n, &error)
                                            : f.eval(ins.data(), outs.data(), n, &error);
  EXPECT_EQ(status, IRONLAW_OK) << error.message;
  Block block;
  for (std::size_t row = 0; row < n; ++row) {
    block.out.emplace_back();
    for (const auto& column : out) block.out.back().push_back(column[row]);
    block.jacobian.emplace_back();
    for (const auto& column : jac) block.jacobian.back().push_back(column[row]);
  }
  return block;
}

inline std::vector<std::vector<double>> rows_of(const ironlaw_function& f, int count) {
  Points points;
  std::vector<std::vector<double>> rows;
  for (int i = 0; i < count; ++i) rows.push_back(points.row(f));
  return rows;
}

}  // namespace ironlaw::testing
