#include "framework/kit/cpp_text.hpp"

#include <fmt/format.h>

#include "ironlaw/hardware.hpp"

namespace ironlaw {

std::string cpp_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    c == '\n' ? result += "\\n" : result += c;
  }
  return result + '"';
}

std::string cpp_number(double value) {
  struct Prefix {
    const char* name;
    double factor;
  };
  constexpr Prefix kPrefixes[] = {{"peta", peta}, {"tera", tera}, {"giga", giga}, {"mega", mega},
                                  {"kilo", kilo}, {"gibi", gibi}, {"mebi", mebi}, {"kibi", kibi}};
  std::string shortest = fmt::format("{}", value);
  // Below ten thousand a plain number is what a person would write.
  constexpr double kPlain = 1e4;
  if (value < kPlain) return shortest;
  for (const Prefix& p : kPrefixes) {
    const double scaled = value / p.factor;
    if (scaled < 1 || scaled >= kPlain || scaled * p.factor != value) continue;
    std::string text = fmt::format("{} * {}", scaled, p.name);
    const bool is_plain = shortest.find('*') == std::string::npos;
    if (is_plain || text.size() < shortest.size()) shortest = std::move(text);
  }
  return shortest;
}

}  // namespace ironlaw
