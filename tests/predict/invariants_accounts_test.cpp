// What holds for the energy, carbon, cost and goodput of every answer.
#include <cmath>

#include "tests/predict/every_case.hpp"

namespace ironlaw {
namespace {

using testing::account;
using testing::for_every_case;
using testing::given;
using testing::input;
using testing::scenario;
using testing::textbook;
using testing::value;

TEST(Energy, LiesBetweenIdleAndTheDesignPower) {
  int known = 0;
  for_every_case([&](const Prediction& p) {
    const double energy = account(p, "run_energy"), design = input(p, "power");
    ASSERT_EQ(std::isnan(energy), std::isnan(design));  // the chip of an unknown power has unknown energy
    if (std::isnan(energy)) return;
    ++known;
    const double idle = input(p, "idle_power_share") * design;
    EXPECT_GE(account(p, "device_power"), idle * (1 - 1e-12));
    EXPECT_LE(account(p, "device_power"), design * (1 + 1e-12));
    const double per_watt = p.iron_law.n * input(p, "pue") * value(p, "run_time");
    const double host = input(p, "host_power_share") * design;
    const double network = p.iron_law.n > input(p, "devices_per_node") ? input(p, "network_power") : 0;
    EXPECT_GE(energy, (idle + host + network) * per_watt * (1 - 1e-12));
    EXPECT_LE(energy, (design + host + network) * per_watt * (1 + 1e-12));
    EXPECT_NEAR(energy / account(p, "facility_power") / value(p, "run_time"), 1, 1e-12);
  });
  EXPECT_GT(known, 400);
}

// Forcing carbon_intensity in multiples: twice the grid's carbon is twice the run's and changes nothing else.
TEST(Carbon, IsLinearInTheGrid) {
  for_every_case([](const Prediction& p) {
    const double energy = account(p, "run_energy");
    if (std::isnan(energy)) return;
    for (const double grid : {1e-9, 1e-7, 2e-7}) {
      const Prediction q = textbook(given(p.resolved.scenario, "carbon_intensity", grid));
      EXPECT_NEAR(account(q, "run_carbon") / grid / energy, 1, 1e-12);
      EXPECT_EQ(account(q, "run_energy"), energy);
      EXPECT_EQ(q.outcome.time, p.outcome.time);
    }
  });
}

TEST(Cost, IsLinearInThePrice) {
  for_every_case([](const Prediction& p) {
    const auto cost = [&](double price, const char* name) {
      Scenario s = given(given(p.resolved.scenario, "price", price), "energy_price", 0);
      s.given["power"] = {700, "test"};
      return account(textbook(s), name);
    };
    const double one = cost(10'000, "owned_cost");
    EXPECT_GT(one, 0);
    EXPECT_NEAR(cost(30'000, "owned_cost") / one, 3, 1e-12);
    EXPECT_NEAR(cost(0, "owned_cost") / one, 0, 1e-12);
    EXPECT_NEAR(cost(20'000, "cost_per_request") / cost(10'000, "cost_per_request"), 2, 1e-12);
  });
}

TEST(Cost, OfTwoHoursIsTwiceThatOfOne) {
  for_every_case([](const Prediction& p) {
    Scenario s = given(p.resolved.scenario, "power", 500);
    const auto run = [&](double hours) { return textbook(given(s, "duration", hours * 3600)); };
    const Prediction one = run(1), two = run(2);
    for (const char* name : {"run_energy", "energy_cost"})
      EXPECT_NEAR(account(two, name) / account(one, name), 2, 1e-9) << name;
    EXPECT_EQ(one.throughput, two.throughput);
  });
}

TEST(Goodput, FallsWithTheNumberOfDevices) {
  for (const char* model : {"llama-3.1-8b", "gpt-3-175b", "mixtral-8x7b"}) {
    double before = 1;
    for (const int data : {1, 4, 16, 64, 256, 1024}) {
      Scenario s = scenario(model, "h100", Task::train, data, Precision::bf16, {.tensor = 8, .data = data});
      const double goodput = *textbook(s).iron_law.goodput;
      EXPECT_LT(goodput, before) << model << ", " << data;
      EXPECT_GT(goodput, 0.3) << model << ", " << data;
      before = goodput;
      s.is_benchmark = true;  // a short measured run has no failures
      EXPECT_GT(*textbook(s).iron_law.goodput, goodput);
    }
  }
}

TEST(Goodput, IsBestAtTheIntervalThatTheWallChooses) {
  for (const int data : {1, 16, 256, 1024}) {
    const Scenario s =
        scenario("llama-3.1-70b", "h100", Task::train, data, Precision::bf16, {.tensor = 8, .data = data});
    const Prediction best = textbook(s);
    const double interval = value(best, "checkpoint_interval");
    EXPECT_GT(interval, 0);
    for (const double factor : {0.1, 0.5, 0.9, 1.1, 2.0, 10.0}) {
      const Prediction other = textbook(given(s, "checkpoint_interval_given", factor * interval));
      EXPECT_LE(*other.iron_law.goodput, *best.iron_law.goodput * (1 + 1e-12)) << data << ", " << factor;
    }
    // Far from it on either side it is worse: the optimum is inside.
    EXPECT_LT(*textbook(given(s, "checkpoint_interval_given", 10 * interval)).iron_law.goodput,
              *best.iron_law.goodput);
  }
}

TEST(Goodput, OfInferenceIsThatOfReplicasThatRestart) {
  for_every_case([](const Prediction& p) {
    if (p.resolved.scenario.task == Task::train) return;
    EXPECT_GT(*p.iron_law.goodput, 0.99);  // 16 devices: one interruption in three months, five minutes lost
  });
}

// ---- services --------------------------------------------------------------------------------------------
TEST(Service, AtHalfItsCapacityIsHalfBusy) {
  for_every_case([](const Prediction& p) {
    if (p.resolved.scenario.task != Task::serve) return;
    EXPECT_NEAR(account(p, "service_utilisation"), 0.5, 1e-9);
    EXPECT_LE(p.outcome.requests, value(p, "replica_request_limit"));
    EXPECT_NEAR(value(p, "request_rate") / input(p, "arrival_rate"), 1, 1e-6);  // what comes is served
    EXPECT_GE(account(p, "request_wait"), 0);
    EXPECT_GE(account(p, "request_time_p99"), account(p, "request_time_p50"));
  });
}

TEST(Service, WaitsLongerTheMoreArrives) {
  for (const char* model : {"llama-3.1-8b", "mixtral-8x7b", "bert-large", "resnet-50"}) {
    const Scenario closed = scenario(model, "h200", Task::offline, 0, Precision::fp16);
    const Prediction most = textbook(closed);
    const double capacity = most.outcome.requests / most.outcome.time;
    double before = 0;
    for (const double load : {0.05, 0.2, 0.5, 0.8, 0.95, 0.99}) {
      Scenario s = given(closed, "arrival_rate", load * capacity);
      s.task = Task::serve;
      const Prediction p = textbook(s);
      EXPECT_TRUE(p.feasible) << model << ", " << load;
      EXPECT_GE(account(p, "request_time_p99"), before) << model << ", " << load;
      before = account(p, "request_time_p99");
    }
    Scenario s = given(closed, "arrival_rate", 1.01 * capacity);
    s.task = Task::serve;
    EXPECT_FALSE(textbook(s).feasible) << model;  // the queue never ends
  }
}

}  // namespace
}  // namespace ironlaw
