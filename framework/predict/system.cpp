#include "framework/predict/system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/predict/search.hpp"
#include "framework/predict/service.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

// What the host fills and may be moved without changing the model or its split.
constexpr const char* kMovable[] = {q::peak_flops.name,        q::memory_bandwidth.name,
                                    q::memory_capacity.name,   q::scaleup_bandwidth.name,
                                    q::network_bandwidth.name, q::input_len.name,
                                    q::output_len.name,        q::configured_requests.name};

bool is_movable(const ScenarioInput& input, const Case& c, double value) {
  if (input.column < 0 || input.is_discrete || !std::isfinite(value)) return false;
  if (input.setting) return true;
  if (input.name == q::configured_requests.name && (c.scenario.task == Task::serve || value == 0))
    return false;
  return std::find(std::begin(kMovable), std::end(kMovable), input.name) != std::end(kMovable);
}

// What an output is called besides its own name.
std::string_view plain_name(std::string_view name, const Scenario& s) {
  if (name == "time") return q::cycle_time.name;
  if (name == "throughput")
    return s.model->kind == ModelKind::decoder ? q::token_rate.name : q::request_rate.name;
  if (name == "goodput") return q::useful_time_share.name;
  return name;
}

std::uint32_t find(const std::vector<const ironlaw_variable*>& list, const char* what,
                   std::string_view name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (name == list[i]->name) return static_cast<std::uint32_t>(i);
    names.emplace_back(list[i]->name);
  }
  throw Error(fmt::format("'{}' is no {} of this scenario.{}", name, what, did_you_mean(name, names)));
}

template <class Work>
std::int32_t contained(ironlaw_error* error, const Work& work) {
  try {
    work();
    return IRONLAW_OK;
  } catch (const std::exception& e) {
    std::snprintf(error->message, sizeof error->message, "%s", e.what());
    return IRONLAW_FAILED;
  }
}

}  // namespace

ScenarioSystem::ScenarioSystem(Predictor& predictor, const Scenario& scenario, const ParameterSet& parameters)
    : predictor_(predictor), parameters_(parameters), scenario_(scenario) {
  case_ = prepare(scenario, predictor.pipeline(*scenario.hardware));
  values_ = resolve_parameters(case_, parameters);
  std::fill(values_.slope.begin(), values_.slope.end(), 1.0);  // seeds in the parameters' own units
  add_inputs();
  run(false);
  add_outputs();
  table_ = {sizeof(ironlaw_system),
            static_cast<std::uint32_t>(inputs_.size()),
            static_cast<std::uint32_t>(outputs_.size()),
            inputs_.data(),
            outputs_.data(),
            this,
            [](void* state, const double* in, double* out, ironlaw_error* error) {
              return contained(error, [&] { static_cast<ScenarioSystem*>(state)->evaluate(in, out); });
            },
            [](void* state, const double* in, double* out, double* jacobian, ironlaw_error* error) {
              return contained(
                  error, [&] { static_cast<ScenarioSystem*>(state)->differentiate(in, out, jacobian); });
            }};
}

std::uint32_t ScenarioSystem::input(std::string_view name) const {
  return find(inputs_, "input", name);
}
std::uint32_t ScenarioSystem::output(std::string_view name) const {
  return find(outputs_, "output", plain_name(name, scenario_));
}

void ScenarioSystem::add(std::vector<const ironlaw_variable*>& list, std::uint32_t flags, const char* name,
                         const char* unit, const char* meaning, double value, double min, double max) {
  variables_.push_back({sizeof(ironlaw_variable), flags, name, unit, meaning, value, min, max});
  list.push_back(&variables_.back());
}

void ScenarioSystem::add_inputs() {
  const auto& pipeline = *case_.pipeline;
  for (std::size_t i = 0; i < pipeline.inputs().size(); ++i) {
    const ScenarioInput& input = pipeline.inputs()[i];
    if (!is_movable(input, case_, case_.inputs[i])) continue;
    const double low = input.setting ? input.setting->min : 0;
    const double high = input.setting ? input.setting->max : kInfinite;
    add(inputs_, 0, input.name.c_str(), input.unit.c_str(), input.setting ? input.setting->meaning : "",
        case_.inputs[i], low, high);
    input_of_.push_back({Input::Kind::pipeline, i});
  }
  const std::size_t n = pipeline.parameters().size();
  for (std::size_t p = 0; p < n; ++p) {
    const ironlaw_port& port = *pipeline.parameters()[p].port;
    const double value = values_.value[static_cast<std::size_t>(case_.n_slots - 1) * n + p];
    add(inputs_, IRONLAW_PORT_PARAMETER, port.name, port.unit, port.meaning, value, port.min, port.max);
    input_of_.push_back({Input::Kind::parameter, p});
  }
  constexpr double kMostDevices = 1e6;
  add(inputs_, IRONLAW_PORT_DISCRETE, q::devices.name, "1", q::devices.meaning, scenario_.split.devices(), 1,
      kMostDevices);
  input_of_.push_back({Input::Kind::devices, 0});
}

void ScenarioSystem::add_outputs() {
  const Pipeline& pipeline = *case_.pipeline;
  const auto add_one = [&](const char* name, const char* unit, const char* meaning, ironlaw_level level) {
    const int column = pipeline.column(level, name);
    if (column < 0) return;
    add(outputs_, 0, name, unit, meaning, evaluator_.table(level).column(column)[row_], -kInfinite,
        kInfinite);
    output_of_.emplace_back(level, column);
  };
  for (const SourceColumn& source : source_columns())
    if (source.level == IRONLAW_LEVEL_RESULT) add_one(source.name, source.unit, "", source.level);
  const std::uint32_t phase = bit_of(scenario_.task);
  const std::uint32_t kind = bit_of(scenario_.model->kind);
  for (const ironlaw_level level : {IRONLAW_LEVEL_SCENARIO, IRONLAW_LEVEL_RUN, IRONLAW_LEVEL_RESULT})
    for (const Call& call : pipeline.stage(level).calls)
      for (std::uint32_t o = 0; call.holds(phase, kind) && o < call.function->n_outputs; ++o) {
        const ironlaw_port& port = *call.function->outputs[o];
        if (port.role == IRONLAW_ROLE_ACCOUNT || port.role == IRONLAW_ROLE_GATE)
          add_one(port.name, port.unit, port.meaning, level);
      }
}

// The case at these inputs.
void ScenarioSystem::set(const double* inputs) {
  const std::size_t last = inputs_.size() - 1;  // devices
  Scenario moved = scenario_;
  if (inputs[last] != scenario_.split.devices())
    moved.split = fastest_split(scenario_, static_cast<int>(inputs[last]), predictor_, parameters_);
  case_ = prepare(moved, *case_.pipeline);
  const std::size_t n = case_.pipeline->parameters().size();
  const CaseParameters original = resolve_parameters(case_, parameters_);
  values_.value = original.value;
  for (std::size_t i = 0; i < last; ++i) {
    const Input& what = input_of_[i];
    if (inputs[i] == inputs_[i]->value) continue;
    if (!(inputs[i] >= inputs_[i]->min && inputs[i] <= inputs_[i]->max))
      throw Error(fmt::format("{} is {} {}; allowed is {} to {}.", inputs_[i]->name, inputs[i],
                              inputs_[i]->unit, inputs_[i]->min, inputs_[i]->max));
    if (what.kind == Input::Kind::parameter) {
      // A parameter may differ between the steps of a case; they move in proportion.
      for (int slot = 0; slot < case_.n_slots; ++slot) {
        double& value = values_.value[static_cast<std::size_t>(slot) * n + what.index];
        value = inputs_[i]->value != 0 ? value * inputs[i] / inputs_[i]->value : inputs[i];
      }
      continue;
    }
    case_.inputs[what.index] = inputs[i];
    const std::string_view name = inputs_[i]->name;
    if (name == q::input_len.name) case_.input_len = inputs[i];
    if (name == q::output_len.name) case_.output_len = inputs[i];
    if (name == q::peak_flops.name) {
      for (double& peak : case_.peaks) peak *= inputs[i] / case_.peak;
      case_.peak = inputs[i];
    }
  }
}

void ScenarioSystem::run(bool with_derivatives) {
  block_.clear();
  if (scenario_.task == Task::serve) {
    Service service = settle_service(case_, values_, evaluator_);
    is_balanced_ = service.is_balanced;
    block_.push_back(std::move(service.capacity));
    block_.push_back(std::move(service.loaded));
  } else {
    block_.push_back(case_);
  }
  row_ = block_.size() - 1;
  std::vector<const Case*> cases;
  for (const Case& c : block_) cases.push_back(&c);
  const std::vector<const CaseParameters*> values(block_.size(), &values_);
  std::vector<Outcome> outcomes(block_.size());
  evaluator_.evaluate(cases, values, outcomes, {}, {}, {.results = true, .input_seeds = with_derivatives});
}

void ScenarioSystem::read(double* outputs) const {
  for (std::size_t o = 0; o < output_of_.size(); ++o)
    outputs[o] = evaluator_.table(output_of_[o].first).column(output_of_[o].second)[row_];
}

void ScenarioSystem::evaluate(const double* inputs, double* outputs) {
  set(inputs);
  run(false);
  read(outputs);
}

void ScenarioSystem::differentiate(const double* inputs, double* outputs, double* jacobian) {
  set(inputs);
  run(true);
  read(outputs);
  const std::size_t n = case_.pipeline->parameters().size();
  const std::size_t seeds = evaluator_.table(IRONLAW_LEVEL_RESULT).seeds();
  const CaseParameters at = values_;
  // d B / d seed of a service's running batch B: what keeps its rate at what arrives.
  std::vector<double> load_change(seeds, 0.0);
  const auto batch_seed =
      evaluator_.input_seed(static_cast<std::size_t>(case_.pipeline->input(q::configured_requests.name)));
  if (is_balanced_) {
    const Table& table = evaluator_.table(IRONLAW_LEVEL_RESULT);
    const int rate = case_.pipeline->column(IRONLAW_LEVEL_RESULT, q::request_rate.name);
    std::vector<double> change(seeds, 0.0);
    table.add_partials(rate, row_, 1, change.data());
    const auto arrivals =
        evaluator_.input_seed(static_cast<std::size_t>(case_.pipeline->input(q::arrival_rate.name)));
    const double slope = change[batch_seed];
    for (std::size_t s = 0; slope > 0 && s < seeds; ++s)
      if (s != batch_seed) load_change[s] = ((s == arrivals ? 1.0 : 0.0) - change[s]) / slope;
  }

  std::vector<double> partials(seeds);
  for (std::size_t o = 0; o < output_of_.size(); ++o) {
    const auto [level, column] = output_of_[o];
    const Table& table = evaluator_.table(level);
    std::fill(partials.begin(), partials.end(), 0.0);
    if (table.active(column)) table.add_partials(column, row_, 1, partials.data());
    for (std::size_t s = 0; s < seeds; ++s)
      if (load_change[s] != 0) partials[s] += partials[batch_seed] * load_change[s];
    double* const row = jacobian + o * inputs_.size();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Input& what = input_of_[i];
      row[i] = 0;
      if (what.kind == Input::Kind::pipeline) row[i] = partials[evaluator_.input_seed(what.index)];
      if (what.kind != Input::Kind::parameter) continue;
      const double own = at.value[static_cast<std::size_t>(case_.n_slots - 1) * n + what.index];
      for (int slot = 0; slot < case_.n_slots; ++slot) {
        const std::size_t seed = static_cast<std::size_t>(slot) * n + what.index;
        row[i] += partials[seed] * (own != 0 ? at.value[seed] / own : 1.0);
      }
    }
  }
}

std::vector<Finding> analyse(const ironlaw_wall& wall, ScenarioSystem& system, std::string_view output,
                             std::string_view input, double target, double change) {
  if (!wall.analyse) throw Error(fmt::format("wall {} {} is no analysis.", wall.number, wall.id));
  const ironlaw_system& table = system.table();
  const ironlaw_question question{sizeof(ironlaw_question), system.output(output),
                                  input.empty() ? IRONLAW_EVERY_INPUT : system.input(input), target, change};
  struct Sink {
    const ironlaw_system& table;
    std::vector<Finding> findings;
  } sink{table, {}};
  ironlaw_error error{};
  const auto keep = [](void* into, const ironlaw_finding* found) {
    Sink& s = *static_cast<Sink*>(into);
    if (found->input >= s.table.n_inputs) return;  // a fault of the plugin; nothing to show
    const ironlaw_variable& v = *s.table.inputs[found->input];
    s.findings.push_back(
        {v.name, v.unit, v.meaning, v.value, found->value, found->low, found->high, found->text});
  };
  if (wall.analyse(&table, &question, keep, &sink, &error) != IRONLAW_OK)
    throw Error(fmt::format("wall {} {}: {}", wall.number, wall.id, error.message));
  return std::move(sink.findings);
}

}  // namespace ironlaw
