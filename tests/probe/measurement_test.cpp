// What is made of measurements: a target, a prediction, a table. The measurements are invented.
#include "framework/probe/measurement.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "datasets/importers.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "framework/probe/figures.hpp"
#include "framework/probe/predicted.hpp"
#include "framework/report/probe_report.hpp"

namespace ironlaw::test {
namespace {

Measurement product(const char* precision, std::int64_t size, double rate) {
  return {.what = measured::matmul,
          .precision = precision,
          .m = size,
          .n = size,
          .k = size,
          .threads = 2,
          .value = rate,
          .median = rate * 0.9,
          .unit = "FLOP/s",
          .spread = 0.05,
          .samples = 9,
          .how = "a \"kernel\", fast"};
}
Measurement stream(const char* what, double bytes, int threads, double rate) {
  return {.what = what,
          .bytes = bytes,
          .threads = threads,
          .value = rate,
          .median = rate,
          .unit = "B/s",
          .samples = 5};
}

ProbeResult invented() {
  ProbeResult r;
  r.machine.cpu = "Fast(R) Chip(TM) 9000 CPU @ 2.00GHz";
  r.machine.vendor = "Fast";
  r.machine.architecture = "x86_64";
  r.machine.cores = 2;
  r.machine.threads = r.machine.usable_threads = 2;
  r.machine.memory_bytes = 16'000'000'000;
  r.machine.caches = {{3, "Unified", 32 << 20, 2}};
  r.device = cpus_of(r.machine);
  r.date = "2026-03-04";
  r.rows = {
      product("fp32", 2048, 123.456789e9),
      product("fp32", 256, 80e9),
      product("fp64", 1024, 60e9),
      stream(measured::copy, 2e9, 2, 18e9),
      stream(measured::triad, 3e9, 1, 11e9),
      stream(measured::triad, 3e9, 2, 20e9),
      {.what = measured::cache_latency,
       .bytes = 16384,
       .value = 2e-9,
       .median = 3e-9,
       .unit = "s",
       .samples = 5},
      {.what = measured::launch, .threads = 2, .value = 2e-6, .median = 3e-6, .unit = "s", .samples = 5},
      {.what = measured::mlp,
       .precision = "fp32",
       .m = 64,
       .n = 2048,
       .k = 1024,
       .threads = 2,
       .value = 9e-3,
       .median = 9e-3,
       .unit = "s",
       .samples = 5}};
  return r;
}

TEST(Measurement, RatesAndTimes) {
  Measurement m;
  set_value(m, {.best = 2, .median = 4, .spread = 0.1, .samples = 3}, 8, "B/s");
  EXPECT_EQ(m.value, 4);
  EXPECT_EQ(m.median, 2);
  set_value(m, {.best = 2, .median = 4, .spread = 0.1, .samples = 3}, 0, "s");
  EXPECT_EQ(m.value, 2);
  EXPECT_EQ(m.median, 4);
}

TEST(Measurement, TheFastest) {
  const ProbeResult r = invented();
  EXPECT_EQ(r.fastest(measured::matmul, "fp32")->m, 2048);
  EXPECT_EQ(r.fastest(measured::triad)->threads, 2);
  EXPECT_EQ(r.fastest(measured::matmul, "int8"), nullptr);
}

TEST(Target, IsMadeOfTheBestMeasurements) {
  const HardwareProject p = project_of(invented(), "");
  EXPECT_EQ(p.id, "Fast-Chip-9000-" + invented().machine.identity().substr(0, 6));
  EXPECT_EQ(p.kind, "cpu");
  EXPECT_EQ(p.year, 2026U);
  const ProjectTarget target(p);
  EXPECT_EQ(figure(target.hardware(), "peak_fp32"), 123.5e9);  // four digits
  EXPECT_EQ(figure(target.hardware(), "peak_fp64"), 60e9);
  EXPECT_EQ(figure(target.hardware(), "memory_bandwidth"), 20e9);
  EXPECT_EQ(figure(target.hardware(), "memory_capacity"), 16e9);
  EXPECT_EQ(figure(target.hardware(), "last_level_cache"), 32.0 * (1 << 20));
  EXPECT_TRUE(std::isnan(figure(target.hardware(), "power")));  // not measured: absent
  EXPECT_TRUE(std::isnan(figure(target.hardware(), "peak_int8")));
  for (const ProjectFigure& f : p.figures)
    EXPECT_NE(f.source.find("2026-03-04"), std::string::npos) << f.quantity;
  EXPECT_EQ(project_of(invented(), "my-box").id, "my-box");
}

TEST(Predicted, ByTheWallsOnOperatorRows) {
  const PluginHost host({{{PLUGINS_DIR}}});
  const ProbeResult result = invented();
  const ProjectTarget target(project_of(result, ""));
  Predictor predictor({host.walls().begin(), host.walls().end()});
  const PredictedProbe p = predict_probe(result, target.hardware(), predictor, ParameterSet::textbook());
  EXPECT_EQ(p.launch_latency, 2e-6);
  ASSERT_EQ(p.rows.size(), 5U);  // two products, two streams on all threads, the MLP
  // 2 x 2048^3 FLOP at the peak, more than its 50 MB take; and a launch.
  EXPECT_TRUE(p.rows[0].is_anchor);
  EXPECT_NEAR(p.rows[0].predicted, 2 * std::pow(2048, 3) / 123.5e9 + 2e-6, 1e-9);
  EXPECT_NEAR(p.rows[0].measured, 2 * std::pow(2048, 3) / 123.456789e9, 1e-9);
  EXPECT_FALSE(p.rows[1].is_anchor);
  EXPECT_NEAR(p.rows[1].predicted, 2 * std::pow(256, 3) / 123.5e9 + 2e-6, 1e-9);
  EXPECT_NEAR(p.rows[1].ratio(), p.rows[1].predicted / p.rows[1].measured, 1e-12);
  EXPECT_NEAR(p.rows[2].predicted, 2e9 / 20e9 + 2e-6, 1e-9);  // the copy at the triad's rate
  EXPECT_FALSE(p.rows[2].is_anchor);
  EXPECT_TRUE(p.rows[3].is_anchor);
  // The MLP, as the model lowers it: two products of 64 x 1024 x 2048, the activation between them.
  const double products = 2 * 2.0 * 64 * 1024 * 2048 / 123.5e9;
  EXPECT_EQ(p.rows[4].row->what, measured::mlp);
  EXPECT_GT(p.rows[4].predicted, products);
  EXPECT_LT(p.rows[4].predicted, 2 * products);
  // Over the copy, the small product and the MLP.
  std::vector<double> errors;
  for (const std::size_t i : {1UL, 2UL, 4UL}) errors.push_back(std::abs(p.rows[i].ratio() - 1));
  EXPECT_NEAR(p.median_error, quantile_of(errors, 0.5), 1e-12);
  EXPECT_NEAR(p.p90_error, quantile_of(errors, 0.9), 1e-12);
  ASSERT_EQ(p.notes.size(), 1U);
  EXPECT_NE(p.notes[0].find("fp64"), std::string::npos);
}

TEST(Csv, ComesBackAsItWas) {
  const ProbeResult result = invented();
  const CsvTable table = CsvTable::parse(probe_csv(result), "probe.csv");
  EXPECT_EQ(recognise(table), TableKind::probe);
  ASSERT_EQ(table.size(), result.rows.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const ProbeRecord r = read_probe(table.row(i));
    const Measurement& m = result.rows[i];
    EXPECT_EQ(r.machine, result.machine.identity());
    EXPECT_EQ(r.device, result.device.name);
    EXPECT_EQ(r.date, result.date);
    EXPECT_EQ(r.what, m.what);
    EXPECT_EQ(r.precision, m.precision);
    EXPECT_EQ(r.m.value_or(0), m.m);
    EXPECT_EQ(r.k.value_or(0), m.k);
    EXPECT_EQ(r.bytes.value_or(0), m.bytes);
    EXPECT_EQ(r.threads, m.threads);
    EXPECT_EQ(r.value, m.value);  // every digit
    EXPECT_EQ(r.median, m.median);
    EXPECT_EQ(r.unit, m.unit);
    EXPECT_EQ(r.spread, m.spread);
    EXPECT_EQ(r.samples, m.samples);
    EXPECT_EQ(r.how, m.how);
  }
}

TEST(Report, SaysWhatTheNumbersRestOn) {
  ProbeReport report;
  report.result = invented();
  report.result.notes = {"something was left out."};
  report.target = project_of(report.result, "");
  report.predicted.rows = {{&report.result.rows[0], 1, 1.5, true}, {&report.result.rows[1], 2, 1, false}};
  report.predicted.median_error = report.predicted.p90_error = 0.5;
  report.parameters = "textbook";
  report.stored = "not stored";
  const std::string text = probe_text(report, [](std::string_view s) { return std::string(s); });
  for (const char* part : {"123.5 GFLOP/s", "* its figure", "median error 50%", "something was left out.",
                           "not stored", "16 KiB", "20 GB/s", "textbook parameters"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const Json json = probe_json(report);
  EXPECT_EQ(json["measurements"].size(), report.result.rows.size());
  EXPECT_EQ(json["predicted"]["rows"][1]["ratio"], 0.5);
  EXPECT_EQ(json["machine"]["identity"], report.result.machine.identity());
  EXPECT_TRUE(json["machine"]["cpu_quota"].is_null());
  EXPECT_TRUE(json["machine"]["frequency_hz"].is_null());
}

}  // namespace
}  // namespace ironlaw::test
