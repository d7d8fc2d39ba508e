#include "framework/conformance/units.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace ironlaw::conformance {
namespace {

// Those of UnitName in ironlaw/quantity.hpp.
constexpr std::array<std::string_view, 7> kSymbols = {"B", "FLOP", "J", "USD", "kgCO2e", "L", "s"};

// "s" or "s^2".
bool is_power(std::string_view text) {
  const std::size_t hat = text.find('^');
  const bool has_exponent = hat != std::string_view::npos;
  if (has_exponent && (text.size() != hat + 2 || text[hat + 1] < '2' || text[hat + 1] > '9')) return false;
  return std::find(kSymbols.begin(), kSymbols.end(), text.substr(0, hat)) != kSymbols.end();
}

}  // namespace

bool is_base_unit(std::string_view unit) {
  if (unit == "1") return true;
  bool is_first = true;
  while (!unit.empty()) {
    const std::size_t end = std::min(unit.find_first_of("*/"), unit.size());
    const std::string_view factor = unit.substr(0, end);
    if (!is_power(factor) && !(is_first && factor == "1")) return false;
    if (end + 1 == unit.size()) return false;  // an operator with nothing behind it
    unit.remove_prefix(std::min(end + 1, unit.size()));
    is_first = false;
  }
  return !is_first;
}

std::string base_units_text() {
  return fmt::format("{}, and products of them", fmt::join(kSymbols, ", "));
}

}  // namespace ironlaw::conformance
