// One fit in progress: solving for theta, and updating spreads and noises around it. Used by the fit only.
#pragma once

#include <Eigen/Core>

#include "calibration/fit.hpp"
#include "calibration/fit_problem.hpp"

namespace ironlaw {

class Fitter {
 public:
  // `set` has an entry of theta for whatever the model's rows depend on; `free` are those to fit.
  Fitter(const std::vector<Row>& rows, RowModel& model, const ParameterSet& set, const FitOptions& options,
         std::vector<std::size_t> fitted, std::vector<std::uint32_t> free);

  // Without knowing anything.
  Fit from_afar();
  // From another fit. `at`: any linearisation of the model, best one near the start.
  Fit from(const Fit& start, Linearisation at);

 private:
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Vector = Eigen::VectorXd;

  void group_cells();
  void set_scales();
  void update_until_settled(int first_round);
  void report(int round, double change) const;
  void solve(Loss loss);
  bool newton(Loss loss);
  void evaluate();
  double cost(Loss loss) const;
  void seat_active();
  // Of the present point: the weights of cells, the normal equations' matrix, the gradient; of active
  // entries.
  void linearise(Loss loss, double information, Matrix& precision, Vector& gradient);
  void compute_covariance();
  double posterior_variance(std::uint32_t entry) const;
  double update_variances(bool with_noise);
  template <class Replace>
  void update_noise(const std::string& group, Noise& noise, const Replace& replace);
  double variance_of_mean(const FitCell& cell) const;
  Fit finish();

  const std::vector<Row>& rows_;
  const ParameterSet& set_;
  const FitOptions& options_;
  FitProblem problem_;
  Fit fit_;
  ParameterSet::Spreads spreads_;
  std::map<std::string, double> most_spread_;  // by parameter
  std::vector<double> theta_, log_rates_, weights_;
  Linearisation at_;
  static constexpr Eigen::Index kNoSeat = -1;
  std::vector<std::uint32_t> active_;  // free entries on which some fitted rate depends
  std::vector<Eigen::Index> seat_;     // of each entry among the active ones, or kNoSeat
  Matrix covariance_;                  // of the active entries
};

}  // namespace ironlaw
