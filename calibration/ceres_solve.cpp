#include <ceres/ceres.h>
#include <fmt/format.h>

#include <cmath>

#include "calibration/fit_problem.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

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
  CellCost(const FitProblem& problem, const Prepared& prepared, const FitCell& cell)
      : problem_(problem),
        prepared_(prepared),
        cell_(cell),
        scale_(1 / (cell.sd * std::sqrt(static_cast<double>(cell.rows.size())))) {
    set_num_residuals(static_cast<int>(cell.rows.size()));
    mutable_parameter_block_sizes()->assign(cell.columns.size(), 1);
  }
  bool Evaluate(double const* const*, double* residuals, double** jacobians) const override {
    for (std::size_t i = 0; i < cell_.rows.size(); ++i) {
      const std::size_t r = cell_.rows[i];
      residuals[i] = scale_ * (prepared_.log_rates[r] - problem_.log_observed[r]);
      if (jacobians) write_slopes(r, i, jacobians);
    }
    return true;
  }

 private:
  // Both lists of columns ascend; the cell's holds those of the row that are free.
  void write_slopes(std::size_t row, std::size_t residual, double** jacobians) const {
    const std::span<const std::uint32_t> columns = problem_.model.columns(row);
    const std::span<const double> slopes = problem_.model.slopes(prepared_.jacobian, row);
    std::size_t next = 0;
    for (std::size_t block = 0; block < cell_.columns.size(); ++block) {
      while (next < columns.size() && columns[next] < cell_.columns[block]) ++next;
      const bool depends = next < columns.size() && columns[next] == cell_.columns[block];
      if (jacobians[block]) jacobians[block][residual] = depends ? scale_ * slopes[next] : 0;
    }
  }

  const FitProblem& problem_;
  const Prepared& prepared_;
  const FitCell& cell_;
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

}  // namespace

Solution solve_from_afar(const FitProblem& p, std::vector<double>& theta) {
  Prepared prepared(p.model, theta);
  ceres::Problem::Options problem_options;
  problem_options.evaluation_callback = &prepared;
  ceres::Problem problem(problem_options);
  for (const std::uint32_t i : p.free)
    problem.AddResidualBlock(new PriorCost(p.prior_sd[i]), nullptr, &theta[i]);
  for (const FitCell& cell : p.cells) {
    std::vector<double*> blocks;
    blocks.reserve(cell.columns.size());
    for (const std::uint32_t column : cell.columns) blocks.push_back(&theta[column]);
    problem.AddResidualBlock(new CellCost(p, prepared, cell), new ceres::HuberLoss(kHuber), blocks);
  }

  ceres::Solver::Options options;
  options.linear_solver_type = ceres::SPARSE_NORMAL_CHOLESKY;
  options.max_num_iterations = 60;
  options.function_tolerance = 1e-2;  // Newton steps follow
  options.num_threads = 1;            // the callback prepares all rows at once
  options.logging_type = ceres::SILENT;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &problem, &summary);
  if (!summary.IsSolutionUsable()) throw Error(fmt::format("the fit failed: {}", summary.message));
  return {summary.final_cost, prepared.evaluations, summary.termination_type == ceres::CONVERGENCE};
}

}  // namespace ironlaw
