// What the tests of calibration share: the real plugins, the real facts, hand-made observations, clones of
// real chips, and random numbers that are the same everywhere.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/rows.hpp"
#include "calibration/validation.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "tests/store/support.hpp"

namespace ironlaw::test {

// The walls and hardware targets of the build tree.
inline const PluginHost& plugins() {
  static const PluginHost host({{{PLUGIN_DIR, true}}, false});
  return host;
}
inline std::vector<const ironlaw_wall*> walls() {
  return {plugins().walls().begin(), plugins().walls().end()};
}
inline std::vector<const ironlaw_hardware*> hardware() {
  return {plugins().hardware().begin(), plugins().hardware().end()};
}

inline Predictor& predictor() {
  static Predictor the_predictor{walls()};
  return the_predictor;
}

// The real facts, in a database of this process; built once.
struct Facts {
  Facts() {
    BuildInputs in;
    in.facts_dir = IRONLAW_FACTS_DIR;
    build_database(path, in);
    const Store store(path);
    all = store.observations();
    for (const Observation& o : all)
      if (o.suite == "inference" || o.suite == "training") observations.push_back(o);
    rounds = store.rounds();
  }
  Directory dir;
  std::string path = dir / "facts.db";
  std::vector<Observation> all, observations;  // observations: MLPerf's, whose values are rates as they stand
  std::vector<Round> rounds;
};
inline const Facts& facts() {
  static const Facts the_facts;
  return the_facts;
}

// A cell as the importer writes it.
inline void set_cell(Observation& o) {
  o.cell = fmt::format("{}|{}|{}|{}|{}|{}", o.round, o.device, o.accelerators.value_or(0), o.model,
                       o.precision.empty() ? "?" : o.precision, o.scenario);
}

// Eight H100 serving Llama 2 70B Offline, as somebody published it; `change` makes it something else.
inline Observation inference(const std::function<void(Observation&)>& change = {}) {
  Observation o;
  o.source = "mlperf-inference";
  o.suite = "inference";
  o.round = "inference-v4.0";
  o.published = "2024-03-27";
  o.division = "closed";
  o.submitter = "Acme";
  o.device_raw = o.device = "H100-SXM-80GB";
  o.accelerators = 8;
  o.model_raw = o.model = "llama-2-70b";
  o.accuracy_class = "99";
  o.scenario = "Offline";
  o.precision = "fp8";
  o.quantity = "tokens_per_s";
  o.value = 24000;
  if (change) change(o);
  if (o.model == "bert-large" || o.model == "resnet-50") o.quantity = "samples_per_s";
  o.unit = o.quantity == "tokens_per_s" ? "tokens/s" : "samples/s";
  set_cell(o);
  return o;
}

// Eight H100 training BERT.
inline Observation training(const std::function<void(Observation&)>& change = {}) {
  return inference([&](Observation& o) {
    o.source = "mlperf-training";
    o.suite = "training";
    o.round = "training-v4.0";
    o.published = "2024-06-12";
    o.model_raw = o.model = "bert-large";
    o.accuracy_class = "";
    o.scenario = "Training";
    o.precision = "fp16";
    o.global_batch = 384;
    o.quantity = "samples_per_s";
    o.value = 4000;
    if (change) change(o);
  });
}

// Selected and lowered with the precisions that they state themselves.
inline std::vector<Row> lowered(const std::vector<Observation>& observations,
                                const std::vector<const ironlaw_hardware*>& chips, Predictor& predictor,
                                Unlowered* left_out = nullptr) {
  Unlowered unused;
  Unlowered& unlowered = left_out ? *left_out : unused;
  std::vector<Row> rows = select_rows(observations, chips, unlowered);
  const PrecisionRule rule = learn_precisions(rows);
  lower_rows(rows, rule, predictor, unlowered);
  return rows;
}

// A chip with the figures of a real one and its own place among vendors and families.
class Clones {
 public:
  ironlaw_hardware* add(const std::string& of, const std::string& id, const std::string& family,
                        const std::string& vendor) {
    ironlaw_hardware& chip = chips_.emplace_back(plugins().find_hardware(of));
    chip.id = names_.emplace_back(id).c_str();
    chip.family = names_.emplace_back(family).c_str();
    chip.vendor = names_.emplace_back(vendor).c_str();
    return &chip;
  }

 private:
  std::deque<ironlaw_hardware> chips_;
  std::deque<std::string> names_;
};

// Standard normal numbers. The engine's sequence is fixed by the standard, that of std::normal_distribution
// is not.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : engine_(seed) {}
  double operator()() {
    double u = 0;
    double v = 0;
    double s = 0;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return u * std::sqrt(-2 * std::log(s) / s);
  }
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

 private:
  std::mt19937_64 engine_;
};

// The scopes' spreads of each parameter that a simulated world has; what is not listed varies by nothing.
using TrueSpreads = std::map<std::pair<std::string, ironlaw_scope>, double>;

// Theta for these rows, drawn from the spreads, and `global` prior sds away for the global entries.
inline ParameterSet draw_truth(const std::vector<Row>& rows, const TrueSpreads& spreads, double global,
                               Normal& normal) {
  ParameterSet set;
  const auto draw = [&](const std::string& name, ironlaw_scope scope, const std::string& level, double sd,
                        double prior_sd) {
    if (set.find(name, scope, level) < 0) set.add({name, scope, level, prior_sd, sd * normal(), 0});
  };
  for (const Row& row : rows)
    for (const ParameterPort& p : row.lowered.pipeline->parameters()) {
      draw(p.port->name, ironlaw_scope{}, "", global * p.port->prior_sd, p.port->prior_sd);
      for (int slot = 0; slot < row.lowered.n_slots; ++slot)
        for (const ironlaw_scope scope : kScopes) {
          if (!(p.port->scopes & scope)) continue;
          const auto known = spreads.find({p.port->name, scope});
          const double sd = known == spreads.end() ? 0 : known->second;
          draw(p.port->name, scope, row.lowered.slots[static_cast<std::size_t>(slot)].key.level(scope), sd,
               0.2);
        }
    }
  return set;
}

}  // namespace ironlaw::test
