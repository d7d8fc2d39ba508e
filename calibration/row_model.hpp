// The rates of many rows and their derivatives with respect to theta, in one pass.
#pragma once

#include <span>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// Keeps, for each row, which entries of theta its parameters sum: a few dozen of the hundreds there are. Rows
// and parameters must outlive it; theta's entries must not be added to afterwards.
class RowModel {
 public:
  RowModel(const std::vector<Row>& rows, const ParameterSet& parameters);

  std::size_t rows() const { return rows_.size(); }
  std::size_t parameters() const { return n_theta_; }
  // The entries of theta on which a row depends, ascending; the derivatives by all others are 0.
  std::span<const std::uint32_t> columns(std::size_t row) const { return columns_[row]; }
  // Those derivatives of a row in a Jacobian that evaluate() filled, in the order of columns().
  std::span<const double> slopes(const std::vector<double>& jacobian, std::size_t row) const {
    return {jacobian.data() + offsets_[row], columns_[row].size()};
  }

  // log(predicted rate) of every row at theta; jacobian, unless null, holds the slopes of one row after
  // another.
  void evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian);

 private:
  struct Term {
    std::uint32_t seed, theta;
    std::uint32_t column = 0;  // theta's place in columns()
  };
  struct Slope {
    double prior_mean;  // link scale
    ironlaw_link link;
  };
  void index_columns(std::size_t row);
  void set_values(std::size_t row, const double* theta);

  const std::vector<Row>& rows_;
  std::size_t n_theta_;
  std::vector<std::vector<Term>> terms_;
  std::vector<std::vector<std::uint32_t>> columns_;
  std::vector<std::size_t> offsets_;  // of a row's slopes; one more than rows
  std::vector<std::vector<Slope>> seeds_;
  std::vector<CaseParameters> values_;
  std::vector<std::vector<std::size_t>> blocks_;  // rows of one pipeline, a block each
  Evaluator evaluator_;
};

}  // namespace ironlaw
