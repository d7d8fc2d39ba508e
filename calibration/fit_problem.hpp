// What a solver minimises: rows in cells, theta's priors, and the losses. Used by the fit only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/row_model.hpp"

namespace ironlaw {

// Degrees of freedom of what is left between a model and a cell; as LogVariance takes it for intervals.
inline constexpr double kStudentDegrees = 4;

// What a cell costs whose mean square residual is `square`, in units of its sd, and the weight that leaves
// it.
enum class Loss { huber, student };
inline constexpr double kHuber = 2.5;  // residuals beyond this many sd pull no harder
double loss_of(Loss loss, double square);
double weight_of(Loss loss, double square);

// Rows that share an error.
struct FitCell {
  std::string group;                   // noise_group
  std::vector<std::size_t> rows;       // of the model
  std::vector<std::uint32_t> columns;  // the entries of theta on which any of them depends, ascending
  double sd = 0;                       // of its mean residual
};

struct FitProblem {
  RowModel& model;
  std::vector<std::size_t> rows;     // that are fitted
  std::vector<double> log_observed;  // of all rows of the model
  std::vector<FitCell> cells;
  std::vector<double> prior_sd;      // of each entry of theta
  std::vector<std::uint32_t> free;   // entries that are fitted; the others stay 0
  std::vector<std::uint32_t> place;  // of each entry among the free ones; kFixed for the others
  static constexpr std::uint32_t kFixed = ~0U;
};

struct Solution {
  double cost = 0;
  int evaluations = 0;
  bool converged = false;
};

// From afar: Ceres with Huber's loss, whose minimum does not depend on where one starts. Throws Error when it
// fails.
Solution solve_from_afar(const FitProblem& problem, std::vector<double>& theta);

// The mean square of a cell's residuals in units of its sd.
double square_of(const FitCell& cell, const std::vector<double>& log_rates,
                 const std::vector<double>& log_observed);

}  // namespace ironlaw
