// The rates of many rows and their derivatives with respect to theta, in one pass.
#pragma once

#include <span>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// Log rates and slopes of many rows, each as of the last point where the row was evaluated. Between points a
// straight line stands for the model as long as it is good enough (RowModel::evaluate_near).
struct Linearisation {
  std::vector<double> log_rates;  // of each scenario, of requests; NaN: not evaluated yet
  std::vector<double> slopes;     // as evaluate() fills a Jacobian
  std::vector<double> theta;      // the point, laid out as the slopes
  // Scenarios whose rate was found to jump (another algorithm, one request more): a jump has no slope, so
  // they follow their old line, lest a minimum be looked for on the cliff. Cleared by whoever starts anew.
  std::vector<char> frozen;
};

// Keeps, for each row, which entries of theta its parameters sum: a few dozen of the hundreds there are. Rows
// of one scenario (submitters with the same system) are one evaluation. Rows and parameters must outlive it;
// theta's entries must not be added to afterwards.
class RowModel {
 public:
  // `threads`: 0 is every core.
  RowModel(const std::vector<Row>& rows, const ParameterSet& parameters, unsigned threads = 0);

  std::size_t rows() const { return rows_.size(); }
  std::size_t parameters() const { return n_theta_; }
  // The entries of theta on which a row depends, ascending; the derivatives by all others are 0.
  std::span<const std::uint32_t> columns(std::size_t row) const { return variants_[variant_[row]].columns; }
  // Those derivatives of a row in a Jacobian that evaluate() filled, in the order of columns().
  std::span<const double> slopes(const std::vector<double>& jacobian, std::size_t row) const {
    const Variant& v = variants_[variant_[row]];
    return {jacobian.data() + v.offset, v.columns.size()};
  }

  // log(predicted rate) of every row at theta; jacobian, unless null, is read with slopes().
  void evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian);

  // Log rates of the rows in `wanted` alone, without derivatives.
  void evaluate(const double* theta, std::span<const std::size_t> wanted, std::vector<double>& log_rates);

  // The same with derivatives, but evaluates only those that a straight line from their last point
  // could miss by more than 5e-4 of their rate; the others follow the line and keep their slopes. Log rates
  // of other rows are left alone. A fresh Linearisation evaluates all that are wanted.
  void evaluate_near(const double* theta, std::span<const std::size_t> wanted, Linearisation& at,
                     std::vector<double>& log_rates);

 private:
  struct Term {
    std::uint32_t seed, theta;
    std::uint32_t column = 0;  // theta's place among the columns
  };
  struct Slope {
    double prior_mean;  // link scale
    const ironlaw_port* port;
  };
  // What the rows of one scenario share.
  struct Variant {
    const Row* row;  // the first of them
    std::vector<Term> terms;
    std::vector<std::uint32_t> columns;
    std::size_t offset;  // of its slopes
    std::vector<Slope> seeds;
    CaseParameters values;
    double log_rate;  // of requests
  };

  void add_variant(const Row& row, const ParameterSet& parameters);
  void set_values(Variant& variant, const double* theta) const;
  using Block = std::vector<std::size_t>;  // variants of one pipeline, all runs or all single operators
  std::vector<Block> blocks_of(std::span<const std::size_t> variants) const;
  void evaluate_block(const Block& members, const double* theta, Evaluator& evaluator,
                      std::vector<double>* jacobian);
  void evaluate_runs(const Block& members, Evaluator& evaluator, std::vector<double>* jacobian);
  void evaluate_operators(Variant& variant, Evaluator& evaluator, std::vector<double>* jacobian) const;
  static void put_slopes(const Variant& variant, std::span<const double> log_time_gradient,
                         std::vector<double>& jacobian);
  void evaluate_blocks(const std::vector<Block>& blocks, const double* theta, std::vector<double>* jacobian);
  double line(std::size_t variant, const double* theta, const Linearisation& at) const;
  // What a straight line from the last point may miss of a variant's log rate.
  double curvature(const Variant& variant, const double* theta, const Linearisation& at) const;

  const std::vector<Row>& rows_;
  std::size_t n_theta_, n_slopes_ = 0;
  std::vector<Variant> variants_;
  std::vector<std::size_t> variant_;   // of each row
  std::vector<Block> blocks_;          // of all variants
  std::vector<Evaluator> evaluators_;  // one a thread
};

}  // namespace ironlaw
