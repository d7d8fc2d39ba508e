// Lessons for people and for scripts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/cli/tutorial_run.hpp"

namespace ironlaw {

// What a guess shows.
struct Judgement {
  std::string guess;
  bool is_readers = false;  // else the usual one
  bool is_right = false;
  std::string misconception, text;  // empty where the guess is nobody's usual mistake
};

// Throws Error for a guess that is no value of the prediction's unit, or none of its choices.
Judgement judge(const LessonPrediction& prediction, const std::optional<std::string>& guess,
                const FoundValues& found);

struct LessonAnswer {
  const Lesson* lesson = nullptr;
  Judgement judgement;
  LessonResult result;
  std::vector<std::string> notes;
  bool has_other_parameters = false;  // than the lesson asks for
};

// `heading` wraps titles (in bold, say).
std::string lesson_text(const LessonAnswer& answer, std::string (*heading)(std::string_view));
Json lesson_json(const LessonAnswer& answer);

std::string lesson_list(const std::vector<Lesson>& lessons);
Json lesson_list_json(const std::vector<Lesson>& lessons);

}  // namespace ironlaw
