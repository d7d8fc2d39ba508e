// The drift gate: what moved between two grids, and why. All grids here are made up.
#include "calibration/drift/drift.hpp"

#include <algorithm>
#include <cmath>

#include "calibration/drift/golden_grid.hpp"
#include "calibration/drift/made_from.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

GoldenRow row(const char* device, const char* phase = "decode") {
  GoldenRow r{{device, "model-1", phase, 1, 64},
              "bf16 tp1 pp1 dp1 ep1",
              "fits",
              0.010,
              0.001,
              0.012,
              {},
              0.011,
              0.30,
              "2 memory"};
  r.added = {{2, 0.009}, {3, 0.002}};  // 0.001 at the peak + 0.009 + 0.002 = 0.012
  return r;
}

Golden grid() {
  Golden g;
  g.made_from.walls = {{"2 memory", {"4", "aaaa", {{"traffic.memory_time", 23.5}}}},
                       {"3 software", {"7", "bbbb", {{"kernels.launch_time", 22.75}}}},
                       {"10 locality", {"1", "cccc", {{"network.hops", 28.25}}}}};
  g.made_from.devices = {{"chip-a", {"V fam", "", {{"memory_bandwidth", 3.35e12}, {"tdp", 700}}}},
                         {"chip-b", {"V fam", "", {{"memory_bandwidth", 2e12}}}}};
  g.made_from.models = {{"model-1", {"decoder", "", {{"parameters", 8e9}}}}};
  g.made_from.files = {{"inference.csv", {"", "f1", {}}}, {"operators/gemm.csv.gz", {"", "f2", {}}}};
  g.made_from.fit = {
      {"data", {"", "d1", {}}}, {"options", {"rounds=40", "", {}}}, {"rows", {"fitted to 10 rows", "", {}}}};
  g.rows = {row("chip-a"), row("chip-b"), row("chip-b", "prefill")};
  return g;
}

const DriftGroup& only_group(const Drift& drift) {
  EXPECT_EQ(drift.groups.size(), 1u);
  return drift.groups.at(0);
}

TEST(Drift, NothingMovedWithinTheBounds) {
  const Golden was = grid();
  Golden is = grid();
  is.rows[0].textbook *= 1 + 9e-7;  // below 1e-6
  is.rows[0].calibrated = *is.rows[0].calibrated * 1.009;
  is.rows[1].half90 = *is.rows[1].half90 + 0.0095;
  const Drift drift = compare_golden(was, is);
  EXPECT_FALSE(drift.is_violated());
  EXPECT_TRUE(drift.has_fit);
  EXPECT_EQ(drift.compared, 3u);
  EXPECT_NEAR(drift.largest_fit_move, 0.0095, 1e-12);
}

TEST(Drift, AnEquationWhoseVersionWasNotRaised) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.walls["3 software"].values["kernels.launch_time"] += 2e-7;
  for (GoldenRow& r : is.rows) {
    r.prior += 0.0012;
    r.added[3] += 0.0012;  // + 10%: 0.012 -> 0.0132
  }
  is.rows[2].prior += 0.0012;
  const Drift drift = compare_golden(was, is);
  EXPECT_TRUE(drift.is_violated());
  const DriftGroup& group = only_group(drift);
  EXPECT_EQ(group.cause, DriftCause::equation);
  expect_contains(group.why, {"Wall 3 software", "kernels.launch_time",
                              "model_version is 7 as before: raise it", "differs first at wall 3 software"});
  ASSERT_EQ(group.points.size(), 3u);
  EXPECT_EQ(group.points[0].is->point.phase, "prefill") << "the worst first";
  EXPECT_NEAR(group.points[0].change, std::log(0.0144 / 0.012), 1e-12);
  EXPECT_NEAR(group.points[1].change, std::log(0.0132 / 0.012), 1e-12);
  EXPECT_EQ(group.points[1].what, "prior");
  ASSERT_EQ(drift.walls.size(), 1u);
}

// A change too small for the grid, or where it does not look.
TEST(Drift, AWallThatComputesAnotherNumberIsToldWithoutAPoint) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.walls["10 locality"] = {"2", "cccc", {{"network.hops", 28.26}}};
  const Drift drift = compare_golden(was, is);
  EXPECT_TRUE(drift.groups.empty());
  EXPECT_TRUE(drift.is_violated());
  expect_contains(drift.walls.at(0), {"Wall 10 locality", "network.hops", "model_version 1 -> 2"});
}

TEST(Drift, OfSeveralWallsTheOneWhereTheWaterfallBegins) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.walls["3 software"].hash = "other";
  is.made_from.walls["2 memory"].text = "5";
  is.rows[0].added[3] += 0.001;
  is.rows[0].prior += 0.001;
  is.rows[1].added = {{2, 0.008}, {3, 0.0025}};  // wall 3 moves with wall 2
  is.rows[1].prior -= 0.0005;
  const Drift drift = compare_golden(was, is);
  ASSERT_EQ(drift.groups.size(), 2u);
  expect_contains(drift.groups[0].why, {"Wall 3 software has other ports", "first at wall 3 software"});
  expect_contains(drift.groups[1].why, {"Wall 2 memory model_version 4 -> 5", "first at wall 2 memory"});
}

TEST(Drift, WithoutAChangedWallTheWaterfallSaysWhereToLook) {
  const Golden was = grid();
  Golden is = grid();
  is.rows[0].at_peak *= 2;  // more work
  is.rows[0].prior += 0.001;
  is.rows[1].added[2] += 0.001;
  is.rows[1].prior += 0.001;
  is.rows[2].textbook *= 1.5;  // not in the waterfall of the prior
  const Drift drift = compare_golden(was, is);
  ASSERT_EQ(drift.groups.size(), 3u);
  expect_contains(drift.groups[0].why, {"No datasheet, model or wall changed", "registry/", "other work"});
  expect_contains(drift.groups[1].why, {"neutral values", "is the same"});
  expect_contains(drift.groups[2].why, {"composition", "first at wall 2 memory"});
}

TEST(Drift, ADatasheetIsNamedWithItsFigure) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.devices["chip-a"].values["memory_bandwidth"] = 3.9e12;
  is.rows[0].textbook /= 3.9 / 3.35;
  is.rows[0].prior *= 0.9;
  is.rows[0].calibrated = 0.009;
  const DriftGroup group = only_group(compare_golden(was, is));
  EXPECT_EQ(group.cause, DriftCause::datasheet);
  expect_contains(group.why, {"datasheet of chip-a", "memory_bandwidth 3.35e+12 -> 3.9e+12"});
  EXPECT_EQ(group.why.find("tdp"), std::string::npos);
  ASSERT_EQ(group.points.size(), 1u);
  EXPECT_NEAR(group.points[0].change, std::log(3.35 / 3.9), 1e-12);
}

TEST(Drift, AModelsShapeIsNamed) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.models["model-1"].values["parameters"] = 8.1e9;
  is.rows[0].textbook *= 1.01;
  const DriftGroup group = only_group(compare_golden(was, is));
  EXPECT_EQ(group.cause, DriftCause::model);
  expect_contains(group.why, {"shape of model-1", "parameters 8e+09 -> 8.1e+09"});
}

TEST(Drift, WordsCountMoreThanNumbers) {
  const Golden was = grid();
  Golden is = grid();
  is.rows[0].textbook *= 5;
  is.rows[1].outcome = "memory";
  is.rows[2].how = "fp16 tp1 pp1 dp1 ep1";
  const Drift drift = compare_golden(was, is);
  std::vector<std::string> shown;
  for (const DriftGroup& group : drift.groups)
    for (const DriftedPoint& p : group.points) shown.push_back(p.shown);
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_EQ(shown[0], "fits -> memory");
  EXPECT_EQ(shown[1], "bf16 tp1 pp1 dp1 ep1 -> fp16 tp1 pp1 dp1 ep1");
}

TEST(Drift, OnlyTheFitMovedBecauseOfATable) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.files["operators/gemm.csv.gz"].hash = "f3";
  is.made_from.fit["data"].hash = "d2";
  is.made_from.fit["rows"].text = "fitted to 12 rows";
  is.rows[0].calibrated = 0.0115;
  is.rows[1].half90 = 0.35;  // the interval alone
  const DriftGroup group = only_group(compare_golden(was, is));
  EXPECT_EQ(group.cause, DriftCause::data);
  expect_contains(group.why, {"operators/gemm.csv.gz (changed)", "fitted to 10 rows -> fitted to 12 rows"});
  EXPECT_EQ(group.why.find("inference.csv"), std::string::npos);
  ASSERT_EQ(group.points.size(), 2u);
  EXPECT_EQ(group.points[0].what, "interval");
  EXPECT_NEAR(group.points[0].change, 0.05, 1e-12);
  EXPECT_EQ(group.points[1].what, "calibrated");
  EXPECT_NEAR(group.points[1].change, std::log(0.0115 / 0.011), 1e-12);
}

TEST(Drift, OnlyTheFitMovedWithoutOtherData) {
  const Golden was = grid();
  Golden is = grid();
  is.rows[0].calibrated = 0.0115;
  EXPECT_EQ(only_group(compare_golden(was, is)).cause, DriftCause::fit);
  expect_contains(compare_golden(was, is).groups[0].why, {"are the same", "another optimum"});

  is.made_from.fit["options"].text = "rounds=80";
  expect_contains(compare_golden(was, is).groups[0].why, {"options: rounds=40 -> rounds=80"});
  is.made_from.fit["data"].hash = "d2";  // and no table differs
  expect_contains(compare_golden(was, is).groups[0].why, {"rows were imported"});
  EXPECT_EQ(compare_golden(was, is).groups[0].cause, DriftCause::data);

  // A wall that this point does not feel moves it through the fit.
  is = grid();
  is.rows[0].calibrated = 0.0115;
  is.made_from.walls["10 locality"].text = "2";
  EXPECT_EQ(only_group(compare_golden(was, is)).cause, DriftCause::equation);
  expect_contains(compare_golden(was, is).groups[0].why, {"Fitted with other walls: 10 locality"});
}

TEST(Drift, CalibratedTimesAreLeftAloneWhereNobodyAskedForThem) {
  const Golden was = grid();
  Golden is = grid();
  is.made_from.fit.clear();
  for (GoldenRow& r : is.rows) r.calibrated.reset();
  const Drift drift = compare_golden(was, is);
  EXPECT_FALSE(drift.has_fit);
  EXPECT_FALSE(drift.is_violated());
}

TEST(Drift, WhatIsMissingCountsAndWhatIsNewIsTold) {
  Golden was = grid();
  Golden is = grid();
  is.rows.erase(is.rows.begin());
  is.made_from.devices.erase("chip-a");
  is.rows.push_back(row("chip-c"));
  is.rows.push_back(row("chip-c", "train"));
  is.rows.push_back(row("chip-b", "train"));
  is.made_from.devices["chip-c"] = {"W fam", "", {}};
  const Drift drift = compare_golden(was, is);
  EXPECT_EQ(drift.missing, std::vector<std::string>{"device chip-a"});
  EXPECT_EQ(drift.added,
            (std::vector<std::string>{"device chip-c (2 points)", "model-1 on chip-b, train, batch 64"}));
  EXPECT_TRUE(drift.is_violated());
  was.rows.erase(was.rows.begin());
  was.made_from.devices.erase("chip-a");
  EXPECT_FALSE(compare_golden(was, is).is_violated()) << "a new device moves nothing";
}

// ---- the files -------------------------------------------------------------------------------------------
std::string problem(const std::string& folder) {
  return message_of([&] { read_golden(folder); });
}

std::string text_of_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace_in(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = text_of_file(path);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  write(path, text.replace(at, from.size(), to));
}

TEST(GoldenFiles, ComeBackAsTheyWere) {
  const Directory dir;
  Golden golden = grid();
  golden.rows.push_back({{"chip-b", "model-1", "train", 8, 0}, "", "refused", NAN, NAN, NAN, {}, {}, {}, ""});
  golden.made_from.devices["chip, \"odd\""] = {"V fam", "", {{"shape.factor", NAN}}};
  write_golden(dir / "g", golden);
  const Golden back = read_golden(dir / "g");
  const Drift drift = compare_golden(golden, back);
  EXPECT_FALSE(drift.is_violated());
  EXPECT_EQ(drift.compared, 4u);
  EXPECT_TRUE(drift.added.empty() && drift.missing.empty() && drift.notes.empty());
  EXPECT_EQ(back.made_from.walls, golden.made_from.walls);
  EXPECT_EQ(back.made_from.fit, golden.made_from.fit);
  EXPECT_EQ(back.rows[0].added, golden.rows[0].added);
  EXPECT_EQ(back.rows[3].outcome, "refused");
  EXPECT_TRUE(std::isnan(back.rows[3].prior));
}

TEST(GoldenFiles, WhatIsWrongWithThemIsSaid) {
  const Directory dir;
  expect_contains(problem(dir / "none"), {"There is no", "grid.csv", "make golden"});
  const auto anew = [&] { write_golden(dir / "g", grid()); };
  const std::string cells = dir / "g/grid.csv", marks = dir / "g/made_from.csv";

  anew();
  write(cells, "");
  expect_contains(problem(dir / "g"), {"grid.csv", "empty"});
  anew();
  std::filesystem::remove(marks);
  expect_contains(problem(dir / "g"), {"There is no", "made_from.csv", "make golden"});
  anew();
  replace_in(cells, "0.012", "0.013");
  expect_contains(problem(dir / "g"), {"not of one update", "make golden"});
  anew();
  replace_in(marks, "schema,grid.csv,1", "schema,grid.csv,0");
  expect_contains(problem(dir / "g"), {"schema '0'", "reads schema 1", "make golden"});
  anew();
  replace_in(marks, "schema,grid.csv,1", "file,grid.csv,1");
  expect_contains(problem(dir / "g"), {"does not say its schema"});
  anew();
  replace_in(marks, "wall,2 memory", "wal,2 memory");
  expect_contains(problem(dir / "g"), {"made_from.csv:", "'kind'", "given 'wal'"});
  anew();
  replace_in(marks, "traffic.memory_time=23.5", "traffic.memory_time=much");
  expect_contains(problem(dir / "g"), {"made_from.csv:", "'values'", "NAME=NUMBER"});
  Golden twice = grid();
  twice.rows.push_back(twice.rows[0]);
  write_golden(dir / "g", twice);
  expect_contains(problem(dir / "g"), {"grid.csv:5", "there twice"});
  twice.rows.clear();
  write_golden(dir / "g", twice);
  expect_contains(problem(dir / "g"), {"no rows"});
}

// ---- the real thing --------------------------------------------------------------------------------------
TEST(GoldenGrid, MeetsEveryDeviceAndEveryModelInEveryPhase) {
  const auto chips = hardware();
  const std::vector<GoldenPoint> points = golden_points(chips);
  EXPECT_LT(points.size(), 5000u);
  std::set<std::string> devices, names, phases;
  for (const GoldenPoint& p : points) {
    devices.insert(p.device);
    names.insert(p.model);
    phases.insert(p.phase);
  }
  EXPECT_EQ(devices.size(), chips.size());
  EXPECT_EQ(names.size(), models().size());
  EXPECT_EQ(phases.size(), std::size(kTasks));
  EXPECT_EQ(std::set(points.begin(), points.end()).size(), points.size());
}

TEST(GoldenGrid, ARowIsWhatThePredictorSays) {
  const GoldenPoint asked{"H100-SXM-80GB", "llama-3.1-8b", "decode", 1, 64};
  const GoldenPoint too_large{"H100-SXM-80GB", "llama-3.1-405b", "decode", 1, 1};
  const std::vector<GoldenPoint> points = {asked, too_large};
  const ParameterSet none = ParameterSet::prior();
  const std::vector<GoldenRow> rows = golden_rows(points, walls(), hardware(), &none);
  ASSERT_EQ(rows.size(), 2u);
  Scenario s;
  s.model = &find_model("llama-3.1-8b");
  s.hardware = &plugins().find_hardware("H100-SXM-80GB");
  s.batch = 64;
  s.precision = Precision::bf16;
  const Prediction p = predictor().predict(s, ParameterSet::prior());
  EXPECT_EQ(rows[0].prior, p.outcome.time);
  EXPECT_EQ(rows[0].calibrated, p.outcome.time);
  EXPECT_EQ(rows[0].half90, p.variance->half90());
  EXPECT_EQ(rows[0].textbook, predictor().predict(s, ParameterSet::textbook()).outcome.time);
  EXPECT_EQ(rows[0].how, "bf16 tp1 pp1 dp1 ep1");
  EXPECT_EQ(rows[0].outcome, "fits");
  EXPECT_EQ(rows[0].binding, "2 memory");
  double sum = rows[0].at_peak;  // the waterfall ends at the time
  for (const auto& [wall, seconds] : rows[0].added) sum += seconds;
  EXPECT_NEAR(sum / rows[0].prior, 1, 1e-12);
  EXPECT_EQ(rows[1].outcome, "memory");
}

TEST(GoldenGrid, IsMadeFromWhatIsLoaded) {
  const auto chips = hardware();
  const MadeFrom m = made_from(walls(), chips, IRONLAW_FACTS_DIR);
  EXPECT_EQ(m.devices.size(), chips.size());
  EXPECT_EQ(m.devices.at("H100-SXM-80GB").values.at("memory_bandwidth"), 3.35e12);
  EXPECT_TRUE(m.walls.contains("2 memory"));
  EXPECT_FALSE(m.walls.contains("22 synthesis")) << "an analysis";
  EXPECT_EQ(m.walls.at("2 memory").hash, ports_hash(*walls()[1]));
  EXPECT_TRUE(m.files.contains("mlperf_training/results.csv"));
  EXPECT_FALSE(m.files.contains("places.csv")) << "no fit rests on it";
  // The same each time, so that what differs is a change.
  const MadeFrom again = made_from(walls(), chips, IRONLAW_FACTS_DIR);
  Golden a{m, {row("chip-a")}}, b{again, {row("chip-a")}};
  EXPECT_TRUE(compare_golden(a, b).walls.empty());
}

}  // namespace
}  // namespace ironlaw::test
