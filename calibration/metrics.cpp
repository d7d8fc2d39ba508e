#include "calibration/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string_view>

namespace ironlaw {
namespace {

constexpr int kResamples = 1000;

double ape(const Scored& row) {
  return std::abs(std::expm1(row.log_error));
}

// The rows' errors by cell, in the order of first occurrence.
std::vector<std::vector<double>> by_cell(std::span<const Scored> rows) {
  std::map<std::string_view, std::size_t> index;
  std::vector<std::vector<double>> cells;
  for (const Scored& row : rows) {
    const auto [found, is_new] = index.try_emplace(*row.cell, cells.size());
    if (is_new) cells.emplace_back();
    cells[found->second].push_back(ape(row));
  }
  return cells;
}

// Quantile of Student's t with four degrees of freedom for the central interval of this content; closed form
// (Shaw 2006, "Sampling Student's t distribution", section 2).
double student4(double content) {
  const double u = (1 + content) / 2;
  const double alpha = 4 * u * (1 - u);
  return 2 * std::sqrt(std::cos(std::acos(std::sqrt(alpha)) / 3) / std::sqrt(alpha) - 1);
}

}  // namespace

std::optional<double> quantile(std::vector<double> values, double q) {
  if (values.empty()) return {};
  const auto k = static_cast<std::size_t>(std::floor(q * static_cast<double>(values.size() - 1) + 0.5));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k), values.end());
  return values[k];
}

Metrics measure(const std::string& group, std::span<const Scored> rows, bool has_interval) {
  Metrics m;
  m.group = group;
  m.n = static_cast<int>(rows.size());
  m.cells = static_cast<int>(by_cell(rows).size());
  if (rows.empty()) return m;
  std::vector<double> errors;
  errors.reserve(rows.size());
  double sum = 0;
  double log_sum = 0;
  double in50 = 0;
  double in90 = 0;
  for (const Scored& row : rows) {
    errors.push_back(ape(row));
    sum += errors.back();
    log_sum += row.log_error;
    in50 += std::abs(row.log_error) <= row.half50;
    in90 += std::abs(row.log_error) <= row.half90;
  }
  const double n = static_cast<double>(rows.size());
  m.mean_ape = sum / n;
  m.median_ape = quantile(errors, 0.5);
  m.p90_ape = quantile(errors, 0.9);
  m.bias = std::expm1(log_sum / n);
  if (has_interval) {
    m.coverage50 = in50 / n;
    m.coverage90 = in90 / n;
  }
  return m;
}

void bootstrap_median(std::span<const Scored> rows, Metrics& metrics) {
  const std::vector<std::vector<double>> cells = by_cell(rows);
  if (cells.size() < 2) return;
  std::mt19937_64 engine(1);
  std::vector<double> medians;
  medians.reserve(kResamples);
  std::vector<double> drawn;
  for (int i = 0; i < kResamples; ++i) {
    drawn.clear();
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::vector<double>& cell = cells[engine() % cells.size()];
      drawn.insert(drawn.end(), cell.begin(), cell.end());
    }
    medians.push_back(*quantile(drawn, 0.5));
  }
  metrics.median_low = quantile(medians, 0.05);
  metrics.median_high = quantile(medians, 0.95);
}

double coverage_at(std::span<const Scored> rows, double content) {
  const double t50 = student4(0.5);
  const double t90 = student4(0.9);
  double inside = 0;
  for (const Scored& row : rows) {
    const double half = row.half50 + (row.half90 - row.half50) * (student4(content) - t50) / (t90 - t50);
    inside += std::abs(row.log_error) <= std::max(half, 0.0);
  }
  return rows.empty() ? 0 : inside / static_cast<double>(rows.size());
}

}  // namespace ironlaw
