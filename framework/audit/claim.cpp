#include "framework/audit/claim.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

constexpr MetricFacts kMetrics[] = {{Metric::peak, "peak", "FLOP/s", false, true},
                                    {Metric::bandwidth, "bandwidth", "B/s", false, true},
                                    {Metric::capacity, "capacity", "B", false, true},
                                    {Metric::peak_ratio, "peak_ratio", "1", true, true},
                                    {Metric::bandwidth_ratio, "bandwidth_ratio", "1", true, true},
                                    {Metric::capacity_ratio, "capacity_ratio", "1", true, true},
                                    {Metric::throughput_ratio, "throughput_ratio", "1", true, false},
                                    {Metric::training_time_ratio, "training_time_ratio", "1", true, false},
                                    {Metric::latency_ratio, "latency_ratio", "1", true, false},
                                    {Metric::cost_ratio, "cost_ratio", "1", true, false},
                                    {Metric::energy_ratio, "energy_ratio", "1", true, false},
                                    {Metric::token_rate, "token_rate", "1/s", false, false},
                                    {Metric::user_token_rate, "user_token_rate", "1/s", false, false},
                                    {Metric::mfu, "mfu", "1", false, false}};

}  // namespace

const MetricFacts& facts_of(Metric metric) {
  return *std::find_if(std::begin(kMetrics), std::end(kMetrics),
                       [&](const MetricFacts& f) { return f.metric == metric; });
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  names.reserve(std::size(kMetrics));
  for (const MetricFacts& f : kMetrics) names.emplace_back(f.name);
  return names;
}

Metric parse_metric(std::string_view field, std::string_view text) {
  for (const MetricFacts& f : kMetrics)
    if (text == f.name) return f.metric;
  const std::vector<std::string> names = metric_names();
  throw Error(fmt::format("{} is '{}'; it is one of {}.{}", field, text, fmt::join(names, ", "),
                          did_you_mean(text, names)));
}

double least_called(double claimed) {
  constexpr double kSlack = 1e-9;  // 6 / 4.8 is 1.25 or a bit less
  const double second_digit = std::pow(10, std::floor(std::log10(claimed)) - 1);
  return (claimed - second_digit / 2) * (1 - kSlack);
}

}  // namespace ironlaw
