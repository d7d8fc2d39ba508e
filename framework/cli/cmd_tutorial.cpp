// ironlaw tutorial: predict, compute, reflect.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/tutorial_quiz.hpp"
#include "framework/cli/tutorial_report.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "tutorial",
    .synopsis = "[LESSON | quiz] [options]",
    .summary =
        "Lists the lessons, or runs one, by number or name: a question, a prediction, what the model says, "
        "and what follows. `quiz` asks which wall binds in six situations.",
    .options = {{"predict", "VALUE", "your guess; else the usual one is taken"},
                {"params", "SET", "calibrated or textbook; what the lesson says, mostly textbook"},
                {"answer", "WALLS", "quiz: your answers, as 14,2,...; numbers or names of walls"},
                {"answers", "", "quiz: the answers, worked out"},
                {"format", "F", "text or json; text"}},
    .most_names = 1,
    .more = "example: ironlaw tutorial aha1 --predict 3.2x",
};

const Lesson& find_lesson(const std::vector<Lesson>& lessons, const std::string& given) {
  std::vector<std::string> names = {"quiz"};
  for (const Lesson& lesson : lessons) {
    if (given == lesson.name || given == std::to_string(lesson.number)) return lesson;
    names.push_back(lesson.name);
  }
  throw Error(fmt::format("There is no lesson '{}'.{} `ironlaw tutorial` lists them.", given,
                          did_you_mean(given, names)));
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) c == ',' ? (void)parts.emplace_back() : parts.back().push_back(c);
  return parts;
}

// Asks at the terminal; nothing when the reader has gone.
std::optional<std::vector<std::string>> ask_reader(const std::vector<QuizQuestion>& questions,
                                                   const PluginHost& host) {
  std::vector<std::string> walls;
  for (const QuizQuestion& question : questions) {
    print(fmt::format("\n{}. {}\n", walls.size() + 1, question.question));
    for (std::string line;;) {
      print("Which wall? ");
      if (!finish_output() || !std::getline(std::cin, line)) return std::nullopt;
      try {
        host.find_wall(line);
        walls.push_back(line);
        break;
      } catch (const Error& e) {
        print(fmt::format("{}\n", e.what()));
      }
    }
  }
  return walls;
}

ExitCode quiz(const Arguments& arguments, Format format, LessonBench& bench) {
  for (const char* option : {"predict", "params"})
    if (arguments.has(option))
      throw Error(fmt::format("--{} is for a lesson; the quiz takes --answer.", option));
  const std::filesystem::path file = facts_dir() / "tutorial" / "quiz.yaml";
  const std::vector<QuizQuestion> questions = read_quiz(file);
  std::vector<QuizAnswer> answers = answer_quiz(questions, file.string(), bench);
  bool is_worked = arguments.has("answers");
  std::optional<std::vector<std::string>> given;
  if (const auto text = arguments.text("answer")) {
    given = parts_of(*text);
  } else if (!is_worked && format == Format::text && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
    given = ask_reader(questions, bench.host());
    if (!given) return ExitCode::ok;
  }
  if (given) {
    give_answers(answers, *given, bench.host());
    is_worked = true;
  }
  print(format == Format::json ? json_text(quiz_json(answers, is_worked))
                               : quiz_text(answers, is_worked, bold));
  return ExitCode::ok;
}

ExitCode run(const Lesson& lesson, const Arguments& arguments, Format format, LessonBench& bench) {
  for (const char* option : {"answer", "answers"})
    if (arguments.has(option)) throw Error(fmt::format("--{} is for the quiz.", option));
  LessonAnswer answer;
  answer.lesson = &lesson;
  answer.result = work_out(lesson, bench);
  answer.judgement = judge(lesson.prediction, arguments.text("predict"), answer.result.found);
  answer.notes = bench.notes();
  answer.has_other_parameters = arguments.has("params");
  print(format == Format::json ? json_text(lesson_json(answer)) : lesson_text(answer, bold));
  return ExitCode::ok;
}

}  // namespace

ExitCode cmd_tutorial(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  if (arguments->names().empty()) {
    for (const char* option : {"predict", "answer", "answers", "params"})
      if (arguments->has(option))
        throw Error(fmt::format("--{} needs a lesson: ironlaw tutorial LESSON.", option));
    const std::vector<Lesson> lessons = read_lessons(facts_dir() / "tutorial");
    print(format == Format::json ? json_text(lesson_list_json(lessons)) : lesson_list(lessons));
    return ExitCode::ok;
  }
  std::string params;
  if (const auto given = arguments->text("params"))
    params = one_of("--params", *given, std::vector<std::string>{"calibrated", "textbook"});
  const PluginHost host = load_plugins();
  LessonBench bench(host, params);
  const std::string& name = arguments->names()[0];
  if (name == "quiz") return quiz(*arguments, format, bench);
  const std::vector<Lesson> lessons = read_lessons(facts_dir() / "tutorial");
  return run(find_lesson(lessons, name), *arguments, format, bench);
}

}  // namespace ironlaw
