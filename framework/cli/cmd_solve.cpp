// ironlaw solve: one prediction.
#include "framework/cli/commands.hpp"
#include "framework/cli/limits.hpp"
#include "framework/cli/measure.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"

namespace ironlaw {
namespace {

Usage usage() {
  Usage result{
      .command = "solve",
      .synopsis = "MODEL HARDWARE | PLAN.yaml [options]",
      .summary =
          "Predicts how long MODEL takes on HARDWARE, which wall binds, and whether it fits. "
          "Names match loosely: `h100` is H100-SXM-80GB. Both may stand in a plan, with limits that the "
          "answer must keep; options go on top of it. `ironlaw schema` shows what a plan may hold.",
      .options = scenario_options(),
      .least_names = 1,
      .most_names = 2,
      .more =
          "example: ironlaw solve llama-3.1-70b h100 --tp 4 --phase decode --batch 32 --precision fp8\n"
          "         ironlaw solve plan.yaml --batch 64",
  };
  result.options.push_back({"explain", "", "list every number that the answer rests on, and its source"});
  result.options.push_back({"format", "F", "text, json or csv; text"});
  return result;
}

// Nobody knows what the results of something infeasible would be.
Json with_limits(Json json, bool is_feasible, const std::vector<BrokenLimit>& broken) {
  json["violations"] = is_feasible ? limits_json(broken) : Json(nullptr);
  return json;
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
  Answer answer = answer_of(request, predictor, parameters);
  answer.explain = arguments->has("explain");
  if (!answer.prediction.feasible) answer.remedies = remedies(answer.prediction, predictor, parameters);

  const std::vector<BrokenLimit> broken = broken_limits(request, answer.prediction, predictor, parameters);

  switch (format) {
    case Format::text:
      print(prediction_text(answer, bold));
      break;
    case Format::json:
      print(json_text(with_limits(prediction_json(answer), answer.prediction.feasible, broken)));
      break;
    case Format::csv:
      print(prediction_csv(answer));
      break;
  }
  if (!answer.prediction.feasible) throw Error(answer.prediction.infeasible_because, ExitCode::infeasible);
  if (!broken.empty()) throw Error(limits_text(broken), ExitCode::limit_violated);
  return ExitCode::ok;
}

}  // namespace ironlaw
