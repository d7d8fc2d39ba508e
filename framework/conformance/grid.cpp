#include "framework/conformance/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/predict/split.hpp"

namespace ironlaw::conformance {
namespace {

constexpr int kCounts[] = {1, 8, 16};
constexpr double kBatches[] = {1, 32};

// A datasheet without a network reaches no further than its scale-up domain.
bool can_join(const ironlaw_hardware& device, int count) {
  const double inside = figure(device, "scaleup_size");
  return count <= (std::isnan(inside) ? 1 : inside) || !std::isnan(figure(device, "network_bandwidth"));
}

std::vector<Scenario> all_of(const ironlaw_hardware& device) {
  std::vector<Scenario> result;
  for (const ModelSpec& model : models())
    for (const Task task : kTasks) {
      if (task == Task::decode && model.kind != ModelKind::decoder) continue;
      for (const Precision precision : precisions_of(device))
        for (const int count : kCounts)
          for (const double batch : kBatches) {
            if (!can_join(device, count) || (is_closed_loop(task) && batch != kBatches[0])) continue;
            Scenario s;
            s.model = &model;
            s.hardware = &device;
            s.task = task;
            s.precision = precision;
            s.split.data = count;  // how many there are to split over
            s.batch = batch;
            result.push_back(std::move(s));
          }
    }
  return result;
}

// With its split, its batch and, of a service, what arrives. False where nothing can be said.
bool complete(Scenario& s, Subject& subject) try {
  s.split = default_split(s, s.split.data);
  s.batch = is_closed_loop(s.task) ? 0 : s.batch * s.split.data;
  if (s.task != Task::serve) return true;
  Scenario loop = s;
  loop.task = Task::offline;
  const Prediction most = subject.predictor_with().predict(loop, ParameterSet::textbook());
  constexpr double kHalf = 0.5;
  s.given["arrival_rate"] = {kHalf * most.outcome.requests * most.resolved.replicas / most.outcome.time,
                             "plugin check"};
  return true;
} catch (const Error&) {
  return false;  // the closed loop is in the grid too, and says why
}

}  // namespace

std::vector<Scenario> grid_of(Subject& subject, std::size_t most) {
  std::vector<Scenario> all;
  for (const ironlaw_hardware* device : subject.devices()) {
    const std::vector<Scenario> own = all_of(*device);
    all.insert(all.end(), own.begin(), own.end());
  }
  std::vector<Scenario> result;
  constexpr std::size_t kPrime = 7919;  // steps through all of them in a mixed order
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i) {
    Scenario s = all[all.size() % kPrime == 0 ? i : i * kPrime % all.size()];
    subject.at(fmt::format("{} on {}", s.model->id, s.hardware->id));
    if (complete(s, subject)) result.push_back(std::move(s));
  }
  return result;
}

std::string described(const Scenario& s) {
  return fmt::format("{} {} on {} {}, {}{}", s.model->id, ironlaw::name_of(s.task), s.split.devices(),
                     s.hardware->id, ironlaw::name_of(s.precision),
                     s.batch > 0 ? fmt::format(", batch {:g}", s.batch) : "");
}

double time_per_request(const Prediction& p) {
  return is_closed_loop(p.resolved.scenario.task) ? p.outcome.time / p.outcome.requests : p.outcome.time;
}

}  // namespace ironlaw::conformance
