// What the tests of predictions share: the plugins of the build tree and scenarios over them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

#include <string>
#include <utility>
#include <vector>

#include "framework/base/error.hpp"
#include "framework/predict/predictor.hpp"
#include "framework/predict/split.hpp"
#include "registry/network.hpp"
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

// The precisions at which a device can run a model, as far as its datasheet says: a transformer has layers
// (and some other networks have parts) that stay at 16 bits, or run at 32. A narrow format in which the chip
// is slower than in a wide one is left out: MFU counts against the narrow peak, which the wide layers then
// exceed.
inline std::vector<Precision> precisions_for(const ironlaw_hardware& device, const ModelSpec& model) {
  std::vector<Precision> result = precisions_of(device);
  if (!is_transformer(model.kind) && !has_wide_layers(*model.network)) return result;
  double wide = 0;
  for (const Precision p : result)
    if (bytes_of(p) >= 2) wide = std::max(wide, dense_peak(device, p));
  std::erase_if(result,
                [&](Precision p) { return wide == 0 || (bytes_of(p) < 2 && dense_peak(device, p) < wide); });
  return result;
}

// How many devices can work together, as far as the datasheet says how they are joined.
inline int most_devices(const ironlaw_hardware& device) {
  constexpr int kMost = 1 << 20;
  if (!std::isnan(figure(device, "network_bandwidth"))) return kMost;
  const double joined = figure(device, "scaleup_size");
  return std::isnan(figure(device, "scaleup_bandwidth")) || std::isnan(joined) ? 1 : static_cast<int>(joined);
}

// Every n-th pair of a model and a device, such that each device meets other models than its neighbour.
inline std::vector<std::pair<const ModelSpec*, const ironlaw_hardware*>> every_pair(std::size_t n) {
  std::vector<std::pair<const ModelSpec*, const ironlaw_hardware*>> result;
  for (std::size_t m = 0; m < models().size(); ++m)
    for (std::size_t d = 0; d < host().hardware().size(); ++d)
      if ((m + d) % n == 0) result.emplace_back(&models()[m], host().hardware()[d]);
  return result;
}

// Models on devices for every task and at every precision that they have, on 1, 8 and 16 devices.
inline std::vector<Scenario> grid() {
  constexpr std::size_t kEvery = 16;
  std::vector<Scenario> result;
  for (const auto& [model, device] : every_pair(kEvery))
    for (const Task task : {Task::train, Task::prefill, Task::decode, Task::offline}) {
      if (task == Task::decode && model->kind != ModelKind::decoder) continue;
      for (const int devices : {1, 8, 16}) {
        if (devices > most_devices(*device)) continue;
        for (const Precision precision : precisions_for(*device, *model)) {
          Scenario s;
          s.model = model;
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
