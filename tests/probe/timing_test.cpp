// Timing on a clock that the test moves: nothing here depends on how fast a machine is.
#include "framework/probe/timing.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace ironlaw::test {
namespace {

// A body whose runs take so many seconds each, in turn.
struct FakeWork {
  std::vector<double> seconds;
  double now = 0;
  int runs = 0, calls = 0;
  std::function<void(int)> body() {
    return [this](int n) {
      ++calls;
      for (int i = 0; i < n; ++i) now += seconds[static_cast<std::size_t>(runs++) % seconds.size()];
    };
  }
  Clock clock() {
    return [this] { return now; };
  }
};

TEST(Timing, QuantilesAreInterpolated) {
  EXPECT_DOUBLE_EQ(quantile_of({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile_of({4, 1, 3, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(quantile_of({4, 1, 3, 2}, 1), 4);
  EXPECT_DOUBLE_EQ(quantile_of({7}, 0.9), 7);
  EXPECT_TRUE(std::isnan(quantile_of({}, 0.5)));
}

TEST(Timing, BestMedianAndSpread) {
  const Timing t = summarise({5, 1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(t.best, 1);
  EXPECT_DOUBLE_EQ(t.median, 3);
  EXPECT_DOUBLE_EQ(t.spread, 2.0 / 3);  // (4 - 2) / 3
  EXPECT_EQ(t.samples, 5);
}

TEST(Timing, ShortRunsAreRepeatedInASample) {
  FakeWork work{{1e-6}};
  const Timing t = time_runs(
      work.body(), {.seconds = 1, .least_sample = 1e-3, .least_samples = 3, .most_samples = 7}, work.clock());
  EXPECT_EQ(t.runs_a_sample, 1024);
  EXPECT_EQ(t.samples, 7);
  EXPECT_NEAR(t.best, 1e-6, 1e-12);
  EXPECT_NEAR(t.spread, 0, 1e-9);
}

TEST(Timing, LongRunsEndWithTheTime) {
  FakeWork work{{0.3}};
  const Timing t =
      time_runs(work.body(), {.seconds = 1, .least_sample = 1e-3, .least_samples = 2, .most_samples = 50},
                work.clock());
  EXPECT_EQ(t.runs_a_sample, 1);
  EXPECT_EQ(t.samples, 3);  // after the warm-up: begun at 0.3, 0.6 and 0.9 s
  EXPECT_EQ(work.calls, 4);
}

TEST(Timing, TheLeastSamplesAreTakenEvenPastTheTime) {
  FakeWork work{{10}};
  const Timing t =
      time_runs(work.body(), {.seconds = 1, .least_sample = 1e-3, .least_samples = 3, .most_samples = 50},
                work.clock());
  EXPECT_EQ(t.samples, 3);
}

TEST(Timing, TheWarmUpDoesNotCount) {
  FakeWork work{{5, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
  const Timing t =
      time_runs(work.body(), {.seconds = 7, .least_sample = 1e-3, .least_samples = 2, .most_samples = 50},
                work.clock());
  EXPECT_DOUBLE_EQ(t.median, 1);
  EXPECT_DOUBLE_EQ(t.best, 1);
}

TEST(Timing, AClockThatStandsStillEnds) {
  const Timing t =
      time_runs([](int) {}, {.seconds = 1, .least_sample = 1e-3, .least_samples = 2, .most_samples = 3},
                [] { return 0.0; });
  EXPECT_EQ(t.samples, 3);
  EXPECT_EQ(t.best, 0);
  EXPECT_EQ(t.spread, 0);
}

}  // namespace
}  // namespace ironlaw::test
