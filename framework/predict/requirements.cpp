#include "framework/predict/requirements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kFarAway = 1 << 20;  // as good as infinite

std::vector<double> values_of(const ScenarioSystem& system) {
  const ironlaw_system& table = system.table();
  std::vector<double> values;
  for (std::uint32_t i = 0; i < table.n_inputs; ++i) values.push_back(table.inputs[i]->value);
  return values;
}

// The output with one input as far up (or down) as it goes.
struct Extreme {
  double input = 0, output = kUnknown;
};
Extreme extreme(ScenarioSystem& system, std::uint32_t input, std::uint32_t output, double times) {
  const ironlaw_variable& v = *system.table().inputs[input];
  std::vector<double> at = values_of(system);
  std::vector<double> out(system.table().n_outputs);
  Extreme result{std::clamp(v.value * times, v.min, v.max), kUnknown};
  at[input] = result.input;
  try {
    system.evaluate(at.data(), out.data());
    result.output = out[output];
  } catch (const Error&) {
    // There is no such case; the other direction may have one.
  }
  return result;
}

std::string binding_wall_at(const ScenarioSystem& system, const std::string& input, double value,
                            Predictor& predictor, const ParameterSet& parameters) {
  Scenario s = system.scenario();
  s.given[input] = {value, "synthesize"};
  const Prediction p = predictor.predict(s, parameters);
  if (!p.binding) return "";
  const LedgerEntry& wall = p.ledger[*p.binding];
  return fmt::format("{} {}", wall.number, wall.name);
}

// Why no value of an input is enough: what is left when it is without limit, and the wall that then binds.
std::string why_not(ScenarioSystem& system, const Requirement& r, const Target& target, Predictor& predictor,
                    const ParameterSet& parameters) {
  const std::uint32_t input = system.input(r.input);
  const std::uint32_t output = system.output(target.output);
  Extreme best = extreme(system, input, output, kFarAway);
  const Extreme low = extreme(system, input, output, 1 / kFarAway);
  if (std::isnan(best.output) || low.output * target.sense > best.output * target.sense) best = low;
  if (std::isnan(best.output)) return "nothing can be said of other values";
  const double ratio = target.sense < 0 ? best.output / target.value : target.value / best.output;
  std::string text = fmt::format("{}: still {:.3g} times off",
                                 best.input >= r.present ? "without limit" : "with next to none", ratio);
  if (r.kind != InputKind::hardware && r.kind != InputKind::setting) return text;
  const std::string wall = binding_wall_at(system, r.input, best.input, predictor, parameters);
  return wall.empty() ? text : text + fmt::format(", wall {} binds", wall);
}

bool moves(ScenarioSystem& system, std::uint32_t input, std::uint32_t output) {
  const double now = system.table().outputs[output]->value;
  for (const double times : {kFarAway, 1 / kFarAway}) {
    const double then = extreme(system, input, output, times).output;
    if (!std::isnan(then) && then != now) return true;
  }
  return false;
}

// Memory seldom moves an output; but what is asked about must fit.
void add_fit(const ironlaw_wall& synthesis, ScenarioSystem& system, Requirement& r) {
  const Query fits{q::least_headroom.name, r.input, 0, 1, 0};
  const std::vector<Finding> found = analyse(synthesis, system, fits);
  if (found.empty() || std::isnan(found[0].value)) return;
  r.required = found[0].value;
  r.text = "the least that it fits into";
}

}  // namespace

std::vector<std::string> usual_requirements() {
  return {q::memory_bandwidth.name,  q::peak_flops.name,        q::memory_capacity.name,
          q::network_bandwidth.name, q::scaleup_bandwidth.name, q::devices.name};
}

std::vector<Requirement> requirements_of(const ironlaw_wall& synthesis, ScenarioSystem& system,
                                         const Target& target, const std::vector<std::string>& inputs,
                                         Predictor& predictor, const ParameterSet& parameters) {
  const std::vector<std::string> usual = usual_requirements();
  std::vector<Requirement> result;
  for (const std::string& name : inputs) {
    Requirement r{name, "", InputKind::hardware, kUnknown, kUnknown, true, ""};
    if (!system.has_input(name) && std::find(usual.begin(), usual.end(), name) != usual.end()) {
      r.has_effect = false;
      r.text = fmt::format("{} has none", system.scenario().hardware->id);
      result.push_back(std::move(r));
      continue;
    }
    const std::uint32_t input = system.input(name);
    const ironlaw_variable& v = *system.table().inputs[input];
    r.unit = v.unit;
    r.kind = system.kind(input);
    r.present = v.value;
    const std::vector<Finding> found =
        analyse(synthesis, system, {target.output, name, target.value, target.sense, 0});
    if (!found.empty()) {
      r.required = found[0].value;
      r.text = found[0].text;
    }
    const bool is_count = r.kind == InputKind::devices;
    r.has_effect = is_count || moves(system, input, system.output(target.output));
    if (!r.has_effect) r.required = kUnknown;  // what was found is where its range ends
    if (name == q::memory_capacity.name && (!r.has_effect || std::isnan(r.required)))
      add_fit(synthesis, system, r);
    else if (std::isnan(r.required) && !is_count && r.has_effect &&
             !target.is_met_by(system.table().outputs[system.output(target.output)]->value))
      r.text = why_not(system, r, target, predictor, parameters);
    result.push_back(std::move(r));
  }
  return result;
}

}  // namespace ironlaw
