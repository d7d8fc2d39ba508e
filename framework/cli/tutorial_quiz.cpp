#include "framework/cli/tutorial_quiz.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kIndent = 3;

std::string wall_text(const ironlaw_wall& wall) {
  return fmt::format("{} {}", wall.number, wall.id);
}

std::string indented(const std::string& text) {
  const std::string indent(kIndent, ' ');
  return indent + wrap(text, kPageWidth, indent, kIndent) + "\n";
}

std::string scenario_text(const QuizAnswer& a) {
  return fmt::format("{}: {} a step; {} of it follows wall {}.", a.facts.labels[0],
                     shown(a.facts.values.at("time")), format_percent(a.share), wall_text(*a.wall));
}

std::size_t score(const std::vector<QuizAnswer>& quiz) {
  return static_cast<std::size_t>(
      std::count_if(quiz.begin(), quiz.end(), [](const QuizAnswer& a) { return a.given == a.wall; }));
}

bool has_reader(const std::vector<QuizAnswer>& quiz) {
  return std::any_of(quiz.begin(), quiz.end(), [](const QuizAnswer& a) { return a.given; });
}

}  // namespace

std::vector<QuizAnswer> answer_quiz(const std::vector<QuizQuestion>& questions, const std::string& file,
                                    LessonBench& bench) {
  std::vector<QuizAnswer> quiz;
  for (const QuizQuestion& question : questions) {
    const LessonScenario s = bench.understand(question.plan, file);
    const Prediction p = bench.predictor().predict(s.request.scenario, *s.parameters);
    if (!p.feasible || !p.binding)
      throw Error(fmt::format("{}: '{}' is no scenario that works: {}", file, question.question,
                              p.infeasible_because));
    const LedgerEntry& binding = p.ledger[*p.binding];
    if (binding.number != question.wall)
      throw Error(fmt::format("{}: wall {} {} binds where the question '{}' says {}.", file, binding.number,
                              binding.name, question.question, question.wall));
    QuizAnswer answer{&question, &bench.host().find_wall(binding.name), binding.elasticity,
                      bench.evaluate(s, {"time", "throughput"})};
    answer.facts.labels = {fmt::format("{} on {} {}", s.request.scenario.model->id,
                                       s.request.scenario.split.devices(), s.request.scenario.hardware->id)};
    quiz.push_back(std::move(answer));
  }
  return quiz;
}

void give_answers(std::vector<QuizAnswer>& quiz, const std::vector<std::string>& walls,
                  const PluginHost& host) {
  if (walls.size() != quiz.size())
    throw Error(fmt::format("--answer has {} walls; it must have {}, one for each question, as 14,2,...",
                            walls.size(), quiz.size()));
  for (std::size_t i = 0; i < quiz.size(); ++i) quiz[i].given = &host.find_wall(walls[i]);
}

std::string quiz_text(const std::vector<QuizAnswer>& quiz, bool is_worked,
                      std::string (*heading)(std::string_view)) {
  std::string text = heading("Name that wall: which of the 22 binds?") + "\n";
  for (std::size_t i = 0; i < quiz.size(); ++i) {
    const QuizAnswer& a = quiz[i];
    text += fmt::format("\n{}. {}\n", i + 1, wrap(a.question->question, kPageWidth, "   ", kIndent));
    if (!is_worked) continue;
    if (a.given && a.given != a.wall)
      text +=
          indented(fmt::format("You said wall {}. It is wall {}.", wall_text(*a.given), wall_text(*a.wall)));
    else
      text += indented(fmt::format("{}Wall {}.", a.given ? "Right. " : "", wall_text(*a.wall)));
    text += indented(a.question->why) + indented(scenario_text(a));
  }
  if (has_reader(quiz)) text += fmt::format("\n{} of {} are right.\n", score(quiz), quiz.size());
  if (!is_worked)
    text +=
        "\nAnswers: ironlaw tutorial quiz --answers. Yours: --answer WALL,WALL,... (numbers or names; "
        "`ironlaw walls` lists them).\n";
  return text;
}

Json quiz_json(const std::vector<QuizAnswer>& quiz, bool is_worked) {
  Json questions = Json::array();
  for (const QuizAnswer& a : quiz) {
    Json json{{"question", a.question->question}};
    if (is_worked) {
      json["wall"] = a.wall->number;
      json["name"] = a.wall->id;
      json["why"] = a.question->why;
      json["scenario"] = a.facts.labels[0];
      json["time_s"] = json_number(a.facts.values.at("time").number);
      json["elasticity"] = json_number(a.share);
    }
    if (a.given) {
      json["given"] = a.given->number;
      json["right"] = a.given == a.wall;
    }
    questions.push_back(std::move(json));
  }
  Json json{{"questions", questions}};
  if (has_reader(quiz)) json["score"] = score(quiz);
  return json;
}

}  // namespace ironlaw
