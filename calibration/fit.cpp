#include "calibration/fit.hpp"

#include <ceres/ceres.h>
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <set>

#include "calibration/row_model.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

constexpr double kHuber = 2.5;  // residuals beyond this many sd pull no harder
// A spread is estimated from few levels; this much prior weight, in levels, keeps it near kSpreadGuess.
constexpr double kSpreadWeight = 2;
constexpr double kSpreadGuess = 0.2;  // link scale
// Rounds begin wide, and noises wait until the spreads have found their size: a group that the first
// solutions cannot reach would else be taken for noise and given up.
constexpr double kSpreadStart = 0.6;
constexpr int kSpreadsOnly = 4;  // rounds
constexpr double kLeastSpread = 0.01;
constexpr double kLeastNoise = 0.005;
// Expectation-maximisation of a spread creeps; a longer step has the same fixed point.
constexpr double kStretch = 1.8;
constexpr double kMostStep = 1.0;         // of the log of an sd, in one round
constexpr double kDeterminedBelow = 0.9;  // posterior sd over prior sd

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Cell {
  std::string group;
  std::vector<std::size_t> rows;
  std::vector<std::uint32_t> columns;  // the entries of theta on which any of them depends, ascending
};

std::vector<Cell> group_cells(const std::vector<Row>& rows) {
  std::vector<Cell> cells;
  std::map<std::string, std::size_t> index;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto [found, is_new] = index.try_emplace(rows[r].cell, cells.size());
    if (is_new) cells.push_back({noise_group(rows[r].scenario), {}, {}});
    cells[found->second].rows.push_back(r);
  }
  return cells;
}

std::vector<std::uint32_t> columns_of(const Cell& cell, const RowModel& model) {
  std::set<std::uint32_t> columns;
  for (const std::size_t r : cell.rows) columns.insert(model.columns(r).begin(), model.columns(r).end());
  return {columns.begin(), columns.end()};
}

// Theta for these rows: one global entry a parameter, one a level that occurs.
void add_effects(const std::vector<Row>& rows, double spread, ParameterSet& set) {
  std::map<std::string, std::set<std::string>> generations;  // by parameter
  for (const Row& row : rows)
    for (const ParameterPort& p : row.lowered.pipeline->parameters()) {
      const ironlaw_port& port = *p.port;
      set.add({port.name, ironlaw_scope{}, "", port.prior_sd});
      for (int slot = 0; slot < row.lowered.n_slots; ++slot) {
        const ScopeKey& key = row.lowered.slots[static_cast<std::size_t>(slot)].key;
        for (const ironlaw_scope scope : kScopes) {
          if (!(port.scopes & scope)) continue;
          if (scope == IRONLAW_SCOPE_GENERATION)
            generations[port.name].insert(key.generation);
          else
            set.add({port.name, scope, key.level(scope), spread});
        }
      }
    }
  // A walk starts at the first generation, which needs no increment of its own.
  for (const auto& [parameter, levels] : generations)
    for (auto level = std::next(levels.begin()); level != levels.end(); ++level)
      set.add({parameter, IRONLAW_SCOPE_GENERATION, *level, spread});
  std::map<std::pair<std::string, int>, bool> scopes;
  for (const Effect& e : set.effects())
    if (e.scope) scopes[{e.parameter, static_cast<int>(e.scope)}] = true;
  for (const auto& [key, unused] : scopes)
    set.set_spread(key.first, static_cast<ironlaw_scope>(key.second), spread);
}

// Evaluates all rows once for each point that Ceres asks about.
class Prepared final : public ceres::EvaluationCallback {
 public:
  Prepared(RowModel& model, const std::vector<double>& theta) : model_(model), theta_(theta) {}
  void PrepareForEvaluation(bool wants_jacobians, bool is_new_point) override {
    if (!is_new_point && (!wants_jacobians || has_jacobian_)) return;
    model_.evaluate(theta_.data(), log_rates, wants_jacobians ? &jacobian : nullptr);
    has_jacobian_ = wants_jacobians;
    ++evaluations;
  }
  std::vector<double> log_rates, jacobian;
  int evaluations = 0;

 private:
  RowModel& model_;
  const std::vector<double>& theta_;
  bool has_jacobian_ = false;
};

// The residuals of one cell, read from what was prepared. Each entry of theta is a parameter block of its
// own.
class CellCost final : public ceres::CostFunction {
 public:
  CellCost(const RowModel& model, const Prepared& prepared, const std::vector<double>& log_observed,
           const Cell& cell, double sd)
      : model_(model),
        prepared_(prepared),
        log_observed_(log_observed),
        cell_(cell),
        scale_(1 / (sd * std::sqrt(static_cast<double>(cell.rows.size())))) {
    set_num_residuals(static_cast<int>(cell.rows.size()));
    mutable_parameter_block_sizes()->assign(cell.columns.size(), 1);
  }
  bool Evaluate(double const* const*, double* residuals, double** jacobians) const override {
    for (std::size_t i = 0; i < cell_.rows.size(); ++i) {
      const std::size_t r = cell_.rows[i];
      residuals[i] = scale_ * (prepared_.log_rates[r] - log_observed_[r]);
      if (jacobians) write_slopes(r, i, jacobians);
    }
    return true;
  }

 private:
  // Both lists of columns ascend, and the cell's holds the row's.
  void write_slopes(std::size_t row, std::size_t residual, double** jacobians) const {
    const std::span<const std::uint32_t> columns = model_.columns(row);
    const std::span<const double> slopes = model_.slopes(prepared_.jacobian, row);
    std::size_t next = 0;
    for (std::size_t block = 0; block < cell_.columns.size(); ++block) {
      const bool depends = next < columns.size() && columns[next] == cell_.columns[block];
      if (jacobians[block]) jacobians[block][residual] = depends ? scale_ * slopes[next] : 0;
      next += depends;
    }
  }

  const RowModel& model_;
  const Prepared& prepared_;
  const std::vector<double>& log_observed_;
  const Cell& cell_;
  double scale_;
};

class PriorCost final : public ceres::SizedCostFunction<1, 1> {
 public:
  explicit PriorCost(double sd) : sd_(sd) {}
  bool Evaluate(double const* const* theta, double* residuals, double** jacobians) const override {
    residuals[0] = theta[0][0] / sd_;
    if (jacobians && jacobians[0]) jacobians[0][0] = 1 / sd_;
    return true;
  }

 private:
  double sd_;
};

// One fit in progress.
class Fitter {
 public:
  Fitter(const std::vector<Row>& rows, const FitOptions& options) : rows_(rows), options_(options) {
    if (rows.empty()) throw Error("there is no observation to fit.");
    cells_ = group_cells(rows);
    add_effects(rows, options.estimate_spreads ? kSpreadStart : kSpreadGuess, fit_.parameters);
    for (const Row& row : rows) log_observed_.push_back(std::log(row.observation.value));
    for (const Cell& cell : cells_) fit_.noise[cell.group];
    theta_.assign(fit_.parameters.effects().size(), 0.0);
  }

  Fit run() {
    RowModel model(rows_, fit_.parameters);
    for (Cell& cell : cells_) cell.columns = columns_of(cell, model);
    for (int round = 0; round < options_.rounds; ++round) {
      solve(model);
      const double change = options_.estimate_spreads ? update_variances(model, round >= kSpreadsOnly) : 0;
      if (options_.progress)
        options_.progress(fmt::format("round {}: cost {:.2f}, largest change of a spread {:.0f}%", round + 1,
                                      fit_.cost, 100 * change));
      if (change < options_.settled && round >= kSpreadsOnly) break;
    }
    finish();
    return std::move(fit_);
  }

 private:
  double cell_sd(const Cell& cell) const {
    const Noise& noise = fit_.noise.at(cell.group);
    return std::sqrt(noise.discrepancy * noise.discrepancy +
                     noise.within * noise.within / static_cast<double>(cell.rows.size()));
  }

  // The minimum over theta for the present spreads and noises, and the Laplace covariance there.
  void solve(RowModel& model) {
    std::vector<Effect>& effects = fit_.parameters.effects();
    for (Effect& e : effects)
      if (e.scope) e.prior_sd = fit_.parameters.spread(e.parameter, e.scope);

    Prepared prepared(model, theta_);
    ceres::Problem::Options problem_options;
    problem_options.evaluation_callback = &prepared;
    ceres::Problem problem(problem_options);
    for (std::size_t i = 0; i < effects.size(); ++i)
      problem.AddResidualBlock(new PriorCost(effects[i].prior_sd), nullptr, &theta_[i]);
    for (const Cell& cell : cells_) {
      std::vector<double*> blocks;
      blocks.reserve(cell.columns.size());
      for (const std::uint32_t column : cell.columns) blocks.push_back(&theta_[column]);
      problem.AddResidualBlock(new CellCost(model, prepared, log_observed_, cell, cell_sd(cell)),
                               new ceres::HuberLoss(kHuber), blocks);
    }

    ceres::Solver::Options options;
    options.linear_solver_type = ceres::SPARSE_NORMAL_CHOLESKY;
    options.max_num_iterations = 60;
    options.function_tolerance = 1e-6;
    options.num_threads = 1;  // the callback prepares all rows at once
    options.logging_type = ceres::SILENT;
    ceres::Solver::Summary summary;
    ceres::Solve(options, &problem, &summary);
    if (!summary.IsSolutionUsable()) throw Error(fmt::format("the fit failed: {}", summary.message));
    fit_.cost = summary.final_cost;
    fit_.converged = summary.termination_type == ceres::CONVERGENCE;
    model.evaluate(theta_.data(), log_rates_, &jacobian_);
    fit_.evaluations += prepared.evaluations + 1;
    compute_covariance(model);
  }

  // (sum over cells of w J'J / (n s^2) + prior precision)^-1; w is the weight that Huber's loss leaves a
  // cell.
  void compute_covariance(const RowModel& model) {
    const auto p = static_cast<Eigen::Index>(theta_.size());
    Matrix precision = Matrix::Zero(p, p);
    weights_.clear();
    for (const Cell& cell : cells_) {
      const double sd = cell_sd(cell);
      const double n = static_cast<double>(cell.rows.size());
      double square = 0;
      for (const std::size_t r : cell.rows)
        square += std::pow((log_rates_[r] - log_observed_[r]) / sd, 2) / n;
      const double weight = square <= kHuber * kHuber ? 1 : kHuber / std::sqrt(square);
      weights_.push_back(weight);
      for (const std::size_t r : cell.rows) add_square(model, r, weight / (n * sd * sd), precision);
    }
    const std::vector<Effect>& effects = fit_.parameters.effects();
    for (Eigen::Index i = 0; i < p; ++i)
      precision(i, i) += 1 / std::pow(effects[static_cast<std::size_t>(i)].prior_sd, 2);
    covariance_ = precision.llt().solve(Matrix::Identity(p, p));
  }

  // Adds weight x slope' slope of a row.
  void add_square(const RowModel& model, std::size_t row, double weight, Matrix& precision) const {
    const std::span<const std::uint32_t> columns = model.columns(row);
    const std::span<const double> slopes = model.slopes(jacobian_, row);
    for (std::size_t i = 0; i < columns.size(); ++i)
      for (std::size_t j = 0; j < columns.size(); ++j)
        precision(columns[i], columns[j]) += weight * slopes[i] * slopes[j];
  }

  // Expectation-maximisation: each variance becomes the mean of its squares under the Laplace posterior.
  // Returns the largest relative change.
  double update_variances(const RowModel& model, bool with_noise) {
    double change = 0;
    const auto replace = [&](double& sd, double next, double stretch) {
      const double step = stretch * std::log(next / sd);
      change = std::max(change, std::abs(step));
      sd *= std::exp(std::clamp(step, -kMostStep, kMostStep));
    };
    std::map<std::pair<std::string, int>, std::pair<double, int>> squares;
    const std::vector<Effect>& effects = fit_.parameters.effects();
    for (std::size_t i = 0; i < effects.size(); ++i) {
      if (!effects[i].scope) continue;
      auto& [sum, count] = squares[{effects[i].parameter, static_cast<int>(effects[i].scope)}];
      const auto k = static_cast<Eigen::Index>(i);
      sum += theta_[i] * theta_[i] + covariance_(k, k);
      ++count;
    }
    for (const auto& [key, square] : squares) {
      double sd = fit_.parameters.spread(key.first, static_cast<ironlaw_scope>(key.second));
      replace(sd,
              std::max(kLeastSpread, std::sqrt((square.first + kSpreadWeight * kSpreadGuess * kSpreadGuess) /
                                               (square.second + kSpreadWeight))),
              kStretch);
      fit_.parameters.set_spread(key.first, static_cast<ironlaw_scope>(key.second), sd);
    }
    if (with_noise)
      for (auto& [group, noise] : fit_.noise) update_noise(model, group, noise, replace);
    return change;
  }

  template <class Replace>
  void update_noise(const RowModel& model, const std::string& group, Noise& noise, const Replace& replace) {
    double between = 0;
    double total_weight = 0;
    double within = 0;
    double degrees = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (cells_[c].group != group) continue;
      const std::vector<std::size_t>& rows = cells_[c].rows;
      const double n = static_cast<double>(rows.size());
      double mean = 0;
      for (const std::size_t r : rows) mean += (log_rates_[r] - log_observed_[r]) / n;
      for (const std::size_t r : rows)
        within += weights_[c] * std::pow(log_rates_[r] - log_observed_[r] - mean, 2);
      degrees += weights_[c] * (n - 1);
      // The cell's discrepancy is a share of its mean residual, the rest is noise of its rows: the second
      // moment of that share.
      const double posterior = variance_of_mean(model, cells_[c]);
      const double square = noise.discrepancy * noise.discrepancy;
      const double share = square / (square + noise.within * noise.within / n);
      between += weights_[c] * (share * share * (mean * mean + posterior) + (1 - share) * square);
      total_weight += weights_[c];
    }
    if (degrees > 0) replace(noise.within, std::max(kLeastNoise, std::sqrt(within / degrees)), 1);
    replace(noise.discrepancy, std::max(kLeastNoise, std::sqrt(between / total_weight)), 1);
  }

  // Of the cell's mean log rate, from the errors of theta.
  double variance_of_mean(const RowModel& model, const Cell& cell) const {
    Eigen::VectorXd slope = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(theta_.size()));
    for (const std::size_t r : cell.rows)
      for (std::size_t i = 0; i < model.columns(r).size(); ++i)
        slope[model.columns(r)[i]] += model.slopes(jacobian_, r)[i] / static_cast<double>(cell.rows.size());
    double variance = 0;
    for (const std::uint32_t i : cell.columns)
      for (const std::uint32_t j : cell.columns) variance += slope[i] * slope[j] * covariance_(i, j);
    return variance;
  }

  void finish() {
    std::vector<Effect>& effects = fit_.parameters.effects();
    fit_.parameters.covariance.assign(covariance_.data(), covariance_.data() + covariance_.size());
    for (std::size_t i = 0; i < effects.size(); ++i) {
      const auto k = static_cast<Eigen::Index>(i);
      effects[i].value = theta_[i];
      effects[i].sd = std::sqrt(covariance_(k, k));
    }
    for (const auto& [group, noise] : fit_.noise) fit_.parameters.noise[group] = noise.total();
    fit_.rows = static_cast<int>(rows_.size());
    fit_.cells = static_cast<int>(cells_.size());
    for (const double log_rate : log_rates_) fit_.predicted.push_back(std::exp(log_rate));
  }

  const std::vector<Row>& rows_;
  const FitOptions& options_;
  Fit fit_;
  std::vector<Cell> cells_;
  std::vector<double> log_observed_, theta_, log_rates_, jacobian_, weights_;
  Matrix covariance_;
};

}  // namespace

double Noise::total() const {
  return std::sqrt(discrepancy * discrepancy + within * within);
}

Fit fit_parameters(const std::vector<Row>& rows, const FitOptions& options) {
  return Fitter(rows, options).run();
}

std::vector<RatePrediction> predict_rates(const std::vector<Row>& rows, const ParameterSet& parameters) {
  Evaluator evaluator;
  std::vector<RatePrediction> predictions;
  for (const Row& row : rows) {
    const Case* const c = &row.lowered;
    const CaseParameters values = resolve_parameters(*c, parameters);
    const CaseParameters* const v = &values;
    std::vector<double> gradient(Evaluator::gradient_stride(*c->pipeline));
    Outcome out;
    evaluator.evaluate({&c, 1}, {&v, 1}, {&out, 1}, gradient);
    predictions.push_back(
        {row.units * out.requests * c->replicas / out.time, log_variance(*c, gradient, parameters)});
  }
  return predictions;
}

bool is_determined(const Effect& effect) {
  return effect.sd < kDeterminedBelow * effect.prior_sd;
}

}  // namespace ironlaw
