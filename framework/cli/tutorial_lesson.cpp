#include "framework/cli/tutorial_lesson.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/options.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;
using Keys = std::vector<std::string>;

constexpr int kMost = 1000;  // of what a lesson counts

// A mapping of which every key must be known, and what messages call it.
class Block {
 public:
  Block(const YAML::Node& node, std::string path, const std::string& file, const Keys& known)
      : node_(node), path_(std::move(path)), file_(file) {
    if (!node_.IsDefined() || !node_.IsMap()) fail("must be a mapping");
    for (const auto& entry : node_) {
      const std::string& key = entry.first.Scalar();
      if (std::find(known.begin(), known.end(), key) == known.end())
        throw Error(
            fmt::format("{}: {} is unknown.{}", where(entry.first), full(key), did_you_mean(key, known)));
    }
  }

  bool has(const char* key) const { return node_[key].IsDefined(); }
  const YAML::Node operator[](const char* key) const { return node_[key]; }
  std::string text(const char* key) const {
    if (!has(key)) fail(fmt::format("says no {}", key));
    const YAML::Node value = node_[key];
    if (!value.IsScalar()) throw Error(fmt::format("{}: {} must be one value.", where(value), full(key)));
    std::string text = value.Scalar();
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
  }
  std::string text_or(const char* key, const std::string& otherwise) const {
    return has(key) ? text(key) : otherwise;
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> result;
    for_each(key, [&](const YAML::Node& item, const std::string&) {
      if (!item.IsScalar())
        throw Error(fmt::format("{}: {} must be a list of values.", where(item), full(key)));
      result.push_back(item.Scalar());
    });
    return result;
  }
  int integer(const char* key, int low, int high) const {
    return parse_integer(full(key), text(key), low, high);
  }
  std::vector<int> integers(const char* key) const {
    try {
      return node_[key].as<std::vector<int>>();
    } catch (const YAML::Exception&) {
      fail(fmt::format("needs a list of whole numbers as {}", key));
    }
  }

  // The items of a list, none where it is missing, each with its path.
  template <class Visit>
  void for_each(const char* key, const Visit& visit) const {
    if (!has(key)) return;
    const YAML::Node list = node_[key];
    if (!list.IsSequence()) throw Error(fmt::format("{}: {} must be a list.", where(list), full(key)));
    for (std::size_t i = 0; i < list.size(); ++i) visit(list[i], fmt::format("{}[{}]", full(key), i));
  }
  Block block(const char* key, const Keys& known) const { return {node_[key], full(key), file_, known}; }
  Block item(const YAML::Node& node, const std::string& path, const Keys& known) const {
    return {node, path, file_, known};
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: {} {}.", where(node_), path_.empty() ? "the lesson" : path_, what));
  }

 private:
  std::string full(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }
  std::string where(const YAML::Node& node) const {
    return !node.IsDefined() || node.Mark().is_null() ? file_
                                                      : fmt::format("{}:{}", file_, node.Mark().line + 1);
  }

  YAML::Node node_;
  std::string path_;
  const std::string& file_;
};

LessonPrediction read_prediction(const Block& block) {
  LessonPrediction p;
  p.asks = block.text("asks");
  p.unit = block.text_or("unit", "");
  p.choices = block.texts("choices");
  if (p.unit.empty() == p.choices.empty()) block.fail("needs either a unit or choices");
  p.usual = block.text("usual");
  p.answer = block.text("answer");
  if (block.has("within")) p.within = parse_positive("within", block.text("within"));
  block.for_each("misconceptions", [&](const YAML::Node& node, const std::string& path) {
    const Block m = block.item(node, path, {"name", "text", "from", "to", "is"});
    p.misconceptions.push_back(
        {m.text("name"), m.text("text"), m.text_or("from", ""), m.text_or("to", ""), m.text_or("is", "")});
    const bool is_name = m.has("is");
    if (is_name == (m.has("from") || m.has("to"))) m.fail("needs either `is` or `from` and `to`");
  });
  if (p.misconceptions.empty()) block.fail("names no misconception");
  return p;
}

LessonCase read_case(const Block& within, const YAML::Node& node, const std::string& path) {
  const Block block = within.item(node, path, {"label", "plan"});
  return {block.text("label"), block["plan"]};
}

LessonAxis read_axis(const Block& part, const YAML::Node& node, const std::string& path) {
  const Block block = part.item(node, path, {"title", "field", "values", "cases"});
  LessonAxis axis;
  if (block.has("cases")) {
    axis.title = block.text("title");
    block.for_each("cases", [&](const YAML::Node& item, const std::string& item_path) {
      axis.cases.push_back(read_case(block, item, item_path));
    });
    return axis;
  }
  const std::string field = block.text("field");
  axis.title = block.text_or("title", field.substr(field.find('.') + 1));
  if (block["values"].IsScalar()) {
    if (field != "hardware.name" || block.text("values") != "every")
      block.fail("needs a list of values (`every` is for hardware.name)");
    axis.is_every_device = true;
    return axis;
  }
  for (const std::string& value : block.texts("values"))
    axis.cases.push_back({value, plan_saying(field, value)});
  return axis;
}

LessonFinding read_finding(const Block& part, const YAML::Node& node, const std::string& path) {
  using Kind = LessonFinding::Kind;
  const Block block = part.item(node, path,
                                {"name", "output", "at", "over", "over_output", "saving_over", "first", "is",
                                 "lowest", "highest", "as"});
  LessonFinding f;
  f.name = block.text("name");
  f.at = block.texts("at");
  f.is_percent = block.text_or("as", "") == "percent";
  if (block.has("first")) {
    f.kind = Kind::first;
    f.output = block.text("first");
    f.is = block.text("is");
  } else if (block.has("lowest") || block.has("highest")) {
    f.kind = block.has("lowest") ? Kind::lowest : Kind::highest;
    f.output = block.text(block.has("lowest") ? "lowest" : "highest");
  } else {
    f.output = block.text("output");
    if (block.has("over") || block.has("saving_over")) {
      f.kind = block.has("over") ? Kind::ratio : Kind::saving;
      f.over_output = block.text_or("over_output", f.output);
      f.over = block.texts(block.has("over") ? "over" : "saving_over");
    }
  }
  return f;
}

LessonFleet read_fleet(const Block& block) {
  LessonFleet fleet;
  fleet.tensor = block.integers("tensor");
  if (fleet.tensor.empty()) block.fail("says no degree of tensor parallelism");
  fleet.demand = block.text("demand");
  fleet.after_node_loss = block.text_or("after_node_loss", "");
  if (block.has("regions")) fleet.regions = block.integer("regions", 1, kMost);
  if (block.has("spare_nodes")) fleet.spare_nodes = block.integer("spare_nodes", 0, kMost);
  fleet.places = block.texts("places");
  fleet.most_cost = block.text_or("most_cost", "");
  fleet.most_carbon = block.text_or("most_carbon", "");
  block.for_each("what_if", [&](const YAML::Node& item, const std::string& path) {
    fleet.what_if.push_back(read_case(block, item, path));
  });
  return fleet;
}

LessonPart read_part(const Block& lesson, const YAML::Node& node, const std::string& path) {
  using Kind = LessonPart::Kind;
  const Block block = lesson.item(
      node, path,
      {"title", "plan", "vary", "show", "find", "largest", "splits", "solve_for", "call", "fleet"});
  LessonPart part;
  part.title = block.text("title");
  part.plan = block["plan"];
  block.for_each("vary", [&](const YAML::Node& item, const std::string& item_path) {
    part.axes.push_back(read_axis(block, item, item_path));
  });
  block.for_each("show", [&](const YAML::Node& item, const std::string& item_path) {
    const Block column = block.item(item, item_path, {"output", "title", "as"});
    part.show.push_back({column.text("output"), column.text_or("title", column.text("output")),
                         column.text_or("as", "") == "percent"});
  });
  block.for_each("find", [&](const YAML::Node& item, const std::string& item_path) {
    part.findings.push_back(read_finding(block, item, item_path));
  });
  part.largest = block.text_or("largest", "");
  if (block.has("splits")) {
    part.kind = Kind::splits;
    part.splits_shown = block.integer("splits", 1, kMost);
  } else if (block.has("solve_for")) {
    const Block solve = block.block("solve_for", {"output", "at_most", "at_least", "input"});
    part.kind = Kind::solve_for;
    part.output = solve.text("output");
    part.is_most = solve.has("at_most");
    if (part.is_most == solve.has("at_least")) solve.fail("needs either at_most or at_least");
    part.target = solve.text(part.is_most ? "at_most" : "at_least");
    part.input = solve.text("input");
  } else if (block.has("call")) {
    const Block call = block.block("call", {"wall", "function"});
    part.kind = Kind::call;
    part.wall = call.text("wall");
    part.function = call.text("function");
  } else if (block.has("fleet")) {
    part.kind = Kind::fleet;
    part.fleet =
        read_fleet(block.block("fleet", {"tensor", "demand", "after_node_loss", "regions", "spare_nodes",
                                         "places", "most_cost", "most_carbon", "what_if"}));
  }
  return part;
}

YAML::Node load(const fs::path& path) {
  try {
    return YAML::LoadFile(path.string());
  } catch (const YAML::BadFile&) {
    throw Error(fmt::format("{} cannot be read.", path.string()));
  } catch (const YAML::Exception& e) {
    throw Error(fmt::format("{}:{} is no YAML: {}.", path.string(), e.mark.line + 1, e.msg));
  }
}

Lesson read_lesson(const fs::path& path) {
  Lesson lesson;
  lesson.file = path.string();
  const Block block(
      load(path), "", lesson.file,
      {"number", "name", "title", "walls", "question", "prediction", "parts", "reflection", "corrections"});
  lesson.number = block.integer("number", 1, kMost);
  lesson.name = block.text("name");
  lesson.title = block.text("title");
  lesson.question = block.text("question");
  lesson.reflection = block.text("reflection");
  lesson.walls = block.integers("walls");
  lesson.prediction = read_prediction(
      block.block("prediction", {"asks", "unit", "choices", "usual", "answer", "within", "misconceptions"}));
  block.for_each("parts", [&](const YAML::Node& node, const std::string& at) {
    lesson.parts.push_back(read_part(block, node, at));
  });
  block.for_each("corrections", [&](const YAML::Node& node, const std::string& at) {
    const Block c = block.item(node, at, {"theirs", "ours", "why"});
    lesson.corrections.push_back({c.text("theirs"), c.text("ours"), c.text("why")});
  });
  return lesson;
}

}  // namespace

std::vector<Lesson> read_lessons(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Error(fmt::format("There are no lessons: {} is no folder.", folder.string()));
  std::vector<Lesson> lessons;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml" && entry.path().filename() != "quiz.yaml")
      lessons.push_back(read_lesson(entry.path()));
  std::sort(lessons.begin(), lessons.end(),
            [](const Lesson& a, const Lesson& b) { return a.number < b.number; });
  for (std::size_t i = 1; i < lessons.size(); ++i)
    if (lessons[i].number == lessons[i - 1].number)
      throw Error(fmt::format("{} and {} have the same number.", lessons[i - 1].file, lessons[i].file));
  if (lessons.empty()) throw Error(fmt::format("There are no lessons in {}.", folder.string()));
  return lessons;
}

std::vector<QuizQuestion> read_quiz(const fs::path& file) {
  const std::string name = file.string();
  const Block quiz(load(file), "", name, {"questions"});
  std::vector<QuizQuestion> questions;
  quiz.for_each("questions", [&](const YAML::Node& node, const std::string& path) {
    const Block q = quiz.item(node, path, {"question", "wall", "why", "plan"});
    questions.push_back({q.text("question"), q.text("why"), q.integer("wall", 1, kMost), q["plan"]});
  });
  return questions;
}

YAML::Node merged(const YAML::Node& plan, const YAML::Node& over) {
  const auto is_map = [](const YAML::Node& node) { return node.IsDefined() && node.IsMap(); };
  // Inserted, not assigned: to assign a YAML node changes every copy of what it was. Single values are shared
  // and so keep the line that messages name.
  YAML::Node result(YAML::NodeType::Map);
  const auto insert = [&](const std::string& key, const YAML::Node& value) {
    result.force_insert(key, is_map(value) ? merged(value, YAML::Node()) : value);
  };
  if (is_map(plan))
    for (const auto& entry : plan) {
      const std::string& key = entry.first.Scalar();
      const YAML::Node other = is_map(over) ? over[key] : YAML::Node(YAML::NodeType::Undefined);
      if (is_map(other) && is_map(entry.second))
        result.force_insert(key, merged(entry.second, other));
      else
        insert(key, other.IsDefined() ? other : entry.second);
    }
  if (is_map(over))
    for (const auto& entry : over)
      if (const std::string& key = entry.first.Scalar(); !is_map(plan) || !plan[key].IsDefined())
        insert(key, entry.second);
  return result;
}

YAML::Node plan_saying(const std::string& field, const std::string& value) {
  YAML::Node plan(YAML::NodeType::Map);
  const std::size_t dot = field.find('.');
  if (dot == std::string::npos)
    plan[field] = value;
  else
    plan[field.substr(0, dot)][field.substr(dot + 1)] = value;
  return plan;
}

}  // namespace ironlaw
