// Scenarios side by side, for people and for scripts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/predict/compare.hpp"
#include "framework/report/evidence.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

struct ComparisonAnswer {
  Comparison comparison;
  std::string title;               // what is compared
  std::vector<std::string> names;  // of the contenders
  std::string parameters;
  std::map<std::string, std::string> set;
  std::vector<std::string> notes;
  std::vector<std::optional<Evidence>> evidence;  // of the contenders, where they are answered
};

Json comparison_json(const ComparisonAnswer& a);
// A row a contender.
std::string comparison_csv(const ComparisonAnswer& a);
std::string comparison_text(const ComparisonAnswer& a, std::string (*heading)(std::string_view));

}  // namespace ironlaw
