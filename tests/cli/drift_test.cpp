// ironlaw drift: the golden grid as CI holds it against today's predictions. The grid that is committed is
// looked at by tests/golden; here it is one that the test has changed.
#include <gtest/gtest.h>

#include "calibration/drift/golden.hpp"
#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

// The committed grid, few of its rows: the others are new then, which costs nothing.
struct DriftCommand : testing::Test {
  DriftCommand() {
    Golden all = read_golden(IRONLAW_GOLDEN_DIR);
    golden.made_from = all.made_from;
    for (const GoldenRow& row : all.rows)
      if (row.point.device == "H100-SXM-80GB" && row.point.model == "llama-3.1-8b")
        golden.rows.push_back(row);
  }
  Result drift(const std::string& options) {
    write_golden(dir.path() / "g", golden);
    return run("drift --params textbook --grid " + (dir.path() / "g").string() + " " + options);
  }
  TemporaryFolder dir;
  Golden golden;
};

TEST_F(DriftCommand, AMovedFigureEndsInThreeAndIsNamed) {
  golden.made_from.devices.at("H100-SXM-80GB").values.at("memory_bandwidth") /= 2;
  for (GoldenRow& row : golden.rows) row.textbook *= 2, row.prior *= 2;
  const Result r = drift("");
  EXPECT_EQ(r.code, 3) << r.err;
  EXPECT_TRUE(contains(r.err, "make golden")) << r.err;
  EXPECT_TRUE(contains(r.out, "datasheet")) << r.out;
  EXPECT_TRUE(contains(r.out, "memory_bandwidth 1.675e+12 -> 3.35e+12")) << r.out;
  EXPECT_TRUE(contains(r.out, "-50%")) << r.out;
  EXPECT_TRUE(contains(r.out, "calibrated times were not compared")) << r.out;

  const Json json = Json::parse(drift("--format json").out);
  EXPECT_EQ(json["violated"], true);
  EXPECT_EQ(json["compared"], golden.rows.size());
  EXPECT_EQ(json["groups"].size(), 1u);
  EXPECT_EQ(json["groups"][0]["cause"], "datasheet");
  EXPECT_EQ(json["groups"][0]["points"].size(), golden.rows.size());
}

TEST_F(DriftCommand, WhatIsNewMovesNothing) {
  const Result r = drift("");
  EXPECT_EQ(r.code, 0) << r.out << r.err;
  EXPECT_TRUE(contains(r.out, "New, not in the grid")) << r.out;
}

TEST_F(DriftCommand, AChangedWallIsToldWhenNoPointMoved) {
  auto& numbers = golden.made_from.walls.at("3 software").values;
  ASSERT_FALSE(numbers.empty());
  numbers.begin()->second += 1e-3;
  const Result r = drift("");
  EXPECT_EQ(r.code, 3) << r.err;
  EXPECT_TRUE(contains(r.out, "Wall 3 software computes another " + numbers.begin()->first)) << r.out;
}

TEST_F(DriftCommand, RefusesWhatItCannotCompare) {
  const Result none = run("drift --grid /nowhere");
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "There is no /nowhere/grid.csv")) << none.err;
  const Result both = run("drift --update --params textbook");
  EXPECT_EQ(both.code, 1);
  EXPECT_TRUE(contains(both.err, "--update")) << both.err;
  const Result set = run("drift --params texbook");
  EXPECT_EQ(set.code, 1);
  EXPECT_TRUE(contains(set.err, "textbook")) << set.err;
  // The committed grid wants the fit, and says what to do for one.
  const Result unfitted = run("drift");
  EXPECT_EQ(unfitted.code, 1);
  EXPECT_TRUE(contains(unfitted.err, "ironlaw calibrate")) << unfitted.err;
  EXPECT_EQ(unfitted.out, "");
}

}  // namespace
}  // namespace ironlaw::test
