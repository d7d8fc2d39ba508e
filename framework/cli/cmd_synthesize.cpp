// ironlaw synthesize: what hardware would meet a target (wall 22), and which of the catalogue does.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/cli/catalogue.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/measure.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"

namespace ironlaw {
namespace {

Usage usage() {
  Usage result{
      .command = "synthesize",
      .synopsis = "MODEL HARDWARE | PLAN.yaml --target OUTPUT=VALUE [options]",
      .summary =
          "Solves the whole pipeline backwards: what memory bandwidth, arithmetic, memory, links or number "
          "of "
          "devices would make an output what is wanted, each alone; then which devices of the catalogue meet "
          "it, and why the others do not.",
      .options = scenario_options(),
      .least_names = 1,
      .most_names = 2,
      .more =
          "examples: ironlaw synthesize llama-3.1-70b h100 --tp 8 --phase decode --batch 32 --target "
          "itl=20ms\n"
          "          ironlaw synthesize llama-3.1-8b h100 --phase offline --target throughput=20000/s\n"
          "OUTPUT<=VALUE and OUTPUT>=VALUE say which side is meant; with = rates and efficiencies are a "
          "least, "
          "\ntimes, costs and masses a most.",
  };
  for (const Option& option :
       {Option{"target", "OUTPUT=VALUE", "itl=50ms, throughput=10000/s, run_time=30days, run_cost=5e6USD"},
        Option{"for", "NAMES", "inputs to solve for, with commas; what can be bought, and devices"},
        Option{"no-catalogue", "", "leave the catalogue out"},
        Option{"format", "F", "text, json or csv; text"}})
    result.options.push_back(option);
  return result;
}

// "itl=50ms", taken apart.
struct Asked {
  std::string output, value;
  int sense = 0;  // 0: not said
};

Asked parse_target(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw Error(fmt::format("--target is '{}'; it must be OUTPUT=VALUE, as itl=50ms.", text));
  Asked asked{text.substr(0, equals), text.substr(equals + 1), 0};
  const char before = asked.output.back();
  if (before == '<' || before == '>') {
    asked.sense = before == '<' ? -1 : 1;
    asked.output.pop_back();
  }
  return asked;
}

Target target_of(const Asked& asked, const Measure& output) {
  Target target{output.name, 0, asked.sense};
  target.value = parse_quantity(fmt::format("--target {}", asked.output), asked.value, output.unit);
  if (target.sense == 0) target.sense = output.is_more_better ? 1 : -1;
  if (!(target.value > 0))
    throw Error(fmt::format("--target {} is {}; it must be above zero.", asked.output, asked.value));
  return target;
}

// By what is asked for, or by a device in any number.
bool can_be_met(const SynthesisAnswer& s) {
  if (s.answer.prediction.feasible && s.target.is_met_by(s.output.value)) return true;
  return std::any_of(s.requirements.begin(), s.requirements.end(),
                     [](const Requirement& r) { return r.has_effect && !std::isnan(r.required); }) ||
         std::any_of(s.catalogue.begin(), s.catalogue.end(),
                     [](const CatalogueEntry& e) { return e.meets || e.least_devices; });
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> names(1);
  for (const char c : text) c == ',' ? (void)names.emplace_back() : names.back().push_back(c);
  return names;
}

}  // namespace

ExitCode cmd_synthesize(CommandWords words) {
  const auto arguments = parse(usage(), words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const auto text = arguments->text("target");
  if (!text) throw Error("--target is missing: what is wanted, as --target itl=50ms.");
  const Asked asked = parse_target(*text);
  const PluginHost host = load_plugins();
  const Ask ask = ask_of_names(*arguments);
  const ParameterSet parameters = parameters_of(ask, host);
  Predictor predictor({host.walls().begin(), host.walls().end()});
  const Request request = understand(ask, host, predictor, parameters);

  SynthesisAnswer s;
  s.answer = answer_of(request, predictor, parameters);
  s.devices = request.scenario.split.devices();
  ScenarioSystem system(predictor, request.scenario, parameters);
  s.output = measure_of("--target", asked.output, system, s.answer.prediction);
  // In a service that is overrun latencies have no end; more hardware gives them one.
  if (s.answer.prediction.violations.empty())
    s.output = known_measure_of("--target", asked.output, system, s.answer.prediction);
  s.target = target_of(asked, s.output);
  const auto inputs = arguments->text("for");
  s.requirements =
      requirements_of(host.find_wall("synthesis"), system, s.target,
                      inputs ? split_at_commas(*inputs) : usual_requirements(), predictor, parameters);
  if (!arguments->has("no-catalogue"))
    s.catalogue = catalogue_of(ask, s.target, s.devices, host, predictor, parameters, s.ignored);

  switch (format) {
    case Format::text:
      print(synthesis_text(s, bold));
      break;
    case Format::json:
      print(json_text(synthesis_json(s)));
      break;
    case Format::csv:
      print(synthesis_csv(s));
      break;
  }
  if (can_be_met(s)) return ExitCode::ok;
  throw Error(fmt::format("Nothing meets {}: no input alone, and no device of the catalogue.", *text),
              ExitCode::infeasible);
}

}  // namespace ironlaw
