// ironlaw solve: one prediction.
#include "framework/cli/commands.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"
#include "framework/report/prediction_report.hpp"

namespace ironlaw {
namespace {

Usage usage() {
  Usage result{
      .command = "solve",
      .synopsis = "MODEL HARDWARE | PLAN.yaml [options]",
      .summary =
          "Predicts how long MODEL takes on HARDWARE, which wall binds, and whether it fits. "
          "Names match loosely: `h100` is H100-SXM-80GB.",
      .options = scenario_options(),
      .least_names = 1,
      .most_names = 2,
      .more = "example: ironlaw solve llama-3.1-70b h100 --tp 4 --phase decode --batch 32 --precision fp8",
  };
  result.options.push_back({"format", "F", "text, json or csv; text"});
  return result;
}

}  // namespace

ExitCode cmd_solve(CommandWords words) {
  const auto arguments = parse(usage(), words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const PluginHost host = load_plugins();
  const Ask ask = ask_of_names(*arguments);
  const ParameterSet parameters = parameters_of(ask, host);
  Predictor predictor({host.walls().begin(), host.walls().end()});
  const Request request = understand(ask, host, predictor, parameters);
  Answer answer;
  answer.notes = request.notes;
  answer.parameters = parameters.origin;
  answer.set = request.set_text;
  answer.prediction = predictor.predict(request.scenario, parameters);

  switch (format) {
    case Format::text:
      print(prediction_text(answer, bold));
      break;
    case Format::json:
      print(json_text(prediction_json(answer)));
      break;
    case Format::csv:
      print(prediction_csv(answer));
      break;
  }
  if (answer.prediction.feasible) return ExitCode::ok;
  throw Error(answer.prediction.infeasible_because, ExitCode::infeasible);
}

}  // namespace ironlaw
