// What the tests of predictions share: the plugins of the build tree and scenarios over them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "framework/base/error.hpp"
#include "framework/predict/predictor.hpp"
#include "framework/predict/split.hpp"
#include "tests/plugins.hpp"

namespace ironlaw::testing {

inline std::vector<const ironlaw_wall*> walls() {
  return {host().walls().begin(), host().walls().end()};
}
inline const ironlaw_hardware& hardware(const char* name) {
  return host().find_hardware(name);
}
inline Predictor& predictor() {
  static Predictor predictor(walls());
  return predictor;
}

inline Scenario scenario(const char* model, const char* device, Task task, double batch = 1,
                         Precision precision = Precision::fp16, Parallelism split = {}) {
  Scenario s;
  s.model = &find_model(model);
  s.hardware = &hardware(device);
  s.task = task;
  s.batch = batch;
  s.precision = precision;
  s.split = split;
  return s;
}

inline Case case_of(const Scenario& s) {
  return prepare(s, predictor().pipeline(*s.hardware));
}
inline Prediction textbook(const Scenario& s) {
  return predictor().predict(s, ParameterSet::textbook());
}

// One case evaluated alone; empty parameter set: the prior.
struct Evaluated {
  Outcome outcome;
  std::vector<double> gradient, shares;
};
inline Evaluated evaluate(Evaluator& evaluator, const Case& c, const CaseParameters& values,
                          bool with_gradient = false, bool with_shares = false, WallMask mask = kAllWalls) {
  Evaluated result;
  if (with_gradient) result.gradient.resize(Evaluator::gradient_stride(*c.pipeline));
  if (with_shares) result.shares.resize(c.pipeline->walls().size());
  const Case* const one = &c;
  const CaseParameters* const its = &values;
  evaluator.evaluate({&one, 1}, {&its, 1}, {&result.outcome, 1}, result.gradient, result.shares,
                     {.mask = mask});
  return result;
}

// Every model on every device for every task that it has, on 1, 8 and 16 devices; only what prepares.
inline std::vector<Scenario> grid() {
  std::vector<Scenario> result;
  for (const ModelSpec& model : models())
    for (const ironlaw_hardware* device : host().hardware())
      for (const Task task : {Task::train, Task::prefill, Task::decode, Task::offline}) {
        if (task == Task::decode && model.kind != ModelKind::decoder) continue;
        for (const int devices : {1, 8, 16}) {
          if (devices > figure(*device, "scaleup_size") && std::isnan(figure(*device, "network_bandwidth")))
            continue;
          for (const Precision precision : precisions_of(*device)) {
            Scenario s;
            s.model = &model;
            s.hardware = device;
            s.task = task;
            s.precision = precision;
            s.split = default_split(s, devices);
            s.batch = task == Task::offline ? 0 : 8 * s.split.data;
            result.push_back(s);
          }
        }
      }
  return result;
}

inline std::string described(const Scenario& s) {
  return std::string(s.model->id) + " on " + s.hardware->id + ", " + name_of(s.task) + ", " +
         name_of(s.precision) + ", tp " + std::to_string(s.split.tensor) + " pp " +
         std::to_string(s.split.pipeline) + " dp " + std::to_string(s.split.data);
}

template <class F>
std::string message_of(const F& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace ironlaw::testing
