#include "framework/probe/timing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ironlaw {
namespace {

constexpr int kMostRuns = 1 << 24;  // in one sample, should a clock stand still

double sample(const std::function<void(int)>& body, int runs, const Clock& clock) {
  const double begin = clock();
  body(runs);
  return clock() - begin;
}

}  // namespace

Clock steady_clock() {
  return [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
}

double quantile_of(std::vector<double> values, double share) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], at - static_cast<double>(below));
}

Timing summarise(std::vector<double> samples) {
  Timing timing;
  timing.best = *std::min_element(samples.begin(), samples.end());
  timing.median = quantile_of(samples, 0.5);
  if (timing.median > 0)
    timing.spread = (quantile_of(samples, 0.75) - quantile_of(samples, 0.25)) / timing.median;
  timing.samples = static_cast<int>(samples.size());
  return timing;
}

Timing time_runs(const std::function<void(int)>& body, const TimingLimits& limits, const Clock& clock) {
  const double begin = clock();
  int runs = 1;
  for (double seconds = sample(body, runs, clock); seconds < limits.least_sample && runs < kMostRuns;) {
    runs *= 2;
    seconds = sample(body, runs, clock);
  }
  std::vector<double> samples;
  while (
      samples.size() < static_cast<std::size_t>(limits.most_samples) &&
      (samples.size() < static_cast<std::size_t>(limits.least_samples) || clock() - begin < limits.seconds))
    samples.push_back(sample(body, runs, clock) / runs);
  Timing timing = summarise(std::move(samples));
  timing.runs_a_sample = runs;
  return timing;
}

}  // namespace ironlaw
