// ironlaw sensitivity: which number to change next (wall 21).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/measure.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"

namespace ironlaw {
namespace {

Usage usage() {
  Usage result{
      .command = "sensitivity",
      .synopsis = "MODEL HARDWARE | PLAN.yaml [--of OUTPUT] [options]",
      .summary =
          "Ranks every input of a scenario by how much of an output follows it: the exact elasticity, "
          "percent "
          "for percent, and the output with the input a little smaller and larger.",
      .options = scenario_options(),
      .least_names = 1,
      .most_names = 2,
      .more = "example: ironlaw sensitivity llama-3.1-70b h100 --tp 8 --phase decode --batch 32 --of itl",
  };
  for (const Option& option :
       {Option{"of", "OUTPUT", "time, throughput, itl, ttft, run_cost, run_carbon, ...; time"},
        Option{"input", "NAME", "this input only"},
        Option{"change", "SHARE", "of an input, for the two ends: 10%"},
        Option{"top", "N", "the largest N; 12 in text, else all"},
        Option{"format", "F", "text, json or csv; text"}})
    result.options.push_back(option);
  return result;
}

double change_of(const Arguments& arguments) {
  constexpr double kUsual = 0.1;
  const auto given = arguments.text("change");
  if (!given) return kUsual;
  const double change = parse_quantity("--change", *given, "1");
  if (!(change > 0 && change < 1))
    throw Error(fmt::format("--change is '{}'; it must be more than 0 and less than 100%.", *given));
  return change;
}

}  // namespace

ExitCode cmd_sensitivity(CommandWords words) {
  const auto arguments = parse(usage(), words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const double change = change_of(*arguments);
  const auto top = arguments->integer("top", 1, 1'000'000);
  const PluginHost host = load_plugins();
  const Ask ask = ask_of_names(*arguments);
  const ParameterSet parameters = parameters_of(ask, host);
  Predictor predictor({host.walls().begin(), host.walls().end()});
  const Request request = understand(ask, host, predictor, parameters);

  SensitivityAnswer s;
  s.answer = answer_of(request, predictor, parameters);
  s.change = change;
  ScenarioSystem system(predictor, request.scenario, parameters);
  const std::string of = arguments->text("of").value_or("time");
  s.output = known_measure_of("--of", of, system, s.answer.prediction);
  if (s.output.value == 0)
    throw Error(fmt::format("--of is {}, which is 0 here: nothing is a share of it.", of));
  s.findings = analyse(host.find_wall("sensitivity"), system,
                       {s.output.name, arguments->text("input").value_or(""), 0, 0, change});
  s.n_found = s.findings.size();
  constexpr int kShown = 12;
  const auto most = static_cast<std::size_t>(top.value_or(format == Format::text ? kShown : 1'000'000));
  s.findings.resize(std::min(s.findings.size(), most));

  switch (format) {
    case Format::text:
      print(sensitivity_text(s, bold));
      break;
    case Format::json:
      print(json_text(sensitivity_json(s)));
      break;
    case Format::csv:
      print(sensitivity_csv(s));
      break;
  }
  if (s.answer.prediction.feasible) return ExitCode::ok;
  throw Error(s.answer.prediction.infeasible_because, ExitCode::infeasible);
}

}  // namespace ironlaw
