#include "framework/predict/system.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

// What the host fills and may be moved without changing the model.
constexpr std::string_view kFigures[] = {q::peak_flops.name, q::memory_bandwidth.name,
                                         q::memory_capacity.name, q::scaleup_bandwidth.name,
                                         q::network_bandwidth.name};
constexpr std::string_view kWork[] = {q::input_len.name, q::output_len.name, q::configured_requests.name};

// Outputs of which more is better; besides these all rates and gates.
constexpr std::string_view kGoods[] = {
    q::mfu.name,        q::eta_scaling.name,      q::useful_time_share.name,     q::run_requests.name,
    q::run_tokens.name, q::replica_requests.name, q::replica_request_limit.name, q::useful_flops.name};

bool is_one_of(std::string_view name, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// A setting that is 0 is off: there is nothing to scale.
bool is_movable(const ScenarioInput& input, const Case& c, double value) {
  if (input.column < 0 || input.is_discrete || !std::isfinite(value) || value == 0) return false;
  if (input.setting || is_one_of(input.name, kFigures)) return true;
  if (!is_one_of(input.name, kWork)) return false;
  // A service finds its own batch; the samples of a training step are counted.
  const bool is_batch = input.name == q::configured_requests.name;
  return !is_batch || (c.scenario.task != Task::serve && c.scenario.task != Task::train);
}

InputKind kind_of(const ScenarioInput& input, Origin origin) {
  if (is_one_of(input.name, kWork)) return InputKind::workload;
  return !input.setting || origin == Origin::datasheet ? InputKind::hardware : InputKind::setting;
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
  std::string suggestions = did_you_mean(name, names);
  if (suggestions.empty()) suggestions = fmt::format(" It has {}.", fmt::join(names, ", "));
  throw Error(fmt::format("'{}' is no {} of this scenario.{}", name, what, suggestions));
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
bool ScenarioSystem::has_input(std::string_view name) const {
  return std::any_of(inputs_.begin(), inputs_.end(), [&](const auto* v) { return name == v->name; });
}

bool ScenarioSystem::is_more_better(std::uint32_t output) const {
  const ironlaw_variable& v = *outputs_[output];
  return (v.flags & IRONLAW_VARIABLE_GATE) != 0 || std::string_view(v.unit) == "1/s" ||
         is_one_of(v.name, kGoods);
}

std::vector<std::string> ScenarioSystem::unknown_behind(std::uint32_t output) {
  std::vector<double> at;
  for (const ironlaw_variable* v : inputs_) at.push_back(v->value);
  set(at.data());
  run(false);
  const auto [level, column] = output_of_[output];
  return unknown_inputs(*case_.pipeline, evaluator_, level, column, row_);
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
    double low = 0;
    double high = kInfinite;
    if (input.setting) {
      low = input.setting->min;
      high = input.setting->max;
    }
    add(inputs_, 0, input.name.c_str(), input.unit.c_str(), input.setting ? input.setting->meaning : "",
        case_.inputs[i], low, high);
    input_of_.push_back({kind_of(input, case_.origins[i]), i});
  }
  const std::size_t n = pipeline.parameters().size();
  for (std::size_t p = 0; p < n; ++p) {
    const ironlaw_port& port = *pipeline.parameters()[p].port;
    const double value = values_.value[static_cast<std::size_t>(case_.n_slots - 1) * n + p];
    add(inputs_, IRONLAW_VARIABLE_PARAMETER, port.name, port.unit, port.meaning, value, port.min, port.max);
    input_of_.push_back({InputKind::parameter, p});
  }
  constexpr double kMostDevices = 1e6;
  add(inputs_, IRONLAW_VARIABLE_DISCRETE, q::devices.name, "1", q::devices.meaning, scenario_.split.devices(),
      1, kMostDevices);
  input_of_.push_back({InputKind::devices, 0});
}

void ScenarioSystem::add_outputs() {
  const Pipeline& pipeline = *case_.pipeline;
  const auto add_one = [&](const char* name, const char* unit, const char* meaning, ironlaw_level level,
                           bool is_gate) {
    const int column = pipeline.column(level, name);
    if (column < 0) return;
    add(outputs_, is_gate ? IRONLAW_VARIABLE_GATE : 0, name, unit, meaning,
        evaluator_.table(level).column(column)[row_], -kInfinite, kInfinite);
    output_of_.emplace_back(level, column);
  };
  for (const SourceColumn& source : source_columns())
    if (source.level == IRONLAW_LEVEL_RESULT)
      add_one(source.name, source.unit, "", source.level,
              std::string_view(source.name) == q::least_headroom.name);
  const std::uint32_t phase = bit_of(scenario_.task);
  const std::uint32_t kind = bit_of(scenario_.model->kind);
  for (const ironlaw_level level : {IRONLAW_LEVEL_SCENARIO, IRONLAW_LEVEL_RUN, IRONLAW_LEVEL_RESULT})
    for (const Call& call : pipeline.stage(level).calls)
      for (std::uint32_t o = 0; call.holds(phase, kind) && o < call.function->n_outputs; ++o) {
        const ironlaw_port& port = *call.function->outputs[o];
        const bool is_gate = port.role == IRONLAW_ROLE_GATE;
        if (port.role == IRONLAW_ROLE_ACCOUNT || is_gate)
          add_one(port.name, port.unit, port.meaning, level, is_gate);
      }
}

bool ScenarioSystem::is_moved(const double* inputs, std::size_t input) const {
  return inputs[input] != inputs_[input]->value;
}

// The scenario that these inputs describe, as far as it is the scenario that they change.
Scenario ScenarioSystem::moved(const double* inputs) const {
  Scenario s = scenario_;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!is_moved(inputs, i)) continue;
    const std::string_view name = inputs_[i]->name;
    if (name == q::input_len.name) s.input_len = inputs[i];
    if (name == q::output_len.name) s.output_len = inputs[i];
    if (name == q::configured_requests.name) s.batch = inputs[i] * s.split.data;
    if (input_of_[i].kind == InputKind::devices)
      s = spread_fastest(s, static_cast<int>(inputs[i]), predictor_, parameters_);
  }
  return s;
}

// The case at these inputs.
void ScenarioSystem::set(const double* inputs) {
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (is_moved(inputs, i) && !(inputs[i] >= inputs_[i]->min && inputs[i] <= inputs_[i]->max))
      throw Error(fmt::format("{} is {} {}; allowed is {} to {}.", inputs_[i]->name, inputs[i],
                              inputs_[i]->unit, inputs_[i]->min, inputs_[i]->max));
  case_ = prepare(moved(inputs), *case_.pipeline);
  const std::size_t n = case_.pipeline->parameters().size();
  values_.value = resolve_parameters(case_, parameters_).value;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto [kind, index] = input_of_[i];
    if (!is_moved(inputs, i) || kind == InputKind::workload || kind == InputKind::devices) continue;
    if (kind == InputKind::parameter) {
      // A parameter may differ between the steps of a case; they move in proportion.
      for (int slot = 0; slot < case_.n_slots; ++slot) {
        double& value = values_.value[static_cast<std::size_t>(slot) * n + index];
        value = inputs_[i]->value != 0 ? value * inputs[i] / inputs_[i]->value : inputs[i];
      }
      continue;
    }
    case_.inputs[index] = inputs[i];
    if (std::string_view(inputs_[i]->name) == q::peak_flops.name) {
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

// d B / d seed of a service's running batch B: what keeps its rate at what arrives.
std::vector<double> ScenarioSystem::load_change(std::size_t seeds) const {
  std::vector<double> result(seeds, 0.0);
  if (!is_balanced_) return result;
  const auto seed_of = [&](const char* name) {
    return evaluator_.input_seed(static_cast<std::size_t>(case_.pipeline->input(name)));
  };
  const std::size_t batch = seed_of(q::configured_requests.name);
  const std::size_t arrivals = seed_of(q::arrival_rate.name);
  std::vector<double> rate(seeds, 0.0);
  evaluator_.table(IRONLAW_LEVEL_RESULT)
      .add_partials(case_.pipeline->column(IRONLAW_LEVEL_RESULT, q::request_rate.name), row_, 1, rate.data());
  if (!(rate[batch] > 0)) return result;
  for (std::size_t s = 0; s < seeds; ++s)
    if (s != batch) result[s] = ((s == arrivals ? 1.0 : 0.0) - rate[s]) / rate[batch];
  return result;
}

// d (each of the pipeline's inputs) / d (an input that the host derives others from: a length, the batch).
// They are sums, products and maxima of a few numbers, so differences are good to nine digits.
std::vector<double> ScenarioSystem::host_slopes(const double* inputs, std::size_t input) const {
  constexpr double kStep = 1e-6;
  std::vector<double> at(inputs, inputs + inputs_.size());
  const auto host_inputs = [&](double x) {
    at[input] = x;
    return prepare(moved(at.data()), *case_.pipeline).inputs;
  };
  const double x = inputs[input];
  const double step = kStep * x;
  double low = x - step;
  std::vector<double> below;
  try {
    below = host_inputs(low);
  } catch (const Error&) {  // one request a replica is the least
    low = x;
    below = host_inputs(low);
  }
  std::vector<double> result = host_inputs(x + step);
  for (std::size_t h = 0; h < result.size(); ++h)
    result[h] =
        result[h] == below[h] || std::isnan(result[h]) ? 0 : (result[h] - below[h]) / (x + step - low);
  result[input_of_[input].index] = 1;
  return result;
}

void ScenarioSystem::differentiate(const double* inputs, double* outputs, double* jacobian) {
  set(inputs);
  run(true);
  read(outputs);
  const std::size_t n = case_.pipeline->parameters().size();
  const std::size_t seeds = evaluator_.table(IRONLAW_LEVEL_RESULT).seeds();
  const std::vector<double> change = load_change(seeds);
  const auto batch_seed =
      evaluator_.input_seed(static_cast<std::size_t>(case_.pipeline->input(q::configured_requests.name)));
  std::vector<std::vector<double>> slopes(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (input_of_[i].kind == InputKind::workload) slopes[i] = host_slopes(inputs, i);

  std::vector<double> partials(seeds);
  for (std::size_t o = 0; o < output_of_.size(); ++o) {
    const auto [level, column] = output_of_[o];
    const Table& table = evaluator_.table(level);
    std::fill(partials.begin(), partials.end(), 0.0);
    if (table.active(column)) table.add_partials(column, row_, 1, partials.data());
    for (std::size_t s = 0; s < seeds; ++s)
      if (change[s] != 0) partials[s] += partials[batch_seed] * change[s];
    double* const row = jacobian + o * inputs_.size();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto [kind, index] = input_of_[i];
      row[i] = 0;
      if (kind == InputKind::hardware || kind == InputKind::setting)
        row[i] = partials[evaluator_.input_seed(index)];
      for (std::size_t h = 0; h < slopes[i].size(); ++h)
        if (slopes[i][h] != 0) row[i] += slopes[i][h] * partials[evaluator_.input_seed(h)];
      if (kind != InputKind::parameter) continue;
      const double own = values_.value[static_cast<std::size_t>(case_.n_slots - 1) * n + index];
      for (int slot = 0; slot < case_.n_slots; ++slot) {
        const std::size_t seed = static_cast<std::size_t>(slot) * n + index;
        row[i] += partials[seed] * (own != 0 ? values_.value[seed] / own : 1.0);
      }
    }
  }
}

const char* name_of(InputKind kind) {
  switch (kind) {
    case InputKind::hardware:
      return "hardware";
    case InputKind::setting:
      return "setting";
    case InputKind::workload:
      return "workload";
    case InputKind::parameter:
      return "parameter";
    case InputKind::devices:
      return "devices";
  }
  return "";
}

std::vector<Finding> analyse(const ironlaw_wall& wall, ScenarioSystem& system, const Query& query) {
  if (!wall.analyse) throw Error(fmt::format("wall {} {} is no analysis.", wall.number, wall.id));
  const ironlaw_system& table = system.table();
  const ironlaw_question question{sizeof(ironlaw_question),
                                  system.output(query.output),
                                  query.input.empty() ? IRONLAW_EVERY_INPUT : system.input(query.input),
                                  query.target,
                                  query.change,
                                  query.sense};
  struct Sink {
    const ScenarioSystem& system;
    std::vector<Finding> findings;
  } sink{system, {}};
  ironlaw_error error{};
  const auto keep = [](void* into, const ironlaw_finding* found) {
    Sink& s = *static_cast<Sink*>(into);
    if (found->input >= s.system.table().n_inputs) return;  // a fault of the plugin; nothing to show
    const ironlaw_variable& v = *s.system.table().inputs[found->input];
    s.findings.push_back({v.name, v.unit, v.meaning, s.system.kind(found->input), v.value, found->value,
                          found->low, found->high, found->text});
  };
  if (wall.analyse(&table, &question, keep, &sink, &error) != IRONLAW_OK)
    throw Error(fmt::format("wall {} {}: {}", wall.number, wall.id, error.message));
  return std::move(sink.findings);
}

}  // namespace ironlaw
