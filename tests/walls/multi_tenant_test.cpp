// Wall 16 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

constexpr double kHour = 3600;

// 64 devices of a cluster that has no more, for ten hours.
const Values kAlone = {{"devices", 64}, {"run_time", 10 * kHour}};
const Values kWhole = with(kAlone, {{"cluster_devices", 64}, {"cluster_load", 0.8}, {"job_duration_cv", 0}});

Values queue(const Values& changes, const Values& base = kWhole) {
  return outputs(function("16", "queue"), with(base, changes));
}

TEST(Queue, AClusterOfOnesOwnHasNone) {
  const Values out = queue({}, kAlone);
  EXPECT_EQ(out.at("queue_wait"), 0);
  EXPECT_EQ(out.at("time_to_result"), 10 * kHour);
  EXPECT_EQ(out.at("queue_slowdown"), 1);
  EXPECT_EQ(out.at("cluster_headroom"), 0);
}

// Row LAW-4 of the reference: M/D/1 at 80% waits for two jobs, 0.8/(2 x 0.2).
TEST(Queue, OneServerIsPollaczekKhinchine) {
  EXPECT_NEAR(queue({}).at("queue_wait"), 20 * kHour, 1e-6);
  EXPECT_NEAR(queue({}).at("time_to_result"), 30 * kHour, 1e-6);
  EXPECT_NEAR(queue({}).at("queue_slowdown"), 3, 1e-12);
  // Exponential durations (cv 1) double it; cv 4 makes it (1 + 16) times as long.
  EXPECT_NEAR(queue({{"job_duration_cv", 1}}).at("queue_wait"), 40 * kHour, 1e-6);
  EXPECT_NEAR(queue({{"job_duration_cv", 4}}).at("queue_wait"), 340 * kHour, 1e-6);
  EXPECT_NEAR(queue({{"mean_job_duration", kHour}}).at("queue_wait"), 2 * kHour, 1e-6);
}

// Row W16-wait: 0.9/0.1 over 0.5/0.5.
TEST(Queue, NinetyPercentWaitNineTimesAsLongAsFifty) {
  EXPECT_NEAR(
      queue({{"cluster_load", 0.9}}).at("queue_wait") / queue({{"cluster_load", 0.5}}).at("queue_wait"), 9,
      1e-12);
}

TEST(Queue, ManySmallJobsHardlyWait) {
  // Two servers at 0.8: Erlang's C = 1.28/0.2/(1 + 1.6 + 6.4) = 0.7111; x 10 h/(2 x 0.2) x 1/2 = 8.889 h.
  EXPECT_NEAR(queue({{"cluster_devices", 128}}).at("queue_wait"), 8.8889 * kHour, 1);
  // A hundred and a bit: only whole places count.
  EXPECT_EQ(queue({{"cluster_devices", 6400}}).at("queue_wait"),
            queue({{"cluster_devices", 6463}}).at("queue_wait"));
  EXPECT_LT(queue({{"cluster_devices", 6400}}).at("queue_wait"), 0.1 * kHour);
}

TEST(Queue, GrowsEverFasterWithTheLoad) {
  for (const double cluster : {64, 256, 4096}) {
    double before = 0, rise = 0;
    for (const double load : {0.1, 0.3, 0.5, 0.7, 0.9}) {
      const double wait = queue({{"cluster_load", load}, {"cluster_devices", cluster}}).at("queue_wait");
      EXPECT_GE(wait - before, rise) << cluster << ' ' << load;
      rise = wait - before;
      before = wait;
    }
    EXPECT_GT(before, 0);
  }
  EXPECT_EQ(queue({{"cluster_load", 0}}).at("queue_wait"), 0);
}

TEST(Queue, AnUnknownLoadIsAnUnknownWait) {
  const Values out = queue({{"cluster_load", std::nan("")}});
  EXPECT_TRUE(std::isnan(out.at("queue_wait")));
  EXPECT_TRUE(std::isnan(out.at("time_to_result")));
  EXPECT_EQ(out.at("cluster_headroom"), 0);
}

TEST(Queue, AJobLargerThanTheClusterDoesNotFit) {
  EXPECT_EQ(queue({{"cluster_devices", 48}}).at("cluster_headroom"), -16);
  EXPECT_EQ(queue({{"cluster_devices", 256}}).at("cluster_headroom"), 192);
}

}  // namespace
}  // namespace ironlaw
