// Wall 15 by hand, against the reference, a simulation and published fleets.
#include <cmath>
#include <random>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

constexpr double kHour = 3600, kDay = 86400;

double mtbf_hours(double devices, const Values& more = {}) {
  return outputs(function("15", "failures"), with({{"devices", devices}}, more)).at("mtbf") / kHour;
}

TEST(Failures, AddUpOverThePartsOfAllHosts) {
  // A host: 8/50,000 + 8/150,000 + 2/100,000 = 7/30,000 an hour, so 4,285.71 h; 64 hosts: 66.96 h (R3-mtbf).
  EXPECT_NEAR(mtbf_hours(8), 30'000.0 / 7, 1e-9);
  EXPECT_NEAR(mtbf_hours(512), 66.96428571428571, 1e-9);
  EXPECT_NEAR(mtbf_hours(1024), 33.482142857142854, 1e-9);  // OV-mtbf
  // GPUs alone: 50,000 / 512 = 97.66 h (TUT-06).
  EXPECT_NEAR(mtbf_hours(512, {{"nics_per_node", 0}, {"power_supplies_per_node", 0}}), 97.65625, 1e-9);
  // One device of eight has an eighth of the host's cards and power supplies.
  EXPECT_NEAR(mtbf_hours(1), 8 * mtbf_hours(8), 1e-6);
}

TEST(Failures, AreScaledAndSwitchedOff) {
  EXPECT_NEAR(mtbf_hours(512, {{"failure_scale", 2}}), 66.96428571428571 / 2, 1e-9);
  const Values none = outputs(function("15", "failures"), {{"devices", 512}, {"failure_scale", 0}});
  EXPECT_EQ(none.at("interruption_rate"), 0);
  EXPECT_TRUE(std::isnan(none.at("mtbf")));  // no time between interruptions that do not happen
}

// What is published, in hours between interruptions, against the usual rates. They lie in the middle: 2.4
// times too pessimistic for RSC-2, four times too optimistic for single jobs on it and RSC-1, where software
// and users interrupt as well.
TEST(Failures, LieInTheMiddleOfPublishedFleets) {
  struct Fleet {
    const char* name;
    double devices, hours;
  };
  const Fleet fleets[] = {
      {"Llama 3 405B, H100, arXiv:2407.21783: 419 in 54 days", 16384, 54 * 24 / 419.0},
      {"RSC-1, A100, arXiv:2410.21680: 6.50 in 1,000 node-days", 8, 24'000 / 6.50},
      {"RSC-2, A100, the same: 2.34 in 1,000 node-days", 8, 24'000 / 2.34},
      {"RSC jobs on 1,024 A100, the same: 7.9 h", 1024, 7.9},
      {"OPT-175B, A100, arXiv:2509.03018: 1.25 a day", 1024, 24 / 1.25},
      {"Crusoe, H200, GTC 2025: 14 h", 1600, 14},
      {"BLOOM, A100, chronicles: one to two a week", 384, 7 * 24 / 1.5},
  };
  double mean = 0;
  for (const Fleet& f : fleets) {
    const double ratio = mtbf_hours(f.devices) / f.hours;
    EXPECT_GT(ratio, 1 / 2.5) << f.name;
    EXPECT_LT(ratio, 4.5) << f.name;
    mean += std::log(ratio) / std::size(fleets);
  }
  EXPECT_NEAR(std::exp(mean), 1.16, 0.02);  // in the mean 16% too long
  // Llama 3: 2.09 h where 3.09 h were measured.
  EXPECT_NEAR(mtbf_hours(16384), 2.0926, 1e-4);
}

// ---- the interval
// ------------------------------------------------------------------------------------------
Values interval(double mtbf, double stall, double write, const Values& more = {}) {
  return outputs(
      function("15", "interval"),
      with({{"interruption_rate", 1 / mtbf}, {"checkpoint_stall", stall}, {"checkpoint_write_time", write}},
           more));
}
double goodput(double mtbf, double period, double stall, double write, double restart = 300) {
  return outputs(function("15", "goodput"), {{"is_training", 1},
                                             {"replicas", 1},
                                             {"interruption_rate", 1 / mtbf},
                                             {"checkpoint_interval", period},
                                             {"checkpoint_stall", stall},
                                             {"checkpoint_write_time", write},
                                             {"restart_time", restart}})
      .at("goodput");
}

TEST(Interval, HasTheReferencesFirstOrderBesideIt) {
  const Values r3 = interval(66.96428571428571 * kHour, 60, 60);
  EXPECT_NEAR(r3.at("young_interval") / 60, 89.64214570007951, 1e-9);    // R3-yd
  EXPECT_NEAR(r3.at("first_order_goodput"), 0.9876000885351012, 1e-12);  // R3-goodput
  EXPECT_NEAR(interval(33.482142857142854 * kHour, 60, 60).at("young_interval") / 60, 63.38656910463874,
              1e-9);  // OV-mtbf
  // With the work done twice, 1 - d/t - (t/2 + R)/M = 0.9764; exactly 0.9766.
  EXPECT_NEAR(goodput(66.96428571428571 * kHour, r3.at("checkpoint_interval"), 60, 60), 0.97664, 1e-5);
}

TEST(Interval, IsTheBest) {
  for (const double mtbf : {100.0, 3000.0, 241'071.0, 1e9})
    for (const double stall : {0.01, 60.0, 2000.0}) {
      const double best = interval(mtbf, stall, stall).at("checkpoint_interval");
      const double at_best = goodput(mtbf, best, stall, stall);
      EXPECT_GT(at_best, goodput(mtbf, 1.05 * best, stall, stall)) << mtbf << ' ' << stall;
      EXPECT_GT(at_best, goodput(mtbf, 0.95 * best, stall, stall)) << mtbf << ' ' << stall;
      EXPECT_LT(best, mtbf);
    }
}

TEST(Interval, TendsToYoungsForCheapCheckpoints) {
  // The next term is -2/3 of the stall.
  const Values cheap = interval(1e6, 1, 1);
  EXPECT_NEAR(cheap.at("checkpoint_interval"), cheap.at("young_interval") - 2.0 / 3, 1e-3);
  EXPECT_EQ(interval(1e6, 0, 0).at("checkpoint_interval"), 0);
  // Even a stall of 100 mean times between failures leaves less than one of them to work.
  EXPECT_NEAR(interval(1000, 100'000, 100'000).at("checkpoint_interval"), 1000, 1e-6);
}

TEST(Interval, WaitsUntilTheLastCheckpointIsDurable) {
  // Young: sqrt(2 x 0.01 x 7,200) = 12 s, but writing takes 40 s.
  EXPECT_NEAR(interval(7200, 0.01, 40.01).at("checkpoint_interval"), 40, 1e-9);
  EXPECT_EQ(interval(7200, 0.01, 40.01, {{"checkpoint_interval_given", 900}}).at("checkpoint_interval"), 900);
}

// ---- goodput
// ----------------------------------------------------------------------------------------------- A job that
// fails at exponential times: a snapshot after every `period` of work stops it for `stall`; the snapshot is
// durable `lag` later.
double simulated(double mtbf, double period, double stall, double lag, double restart) {
  std::mt19937_64 engine(15);  // NOLINT(bugprone-random-generator-seed): the same test every day
  std::exponential_distribution<> failure(1 / mtbf);
  double time = 0, work = 0;
  for (int failures = 0; failures < 400'000; ++failures) {
    const double up = failure(engine);
    time += up;
    if (up > lag) work += period * std::floor((up - lag) / (period + stall));
    for (double again = failure(engine); again < restart; again = failure(engine)) time += again;
    time += restart;
  }
  return work / time;
}

TEST(Goodput, AgreesWithASimulationWhereFirstOrderFails) {
  struct Case {
    double mtbf, period, stall, lag, restart;
  };
  for (const Case& c : {Case{10'000, 1000, 60, 0, 300}, Case{1000, 200, 20, 50, 100},
                        Case{300, 200, 60, 0, 300}, Case{300, 250, 5, 240, 300}})
    EXPECT_NEAR(goodput(c.mtbf, c.period, c.stall, c.stall + c.lag, c.restart) /
                    simulated(c.mtbf, c.period, c.stall, c.lag, c.restart),
                1, 0.01)
        << c.mtbf;
}

TEST(Goodput, NeverTurnsNegative) {
  // First order: 1 - 60/600 - 300/100 - 3 = -5.1. Exactly: 0.909 x 6.6 x e^-6.6 / (1 - e^-6.6) x e^-3.
  EXPECT_NEAR(goodput(100, 600, 60, 60), 600.0 / 660 * 6.6 / std::expm1(6.6) * std::exp(-3), 1e-9);
  EXPECT_GT(goodput(0.1, 600, 60, 60), 0);
  EXPECT_LT(goodput(0.1, 600, 60, 60), 1e-99);
}

TEST(Goodput, FallsWithTheSizeOfTheJob) {
  double last = 1;
  for (const double devices : {8.0, 512.0, 4096.0, 16384.0, 131'072.0, 1e6}) {
    const double m = mtbf_hours(devices) * kHour;
    const double now = goodput(m, interval(m, 11, 11).at("checkpoint_interval"), 11, 11);
    EXPECT_LT(now, last) << devices;
    last = now;
  }
}

TEST(Goodput, OfLlama3LiesWhereMetaReportsIt) {
  // 405e9 x 14 B at 500 GB/s: 11.3 s, synchronous: "more than 90%" effective time was reached.
  const double m = mtbf_hours(16384) * kHour;
  EXPECT_NEAR(goodput(m, interval(m, 11.3, 11.3).at("checkpoint_interval"), 11.3, 11.3), 0.908, 0.002);
}

TEST(Goodput, WithoutFailuresIsWhatTheStallsLeave) {
  const ironlaw_function& f = function("15", "goodput");
  const Values none = {{"is_training", 1},         {"replicas", 1},          {"interruption_rate", 0},
                       {"checkpoint_interval", 0}, {"checkpoint_stall", 60}, {"checkpoint_write_time", 60}};
  EXPECT_EQ(outputs(f, none).at("goodput"), 1);
  // The best interval is then none at all.
  EXPECT_EQ(outputs(function("15", "interval"),
                    {{"interruption_rate", 0}, {"checkpoint_stall", 60}, {"checkpoint_write_time", 60}})
                .at("checkpoint_interval"),
            0);
  // 60 s every 540 s of work, because somebody asked for it.
  EXPECT_NEAR(outputs(f, with(none, {{"checkpoint_interval", 540}})).at("goodput"), 0.9, 1e-12);
  // Rarer and rarer failures lead there.
  EXPECT_NEAR(goodput(1e15, 540, 60, 60), 0.9, 1e-9);
}

TEST(Goodput, OfAServiceIsTheAvailabilityOfAReplica) {
  // 64 replicas of 8: one fails in 4,285.7 h and is away for 5 min: 1 / (1 + 300 / 1.5429e7) = 0.9999806.
  const Values service = {{"is_training", 0},
                          {"replicas", 64},
                          {"interruption_rate", 1 / (66.96428571428571 * kHour)},
                          {"checkpoint_interval", 0},
                          {"checkpoint_stall", 0},
                          {"checkpoint_write_time", 0}};
  EXPECT_NEAR(outputs(function("15", "goodput"), service).at("goodput"), 1 / (1 + 300 / 1.542857143e7),
              1e-12);
}

TEST(Interruptions, AreRateTimesTime) {
  const Values month =
      outputs(function("15", "interruptions"),
              {{"interruption_rate", 1 / (66.96428571428571 * kHour)}, {"run_time", 30 * kDay}});
  EXPECT_NEAR(month.at("expected_interruptions"), 10.752, 1e-9);  // R3-fail
  EXPECT_NEAR(month.at("interruption_probability"), 1 - std::exp(-10.752), 1e-12);
}

}  // namespace
}  // namespace ironlaw
