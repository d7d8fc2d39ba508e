#include "framework/report/drift_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kShownRows = 10, kShownNames = 12;

// "+12.3%"; a word or a number that came or went has no size.
std::string change_text(double change) {
  if (std::isnan(change)) return "-";
  const double percent = 100 * std::expm1(change);
  return fmt::format("{}{}%", percent > 0 ? "+" : "", format_number(percent, 3));
}

// Points of one phase and model.
struct Part {
  std::size_t points = 0;
  std::set<std::string> devices;
  const DriftedPoint* worst = nullptr;
};

std::string group_text(const DriftGroup& group, std::string (*heading)(std::string_view)) {
  std::string text =
      fmt::format("\n{}\n", heading(fmt::format("{}: {} point{} moved", name_of(group.cause),
                                                group.points.size(), group.points.size() == 1 ? "" : "s")));
  text += fmt::format("  {}\n", wrap(group.why, kPageWidth, "  ", 2));
  // The worst point comes first, so the parts stand in that order, too.
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, Part> parts;
  for (const DriftedPoint& p : group.points) {
    const std::pair key{p.is->point.phase, p.is->point.model};
    Part& part = parts[key];
    if (part.points++ == 0) {
      order.push_back(key);
      part.worst = &p;
    }
    part.devices.insert(p.is->point.device);
  }
  TextTable table(
      {Align::left, Align::left, Align::right, Align::right, Align::right, Align::left, Align::left});
  table.add({"phase", "model", "points", "devices", "worst", "of", "where"});
  for (std::size_t i = 0; i < std::min(order.size(), kShownRows); ++i) {
    const Part& part = parts.at(order[i]);
    const GoldenPoint& at = part.worst->is->point;
    table.add({order[i].first, order[i].second, std::to_string(part.points),
               std::to_string(part.devices.size()), change_text(part.worst->change), part.worst->what,
               fmt::format("{}{}{}: {}", at.device, at.devices > 1 ? fmt::format(" x {}", at.devices) : "",
                           at.batch > 0 ? fmt::format(", batch {}", at.batch) : "", part.worst->shown)});
  }
  text += table.text("  ");
  if (order.size() > kShownRows)
    text += fmt::format("  and {} more phases of models; --format json lists every point\n",
                        order.size() - kShownRows);
  return text;
}

std::string list_text(const char* title, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  for (std::size_t i = 0; i < std::min(names.size(), kShownNames); ++i)
    text += fmt::format("  {}\n", wrap(names[i], kPageWidth, "  ", 2));
  if (names.size() > kShownNames) text += fmt::format("  and {} more\n", names.size() - kShownNames);
  return text;
}

}  // namespace

std::string drift_text(const Drift& drift, const std::string& grid,
                       std::string (*heading)(std::string_view)) {
  std::size_t moved = 0;
  for (const DriftGroup& group : drift.groups) moved += group.points.size();
  std::string text = heading(fmt::format("{} of {} points of {} moved", moved, drift.compared, grid)) + "\n";
  text += fmt::format("  bounds: {:g} of textbook and prior times", drift.bounds.equations);
  text += drift.has_fit ? fmt::format(", {} of calibrated times and their intervals\n",
                                      format_percent(drift.bounds.fit))
                        : std::string("; calibrated times were not compared\n");
  if (drift.has_fit)
    text += fmt::format("  the largest move of a calibrated time within its bound: {}\n",
                        format_percent(std::expm1(drift.largest_fit_move)));
  for (const DriftGroup& group : drift.groups) text += group_text(group, heading);
  text += list_text("Walls that compute other numbers at their fixed points", drift.walls);
  text += list_text("In the grid, and nothing answers it any more", drift.missing);
  text += list_text("New, not in the grid", drift.added);
  text += list_text("Besides", drift.notes);
  return text;
}

Json drift_json(const Drift& drift, const std::string& grid) {
  Json json;
  json["grid"] = grid;
  json["violated"] = drift.is_violated();
  json["compared"] = drift.compared;
  json["bounds"]["equations"] = drift.bounds.equations;
  json["bounds"]["fit"] = drift.bounds.fit;
  json["has_fit"] = drift.has_fit;
  json["largest_fit_move"] = json_number(drift.largest_fit_move);
  json["groups"] = Json::array();
  for (const DriftGroup& group : drift.groups) {
    Json one;
    one["cause"] = name_of(group.cause);
    one["why"] = group.why;
    one["points"] = Json::array();
    for (const DriftedPoint& p : group.points) {
      const GoldenPoint& at = p.is->point;
      one["points"].push_back({{"device", at.device},
                               {"model", at.model},
                               {"phase", at.phase},
                               {"devices", at.devices},
                               {"batch", json_number(at.batch)},
                               {"what", p.what},
                               {"log_change", json_number(p.change)},
                               {"shown", p.shown}});
    }
    json["groups"].push_back(std::move(one));
  }
  json["walls"] = drift.walls;
  json["missing"] = drift.missing;
  json["new"] = drift.added;
  json["notes"] = drift.notes;
  return json;
}

}  // namespace ironlaw
