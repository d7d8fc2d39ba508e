// How wrong a set of predictions was.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ironlaw {

// One prediction that was checked.
struct Scored {
  const std::string* cell = nullptr;  // rows of one cell share an error
  double log_error = 0;               // log(predicted / observed)
  double half50 = 0, half90 = 0;      // of the intervals, log scale
};

// Errors of a set of rows. Fractions; absolute percentage error is |predicted / observed - 1|. Empty where
// there is no row, or for coverage where the model gives no interval.
struct Metrics {
  std::string group;
  int n = 0, cells = 0;
  std::optional<double> median_ape, mean_ape, p90_ape;
  std::optional<double> bias;  // exp(mean of log(predicted / observed)) - 1: above 0 is too fast
  std::optional<double> coverage50, coverage90;
  // Between these lies the median with 90% confidence, by a bootstrap over cells; empty unless asked for.
  std::optional<double> median_low, median_high;
};

Metrics measure(const std::string& group, std::span<const Scored> rows, bool has_interval);

// Sets median_low and median_high. The same for the same rows in the same order; empty for fewer than two
// cells.
void bootstrap_median(std::span<const Scored> rows, Metrics& metrics);

// The value at the nearest rank to a share q of the way up; empty for none.
std::optional<double> quantile(std::vector<double> values, double q);

// [0, 1] Shares of rows inside their central intervals of these contents; an interval is found from its
// half-widths at 50% and 90% by interpolation of Student's t with four degrees of freedom.
double coverage_at(std::span<const Scored> rows, double content);

}  // namespace ironlaw
