// The catalogue's nearest device, and what both say about the same workloads.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/conformance/checks.hpp"
#include "framework/conformance/grid.hpp"
#include "framework/predict/split.hpp"

namespace ironlaw::conformance {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Workload {
  const char* model;
  Task task;
  double batch;
};
constexpr std::array kWorkloads = {
    Workload{"llama-3.1-8b", Task::decode, 1},  Workload{"llama-3.1-8b", Task::decode, 64},
    Workload{"llama-3.1-8b", Task::prefill, 8}, Workload{"llama-3.1-8b", Task::train, 8},
    Workload{"mixtral-8x7b", Task::decode, 16}, Workload{"bert-large", Task::prefill, 64},
    Workload{"bert-large", Task::train, 32},    Workload{"resnet-50", Task::prefill, 64},
};

double half_precision_peak(const ironlaw_hardware& h) {
  const double fp16 = dense_peak(h, Precision::fp16);
  return std::isnan(fp16) ? dense_peak(h, Precision::bf16) : fp16;
}

// The dense peak that a chip is sold for.
double best_peak(const ironlaw_hardware& h) {
  const double half = half_precision_peak(h);
  if (!std::isnan(half)) return half;
  double best = kNone;
  for (const Precision p : precisions_of(h)) best = std::fmax(best, dense_peak(h, p));
  return best;
}

// Root of the mean squared ln ratio of what both publish of peak, bandwidth and capacity; infinite for
// nothing.
double distance(const ironlaw_hardware& a, const ironlaw_hardware& b) {
  double sum = 0;
  int known = 0;
  for (const double ratio :
       {best_peak(a) / best_peak(b), figure(a, "memory_bandwidth") / figure(b, "memory_bandwidth"),
        figure(a, "memory_capacity") / figure(b, "memory_capacity")}) {
    if (std::isnan(ratio)) continue;
    sum += std::log(ratio) * std::log(ratio);
    ++known;
  }
  return known == 0 ? std::numeric_limits<double>::infinity() : std::sqrt(sum / known);
}

// [s] On one device, at its 16-bit precision or else its widest; NaN where it cannot be computed.
double time_on(const Workload& w, const ironlaw_hardware& device, Subject& subject) try {
  const std::vector<Precision> known = precisions_of(device);
  if (known.empty()) return kNone;
  Scenario s;
  s.model = &find_model(w.model);
  s.hardware = &device;
  s.task = w.task;
  s.batch = w.batch;
  s.precision = known.front();
  for (const Precision p : {Precision::bf16, Precision::fp16})
    if (!std::isnan(dense_peak(device, p))) s.precision = p;
  return subject.predictor_with().predict(s, ParameterSet::textbook()).outcome.time;
} catch (const Error&) {
  return kNone;
}

}  // namespace

std::vector<Nearest> nearest_of(Subject& subject) {
  std::vector<Nearest> result;
  const std::vector<const ironlaw_hardware*> catalogue = subject.catalogue();
  if (catalogue.empty()) return result;
  for (const ironlaw_hardware* own : subject.own_hardware()) {
    const ironlaw_hardware* const other = *std::min_element(
        catalogue.begin(), catalogue.end(),
        [&](const auto* a, const auto* b) { return distance(*own, *a) < distance(*own, *b); });
    Nearest nearest{own->id, other->id, distance(*own, *other), {}};
    if (!std::isfinite(nearest.distance)) continue;
    for (const Workload& w : kWorkloads) {
      subject.at(fmt::format("{} beside {}", own->id, other->id));
      nearest.rows.push_back({fmt::format("{} {}, batch {:g}", w.model, ironlaw::name_of(w.task), w.batch),
                              time_on(w, *own, subject), time_on(w, *other, subject)});
    }
    result.push_back(std::move(nearest));
  }
  return result;
}

}  // namespace ironlaw::conformance
