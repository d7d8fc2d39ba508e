#include "framework/cli/tutorial_bench.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/plan.hpp"
#include "framework/report/units_text.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr const char* kKeepsLimits = "keeps_limits";
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr ironlaw_level kLevelsOfCases[] = {IRONLAW_LEVEL_RESULT, IRONLAW_LEVEL_RUN, IRONLAW_LEVEL_SCENARIO};

std::string split_text(const Parallelism& split) {
  return fmt::format("TP{} PP{} DP{}", split.tensor, split.pipeline, split.data);
}

bool is_textbook(const Ask& ask) {
  const auto said = ask.said.find("params");
  return said != ask.said.end() && said->second.text == "textbook";
}

}  // namespace

std::string shown(const LessonValue& value, bool as_percent) {
  if (!value.text.empty()) return value.text;
  if (std::isnan(value.number)) return "-";
  if (value.unit.ends_with("s/s")) return fmt::format("{} {}", format_number(value.number), value.unit);
  return as_percent ? format_percent(value.number) : format_quantity(value.number, value.unit);
}

Json to_json(const LessonValue& value) {
  if (!value.text.empty()) return value.text;
  return {{"value", json_number(value.number)}, {"unit", value.unit}};
}

LessonBench::LessonBench(const PluginHost& host, std::string params)
    : host_(host),
      params_(std::move(params)),
      places_(load_places()),
      predictor_({host.walls().begin(), host.walls().end()}) {}

void LessonBench::note(const std::string& text) {
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(text);
}

const ParameterSet& LessonBench::parameters(const Ask& ask) {
  if (is_textbook(ask)) return textbook_;
  if (!calibrated_) calibrated_ = parameters_of(ask, host_);
  return *calibrated_;
}

LessonScenario LessonBench::understand(const YAML::Node& given, const std::string& where,
                                       const std::vector<std::string>& compared) {
  YAML::Node plan = merged(given, YAML::Node());
  if (!params_.empty()) plan["params"] = params_;
  Ask ask = ask_of_plan(plan, where);
  leave_to_the_fit(ask);
  if (ask.said.contains("place") && !ask.said.contains("year"))
    ask.said["year"] = {std::to_string(common_year(compared)), "year"};
  LessonScenario scenario;
  scenario.parameters = &parameters(ask);
  scenario.request = ironlaw::understand(ask, host_, predictor_, *scenario.parameters);
  for (const std::string& text : scenario.request.notes) note(text);
  note(fmt::format("parameters: {}", scenario.parameters->origin));
  for (const auto& [name, said] : ask.set)
    if (said.block == "parameters") note(fmt::format("parameters: {} = {} (by the lesson)", name, said.text));
  return scenario;
}

void LessonBench::leave_to_the_fit(Ask& ask) {
  const auto hardware = ask.said.find("hardware");
  if (is_textbook(ask) || hardware == ask.said.end()) return;
  const Pipeline& pipeline = predictor_.pipeline(host_.find_hardware(hardware->second.text));
  std::erase_if(ask.set, [&](const auto& set) { return pipeline.parameter(set.first) >= 0; });
}

int LessonBench::common_year(const std::vector<std::string>& names) const {
  std::vector<Place> compared;
  compared.reserve(names.size());
  for (const std::string& name : names) compared.push_back(place(name));
  if (const auto year = newest_common_year(compared)) return *year;
  throw Error(fmt::format("No year has the carbon intensity of all of {}.", fmt::join(names, ", ")));
}

std::optional<LessonValue> LessonBench::name_output(const Prediction& p, const std::string& name) const {
  const Scenario& s = p.resolved.scenario;
  if (name == "hardware") return LessonValue{0, "", s.hardware->id};
  if (name == "precision") return LessonValue{0, "", name_of(s.precision)};
  if (name == "gpus") return LessonValue{static_cast<double>(s.split.devices()), "1"};
  if (name == "split") return LessonValue{0, "", split_text(s.split)};
  if (name == "batch") return LessonValue{p.outcome.requests * p.resolved.replicas, "1"};
  if (name == "fits") return LessonValue{0, "", p.feasible ? "yes" : "no"};
  if (name == "binding_wall") return LessonValue{0, "", p.binding ? p.ledger[*p.binding].name : "none"};
  return std::nullopt;
}

std::optional<LessonValue> LessonBench::memory_output(const Prediction& p, const std::string& name) const {
  if (!name.starts_with("memory_")) return std::nullopt;
  if (name == "memory_free") return LessonValue{p.outcome.memory_headroom, "B"};
  if (name == "memory_lacking") return LessonValue{std::max(0.0, -p.outcome.memory_headroom), "B"};
  const MemoryUse use =
      p.memory.value_or(MemoryUse{kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown});
  for (const auto& [which, bytes] : {std::pair{"memory_weights", use.weights},
                                     {"memory_kv", use.kv},
                                     {"memory_activations", use.activations},
                                     {"memory_states", use.states}})
    if (name == which) return LessonValue{bytes, "B"};
  return std::nullopt;
}

LessonValue LessonBench::output(const Prediction& p, const std::string& name) const {
  if (auto value = name_output(p, name)) return *value;
  if (auto value = memory_output(p, name)) return *value;
  if (!p.feasible) return {kUnknown, "1"};
  constexpr std::string_view kPerGpu = "_per_gpu";
  if (name.ends_with(kPerGpu)) {
    LessonValue value = output(p, name.substr(0, name.size() - kPerGpu.size()));
    value.number /= p.resolved.scenario.split.devices();
    return value;
  }
  if (name == "time") return {p.outcome.time, "s"};
  if (name == "throughput") return {p.throughput, p.throughput_unit};
  if (name == "system_mfu") return {p.peak_seconds / p.outcome.time, "1"};

  const Pipeline& pipeline = *p.resolved.pipeline;
  const Evaluator& evaluator = predictor_.evaluator();
  const std::string unit = unit_of(pipeline, name);
  for (const ironlaw_level level : kLevelsOfCases) {
    const int column = pipeline.column(level, name);
    if (column < 0 || unit.empty()) continue;
    const Table& table = evaluator.table(level);
    return {table.column(column)[table.rows() - 1], unit};
  }
  std::vector<std::string> known;
  for (const Account& account : p.accounts) known.push_back(account.name);
  throw Error(fmt::format("A lesson shows {}, which nothing computes.{}", name, did_you_mean(name, known)));
}

LessonRow LessonBench::evaluate(const LessonScenario& scenario, const std::vector<std::string>& outputs) {
  const Prediction p = predictor_.predict(scenario.request.scenario, *scenario.parameters);
  LessonRow row;
  row.is_feasible = p.feasible;
  row.why_not = p.infeasible_because;
  for (const std::string& name : outputs)
    if (name != kKeepsLimits) row.values[name] = output(p, name);
  if (std::find(outputs.begin(), outputs.end(), kKeepsLimits) != outputs.end())
    row.values[kKeepsLimits] = {0, "", keeps_limits(scenario) ? "yes" : "no"};
  return row;
}

// As broken_limits() has it, without a second evaluation: a fleet is found by hundreds of these.
bool LessonBench::keeps_limits(const LessonScenario& scenario) {
  std::vector<std::string> metrics;
  for (const Assertion& a : scenario.request.assertions) metrics.push_back(a.metric.text);
  const LessonRow row = evaluate(scenario, metrics);
  if (!row.is_feasible) return false;
  return std::all_of(
      scenario.request.assertions.begin(), scenario.request.assertions.end(), [&](const Assertion& a) {
        const LessonValue& value = row.values.at(a.metric.text);
        const auto limit = [&](const Said& said) {
          return parse_quantity(said.field, said.text, value.unit);
        };
        return (!a.max || value.number <= limit(*a.max)) && (!a.min || value.number >= limit(*a.min));
      });
}

}  // namespace ironlaw
