#include "framework/cli/tutorial_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/cli/options.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr const char* kIndent = "  ";
constexpr const char* kOtherParameters =
    "This text was written for the lesson's own parameters (without --params); with others the numbers may "
    "say "
    "something else. They count, not the text.";

// Prose of a lesson: paragraphs are separated by an empty line.
std::string paragraphs(const std::string& prose) {
  std::string text;
  for (std::size_t at = 0; at < prose.size();) {
    const std::size_t end = std::min(prose.find('\n', at), prose.size());
    const std::string line = prose.substr(at, end - at);
    text += line.empty() ? "\n" : kIndent + wrap(line, kPageWidth, kIndent, 2) + "\n";
    at = end + 1;
  }
  return text;
}

std::string table_text(const LessonTable& table) {
  std::vector<Align> align;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    const bool is_name = std::any_of(table.rows.begin(), table.rows.end(),
                                     [&](const auto& row) { return !row[column].text.empty(); });
    align.push_back(is_name && column == 0 ? Align::left : is_name ? Align::left : Align::right);
  }
  TextTable lines(align);
  lines.add(table.columns);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t column = 0; column < row.size(); ++column)
      cells.push_back(shown(row[column], table.percents[column]));
    lines.add(std::move(cells));
  }
  std::string text = fmt::format("\n{}{}\n{}", kIndent, wrap(table.title, kPageWidth, kIndent, 2),
                                 lines.text("    ", kPageWidth));
  for (const std::string& remark : table.remarks)
    text += "    " + wrap(remark, kPageWidth, "      ", 4) + "\n";
  return text;
}

Json table_json(const LessonTable& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json cells;
    for (std::size_t column = 0; column < row.size(); ++column)
      cells[table.columns[column]] = to_json(row[column]);
    rows.push_back(std::move(cells));
  }
  return {{"title", table.title}, {"columns", table.columns}, {"rows", rows}, {"remarks", table.remarks}};
}

Json misconception_json(const Misconception& m, const FoundValues& found) {
  Json json{{"name", m.name}, {"text", filled(m.text, found)}};
  if (!m.is.empty()) json["is"] = m.is;
  if (!m.from.empty()) json["from"] = m.from;
  if (!m.to.empty()) json["to"] = m.to;
  return json;
}

bool is_of(const Misconception& m, const LessonPrediction& p, double guess) {
  return (m.from.empty() || guess >= parse_quantity("from", m.from, p.unit)) &&
         (m.to.empty() || guess <= parse_quantity("to", m.to, p.unit));
}

std::string wall_list(const Lesson& lesson) {
  return fmt::format("{} {}", lesson.walls.size() == 1 ? "wall" : "walls", fmt::join(lesson.walls, ", "));
}

std::string judgement_text(const Judgement& j) {
  if (j.is_right) return "That is right.";
  if (j.misconception.empty())
    return "It is not right, and it is none of the usual mistakes: compare it with the result.";
  return fmt::format("{}. {}", j.misconception, j.text);
}

}  // namespace

Judgement judge(const LessonPrediction& p, const std::optional<std::string>& guess,
                const FoundValues& found) {
  Judgement j;
  j.guess = guess.value_or(p.usual);
  j.is_readers = guess.has_value();
  const auto answer = found.find(p.answer);
  if (answer == found.end()) throw Error(fmt::format("The lesson has no answer '{}'.", p.answer));
  const auto take = [&](const Misconception& m) {
    j.misconception = m.name;
    j.text = filled(m.text, found);
  };
  if (!p.choices.empty()) {
    j.guess = one_of("--predict", j.guess, p.choices);
    j.is_right = answer->second.value.text == j.guess;
    for (const Misconception& m : p.misconceptions)
      if (!j.is_right && m.is == j.guess) take(m);
    return j;
  }
  const double value = parse_quantity("--predict", j.guess, p.unit);
  if (!(value >= 0)) throw Error(fmt::format("--predict is {}; it must be zero or more.", j.guess));
  const double right = answer->second.value.number;
  j.is_right = std::abs(value - right) <= p.within * right;
  if (j.is_right) return j;
  const auto found_one =
      std::find_if(p.misconceptions.begin(), p.misconceptions.end(),
                   [&](const Misconception& m) { return m.is.empty() && is_of(m, p, value); });
  if (found_one != p.misconceptions.end()) take(*found_one);
  return j;
}

std::string lesson_text(const LessonAnswer& a, std::string (*heading)(std::string_view)) {
  const Lesson& lesson = *a.lesson;
  const FoundValues& found = a.result.found;
  std::string text = heading(fmt::format("Lesson {}: {} ({})", lesson.number, filled(lesson.title, found),
                                         wall_list(lesson))) +
                     "\n";
  text += paragraphs(filled(lesson.question, found));
  text += "\n" + heading("Prediction") + "\n";
  text += paragraphs(lesson.prediction.asks);
  text += paragraphs(fmt::format("{}: {}. {}", a.judgement.is_readers ? "Your prediction" : "The usual one",
                                 a.judgement.guess, judgement_text(a.judgement)));
  text += "\n" + heading("Result") + "\n";
  text +=
      paragraphs(fmt::format("The model says {}.\n\n", filled("{" + lesson.prediction.answer + "}", found)));
  for (std::size_t i = 0; i < a.result.tables.size(); ++i) {
    const std::string table = table_text(a.result.tables[i]);
    text += i == 0 ? table.substr(1) : table;
  }
  text += "\n" + heading("Reflection") + "\n" + paragraphs(filled(lesson.reflection, found));
  if (a.has_other_parameters) text += "\n" + paragraphs(kOtherParameters);
  if (!lesson.corrections.empty()) text += "\n" + heading("Where the tutorial's own number is wrong") + "\n";
  for (const LessonCorrection& c : lesson.corrections) {
    TextTable lines({Align::left, Align::left});
    lines.add({"theirs", c.theirs});
    lines.add({"ours", filled(c.ours, found)});
    lines.add({"why", filled(c.why, found)});
    text += lines.text(kIndent, kPageWidth);
  }
  text += "\n" + heading("Rests on") + "\n";
  for (const std::string& note : a.notes) text += kIndent + wrap(note, kPageWidth, "    ", 2) + "\n";
  if (!a.judgement.is_readers)
    text += fmt::format("\n{}Guess first: ironlaw tutorial {} --predict VALUE\n", kIndent, lesson.number);
  return text;
}

Json lesson_json(const LessonAnswer& a) {
  const Lesson& lesson = *a.lesson;
  const FoundValues& found = a.result.found;
  Json json{{"lesson", lesson.number},
            {"name", lesson.name},
            {"title", filled(lesson.title, found)},
            {"walls", lesson.walls},
            {"question", filled(lesson.question, found)}};
  Json misconceptions = Json::array();
  for (const Misconception& m : lesson.prediction.misconceptions)
    misconceptions.push_back(misconception_json(m, found));
  const Judgement& j = a.judgement;
  json["prediction"] = {{"asks", lesson.prediction.asks},
                        {"guess", j.guess},
                        {"by", j.is_readers ? "reader" : "usual"},
                        {"right", j.is_right},
                        {"misconception", j.misconception.empty() ? Json(nullptr) : Json(j.misconception)},
                        {"says", judgement_text(j)},
                        {"answer", lesson.prediction.answer},
                        {"misconceptions", misconceptions}};
  Json tables = Json::array();
  for (const LessonTable& table : a.result.tables) tables.push_back(table_json(table));
  Json values = Json::object();
  for (const auto& [name, value] : found) values[name] = to_json(value.value);
  json["result"] = {{"tables", tables}, {"found", values}};
  json["reflection"] = filled(lesson.reflection, found);
  json["corrections"] = Json::array();
  for (const LessonCorrection& c : lesson.corrections)
    json["corrections"].push_back(
        {{"theirs", c.theirs}, {"ours", filled(c.ours, found)}, {"why", filled(c.why, found)}});
  json["notes"] = a.notes;
  if (a.has_other_parameters) json["notes"].push_back(kOtherParameters);
  return json;
}

std::string lesson_list(const std::vector<Lesson>& lessons) {
  TextTable table({Align::right, Align::left, Align::left, Align::left});
  table.add({"lesson", "name", "walls", "asks"});
  for (const Lesson& lesson : lessons)
    table.add({std::to_string(lesson.number), lesson.name, fmt::format("{}", fmt::join(lesson.walls, ", ")),
               lesson.prediction.asks});
  return table.text("", kPageWidth);
}

Json lesson_list_json(const std::vector<Lesson>& lessons) {
  Json json = Json::array();
  for (const Lesson& lesson : lessons)
    json.push_back({{"lesson", lesson.number},
                    {"name", lesson.name},
                    {"walls", lesson.walls},
                    {"asks", lesson.prediction.asks}});
  return {{"lessons", json}};
}

}  // namespace ironlaw
