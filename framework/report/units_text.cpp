#include "framework/report/units_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw {
namespace {

// Digits without an exponent: "1.79e+13" is for machines.
std::string digits_of(double value, int digits) {
  const double magnitude = std::abs(value);
  if (magnitude == 0) return "0";
  if (magnitude >= 1e15 || magnitude < 1e-4) return fmt::format("{:.{}g}", value, digits);
  const int before_point = static_cast<int>(std::floor(std::log10(magnitude))) + 1;
  std::string text = fmt::format("{:.{}f}", value, std::max(0, digits - before_point));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

}  // namespace

std::string format_number(double value, int digits) {
  if (std::isnan(value)) return "unknown";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  return digits_of(value, digits);
}

std::string format_si(double value, std::string_view unit) {
  constexpr int kDigits = 4;
  if (!std::isfinite(value) || unit == "1") return format_number(value, kDigits);
  if (value == 0) return fmt::format("0 {}", unit);
  constexpr std::array<const char*, 11> kPrefixes = {"p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
  constexpr int kPlain = 4, kLast = static_cast<int>(kPrefixes.size()) - 1;
  // Rounded before the prefix is chosen: 999.96 W is 1 kW. fmt gives the decimal exponent exactly.
  const std::string rounded = fmt::format("{:.{}e}", value, kDigits - 1);
  const std::size_t e = rounded.find('e');
  const int exponent = std::stoi(rounded.substr(e + 1));
  const int thousands = exponent >= 0 ? exponent / 3 : -((2 - exponent) / 3);
  const int prefix = std::clamp(kPlain + thousands, 0, kLast);
  const double scaled = std::stod(rounded.substr(0, e)) * std::pow(10.0, exponent - 3 * (prefix - kPlain));
  return fmt::format("{} {}{}", digits_of(scaled, kDigits), kPrefixes[static_cast<std::size_t>(prefix)],
                     unit);
}

std::string format_time(double seconds) {
  constexpr double kMinute = 60, kHour = 3600, kDay = 86400;
  const double magnitude = std::abs(seconds);
  if (!(magnitude >= 2 * kMinute) || !std::isfinite(seconds)) return format_si(seconds, "s");
  if (magnitude < 2 * kHour) return format_number(seconds / kMinute) + " min";
  if (magnitude < 2 * kDay) return format_number(seconds / kHour) + " h";
  return format_number(seconds / kDay) + " days";
}

std::string format_bytes(double bytes) {
  if (!std::isfinite(bytes)) return format_number(bytes);
  // Three digits below 100: nobody counts the last megabyte of a memory.
  const std::string coarse = fmt::format("{:.2e}", bytes);
  const bool is_below_100 = std::stoi(coarse.substr(coarse.find('e') + 1)) % 3 < 2;
  return format_si(is_below_100 ? std::stod(coarse) : bytes, "B");
}

std::string format_quantity(double value, std::string_view unit) {
  constexpr double kHour = 3600, kKilo = 1e3, kLarge = 1e5;
  if (!std::isfinite(value) || unit == "1") return format_number(value);
  if (unit == "s") return format_time(value);
  if (unit == "B") return format_bytes(value);
  if (unit == "J")
    return std::abs(value) < kHour / kKilo ? format_si(value, "J") : format_si(value / kHour, "Wh");
  if (unit == "J/s") return format_si(value, "W");
  if (unit == "USD")
    return std::abs(value) >= kLarge ? format_si(value, "USD") : format_number(value) + " USD";
  if (unit == "USD/s") return format_number(value * kHour) + " USD/h";
  if (unit == "USD/J") return format_number(value * kHour * kKilo) + " USD/kWh";
  if (unit == "kgCO2e")
    return std::abs(value) >= kKilo ? format_si(value / kKilo, "t") : format_si(value * kKilo, "g");
  if (unit == "kgCO2e/J") return format_number(value * kHour * kKilo * kKilo) + " g/kWh";
  if (unit == "L/J") return format_number(value * kHour * kKilo) + " L/kWh";
  if (unit == "1/s") return format_number(value) + "/s";
  return format_si(value, unit);
}

std::string format_percent(double fraction) {
  if (!std::isfinite(fraction)) return format_number(fraction);
  const double percent = 100 * fraction;
  if (percent == 0) return "0%";
  if (std::abs(percent) < 0.01) return percent > 0 ? "<0.01%" : ">-0.01%";
  return format_number(percent, 3) + "%";
}

}  // namespace ironlaw
