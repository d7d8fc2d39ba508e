#include "calibration/drift/changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/conformance/numbers.hpp"

namespace ironlaw {
namespace {

using IsSame = bool (*)(double a, double b);

bool are_unknown(double a, double b) {
  return std::isnan(a) && std::isnan(b);
}
// Of a wall at its fixed points.
bool is_same_number(double a, double b) {
  return are_unknown(a, b) || std::abs(a - b) <= conformance::kSameNumber;
}
// Of a datasheet or a model: as far as the file keeps its digits.
bool is_same_figure(double a, double b) {
  constexpr double kKept = 1e-10;
  return are_unknown(a, b) || std::abs(a - b) <= kKept * std::max(std::abs(a), std::abs(b));
}

// Names whose value differs, came or went.
std::vector<std::string> moved_values(const Mark& was, const Mark& is, IsSame is_same) {
  std::vector<std::string> names;
  for (const auto& [name, value] : was.values) {
    const auto now = is.values.find(name);
    if (now == is.values.end() || !is_same(value, now->second)) names.push_back(name);
  }
  for (const auto& [name, value] : is.values)
    if (!was.values.contains(name)) names.push_back(name);
  return names;
}

std::string shown(const Mark& mark, const std::string& name) {
  const auto found = mark.values.find(name);
  return found == mark.values.end() ? "none" : fmt::format("{:.6g}", found->second);
}

// "memory_bandwidth 3.35e+12 -> 3.9e+12, vendor and family X -> Y"
std::string described_change(const Mark& was, const Mark& is) {
  const std::vector<std::string> moved = moved_values(was, is, is_same_figure);
  std::vector<std::string> parts;
  parts.reserve(moved.size() + 1);
  for (const std::string& name : moved)
    parts.push_back(fmt::format("{} {} -> {}", name, shown(was, name), shown(is, name)));
  if (was.text != is.text) parts.push_back(fmt::format("{} -> {}", was.text, is.text));
  return fmt::format("{}", fmt::join(parts, ", "));
}

template <class Describe>
std::map<std::string, std::string> differences(const Marks& was, const Marks& is, const Describe& describe) {
  std::map<std::string, std::string> result;
  for (const auto& [name, mark] : was) {
    const auto now = is.find(name);
    const std::string text = now == is.end() ? "gone" : describe(mark, now->second);
    if (!text.empty()) result[name] = text;
  }
  for (const auto& [name, mark] : is)
    if (!was.contains(name)) result[name] = "new";
  return result;
}

std::string wall_change(const Mark& was, const Mark& is) {
  const std::vector<std::string> moved = moved_values(was, is, is_same_number);
  std::vector<std::string> parts;
  if (!moved.empty()) parts.push_back(fmt::format("computes another {}", fmt::join(moved, ", ")));
  if (was.hash != is.hash) parts.emplace_back("has other ports, priors or scope");
  if (was.text != is.text)
    parts.push_back(fmt::format("model_version {} -> {}", was.text, is.text));
  else if (!parts.empty())
    parts.push_back(fmt::format("model_version is {} as before: raise it", is.text));
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace

Changes changes_between(const MadeFrom& was, const MadeFrom& is) {
  Changes c;
  c.walls = differences(was.walls, is.walls, wall_change);
  c.devices = differences(was.devices, is.devices, described_change);
  c.models = differences(was.models, is.models, described_change);
  c.files = differences(was.files, is.files, [](const Mark& a, const Mark& b) {
    return a.hash == b.hash ? std::string() : std::string("changed");
  });
  for (const auto& [name, mark] : was.walls) {
    const auto now = is.walls.find(name);
    if (now != is.walls.end() && !moved_values(mark, now->second, is_same_number).empty())
      c.recomputed.insert(name);
  }
  if (is.fit.empty()) return c;  // nobody asked for one
  c.fit = differences(was.fit, is.fit, [](const Mark& a, const Mark& b) {
    if (a.hash != b.hash) return std::string("changed");
    return a.text == b.text ? std::string() : fmt::format("{} -> {}", a.text, b.text);
  });
  c.has_imports =
      c.fit.contains("data") && c.files.empty() && c.devices.empty() && c.models.empty() && !was.fit.empty();
  return c;
}

}  // namespace ironlaw
