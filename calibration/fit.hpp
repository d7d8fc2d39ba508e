// Fitting the parameters of walls and hardware to observed rates.
//
// For given spreads and noises Ceres minimises, over theta (parameters.hpp),
//   sum over cells of rho( 1/n sum over its n rows of (log(predicted / observed) / s)^2 ) + sum (theta /
//   prior sd)^2
// with s^2 = discrepancy^2 + noise^2 / n for a cell and rho Huber's loss. Derivatives are exact, chained
// through the walls. The spreads of scopes and the noises are not part of this minimum (it would send them to
// zero); they are updated outside it by expectation-maximisation on the Laplace approximation until they
// settle.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// [log rate] What is left between model and observation, for a group of workloads (noise_group).
struct Noise {
  double discrepancy = 0.15;  // of a cell: what the model gets wrong about a configuration
  double within = 0.05;       // between the rows of a cell: submitters, hosts, runs
  double total() const;
};

struct FitOptions {
  int rounds = 10;        // of expectation-maximisation, at the most
  double settled = 0.05;  // relative change of every spread and noise at which they are settled
  bool estimate_spreads = true;
  std::function<void(const std::string&)> progress;  // one line each; may be empty
};

struct Fit {
  ParameterSet parameters;             // with effects, covariance, spreads, noise
  std::map<std::string, Noise> noise;  // by noise_group
  std::vector<double> predicted;       // rates of the fitted rows, in their order
  int rows = 0, cells = 0;
  int evaluations = 0;  // of all rows, with derivatives
  double cost = 0;      // at the minimum
  bool converged = false;
};

// Fits rows that were lowered. Throws Error when there is none or when a wall fails on a row.
Fit fit_parameters(const std::vector<Row>& rows, const FitOptions& options);

// The predicted rate of a row, in the unit of its observation, and how far its log may be off.
struct RatePrediction {
  double rate = 0;
  LogVariance variance;
};
std::vector<RatePrediction> predict_rates(const std::vector<Row>& rows, const ParameterSet& parameters);

// A parameter that the data leave where the prior put it.
bool is_determined(const Effect& effect);

}  // namespace ironlaw
