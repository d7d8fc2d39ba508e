#include "framework/base/quantity_text.hpp"

#include <cmath>

#include "tests/pipeline/toys.hpp"

namespace ironlaw {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

double read(const char* text, const char* unit) {
  return parse_quantity("field", text, unit);
}

TEST(QuantityText, ReadsWhatPeopleWrite) {
  const struct {
    const char* text;
    const char* unit;
    double value;
  } cases[] = {
      {"8TB/s", "B/s", 8e12},
      {"3.35 TB/s", "B/s", 3.35e12},
      {"400 Gb/s", "B/s", 50e9},  // bits
      {"400Gbps", "B/s", 50e9},
      {"80 GiB", "B", 85899345920.0},
      {"80GB", "B", 80e9},
      {"989.4 TFLOP/s", "FLOP/s", 989.4e12},
      {"2 PFLOPS", "FLOP/s", 2e15},
      {"1e24 FLOP", "FLOP", 1e24},
      {"30 ms", "s", 0.03},
      {"50000 h", "s", 1.8e8},
      {"2 years", "s", 2 * 365 * 86400.0},
      {"1000 QPS", "1/s", 1000},
      {"10/s", "1/s", 10},
      {"3.6/h", "1/s", 0.001},
      {"10 requests/s", "1/s", 10},
      {"2.5 USD/h", "USD/s", 2.5 / 3600},
      {"$2.5/h", "USD/s", 2.5 / 3600},
      {"30 k$", "USD", 30e3},
      {"0.12 USD/kWh", "USD/J", 0.12 / 3.6e6},
      {"390 g/kWh", "kgCO2e/J", 0.39 / 3.6e6},
      {"58.4 t", "kgCO2e", 58400},
      {"164 kg", "kgCO2e", 164},
      {"5 MWh", "J", 1.8e10},
      {"10.2 kW", "J/s", 10200},
      {"1.8 L/kWh", "L/J", 1.8 / 3.6e6},
      {"85%", "1", 0.85},
      {"70e9", "1", 70e9},
      {"1.4T", "1", 1.4e12},
      {"0", "B/s", 0},
      {"-0.5", "1", -0.5},
  };
  for (const auto& c : cases) EXPECT_NEAR(read(c.text, c.unit), c.value, 1e-12 * std::abs(c.value)) << c.text;
}

TEST(QuantityText, RefusesWhatIsAmbiguousOrOfAnotherKind) {
  const auto refused = [](const char* text, const char* unit) {
    return message_of([&] { read(text, unit); });
  };
  EXPECT_THAT(refused("8", "B/s"), HasSubstr("it has no unit"));
  EXPECT_THAT(refused("8 TB", "B/s"), HasSubstr("'TB' measures B, and field is in B/s"));
  EXPECT_THAT(refused("8 XB/s", "B/s"), HasSubstr("'XB/s' is no unit that is known"));
  EXPECT_THAT(refused("fast", "B/s"), HasSubstr("does not begin with a number"));
  EXPECT_THAT(refused("", "1"), HasSubstr("does not begin with a number"));
  EXPECT_THAT(refused("nan", "1"), HasSubstr("does not begin with a number"));
  EXPECT_THAT(refused("inf s", "s"), HasSubstr("does not begin with a number"));
  EXPECT_THAT(refused("1e999 s", "s"), HasSubstr("does not begin with a number"));
  EXPECT_THAT(refused("3 m/s", "B/s"), HasSubstr("no unit that is known"));
  EXPECT_THAT(refused("2 USD/h/h", "USD/s"), HasSubstr("no unit that is known"));
  EXPECT_THAT(refused("8", "B/s"), HasSubstr("For example: 3.35 TB/s"));
}

}  // namespace
}  // namespace ironlaw
