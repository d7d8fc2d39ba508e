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

constexpr MetricFacts kMetrics[] = {{"peak", "FLOP/s", Metric::peak, false, true},
                                    {"bandwidth", "B/s", Metric::bandwidth, false, true},
                                    {"capacity", "B", Metric::capacity, false, true},
                                    {"peak_ratio", "1", Metric::peak_ratio, true, true},
                                    {"bandwidth_ratio", "1", Metric::bandwidth_ratio, true, true},
                                    {"capacity_ratio", "1", Metric::capacity_ratio, true, true},
                                    {"throughput_ratio", "1", Metric::throughput_ratio, true, false},
                                    {"training_time_ratio", "1", Metric::training_time_ratio, true, false},
                                    {"latency_ratio", "1", Metric::latency_ratio, true, false},
                                    {"cost_ratio", "1", Metric::cost_ratio, true, false},
                                    {"energy_ratio", "1", Metric::energy_ratio, true, false},
                                    {"token_rate", "1/s", Metric::token_rate, false, false},
                                    {"user_token_rate", "1/s", Metric::user_token_rate, false, false},
                                    {"mfu", "1", Metric::mfu, false, false}};

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
