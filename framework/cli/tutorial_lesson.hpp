// Lessons as they are written down: datasets/tutorial/*.yaml. datasets/tutorial/README.md says what stands
// where.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw {

// A wrong guess that people make, and what they believe who make it.
struct Misconception {
  std::string name, text;
  std::string from, to;  // of a guess that is a quantity; either may be empty
  std::string is;        // of a guess that is a name
};

struct LessonPrediction {
  std::string asks;
  std::string unit;  // [base unit] of the guess; empty: it is one of `choices`
  std::vector<std::string> choices;
  std::string usual;   // what most people guess
  std::string answer;  // the finding that it is compared with
  double within = 0;   // a guess counts as right up to this share off
  std::vector<Misconception> misconceptions;
};

struct LessonColumn {
  std::string output, title;
  bool is_percent = false;
};

// One thing that is varied; the rows of a part are the cross product of its axes.
struct LessonCase {
  std::string label;
  YAML::Node plan;  // what it says beyond the plan of its part
};
struct LessonAxis {
  std::string title;
  std::vector<LessonCase> cases;
  bool is_every_device = false;  // the cases are all targets that are loaded
};

// A number that the prose may name.
struct LessonFinding {
  enum class Kind { value, ratio, saving, first, lowest, highest } kind = Kind::value;
  std::string name, output;
  std::string over_output;            // ratio, saving: the output of the row `over`
  std::vector<std::string> at, over;  // labels of rows, one for each axis
  std::string is;                     // first: the text that the output must have
  bool is_percent = false;
};

// The smallest fleet that meets the limits of the plan.
struct LessonFleet {
  std::vector<int> tensor;
  std::string demand, after_node_loss;  // [1/s]
  int regions = 1, spare_nodes = 0;     // spare ones in each region
  std::vector<std::string> places;
  std::string most_cost, most_carbon;  // of a year
  std::vector<LessonCase> what_if;     // the chosen fleet, anew
};

struct LessonPart {
  enum class Kind { sweep, splits, solve_for, call, fleet } kind = Kind::sweep;
  std::string title;
  YAML::Node plan;
  std::vector<LessonAxis> axes;
  std::vector<LessonColumn> show;
  std::vector<LessonFinding> findings;
  std::string largest;                // sweep: the field whose largest feasible whole number is found
  int splits_shown = 0;               // splits
  bool is_most = false;               // solve_for: is the target the most or the least that is allowed?
  std::string output, target, input;  // solve_for
  std::string wall, function;         // call
  std::optional<LessonFleet> fleet;
};

struct LessonCorrection {
  std::string theirs, ours, why;
};

struct Lesson {
  std::string file;
  int number = 0;
  std::string name, title, question, reflection;
  std::vector<int> walls;
  LessonPrediction prediction;
  std::vector<LessonPart> parts;
  std::vector<LessonCorrection> corrections;
};

// A question of the quiz: the wall that binds in `plan`.
struct QuizQuestion {
  std::string question, why;
  int wall = 0;
  YAML::Node plan;
};

// All lessons of a folder, by number. Throws Error with file, line and path of what is wrong.
std::vector<Lesson> read_lessons(const std::filesystem::path& folder);
std::vector<QuizQuestion> read_quiz(const std::filesystem::path& file);

// `over` on top of `plan`, key by key; neither is changed.
YAML::Node merged(const YAML::Node& plan, const YAML::Node& over);
// A plan that says one thing: "workload.batch", "8".
YAML::Node plan_saying(const std::string& field, const std::string& value);

}  // namespace ironlaw
