// Fitting the parameters of walls and hardware to observed rates.
//
// For given spreads and noises the fit minimises, over theta (parameters.hpp),
//   sum over cells of rho( 1/n sum over its n rows of (log(predicted / observed) / s)^2 ) + 1/2 sum (theta /
//   prior sd)^2
// with s^2 = discrepancy^2 + noise^2 / n for a cell, and rho(q) = (v + 1)/2 log(1 + q / v): a cell's error is
// Student's t with v = 4 degrees of freedom, as the intervals of predictions say too. Derivatives are exact,
// chained through the walls. From afar Ceres goes first, with Huber's loss, which has one minimum; Newton
// steps on the normal equations follow. The spreads of scopes and the noises are not part of this minimum (it
// would send them to zero); they are updated outside it, on the Laplace approximation, until they settle
// (MacKay, "Bayesian interpolation", Neural Computation 4, 1992).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// [log rate] What is left between model and observation, for a group of workloads (noise_group): scales of
// Student's t.
struct Noise {
  double discrepancy = 0.15;  // of a cell: what the model gets wrong about a configuration
  double within = 0.05;       // between the rows of a cell: submitters, hosts, runs
  double total() const;
};

struct FitOptions {
  int rounds = 40;        // of updating them, at the most
  double settled = 0.02;  // relative change of every spread and noise at which they are settled
  bool estimate_spreads = true;
  // false: one value a parameter for all devices and workloads. With it, such a flat fit is made too, on
  // which answers about what is new lean (flat.hpp).
  bool hierarchy = true;
  std::function<void(const std::string&)> progress;  // one line each; may be empty
};

// What of the options decides the result, as one line.
std::string text_of(const FitOptions& options);

struct Fit {
  ParameterSet parameters;                  // with effects, covariance, spreads, noise
  std::map<std::string, Noise> noise;       // by noise_group
  std::map<std::string, Noise> flat_noise;  // of the flat fit
  std::vector<double> predicted;            // rates of the fitted rows, in their order
  int rows = 0, cells = 0;
  int evaluations = 0;  // of all rows, with derivatives, before the Newton steps
  double cost = 0;      // at the minimum
  // Log of the probability of the observations given the spreads and noises (Laplace's approximation), up to
  // a constant of the rows: compares fits of the same rows.
  double log_evidence = 0;
  bool converged = false;
};

// Fits rows that were lowered. Throws Error when there is none or when a wall fails on a row.
Fit fit_parameters(const std::vector<Row>& rows, const FitOptions& options);

// Many fits of parts of the same rows, each from another fit that is near. Not for several threads at once.
class Refitter {
 public:
  // The rows must outlive it. `threads`: 0 is every core.
  Refitter(const std::vector<Row>& rows, const FitOptions& options, unsigned threads = 0);
  ~Refitter();

  // The fit of all rows, from nothing.
  Fit fit_from_afar();

  // Evaluates all rows at a fit from which many others will start.
  void linearise_at(const Fit& start);

  // The fit of these rows alone: what fit_parameters() finds for them, but looked for from `start` on. What
  // the start does not know begins at its prior. Spreads and noises are estimated anew. The result does not
  // depend on what was fitted before.
  Fit refit(std::span<const std::size_t> rows, const Fit& start);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_, flat_;
};

// The predicted rate of a row, in the unit of its observation, and how far its log may be off.
struct RatePrediction {
  double rate = 0;
  LogVariance variance;
};
std::vector<RatePrediction> predict_rates(std::span<const Row* const> rows, const ParameterSet& parameters);
std::vector<RatePrediction> predict_rates(const std::vector<Row>& rows, const ParameterSet& parameters);

// A fitted row that lies far off: beyond kOutlier scales of its group's noise.
struct Outlier {
  const Row* row;
  double predicted;
  double scales;  // |log(predicted / observed)| over that scale
};
inline constexpr double kOutlier = 3.5;
// The farthest first. They stay in the fit, where their weight is what Student's t leaves them.
std::vector<Outlier> find_outliers(const std::vector<Row>& rows, const Fit& fit);

std::vector<const Row*> pointers_to(const std::vector<Row>& rows);

}  // namespace ironlaw
