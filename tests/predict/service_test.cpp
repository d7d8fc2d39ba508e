// A service: the closed loop of how many requests run and how fast they are served. And the search for a
// split.
#include "framework/predict/service.hpp"
#include "framework/predict/search.hpp"
#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::predictor;
using testing::scenario;
using testing::textbook;

Scenario serving(double arrivals, Parallelism split = {}) {
  Scenario s = scenario("llama-3.1-8b", "h100", Task::serve, 0, Precision::fp16, split);
  s.given["arrival_rate"] = {arrivals, "--set"};
  return s;
}
double result(const Prediction& p, const char* name) {
  for (const Account& a : p.accounts)
    if (a.name == name) return a.value;
  ADD_FAILURE() << name;
  return 0;
}
double capacity() {  // requests a second
  const Scenario s = scenario("llama-3.1-8b", "h100", Task::offline, 0);
  const Prediction p = textbook(s);
  return p.outcome.requests / p.outcome.time;
}

TEST(Service, ServesWhatArrivesAndLittlesLawHolds) {
  const double most = capacity();
  for (const double share : {0.1, 0.5, 0.9, 0.999}) {
    const Prediction p = textbook(serving(share * most));
    EXPECT_TRUE(p.feasible);
    // Running requests = arrival rate x time that each is in service.
    EXPECT_NEAR(p.outcome.requests, share * most * p.outcome.time, 1e-6 * p.outcome.requests);
    EXPECT_NEAR(p.throughput, share * most * p.resolved.output_len, 1e-6 * p.throughput);
    EXPECT_NEAR(result(p, "service_utilisation"), share, 1e-9);
  }
}

TEST(Service, TokensComeSlowerWhenMoreArrive) {
  const double most = capacity();
  double before = 0;
  double tail = 0;
  for (const double share : {0.02, 0.2, 0.5, 0.8, 0.95}) {
    const Prediction p = textbook(serving(share * most));
    EXPECT_GT(result(p, "itl"), before) << share;
    EXPECT_GE(result(p, "request_time_p99"), tail) << share;
    EXPECT_GT(result(p, "request_time_p99"), result(p, "request_time_p50"));
    before = result(p, "itl");
    tail = result(p, "request_time_p99");
  }
}

TEST(Service, ReplicasShareWhatArrives) {
  const double most = capacity();
  const Prediction one = textbook(serving(0.5 * most));
  const Prediction four = textbook(serving(2 * most, {.data = 4}));
  EXPECT_NEAR(four.outcome.requests, one.outcome.requests, 1e-6 * one.outcome.requests);
  EXPECT_NEAR(result(four, "itl"), result(one, "itl"), 1e-6 * result(one, "itl"));
}

TEST(Service, MoreThanItCanServeIsInfeasibleAndSaysSo) {
  const Prediction p = textbook(serving(1.2 * capacity()));
  EXPECT_FALSE(p.feasible);
  ASSERT_EQ(p.violations.size(), 1u);
  EXPECT_EQ(p.violations[0].name, "queue_headroom");
  EXPECT_NEAR(p.violations[0].value, 1 - 1.2, 1e-9);
  EXPECT_THAT(p.infeasible_because, HasSubstr("Wall 7"));
}

TEST(Service, IdlesWhenLittleArrives) {
  const Prediction p = textbook(serving(0.001));
  EXPECT_EQ(p.outcome.requests, 1);
  EXPECT_NEAR(p.throughput, 0.001 * p.resolved.output_len, 1e-9);
  // Idle devices draw their idle power, not that of a busy one.
  EXPECT_LT(result(p, "device_power"), 0.35 * 700);
}

TEST(Service, NeedsToKnowWhatArrives) {
  EXPECT_THAT(message_of([&] { textbook(scenario("llama-3.1-8b", "h100", Task::serve, 0)); }),
              HasSubstr("arrival_rate is not given"));
}

TEST(Search, FindsWhatNoOtherCandidateBeats) {
  const Scenario s = scenario("llama-3.1-70b", "h100", Task::train, 128, Precision::bf16);
  const auto all = search_splits(s, 64, predictor(), ParameterSet::textbook());
  ASSERT_GT(all.size(), 20u);
  EXPECT_GE(all.front().memory_headroom, 0);
  for (const Candidate& c : all) {
    if (!c.refused.empty() || c.memory_headroom < 0) continue;
    EXPECT_GE(c.time, all.front().time);
    Scenario one = s;
    one.split = c.split;
    one.recompute = c.recompute;
    one.is_benchmark = false;
    EXPECT_NEAR(textbook(one).outcome.time, c.time, 1e-12 * c.time);
  }
  // What does not fit comes after what does.
  bool seen_over = false;
  for (const Candidate& c : all) {
    if (!c.refused.empty()) continue;
    if (seen_over) {
      EXPECT_LT(c.memory_headroom, 0);
    }
    seen_over = seen_over || c.memory_headroom < 0;
  }
  EXPECT_TRUE(seen_over);  // 70 billion parameters do not train on one device
  EXPECT_THAT(message_of([&] { search_splits(s, 0, predictor(), ParameterSet::textbook()); }),
              HasSubstr("devices is 0"));
}

}  // namespace
}  // namespace ironlaw
