// Works a lesson out: its parts become tables, and numbers that its prose may name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/cli/tutorial_bench.hpp"

namespace ironlaw {

struct LessonTable {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<LessonValue>> rows;
  std::vector<bool> percents;        // by column
  std::vector<std::string> remarks;  // below it: why a case cannot be
};

struct Found {
  LessonValue value;
  bool is_percent = false;
};
using FoundValues = std::map<std::string, Found>;

struct LessonResult {
  std::vector<LessonTable> tables;
  FoundValues found;
};

// Throws Error: a lesson that is wrong, and what the predictor throws.
LessonResult work_out(const Lesson& lesson, LessonBench& bench);

// "{speedup} times" -> "1.64 times". Throws Error for a name that was not found.
std::string filled(const std::string& prose, const FoundValues& found);

}  // namespace ironlaw
