// What a prediction has to beat: models that know no physics, fitted to the same rows.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// A ridge regression of log rate on model, device, precision (one indicator a level), the round's index in
// time and the log of the device count, for both suites together. A level that was not fitted contributes
// zero. The penalty is the one with the least error in a five-fold cross-validation over the fitted cells.
class RidgeBaseline {
 public:
  explicit RidgeBaseline(std::span<const Row* const> fitted);
  double log_rate(const Row& row) const;
  double penalty() const { return penalty_; }

 private:
  std::vector<double> features(const Row& row) const;
  std::map<std::string, std::size_t> levels_;
  std::vector<double> weights_;
  double mean_ = 0, penalty_ = 0;
};

// One number a suite: the share of the dense peak that the median fitted row reaches.
// rate = share x devices x peak / FLOPs of one unit.
class PeakBaseline {
 public:
  // unit_flops[i]: model FLOPs behind one unit of the observed rate of row i.
  PeakBaseline(std::span<const Row* const> fitted, const std::vector<double>& unit_flops);
  double log_rate(const Row& row, double unit_flops) const;

 private:
  std::map<std::string, double> log_share_;  // by suite
};

}  // namespace ironlaw
