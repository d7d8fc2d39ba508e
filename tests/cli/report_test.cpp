// Units, tables and CSV as people read them.
#include <gtest/gtest.h>

#include <limits>

#include "framework/report/json.hpp"
#include "framework/report/prediction_report.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

TEST(Units, PrefixesAndDigits) {
  EXPECT_EQ(format_si(3.35e12, "B/s"), "3.35 TB/s");
  EXPECT_EQ(format_si(989.4e12, "FLOP/s"), "989.4 TFLOP/s");
  EXPECT_EQ(format_si(2.25e15, "FLOP/s"), "2.25 PFLOP/s");
  EXPECT_EQ(format_si(2.25e18, "FLOP"), "2.25 EFLOP");
  EXPECT_EQ(format_si(5e25, "FLOP"), "50000000 EFLOP");
  EXPECT_EQ(format_si(700, "W"), "700 W");
  EXPECT_EQ(format_si(0, "B"), "0 B");
  EXPECT_EQ(format_si(8, "1"), "8");
  EXPECT_EQ(format_si(-1.5e3, "W"), "-1.5 kW");
  EXPECT_EQ(format_si(999.96, "W"), "1 kW");
  EXPECT_EQ(format_si(1000, "W"), "1 kW");
  EXPECT_EQ(format_si(1e-3, "s"), "1 ms");
  EXPECT_EQ(format_si(0.99999, "s"), "1 s");
  EXPECT_EQ(format_si(0.00099999, "s"), "1 ms");
  EXPECT_EQ(format_si(1e-15, "s"), "0.001 ps");
  EXPECT_EQ(format_si(std::numeric_limits<double>::quiet_NaN(), "W"), "unknown");
  EXPECT_EQ(format_si(std::numeric_limits<double>::infinity(), "W"), "infinite");
}

TEST(Units, Times) {
  EXPECT_EQ(format_time(6.62e-3), "6.62 ms");
  EXPECT_EQ(format_time(4.5e-6), "4.5 us");
  EXPECT_EQ(format_time(3e-10), "300 ps");
  EXPECT_EQ(format_time(0), "0 s");
  EXPECT_EQ(format_time(119), "119 s");
  EXPECT_EQ(format_time(180), "3 min");
  EXPECT_EQ(format_time(3600 * 5.5), "5.5 h");
  EXPECT_EQ(format_time(86400 * 12.25), "12.25 days");
  EXPECT_EQ(format_time(-6.62e-3), "-6.62 ms");
}

TEST(Units, Bytes) {
  EXPECT_EQ(format_bytes(85899345920.0), "85.9 GB");
  EXPECT_EQ(format_bytes(138e9), "138 GB");
  EXPECT_EQ(format_bytes(811.7e9), "811.7 GB");
  EXPECT_EQ(format_bytes(12), "12 B");
  EXPECT_EQ(format_bytes(999.99e6), "1 GB");
  EXPECT_EQ(format_bytes(16.123e9), "16.1 GB");
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(-2.5e9), "-2.5 GB");
}

TEST(Units, Percents) {
  EXPECT_EQ(format_percent(0), "0%");
  EXPECT_EQ(format_percent(1), "100%");
  EXPECT_EQ(format_percent(0.9994), "99.9%");
  EXPECT_EQ(format_percent(0.123), "12.3%");
  EXPECT_EQ(format_percent(1e-5), "<0.01%");
}

TEST(Tables, AlignAndWrap) {
  TextTable table({Align::left, Align::right, Align::left});
  table.add({"a", "1", "one two three"});
  table.add({"bcd", "22"});
  EXPECT_EQ(table.text(" "), " a     1  one two three\n bcd  22\n");
  EXPECT_EQ(table.text("", 16), "a     1  one two\n         three\nbcd  22\n");
}

TEST(Tables, WidthsCountCharacters) {
  TextTable table({Align::left, Align::left});
  table.add({"\xc3\xa9", "x"});
  table.add({"ab", "y"});
  EXPECT_EQ(table.text(), "\xc3\xa9   x\nab  y\n");
}

TEST(Tables, WrapKeepsLongWords) {
  EXPECT_EQ(wrap("a verylongword b", 6, "  "), "a\n  verylongword\n  b");
  EXPECT_EQ(wrap("", 6, "  "), "");
}

TEST(Csv, QuotesWhereItMust) {
  EXPECT_EQ(csv_line({"a", "b,c", "say \"hi\"", "two\nlines", ""}),
            "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\n");
}

TEST(JsonNumbers, CountsAreWholeAndNothingIsNull) {
  EXPECT_EQ(json_number(4).dump(), "4");
  EXPECT_EQ(json_number(0.5).dump(), "0.5");
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()).dump(), "null");
}

// An answer with calibrated parameters, made up.
Answer made_up() {
  static const ironlaw_hardware chip{
      sizeof(ironlaw_hardware), 2026, "Chip", "Vendor", "one", "gpu", 0, nullptr, nullptr};
  Answer answer;
  Prediction& p = answer.prediction;
  Scenario& s = p.resolved.scenario;
  s.model = &models()[0];
  s.hardware = &chip;
  p.outcome.time = 2;
  p.throughput = 10;
  p.iron_law = {.flops = 8, .n = 2, .peak = 4, .mfu = 0.5, .eta_scaling = 1.0, .goodput = {}};
  p.ledger = {{1, "compute", 1, 0.5, true}, {4, "serving", 0, 0, false}, {2, "memory", 0, 0.5, true}};
  p.binding = 2;
  p.interval90 = Interval{1.5, 3};
  answer.parameters = "a fit";
  answer.notes = {"first"};
  p.notes = {"second"};
  return answer;
}

TEST(PredictionReport, HasTheIntervalAndOnlyWallsThatTakeTime) {
  const Json json = prediction_json(made_up());
  EXPECT_EQ(json["interval90"], (Json{1.5, 3.0}));
  EXPECT_EQ(json["ledger"].size(), 2U);
  EXPECT_EQ(json["binding_wall"], "memory");
  EXPECT_EQ(json["not_modelled"], Json{"goodput"});
  EXPECT_EQ(json["notes"], (Json{"first", "second"}));
  const std::string text = prediction_text(made_up(), [](std::string_view t) { return std::string(t); });
  EXPECT_NE(text.find("90% interval 1.5 s to 3 s"), std::string::npos) << text;
  EXPECT_NE(text.find("= 2 s, without goodput"), std::string::npos) << text;
}

TEST(PredictionReport, WhatDoesNotFitHasNoTimeAndTheSameColumns) {
  Answer answer = made_up();
  answer.prediction.feasible = false;
  answer.prediction.infeasible_because = "too large, by far";
  const Json json = prediction_json(answer);
  for (const char* key : {"time_s", "throughput", "interval90"}) EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_EQ(json["infeasible_because"], "too large, by far");
  const std::string fits = prediction_csv(made_up());
  const std::string fits_not = prediction_csv(answer);
  EXPECT_EQ(fits.substr(0, fits.find('\n')), fits_not.substr(0, fits_not.find('\n')));
  EXPECT_NE(fits_not.find("\"too large, by far\""), std::string::npos) << fits_not;
}

}  // namespace
}  // namespace ironlaw
