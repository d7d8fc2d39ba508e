// The rates of many rows and their derivatives with respect to theta, in one pass.
#pragma once

#include <span>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// Keeps, for each row, which entries of theta its parameters sum: a few dozen of the hundreds there are. Rows
// of one scenario (submitters with the same system) are one evaluation. Rows and parameters must outlive it;
// theta's entries must not be added to afterwards.
class RowModel {
 public:
  RowModel(const std::vector<Row>& rows, const ParameterSet& parameters);

  std::size_t rows() const { return rows_.size(); }
  std::size_t parameters() const { return n_theta_; }
  // The entries of theta on which a row depends, ascending; the derivatives by all others are 0.
  std::span<const std::uint32_t> columns(std::size_t row) const { return variants_[variant_[row]].columns; }
  // Those derivatives of a row in a Jacobian that evaluate() filled, in the order of columns().
  std::span<const double> slopes(const std::vector<double>& jacobian, std::size_t row) const {
    const Variant& v = variants_[variant_[row]];
    return {jacobian.data() + v.offset, v.columns.size()};
  }

  // log(predicted rate) of every row at theta; jacobian, unless null, is read with slopes(). Uses every core.
  void evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian);

 private:
  struct Term {
    std::uint32_t seed, theta;
    std::uint32_t column = 0;  // theta's place among the columns
  };
  struct Slope {
    double prior_mean;  // link scale
    ironlaw_link link;
  };
  // What the rows of one scenario share.
  struct Variant {
    const Case* lowered;
    std::vector<Term> terms;
    std::vector<std::uint32_t> columns;
    std::size_t offset;  // of its slopes
    std::vector<Slope> seeds;
    CaseParameters values;
    double log_rate;  // of requests
  };

  void add_variant(const Case& lowered, const ParameterSet& parameters);
  void set_values(Variant& variant, const double* theta) const;
  void evaluate_block(std::size_t block, const double* theta, Evaluator& evaluator,
                      std::vector<double>* jacobian);

  const std::vector<Row>& rows_;
  std::size_t n_theta_, n_slopes_ = 0;
  std::vector<Variant> variants_;
  std::vector<std::size_t> variant_;              // of each row
  std::vector<std::vector<std::size_t>> blocks_;  // variants of one pipeline, a block each
  std::vector<Evaluator> evaluators_;             // one a thread
};

}  // namespace ironlaw
