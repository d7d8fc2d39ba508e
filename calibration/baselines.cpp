#include "calibration/baselines.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <map>

namespace ironlaw {
namespace {

constexpr int kFolds = 5;
constexpr double kPenalties[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30};

std::vector<std::string> levels_of(const Row& row) {
  const Observation& o = row.observation;
  return {fmt::format("model {} {}", o.suite, o.model), fmt::format("device {}", o.device),
          fmt::format("precision {}", name_of(row.scenario.precision))};
}

// Years since 2020: rounds of both suites on one axis.
double time_of(const Row& row) {
  return std::stod(row.observation.published.substr(0, 4)) - 2020 +
         (std::stod(row.observation.published.substr(5, 2)) - 1) / 12;
}

// The same fold for the same cell, whatever the order of rows.
std::size_t fold_of(const std::string& cell) {
  std::size_t hash = 1469598103934665603ULL;
  for (const char c : cell) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash % kFolds;
}

// The normal equations of some rows.
struct Normal {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd side;
  Normal(const Eigen::MatrixXd& x, const Eigen::VectorXd& y)
      : matrix(x.transpose() * x), side(x.transpose() * y) {}
  Eigen::VectorXd solve(double penalty) const {
    Eigen::MatrixXd penalised = matrix;
    penalised.diagonal().array() += penalty;
    return penalised.ldlt().solve(side);
  }
};

}  // namespace

RidgeBaseline::RidgeBaseline(std::span<const Row* const> fitted) {
  for (const Row* const row : fitted)
    for (const std::string& level : levels_of(*row)) levels_.try_emplace(level, levels_.size());
  const auto n = static_cast<Eigen::Index>(fitted.size());
  Eigen::MatrixXd x(n, static_cast<Eigen::Index>(levels_.size() + 2));
  Eigen::VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Row& row = *fitted[static_cast<std::size_t>(i)];
    const std::vector<double> f = features(row);
    x.row(i) = Eigen::Map<const Eigen::RowVectorXd>(f.data(), x.cols());
    y(i) = std::log(row.observation.value);
  }
  mean_ = y.mean();
  y.array() -= mean_;

  std::map<double, double> errors;  // by penalty
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<Eigen::Index> in;
    std::vector<Eigen::Index> out;
    for (Eigen::Index i = 0; i < n; ++i)
      (fold_of(fitted[static_cast<std::size_t>(i)]->cell) == fold ? out : in).push_back(i);
    if (in.empty() || out.empty()) continue;
    const Normal normal(x(in, Eigen::all), y(in));
    const Eigen::MatrixXd x_out = x(out, Eigen::all);
    for (const double penalty : kPenalties)
      errors[penalty] += (x_out * normal.solve(penalty) - y(out)).squaredNorm();
  }
  double least = std::numeric_limits<double>::infinity();
  for (const double penalty : kPenalties)
    if (errors[penalty] < least) {
      least = errors[penalty];
      penalty_ = penalty;
    }
  const Eigen::VectorXd w = Normal(x, y).solve(penalty_);
  weights_.assign(w.data(), w.data() + w.size());
}

std::vector<double> RidgeBaseline::features(const Row& row) const {
  std::vector<double> f(levels_.size() + 2, 0.0);
  for (const std::string& level : levels_of(row))
    if (const auto found = levels_.find(level); found != levels_.end()) f[found->second] = 1;
  f[levels_.size()] = time_of(row);
  f[levels_.size() + 1] = std::log(static_cast<double>(*row.observation.accelerators));
  return f;
}

double RidgeBaseline::log_rate(const Row& row) const {
  const std::vector<double> f = features(row);
  double sum = mean_;
  for (std::size_t i = 0; i < f.size(); ++i) sum += f[i] * weights_[i];
  return sum;
}

PeakBaseline::PeakBaseline(std::span<const Row* const> fitted, const std::vector<double>& unit_flops) {
  std::map<std::string, std::vector<double>> shares;
  for (std::size_t i = 0; i < fitted.size(); ++i)
    shares[fitted[i]->observation.suite].push_back(std::log(fitted[i]->observation.value) -
                                                   log_rate(*fitted[i], unit_flops[i]));
  for (auto& [suite, values] : shares) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    log_share_[suite] = values[values.size() / 2];
  }
}

double PeakBaseline::log_rate(const Row& row, double unit_flops) const {
  const auto share = log_share_.find(row.observation.suite);
  return (share == log_share_.end() ? 0 : share->second) +
         std::log(static_cast<double>(*row.observation.accelerators) * row.lowered.peak / unit_flops);
}

}  // namespace ironlaw
