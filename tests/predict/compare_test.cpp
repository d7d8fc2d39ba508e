// Scenarios side by side: who wins, because of what, and where that flips.
#include "framework/predict/compare.hpp"

#include <cmath>

#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;

const ParameterSet kTextbook = ParameterSet::textbook();

std::vector<Scenario> decode_on(std::initializer_list<const char*> devices, double batch = 32) {
  std::vector<Scenario> all;
  for (const char* device : devices) all.push_back(scenario("llama-3.1-8b", device, Task::decode, batch));
  return all;
}

std::optional<std::size_t> winner_of(std::vector<Scenario> all, const std::string& along, double x) {
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (along == "batch" ? all[i].batch : all[i].input_len.emplace()) = x;
    const Prediction p = textbook(all[i]);
    if (p.feasible && p.throughput > most) {
      most = p.throughput;
      best = i;
    }
  }
  return best;
}

TEST(Compare, RanksByThroughput) {
  const Comparison c = compare(decode_on({"a100", "h100", "h200"}), predictor(), kTextbook);
  EXPECT_THAT(c.ranking, ::testing::ElementsAre(2, 1, 0));
  EXPECT_EQ(c.ranked_by, "tokens/s");
  ASSERT_EQ(c.gaps.size(), 2U);
  // Decoding is bytes over bandwidth: 4.8 against 3.35 TB/s, and no other wall differs.
  EXPECT_EQ(c.gaps[0].loser, 1U);
  EXPECT_NEAR(c.gaps[0].factor, 4.8 / 3.35, 0.02);
  EXPECT_EQ(c.contenders[1].prediction.ledger[*c.gaps[0].wall].name, "memory");
  EXPECT_FALSE(c.gaps[0].factor90);
}

TEST(Compare, LedgersAddUpToTheDifference) {
  for (const Task task : {Task::decode, Task::prefill, Task::offline, Task::train}) {
    std::vector<Scenario> all;
    for (const char* device : {"a100", "h100", "mi300x"})
      all.push_back(scenario("llama-3.1-8b", device, task, task == Task::offline ? 0 : 8, Precision::bf16,
                             {.tensor = 8}));
    const Comparison c = compare(all, predictor(), kTextbook);
    ASSERT_EQ(c.gaps.size(), 2U) << name_of(task);
    const Prediction& w = c.contenders[c.ranking[0]].raced();
    for (const Gap& gap : c.gaps) {
      const Prediction& l = c.contenders[gap.loser].raced();
      double sum = 0;
      double most = 0;
      for (std::size_t e = 0; e < w.ledger.size(); ++e) {
        const double seconds =
            seconds_for_same_work(c, l, wall_seconds(l, e)) - seconds_for_same_work(c, w, wall_seconds(w, e));
        if (l.ledger[e].in_time) sum += seconds;
        most = std::max(most, seconds);
      }
      EXPECT_NEAR(sum / gap.all_seconds, 1, 1e-9) << name_of(task);
      EXPECT_DOUBLE_EQ(gap.wall_seconds, most);
      // Times for the same work stand as the throughputs do.
      EXPECT_NEAR(seconds_for_same_work(c, l, l.outcome.time) / seconds_for_same_work(c, w, w.outcome.time),
                  gap.factor, 1e-9 * gap.factor);
    }
  }
}

TEST(Compare, TheDatasheetPeakCountsForTheWallThatBindsIt) {
  std::vector<Scenario> all = {scenario("llama-3.1-8b", "a100", Task::prefill, 8),
                               scenario("llama-3.1-8b", "h100", Task::prefill, 8)};
  const Comparison c = compare(all, predictor(), kTextbook);
  EXPECT_EQ(c.contenders[0].prediction.ledger[*c.gaps[0].wall].name, "compute");
  EXPECT_GT(c.gaps[0].wall_seconds, 0.8 * c.gaps[0].all_seconds);
}

// Each flip, looked at from both sides by plain predictions.
TEST(Compare, FlipsAreWhereTheWinnerChanges) {
  int flips = 0;
  for (const auto& all :
       {decode_on({"h100", "mi300x", "l40s"}), decode_on({"h200", "b200"}),
        std::vector{
            scenario("llama-3.1-70b", "h100", Task::prefill, 8, Precision::bf16, {.tensor = 2, .data = 4}),
            scenario("llama-3.1-70b", "mi300x", Task::prefill, 8, Precision::bf16, {.data = 8})}}) {
    const Comparison c = compare(all, predictor(), kTextbook);
    ASSERT_EQ(c.scans.size(), 2U);
    for (const Scan& scan : c.scans) {
      EXPECT_EQ(scan.stretches[0].winner, winner_of(all, scan.along, scan.low));
      for (std::size_t i = 1; i < scan.stretches.size(); ++i) {
        const Stretch& s = scan.stretches[i];
        EXPECT_EQ(s.winner, winner_of(all, scan.along, s.from)) << scan.along << " " << s.from;
        EXPECT_EQ(scan.stretches[i - 1].winner, winner_of(all, scan.along, s.from - 1))
            << scan.along << " " << s.from;
        EXPECT_NE(s.winner, scan.stretches[i - 1].winner);
        ++flips;
      }
    }
  }
  EXPECT_GE(flips, 5);
}

TEST(Compare, WhatDoesNotFitDoesNotWin) {
  std::vector<Scenario> all = {scenario("llama-3.1-70b", "h100", Task::decode),
                               scenario("llama-3.1-70b", "h200", Task::decode)};
  const Comparison c = compare(all, predictor(), kTextbook);
  EXPECT_THAT(c.ranking, ::testing::ElementsAre(1));
  EXPECT_FALSE(c.contenders[0].score);
  EXPECT_TRUE(c.contenders[0].refused.empty());
  EXPECT_TRUE(c.gaps.empty());
}

TEST(Compare, WhatCannotBeAskedIsRefusedAlone) {
  std::vector<Scenario> all = decode_on({"a100", "h100"});
  for (Scenario& s : all) s.precision = Precision::fp8;
  const Comparison c = compare(all, predictor(), kTextbook);
  EXPECT_THAT(c.contenders[0].refused, ::testing::HasSubstr("no dense fp8 peak"));
  EXPECT_THAT(c.ranking, ::testing::ElementsAre(1));
}

TEST(Compare, DifferentWorkIsNotRanked) {
  const Comparison c = compare(
      {scenario("llama-3.1-8b", "h100", Task::decode), scenario("llama-3.1-8b", "h100", Task::prefill)},
      predictor(), kTextbook);
  EXPECT_TRUE(c.ranking.empty());
  EXPECT_TRUE(c.ranked_by.empty());
  EXPECT_TRUE(c.contenders[0].score);
}

TEST(Compare, AServiceIsRankedByWhatItCanServe) {
  std::vector<Scenario> all;
  for (const char* device : {"a100", "h100"}) {
    all.push_back(scenario("llama-3.1-8b", device, Task::serve, 0));
    all.back().given["arrival_rate"] = {3, "test"};
  }
  const Comparison c = compare(all, predictor(), kTextbook);
  EXPECT_THAT(c.ranking, ::testing::ElementsAre(1, 0));
  EXPECT_GT(*c.contenders[1].score, 30);  // 3/s arrive at both
  EXPECT_GT(c.gaps[0].factor, 2);
  EXPECT_NEAR(c.contenders[1].at_limit->throughput / c.contenders[0].at_limit->throughput, c.gaps[0].factor,
              1e-9);
}

// ---- the interval of a ratio ---------------------------------------------------------------------------

ParameterSet uncertain() {
  ParameterSet set = ParameterSet::prior();
  set.noise["decoder inference"] = 0.1;
  return set;
}

// What a scenario shares with itself cancels; only the two noises are left.
TEST(Ratio, SharedParametersCancel) {
  const ParameterSet set = uncertain();
  const Prediction a = predictor().predict(scenario("llama-3.1-8b", "h100", Task::decode, 16), set);
  const LogVariance same = log_variance_of_ratio(a, a, set);
  EXPECT_NEAR(same.parameters, 0, 1e-18);
  EXPECT_NEAR(same.unseen, 0, 1e-18);
  EXPECT_NEAR(same.noise, 2 * 0.1 * 0.1, 1e-12);
  EXPECT_GT(a.variance->parameters + a.variance->unseen, 0);
}

// Between two devices it is less than if they had nothing in common, and the same in both directions.
TEST(Ratio, IsNarrowerThanOfStrangers) {
  const ParameterSet set = uncertain();
  const Prediction a = predictor().predict(scenario("llama-3.1-8b", "h100", Task::decode, 16), set);
  const Prediction b = predictor().predict(scenario("llama-3.1-8b", "mi300x", Task::decode, 16), set);
  const LogVariance ratio = log_variance_of_ratio(a, b, set);
  const LogVariance back = log_variance_of_ratio(b, a, set);
  EXPECT_LT(ratio.parameters + ratio.unseen,
            a.variance->parameters + a.variance->unseen + b.variance->parameters + b.variance->unseen);
  EXPECT_NEAR(back.parameters, ratio.parameters, 1e-15);
  EXPECT_NEAR(back.unseen, ratio.unseen, 1e-15);
  const Comparison c = compare(decode_on({"h100", "mi300x"}, 16), predictor(), set);
  ASSERT_TRUE(c.gaps[0].factor90);
  EXPECT_NEAR(std::sqrt(c.gaps[0].factor90->low * c.gaps[0].factor90->high), c.gaps[0].factor,
              1e-9 * c.gaps[0].factor);
  EXPECT_NEAR(std::log(c.gaps[0].factor90->high / c.gaps[0].factor), ratio.half90(), 1e-9);
}

}  // namespace
}  // namespace ironlaw
