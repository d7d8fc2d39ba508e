#include "framework/base/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// A name that contains what was typed is nearer than any misspelling of it.
std::size_t name_distance(const std::string& given, const std::string& candidate) {
  if (given.size() > 1 && candidate.find(given) != std::string::npos) return 0;
  // A beginning that was mistyped, by a letter too many or too few as well.
  std::size_t least = edit_distance(given, candidate);
  for (const std::size_t length : {given.size() - 1, given.size(), given.size() + 1})
    least = std::min(least, edit_distance(given, candidate.substr(0, length)));
  return least;
}

}  // namespace

std::string normalised(std::string_view name) {
  std::string result;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)))
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::vector<std::string> nearest(std::string_view given, std::span<const std::string> candidates,
                                 std::size_t most) {
  const std::string key = normalised(given);
  std::vector<std::pair<std::size_t, const std::string*>> ranked;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = name_distance(key, normalised(candidate));
    if (distance <= std::max<std::size_t>(key.size() / 2, 1)) ranked.emplace_back(distance, &candidate);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (const auto& [distance, name] : ranked)
    if (result.size() < most) result.push_back(*name);
  return result;
}

std::string did_you_mean(std::string_view given, std::span<const std::string> candidates) {
  const auto names = nearest(given, candidates);
  return names.empty() ? std::string{} : fmt::format(" Did you mean {}?", fmt::join(names, ", "));
}

std::size_t match_name(std::string_view what, std::string_view given,
                       std::span<const std::string> candidates) {
  const std::string key = normalised(given);
  if (key.empty()) throw Error(fmt::format("{}: the name is empty.", what));
  std::vector<std::size_t> starting;
  std::vector<std::size_t> containing;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::string name = normalised(candidates[i]);
    if (name == key) return i;
    if (name.starts_with(key)) starting.push_back(i);
    if (name.find(key) != std::string::npos) containing.push_back(i);
  }
  for (const auto* matches : {&starting, &containing}) {
    if (matches->size() == 1) return matches->front();
    if (matches->size() > 1) {
      std::vector<std::string> names;
      for (const std::size_t i : *matches) names.push_back(candidates[i]);
      throw Error(fmt::format("{} '{}' is ambiguous: it could be {}.", what, given, fmt::join(names, ", ")));
    }
  }
  throw Error(fmt::format("{} '{}' is not known.{}", what, given, did_you_mean(given, candidates)));
}

}  // namespace ironlaw
