#include "framework/kit/cpp_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <random>

#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

// What a compiler makes of it.
double value_of_text(const std::string& text) {
  const std::map<std::string, double> prefixes = {{"kilo", kilo}, {"mega", mega}, {"giga", giga},
                                                  {"tera", tera}, {"peta", peta}, {"kibi", kibi},
                                                  {"mebi", mebi}, {"gibi", gibi}};
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const std::string rest = end;
  return rest.empty() ? value : value * prefixes.at(rest.substr(3));
}

TEST(CppNumber, IsWhatAPersonWouldWrite) {
  const std::pair<double, const char*> cases[] = {
      {500e12, "500 * tera"}, {64 * gibi, "64 * gibi"}, {80e9, "80 * giga"},      {3.35e12, "3.35 * tera"},
      {700, "700"},           {0.35, "0.35"},           {50 * mebi, "50 * mebi"}, {2.5e15, "2.5 * peta"},
      {32000, "32 * kilo"},   {350e-9, "3.5e-07"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(cpp_number(value), text);
}

TEST(CppNumber, ReadsBackToTheSameValue) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(-9, 19);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::pow(10, exponent(random));
    EXPECT_EQ(value_of_text(cpp_number(value)), value) << cpp_number(value);
  }
}

TEST(CppString, EscapesWhatALiteralCannotHold) {
  EXPECT_EQ(cpp_string(R"(a "quoted" \path)"), R"("a \"quoted\" \\path")");
  EXPECT_EQ(cpp_string("two\nlines"), R"("two\nlines")");
  EXPECT_EQ(cpp_string("Größe"), "\"Größe\"");
}

}  // namespace
}  // namespace ironlaw
