// How long something takes: several runs, their best and median, and how far they spread.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ironlaw {

// [s] Monotonic; a test brings its own.
using Clock = std::function<double()>;
Clock steady_clock();

// How much may be spent on one measurement.
struct TimingLimits {
  double seconds = 0.5;        // no further run is begun after that
  double least_sample = 1e-3;  // [s] shorter runs are repeated within one sample until it lasts that long
  int least_samples = 3;       // even when the time is up
  int most_samples = 50;
};

// Of one run, over the samples.
struct Timing {
  double best = 0, median = 0;  // [s]
  double spread = 0;            // (third - first quartile) / median: what half of the samples lie within
  int samples = 0;
  int runs_a_sample = 1;
};

// Times body(n), which does n runs. The first sample warms up and does not count.
Timing time_runs(const std::function<void(int)>& body, const TimingLimits& limits, const Clock& clock);

// The value below which this share of the values lies, between two of them interpolated; NaN without any.
double quantile_of(std::vector<double> values, double share);

// Best, median and spread of samples (at least one).
Timing summarise(std::vector<double> samples);

}  // namespace ironlaw
