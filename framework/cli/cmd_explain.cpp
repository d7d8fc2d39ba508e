// ironlaw explain: how a wall works, by its example worked by hand or through a case of the user's.
#include <fmt/format.h>

#include <limits>

#include "framework/cli/commands.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"
#include "framework/report/explain_report.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

Usage usage() {
  Usage result{
      .command = "explain",
      .synopsis = "WALL [MODEL HARDWARE | PLAN.yaml] [options]",
      .summary =
          "Explains a wall (by number or name): its statement, equation and sources, and every function with "
          "its example worked by hand. With a case, as `ironlaw solve` takes it, it works that case "
          "through instead: every number that the wall reads, where it came from, and what it makes.",
      .options = scenario_options(),
      .least_names = 1,
      .most_names = 3,
      .more = "example: ironlaw explain memory llama-3.1-8b h100 --phase decode --batch 64",
  };
  result.options.push_back({"format", "F", "text or json; text"});
  return result;
}

// Options that describe a case say nothing without one.
void refuse_options(const Arguments& arguments) {
  for (const Option& option : scenario_options())
    if (arguments.has(option.name))
      throw Error(fmt::format("--{} describes a case: give MODEL and HARDWARE, or a plan, after the wall.",
                              option.name));
}

// What moves the time of a case, or what would make it a fifth shorter.
AnalysedWall analyse_time(const ironlaw_wall& wall, Predictor& predictor, const Scenario& scenario,
                          const ParameterSet& parameters) {
  constexpr double kShorter = 0.8, kChange = 0.1;
  constexpr std::uint32_t kSynthesis = 22;
  ScenarioSystem system(predictor, scenario, parameters);
  const ironlaw_variable& output = *system.table().outputs[system.output(q::cycle_time.name)];
  AnalysedWall result{
      &wall,
      output.name,
      output.unit,
      output.value,
      wall.number == kSynthesis ? kShorter * output.value : std::numeric_limits<double>::quiet_NaN(),
      kChange,
      {}};
  result.findings = analyse(
      wall, system,
      {.output = output.name, .input = "", .target = result.target, .sense = -1, .change = result.change});
  return result;
}

std::string explained(const ironlaw_wall& wall, Predictor& predictor, const Scenario& scenario,
                      const ParameterSet& parameters, const Answer& answer, bool is_json) {
  const auto show = [&](const auto& worked) {
    return is_json ? json_text(explain_json(worked, answer)) : explain_text(worked, answer, bold);
  };
  if (wall.analyse) return show(analyse_time(wall, predictor, scenario, parameters));
  return show(work_through(wall, answer.prediction, predictor.evaluator(), parameters));
}

}  // namespace

ExitCode cmd_explain(CommandWords words) {
  const auto arguments = parse(usage(), words);
  if (!arguments) return ExitCode::ok;
  const bool is_json = format_of(*arguments, false) == Format::json;
  const PluginHost host = load_plugins();
  const ironlaw_wall& wall = host.find_wall(arguments->names()[0]);
  if (arguments->names().size() == 1) {
    refuse_options(*arguments);
    print(is_json ? json_text(Json{{"wall", wall_json(wall)}}) : examples_text(wall, bold));
    return ExitCode::ok;
  }

  const Ask ask = ask_of_names(*arguments, 1);
  const ParameterSet parameters = parameters_of(ask, host);
  Predictor predictor({host.walls().begin(), host.walls().end()});
  const Request request = understand(ask, host, predictor, parameters);
  Answer answer;
  answer.notes = request.notes;
  answer.parameters = parameters.origin;
  answer.set = request.set_text;
  answer.prediction = predictor.predict(request.scenario, parameters);
  print(explained(wall, predictor, request.scenario, parameters, answer, is_json));
  if (answer.prediction.feasible) return ExitCode::ok;
  throw Error(answer.prediction.infeasible_because, ExitCode::infeasible);
}

}  // namespace ironlaw
