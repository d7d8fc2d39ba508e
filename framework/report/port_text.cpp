#include "framework/report/port_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>

#include "framework/pipeline/parameters.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

template <std::size_t N>
const char* name_in(const char* const (&names)[N], std::uint32_t index) {
  return index < N ? names[index] : "unknown";
}

struct Bit {
  std::uint32_t bit;
  const char* name;
};
constexpr Bit kPhases[] = {{IRONLAW_PHASE_TRAIN, "train"},
                           {IRONLAW_PHASE_PREFILL, "prefill"},
                           {IRONLAW_PHASE_DECODE, "decode"},
                           {IRONLAW_PHASE_OFFLINE, "offline"},
                           {IRONLAW_PHASE_SERVE, "serve"}};
constexpr Bit kKinds[] = {
    {IRONLAW_KIND_DECODER, "decoder"}, {IRONLAW_KIND_ENCODER, "encoder"}, {IRONLAW_KIND_CONVNET, "convnet"}};

std::vector<std::string> names_of(std::span<const Bit> bits, std::uint32_t set) {
  std::vector<std::string> names;
  for (const Bit& b : bits)
    if (set & b.bit) names.emplace_back(b.name);
  return names;
}

}  // namespace

const char* level_name(std::uint32_t level) {
  return name_in({"scenario", "operator", "step", "run", "result"}, level);
}

const char* role_name(std::uint32_t role) {
  return name_in({"", "work", "bound", "factor", "supply", "addend", "gate", "account"}, role);
}

const char* link_name(std::uint32_t link) {
  return name_in({"identity", "log", "logit"}, link);
}

std::vector<std::string> scope_names(const ironlaw_port& port) {
  std::vector<std::string> names;
  for (const ironlaw_scope scope : kScopes)
    if (varies_by(port, scope)) names.emplace_back(name_of(scope));
  return names;
}

std::vector<std::string> phase_names(std::uint32_t phases) {
  return names_of(kPhases, phases);
}

std::vector<std::string> kind_names(std::uint32_t kinds) {
  return names_of(kKinds, kinds);
}

std::vector<std::string> choice_names(const ironlaw_port& port) {
  std::vector<std::string> names;
  if (!*port.choices) return names;
  names.emplace_back();
  for (const char* c = port.choices; *c; ++c)
    *c == '|' ? (void)names.emplace_back() : names.back().push_back(*c);
  return names;
}

std::string function_title(const ironlaw_function& function) {
  constexpr const char* kWhen[] = {"once a scenario, before the model is lowered", "once an operator",
                                   "once a step", "once a run, when its step times are known",
                                   "once a result, when the whole time is known"};
  return fmt::format("{}: {}", *function.name ? function.name : "function", name_in(kWhen, function.level));
}

std::string support_text(const ironlaw_function& f) {
  const bool every_phase = f.phases == IRONLAW_EVERY_PHASE;
  const bool every_kind = f.kinds == IRONLAW_EVERY_KIND;
  if (every_phase && every_kind) return {};
  std::string text = every_phase ? "every phase" : fmt::format("{}", fmt::join(phase_names(f.phases), ", "));
  if (!every_kind) text += fmt::format(" of {} models", fmt::join(kind_names(f.kinds), " and "));
  return fmt::format("{}, because {}", text, f.supports);
}

std::string value_text(const ironlaw_port& port, double value) {
  if (std::isnan(value)) return "unknown";
  const std::vector<std::string> choices = choice_names(port);
  if (value >= 0 && value < static_cast<double>(choices.size()))
    return choices[static_cast<std::size_t>(value)];
  return format_quantity(value, port.unit);
}

Json value_json(const ironlaw_port& port, double value) {
  const std::vector<std::string> choices = choice_names(port);
  if (value >= 0 && value < static_cast<double>(choices.size()))
    return choices[static_cast<std::size_t>(value)];
  return json_number(value);
}

std::vector<double> example_outputs(const ironlaw_function& f) {
  std::vector<double> values(f.n_outputs, std::numeric_limits<double>::quiet_NaN());
  std::vector<const double*> in;
  std::vector<double*> out;
  in.reserve(f.n_inputs);
  out.reserve(f.n_outputs);
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) in.push_back(f.example->inputs + i);
  for (double& value : values) out.push_back(&value);
  ironlaw_error error{};
  if (f.eval(in.data(), out.data(), 1, &error) != IRONLAW_OK)
    std::fill(values.begin(), values.end(), std::numeric_limits<double>::quiet_NaN());
  return values;
}

Json example_json(const ironlaw_function& f) {
  if (!f.example) return nullptr;
  Json json{{"text", f.example->text}, {"inputs", Json::array()}, {"outputs", Json::array()}};
  const auto number = [](const ironlaw_port& port, double value) {
    return Json{{"name", port.name}, {"unit", port.unit}, {"value", value_json(port, value)}};
  };
  for (std::uint32_t i = 0; i < f.n_inputs; ++i)
    json["inputs"].push_back(number(*f.inputs[i], f.example->inputs[i]));
  const std::vector<double> computed = example_outputs(f);
  for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
    if (std::isnan(f.example->outputs[o])) continue;
    json["outputs"].push_back(number(*f.outputs[o], f.example->outputs[o]));
    json["outputs"].back()["computed"] = json_number(computed[o]);
  }
  return json;
}

}  // namespace ironlaw
