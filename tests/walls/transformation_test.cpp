// Wall 9 by hand.
#include <algorithm>
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

// A step of 2,048 images on a node of 8 devices.
const Values kStep = {{"step_requests", 2048}, {"devices", 8}, {"replicas", 1}};
const Values kWorkers = {{"cpu_workers", 32}, {"worker_rate", 850}};

Values transform(const Values& more) {
  return outputs(function("9", "transform"), with(kStep, more));
}
double transform_time(const Values& more) {
  return transform(with(kWorkers, more)).at("transform_time");
}

TEST(Transform, NeedsNoTimeWhereNoWorkersAreDescribed) {
  EXPECT_EQ(transform({}).at("transform_time"), 0);
  EXPECT_EQ(transform({}).at("transform_wait"), 0);
  testing::expect_finite_slopes(function("9", "transform"), kStep);
}

TEST(Transform, WorkersOfAnUnknownRateHaveNoTime) {
  EXPECT_TRUE(std::isnan(transform({{"cpu_workers", 32}}).at("transform_time")));
}

TEST(Transform, WorkersAddUpToTheCores) {
  EXPECT_NEAR(transform_time({}), 2048.0 / 27200, 1e-12);
  EXPECT_NEAR(transform_time({{"worker_limit", 64}}), 2048.0 / 27200, 1e-12);
  EXPECT_NEAR(transform_time({{"worker_limit", 16}}), 2048.0 / 13600, 1e-12);
}

TEST(Transform, AReplicaHasItsPartOfTheHosts) {
  EXPECT_NEAR(transform_time({{"devices", 64}, {"replicas", 4}}), 2048.0 / 27200 / 2, 1e-12);
  EXPECT_NEAR(transform_time({{"replicas", 8}}), 2048.0 / 27200 * 8, 1e-12);
  EXPECT_NEAR(transform_time({{"devices", 64}, {"devices_per_node", 4}}), 2048.0 / 27200 / 16, 1e-12);
}

TEST(Transform, WhatIsNotPreparedInAdvanceWaits) {
  const Values out = transform(with(kWorkers, {{"transform_overlap", 0.25}}));
  EXPECT_NEAR(out.at("transform_time"), 0.25 * 2048.0 / 27200, 1e-12);
  EXPECT_NEAR(out.at("transform_wait"), 0.75 * 2048.0 / 27200, 1e-12);
}

// Share of the time that the devices work, when a step of theirs and the bound are all there is.
double busy(double step, double bound) {
  return step / std::max(step, bound);
}

TEST(Reference, CaseS2) {
  // ResNet-50 on a DGX A100 wants 2,048 images in 69.103 ms, 29,637 a second.
  const double step = 2048 / 29637.039769113682;
  EXPECT_NEAR(busy(step, transform_time({})), 0.9177704727564104, 1e-12);
  EXPECT_NEAR(0.3 * busy(step, transform_time({})), 0.27533114182692314, 1e-12);
  const Values run = outputs(function("9", "preparation"),
                             with(kWorkers, {{"request_rate", 29637.039769113682}, {"devices", 8}}));
  EXPECT_NEAR(run.at("transform_supply"), 27200, 1e-9);
  EXPECT_NEAR(1 / run.at("transform_utilisation"), 0.9177704727564104, 1e-12);
}

TEST(Reference, ScenarioC) {
  // 16 workers of 850 images a second prepare 2,048 in 150.6 ms; the device needs 48 ms: it stalls.
  EXPECT_NEAR(busy(48e-3, transform_time({{"cpu_workers", 16}, {"devices", 1}})), 0.31875, 1e-12);
}

TEST(Preparation, IsUnknownWhereNoWorkersAreDescribed) {
  const Values out = outputs(function("9", "preparation"), {{"request_rate", 1e3}, {"devices", 8}});
  EXPECT_TRUE(std::isnan(out.at("transform_supply")));
  EXPECT_TRUE(std::isnan(out.at("transform_utilisation")));
}

TEST(Preparation, CountsTheWorkersOfAllHosts) {
  const auto supply = [](double devices) {
    return outputs(function("9", "preparation"), with(kWorkers, {{"request_rate", 1}, {"devices", devices}}))
        .at("transform_supply");
  };
  EXPECT_NEAR(supply(64), 8 * 27200, 1e-9);
  EXPECT_NEAR(supply(1), 27200, 1e-9);
}

}  // namespace
}  // namespace ironlaw
