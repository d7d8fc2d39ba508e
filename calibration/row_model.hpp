// The rates of many rows and their derivatives with respect to theta, in one pass.
#pragma once

#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// Keeps, for each row, which entries of theta its parameters sum. Rows and parameters must outlive it;
// theta's entries must not be added to afterwards.
class RowModel {
 public:
  RowModel(const std::vector<Row>& rows, const ParameterSet& parameters);

  std::size_t rows() const { return rows_.size(); }
  std::size_t parameters() const { return n_theta_; }

  // log(predicted rate) of every row at theta; jacobian, unless null, is rows x parameters, row-major.
  void evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian);

 private:
  struct Term {
    std::uint32_t seed, theta;
  };
  struct Slope {
    double prior_mean;  // link scale
    ironlaw_link link;
  };
  void set_values(std::size_t row, const double* theta);

  const std::vector<Row>& rows_;
  std::size_t n_theta_;
  std::vector<std::vector<Term>> terms_;
  std::vector<std::vector<Slope>> seeds_;
  std::vector<CaseParameters> values_;
  std::vector<std::vector<std::size_t>> blocks_;  // rows of one pipeline, a block each
  Evaluator evaluator_;
};

}  // namespace ironlaw
