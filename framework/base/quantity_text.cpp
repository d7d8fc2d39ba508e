#include "framework/base/quantity_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

// A unit as a multiple of a base unit.
struct Unit {
  double factor;
  std::string base;
};
struct Symbol {
  std::string_view text;
  double factor;
  std::string_view base;
  bool takes_prefix;
};

constexpr double kMinute = 60, kHour = 3600, kDay = 24 * kHour;
constexpr double kKilo = 1e3;
constexpr Symbol kSymbols[] = {
    {"B", 1, "B", true},
    {"byte", 1, "B", false},
    {"bytes", 1, "B", false},
    {"b", 0.125, "B", true},
    {"bit", 0.125, "B", true},
    {"FLOP", 1, "FLOP", true},
    {"FLOPS", 1, "FLOP/s", true},
    {"OPS", 1, "FLOP/s", true},
    {"J", 1, "J", true},
    {"Wh", kHour, "J", true},
    {"W", 1, "J/s", true},
    {"s", 1, "s", true},
    {"min", kMinute, "s", false},
    {"h", kHour, "s", false},
    {"hour", kHour, "s", false},
    {"hours", kHour, "s", false},
    {"d", kDay, "s", false},
    {"day", kDay, "s", false},
    {"days", kDay, "s", false},
    {"month", 30 * kDay, "s", false},
    {"year", 365 * kDay, "s", false},
    {"years", 365 * kDay, "s", false},
    {"y", 365 * kDay, "s", false},
    {"USD", 1, "USD", true},
    {"$", 1, "USD", true},
    {"g", 1 / kKilo, "kgCO2e", true},
    {"t", kKilo, "kgCO2e", true},
    {"gCO2e", 1 / kKilo, "kgCO2e", true},
    {"tCO2e", kKilo, "kgCO2e", true},
    {"L", 1, "L", true},
    {"m3", kKilo, "L", false},
    {"Hz", 1, "1/s", true},
    {"QPS", 1, "1/s", true},
    {"%", 0.01, "1", false},
    {"x", 1, "1", false},
    {"", 1, "1", true},
    {"token", 1, "1", false},
    {"tokens", 1, "1", false},
    {"request", 1, "1", false},
    {"requests", 1, "1", false},
    {"sample", 1, "1", false},
    {"samples", 1, "1", false},
};

struct Prefix {
  std::string_view text;
  double factor;
};
constexpr Prefix kPrefixes[] = {{"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"k", 1e3},
                                {"K", 1e3},     {"M", 1e6},     {"G", 1e9},     {"T", 1e12},    {"P", 1e15},
                                {"E", 1e18},    {"m", 1e-3},    {"u", 1e-6},    {"n", 1e-9}};

// "GB", "kWh", "min"; nothing for what is no unit.
std::optional<Unit> simple_unit(std::string_view text) {
  for (const Symbol& s : kSymbols)
    if (text == s.text) return Unit{s.factor, std::string(s.base)};
  for (const Prefix& p : kPrefixes) {
    if (!text.starts_with(p.text)) continue;
    for (const Symbol& s : kSymbols)
      // "70G" is a count; "3 m" would be anybody's guess.
      if (s.takes_prefix && text.substr(p.text.size()) == s.text && !(s.text.empty() && p.factor < 1))
        return Unit{p.factor * s.factor, std::string(s.base)};
  }
  return std::nullopt;
}

// "GB", "GB/s", "/s", "Gbps".
std::optional<Unit> parse_unit(std::string_view text) {
  if (text.size() > 2 && text.ends_with("bps"))
    return parse_unit(fmt::format("{}/s", text.substr(0, text.size() - 2)));
  const std::size_t slash = text.find('/');
  std::optional<Unit> unit = simple_unit(text.substr(0, slash));
  if (!unit || slash == std::string_view::npos) return unit;
  const std::optional<Unit> below = simple_unit(text.substr(slash + 1));
  if (!below || below->base == "1" || unit->base.find('/') != std::string::npos) return std::nullopt;
  return Unit{unit->factor / below->factor, fmt::format("{}/{}", unit->base, below->base)};
}

const char* examples(std::string_view unit) {
  struct Example {
    std::string_view unit;
    const char* text;
  };
  constexpr Example kExamples[] = {{"1", "0.85, 85%, 70e9"},
                                   {"B", "80 GiB, 141 GB"},
                                   {"B/s", "3.35 TB/s, 400 Gb/s"},
                                   {"FLOP", "1e24 FLOP, 3 EFLOP"},
                                   {"FLOP/s", "989.4 TFLOP/s, 2 PFLOPS"},
                                   {"s", "30 ms, 2 h, 90 days"},
                                   {"1/s", "10/s, 1000 QPS, 3/h"},
                                   {"J", "5 MWh, 2 kJ"},
                                   {"J/s", "700 W, 10.2 kW"},
                                   {"USD", "25000 USD, 30 k$"},
                                   {"USD/s", "2.5 USD/h"},
                                   {"USD/J", "0.12 USD/kWh"},
                                   {"kgCO2e", "164 kg, 58 t"},
                                   {"kgCO2e/J", "390 g/kWh"},
                                   {"L", "20 kL"},
                                   {"L/J", "1.8 L/kWh"}};
  for (const Example& e : kExamples)
    if (e.unit == unit) return e.text;
  return "";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

double parse_quantity(std::string_view field, std::string_view text, std::string_view unit) {
  const auto refuse = [&](const std::string& reason) {
    throw Error(fmt::format("{} is '{}': {}. For example: {}.", field, text, reason, examples(unit)));
  };
  const std::string_view given = trimmed(text);
  // "$2.5/h" as well as "2.5 $/h"
  const bool has_sign = given.starts_with('$');
  double value = 0;
  const char* const begin = given.data() + (has_sign ? 1 : 0);
  const char* const end = given.data() + given.size();
  const auto [stopped, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || !std::isfinite(value)) refuse("that does not begin with a number");
  std::string rest(trimmed({stopped, static_cast<std::size_t>(end - stopped)}));
  if (has_sign) rest.insert(rest.begin(), '$');
  if (rest.empty() && (unit == "1" || value == 0)) return value;
  if (rest.empty()) refuse(fmt::format("it has no unit, and needs one of {}", unit));
  const std::optional<Unit> parsed = parse_unit(rest);
  if (!parsed) refuse(fmt::format("'{}' is no unit that is known", rest));
  if (parsed->base != unit)
    refuse(fmt::format("'{}' measures {}, and {} is in {}", rest, parsed->base, field, unit));
  return value * parsed->factor;
}

}  // namespace ironlaw
