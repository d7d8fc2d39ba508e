// ironlaw compare: devices or plans side by side.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "framework/base/error.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plan.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"
#include "framework/report/compare_report.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kMostContenders = 8;

Usage usage() {
  Usage result{
      .command = "compare",
      .synopsis = "MODEL HARDWARE HARDWARE ... | PLAN.yaml PLAN.yaml ... [options]",
      .summary =
          "Answers several scenarios side by side: who wins, by what factor and because of which wall, and "
          "at "
          "which batch and context the answer flips.",
      .options = scenario_options(),
      .least_names = 2,
      .most_names = 1 + kMostContenders,
      .more = "example: ironlaw compare llama-3.1-8b a100 h100 mi300x --phase decode --batch 32",
  };
  result.options.push_back({"format", "F", "text, json or csv; text"});
  return result;
}

// What each contender is asked, and a name for it.
struct Question {
  Ask ask;
  std::string name;
};

std::vector<Question> questions_of(const Arguments& arguments) {
  const auto& names = arguments.names();
  const auto n_plans = std::count_if(names.begin(), names.end(), is_plan);
  std::vector<Question> questions;
  if (n_plans == static_cast<std::ptrdiff_t>(names.size())) {
    for (const std::string& name : names) {
      Ask ask = with_plan(load_plan(name), ask_of(arguments));
      questions.push_back({std::move(ask), std::filesystem::path(name).stem().string()});
    }
    return questions;
  }
  if (n_plans > 0) throw Error("compare takes a model and its devices, or plans; not both.");
  if (names.size() < 3) throw Error("compare needs MODEL and at least two of HARDWARE, or two plans.");
  for (std::size_t i = 1; i < names.size(); ++i) {
    Question q{ask_of(arguments), names[i]};
    q.ask.said["model"] = {names[0], "MODEL"};
    q.ask.said["hardware"] = {names[i], "HARDWARE"};
    questions.push_back(std::move(q));
  }
  return questions;
}

// The ids of devices; two contenders of one name get a number.
void name_contenders(const std::vector<Scenario>& scenarios, bool are_plans,
                     std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!are_plans) names[i] = scenarios[i].hardware->id;
  std::vector<std::string> unique = names;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::count(names.begin(), names.end(), names[i]) > 1)
      unique[i] = fmt::format("{} #{}", names[i], i + 1);
  names = unique;
}

}  // namespace

ExitCode cmd_compare(CommandWords words) {
  const auto arguments = parse(usage(), words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const std::vector<Question> questions = questions_of(*arguments);
  const PluginHost host = load_plugins();
  const ParameterSet parameters = parameters_of(questions[0].ask, host);
  Predictor predictor({host.walls().begin(), host.walls().end()});

  ComparisonAnswer answer;
  answer.parameters = parameters.origin;
  std::vector<Scenario> scenarios;
  for (const Question& q : questions) {
    Request request = understand(q.ask, host, predictor, parameters);
    scenarios.push_back(request.scenario);
    answer.names.push_back(q.name);
    answer.set.merge(request.set_text);
    for (std::string& note : request.notes)
      if (std::find(answer.notes.begin(), answer.notes.end(), note) == answer.notes.end())
        answer.notes.push_back(std::move(note));
  }
  const bool are_plans = is_plan(arguments->names()[0]);
  name_contenders(scenarios, are_plans, answer.names);
  const Scenario& first = scenarios[0];
  answer.title = are_plans ? fmt::format("{}", fmt::join(answer.names, " against "))
                           : fmt::format("{}, {}: {}", first.model->title, name_of(first.task),
                                         fmt::join(answer.names, " against "));
  answer.comparison = compare(scenarios, predictor, parameters);
  answer.evidence.reserve(scenarios.size());
  for (const Contender& c : answer.comparison.contenders)
    answer.evidence.push_back(c.refused.empty() ? std::optional(evidence_of(c.prediction, parameters))
                                                : std::nullopt);

  switch (format) {
    case Format::text:
      print(comparison_text(answer, bold));
      break;
    case Format::json:
      print(json_text(comparison_json(answer)));
      break;
    case Format::csv:
      print(comparison_csv(answer));
      break;
  }
  const auto& contenders = answer.comparison.contenders;
  if (std::any_of(contenders.begin(), contenders.end(),
                  [](const Contender& c) { return c.refused.empty() && c.prediction.feasible; }))
    return ExitCode::ok;
  throw Error("Nothing here is feasible; the answer says why.", ExitCode::infeasible);
}

}  // namespace ironlaw
