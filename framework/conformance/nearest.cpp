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

// Root of the mean squared ln ratio of peak, bandwidth and capacity, as far as the first publishes them;
// infinite where the second lacks one of those, or the first has none.
double distance(const ironlaw_hardware& own, const ironlaw_hardware& other) {
  const auto memory = [](const char* name) {
    return [name](const ironlaw_hardware& h) { return figure(h, name); };
  };
  double sum = 0;
  int known = 0;
  const auto add = [&](const auto& of) {
    if (std::isnan(of(own))) return;
    const double ratio = std::log(of(own) / of(other));
    sum += std::isnan(ratio) ? std::numeric_limits<double>::infinity() : ratio * ratio;
    ++known;
  };
  add(best_peak);
  add(memory("memory_bandwidth"));
  add(memory("memory_capacity"));
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

Nearest beside(const ironlaw_hardware& own, const ironlaw_hardware& other, Subject& subject) {
  Nearest nearest{own.id, other.id, distance(own, other), {}};
  for (const Workload& w : kWorkloads) {
    std::string name = fmt::format("{} {}, batch {:g}", w.model, ironlaw::name_of(w.task), w.batch);
    subject.at(fmt::format("{} on {} and {}", name, own.id, other.id));
    nearest.rows.push_back({std::move(name), time_on(w, own, subject), time_on(w, other, subject)});
  }
  return nearest;
}

// By what the datasheets differ, and by what the answers do: the two should be alike.
void judge(const Nearest& nearest, Findings& findings) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const NearestRow& row : nearest.rows) {
    const double ratio = row.candidate / row.nearest;
    if (std::isnan(ratio)) continue;
    low = std::min(low, ratio);
    high = std::max(high, ratio);
  }
  if (high == 0)
    return findings.warn(
        fmt::format("{}: nothing can be answered on both it and {}", nearest.candidate, nearest.device));
  const std::string text =
      fmt::format("{} takes {:.3g} to {:.3g} times as long as {}; their figures differ {:.3g} times",
                  nearest.candidate, low, high, nearest.device, std::exp(nearest.distance));
  constexpr double kRoom = 10;
  const double far = kRoom * std::exp(nearest.distance);
  if (low < 1 / far || high > far)
    findings.warn(text);
  else
    findings.note(text);
}

}  // namespace

void check_nearest(Subject& subject, Findings& findings) {
  if (subject.own_hardware().empty()) return findings.skip("it holds no hardware target");
  const std::vector<const ironlaw_hardware*> catalogue = subject.catalogue();
  if (catalogue.empty()) return findings.skip("no other hardware is installed");
  for (const ironlaw_hardware* own : subject.own_hardware()) {
    const ironlaw_hardware* const other = *std::min_element(
        catalogue.begin(), catalogue.end(),
        [&](const auto* a, const auto* b) { return distance(*own, *a) < distance(*own, *b); });
    if (!std::isfinite(distance(*own, *other))) {
      findings.warn(fmt::format("{}: no peak, bandwidth or capacity to compare", own->id));
      continue;
    }
    subject.nearest().push_back(beside(*own, *other, subject));
    judge(subject.nearest().back(), findings);
  }
}

}  // namespace ironlaw::conformance
