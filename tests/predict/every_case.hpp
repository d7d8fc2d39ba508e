// Every model and every device, for every phase, answered, and how a test reads the answer.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tests/predict/scenarios.hpp"

namespace ironlaw::testing {

// With this at half of what the machine can serve; the scenario is a closed loop before.
inline Scenario at_half_load(Scenario s) {
  s.task = Task::offline;
  const Prediction most = textbook(s);
  s.task = Task::serve;
  s.given["arrival_rate"] = {most.outcome.requests * most.resolved.replicas / most.outcome.time / 2, "test"};
  return s;
}

// One scenario a model, device and phase, of every seventh pair of model and device: each device meets two or
// three models. The number of devices and the precision go round, so that each of them meets every phase.
inline std::vector<Scenario> every_case() {
  constexpr int kCounts[] = {1, 8, 16};
  constexpr std::size_t kEvery = 7;
  std::vector<Scenario> result;
  std::size_t turn = 0;
  for (const auto& [model, device] : every_pair(kEvery)) {
    const std::vector<Precision> precisions = precisions_for(*device, *model);
    if (precisions.empty()) continue;
    for (const Task task : kTasks) {
      if (task == Task::decode && model->kind != ModelKind::decoder) continue;
      ++turn;
      const int devices = std::min(kCounts[turn % std::size(kCounts)], most_devices(*device));
      Scenario s = scenario(model->id, device->id, task, 1, precisions[turn / 3 % precisions.size()]);
      s.split = default_split(s, devices);
      s.batch = is_closed_loop(task) ? 0 : 8 * s.split.data;
      result.push_back(task == Task::serve ? at_half_load(s) : s);
    }
  }
  return result;
}

// Calls `check` with an answer while its tables stand behind it, and stops at the first scenario that fails.
inline void for_every_case(const std::function<void(const Prediction&)>& check) {
  int seen = 0;
  for (const Scenario& s : every_case()) {
    SCOPED_TRACE(described(s));
    check(textbook(s));
    if (::testing::Test::HasFailure()) return;  // one is enough to read
    ++seen;
  }
  EXPECT_GT(seen, 500);
}

// Whether the weights live outside the device's memory and stream in.
inline bool streams(const Scenario& s) {
  return figure(*s.hardware, "weight_source") > 0;
}

// ---- reading the answer that was made last ---------------------------------------------------------------
inline std::size_t row_of(const Prediction& p) {
  return p.resolved.capacity_row >= 0 ? 1 : 0;  // a service stands behind the same machine at its limit
}
// A column of the scenario, run or result rows.
inline double value(const Prediction& p, const char* name) {
  for (const ironlaw_level level : {IRONLAW_LEVEL_SCENARIO, IRONLAW_LEVEL_RUN, IRONLAW_LEVEL_RESULT})
    if (const int column = p.resolved.pipeline->column(level, name); column >= 0)
      return predictor().evaluator().table(level).column(column)[row_of(p)];
  ADD_FAILURE() << "no column " << name;
  return NAN;
}
// The largest value of a column over the steps.
inline double most_of_steps(const Prediction& p, const char* name) {
  const int column = p.resolved.pipeline->column(IRONLAW_LEVEL_STEP, name);
  EXPECT_GE(column, 0) << name;
  const auto [first, last] = predictor().evaluator().steps_of(row_of(p));
  const double* const values = predictor().evaluator().table(IRONLAW_LEVEL_STEP).column(column);
  return *std::max_element(values + first, values + last);
}
inline double account(const Prediction& p, std::string_view name) {
  for (const Account& a : p.accounts)
    if (a.name == name) return a.value;
  ADD_FAILURE() << "no account " << name;
  return NAN;
}
inline double input(const Prediction& p, const char* name) {
  const int i = p.resolved.pipeline->input(name);
  EXPECT_GE(i, 0) << name;
  return p.resolved.inputs.at(static_cast<std::size_t>(i));
}
// [s] Of one request; a closed loop's cycle serves all that run.
inline double time_per_request(const Prediction& p) {
  return is_closed_loop(p.resolved.scenario.task) ? p.outcome.time / p.outcome.requests : p.outcome.time;
}
inline Scenario given(Scenario s, const char* name, double value) {
  s.given[name] = {value, "test"};
  return s;
}

}  // namespace ironlaw::testing
