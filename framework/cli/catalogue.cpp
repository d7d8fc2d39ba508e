#include "framework/cli/catalogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/predict/search.hpp"
#include "framework/report/units_text.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Is this the figure of a datasheet, so that it belongs to one device?
bool is_figure(const std::string& name, const PluginHost& host) {
  if (name == q::peak_flops.name) return true;
  for (const ironlaw_hardware* device : host.hardware())
    for (std::uint32_t i = 0; i < device->n_specs; ++i)
      if (name == device->specs[i]->quantity) return true;
  return false;
}

// The same question about another device. Where nobody says how it is split, the fastest way counts.
Ask asked_of(Ask ask, const ironlaw_hardware& device, int devices) {
  ask.said["hardware"] = {device.id, "HARDWARE"};
  for (const char* option : {"tp", "pp", "dp", "cp"})
    if (ask.said.contains(option)) return ask;
  ask.said["gpus"] = {std::to_string(devices), "--gpus"};
  ask.said["split"] = {"fastest", "--split"};
  return ask;
}

// "3.2 times too slow because of wall 2 memory"
std::string shortfall(double value, const Target& target, const Prediction& p) {
  const double factor = target.sense < 0 ? value / target.value : target.value / value;
  std::string text = fmt::format("{} times off", format_number(factor, 3));
  if (!p.binding) return text;
  return text + fmt::format("; wall {} {} binds", p.ledger[*p.binding].number, p.ledger[*p.binding].name);
}

// "does not fit: each lacks 61.2 GB"
std::string why_infeasible(const Prediction& p) {
  if (p.outcome.memory_headroom < 0)
    return fmt::format("does not fit: each lacks {}", format_bytes(-p.outcome.memory_headroom));
  const Violation& v = p.violations.front();
  return fmt::format("wall {} {}: {} is {}", v.number, v.wall, v.name, format_quantity(v.value, v.unit));
}

std::string first_sentence(const std::string& text) {
  const std::size_t end = text.find(". ");
  return end == std::string::npos ? text : text.substr(0, end);
}

std::optional<int> least_devices(const Scenario& scenario, const Target& target, const PluginHost& host,
                                 Predictor& predictor, const ParameterSet& parameters) {
  Scenario one = scenario;
  one.split = {};
  ScenarioSystem system(predictor, one, parameters);
  const std::vector<Finding> found = analyse(host.find_wall("synthesis"), system,
                                             {target.output, q::devices.name, target.value, target.sense, 0});
  if (found.empty() || std::isnan(found[0].value)) return std::nullopt;
  return static_cast<int>(found[0].value);
}

CatalogueEntry entry_of(const Ask& ask, const ironlaw_hardware& device, const Target& target, int devices,
                        const PluginHost& host, Predictor& predictor, const ParameterSet& parameters) {
  CatalogueEntry entry{device.id, false, kUnknown, "", "", std::nullopt};
  try {
    const Scenario s = understand(asked_of(ask, device, devices), host, predictor, parameters).scenario;
    entry.split = fmt::format("TP {} x PP {} x DP {}", s.split.tensor, s.split.pipeline, s.split.data);
    ScenarioSystem system(predictor, s, parameters);
    const std::uint32_t output = system.output(target.output);
    entry.value = system.table().outputs[output]->value;
    const Prediction p = predictor.predict(s, parameters);
    entry.meets = p.feasible && target.is_met_by(entry.value);
    if (!p.feasible)
      entry.reason = why_infeasible(p);
    else if (std::isnan(entry.value))
      entry.reason = fmt::format("unknown: nobody gives {}", fmt::join(system.unknown_behind(output), ", "));
    else if (!entry.meets)
      entry.reason = shortfall(entry.value, target, p);
    if (!p.feasible) entry.value = kUnknown;
    entry.least_devices = least_devices(s, target, host, predictor, parameters);
  } catch (const Error& e) {
    entry.reason = first_sentence(e.what());
  }
  return entry;
}

}  // namespace

std::vector<CatalogueEntry> catalogue_of(const Ask& ask, const Target& target, int devices,
                                         const PluginHost& host, Predictor& predictor,
                                         const ParameterSet& parameters, std::vector<std::string>& ignored) {
  Ask portable = ask;
  std::vector<std::string> left;
  std::erase_if(portable.set, [&](const auto& given) {
    const bool is_own = is_figure(given.first, host);
    if (is_own) left.push_back(given.first);
    return is_own;
  });
  if (!left.empty()) ignored.push_back(fmt::format("The catalogue keeps its own {}.", fmt::join(left, ", ")));
  std::vector<CatalogueEntry> result;
  for (const ironlaw_hardware* device : host.hardware())
    result.push_back(entry_of(portable, *device, target, devices, host, predictor, parameters));
  return result;
}

}  // namespace ironlaw
