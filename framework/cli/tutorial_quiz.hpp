// "Name that wall": six situations, each a scenario whose binding wall the model says.
#pragma once

#include <string>
#include <vector>

#include "framework/cli/tutorial_bench.hpp"

namespace ironlaw {

struct QuizAnswer {
  const QuizQuestion* question;
  const ironlaw_wall* wall;             // that binds, as the model says
  double share = 0;                     // of the time that follows it
  LessonRow facts;                      // of the scenario
  const ironlaw_wall* given = nullptr;  // by the reader
};

// Works the scenarios out. Throws Error where another wall binds than the question says.
std::vector<QuizAnswer> answer_quiz(const std::vector<QuizQuestion>& questions, const std::string& file,
                                    LessonBench& bench);
// The reader's walls, by number or name, one for each question. Throws Error.
void give_answers(std::vector<QuizAnswer>& quiz, const std::vector<std::string>& walls,
                  const PluginHost& host);

// The questions; with `is_worked` also what binds and why, and how many of the reader's answers are right.
std::string quiz_text(const std::vector<QuizAnswer>& quiz, bool is_worked,
                      std::string (*heading)(std::string_view));
Json quiz_json(const std::vector<QuizAnswer>& quiz, bool is_worked);

}  // namespace ironlaw
