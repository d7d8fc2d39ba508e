// What holds for the memory of every answer.
#include <algorithm>
#include <cmath>

#include "tests/predict/every_case.hpp"

namespace ironlaw {
namespace {

using testing::for_every_case;
using testing::scenario;
using testing::textbook;

double filled(const MemoryUse& m) {
  return m.weights + m.kv + m.activations + m.states;
}

TEST(Memory, PartsAndWhatIsLeftAreTheCapacity) {
  for_every_case([](const Prediction& p) {
    ASSERT_TRUE(p.memory.has_value());
    const MemoryUse& m = *p.memory;
    for (const double part : {m.weights, m.kv, m.activations, m.states, m.reserve}) EXPECT_GE(part, 0);
    if (!testing::streams(p.resolved.scenario)) {
      EXPECT_GT(m.weights, 0);
    }
    EXPECT_NEAR((filled(m) + m.reserve + p.outcome.memory_headroom) / m.capacity, 1, 1e-9);
    if (p.outcome.memory_headroom < 0) {
      EXPECT_FALSE(p.feasible);
      EXPECT_NE(p.infeasible_because.find("does not fit"), std::string::npos);
    }
  });
}

// Gradients and optimizer states apart: below 32 bits training keeps a master copy of the weights beside
// them.
TEST(Memory, ALowerPrecisionNeverNeedsMore) {
  int compared = 0;
  for_every_case([&](const Prediction& p) {
    Scenario s = p.resolved.scenario;
    if (is_closed_loop(s.task)) return;  // what is left is filled with requests
    std::vector<Precision> precisions = precisions_of(*s.hardware);
    std::stable_sort(precisions.begin(), precisions.end(),
                     [](Precision a, Precision b) { return bytes_of(a) > bytes_of(b); });
    double before = INFINITY, weights_before = INFINITY;
    for (const Precision precision : precisions) {
      s.precision = precision;
      const Prediction q = textbook(s);
      const double needed = filled(*q.memory) - q.memory->states;
      EXPECT_LE(needed, before * (1 + 1e-12)) << name_of(precision);
      EXPECT_LE(q.memory->weights, weights_before * (1 + 1e-12)) << name_of(precision);
      compared += q.memory->weights < weights_before;
      before = needed;
      weights_before = q.memory->weights;
    }
  });
  EXPECT_GT(compared, 500);
}

TEST(Memory, ZeroShardsMoreWithEveryStage) {
  int compared = 0;
  for_every_case([&](const Prediction& p) {
    Scenario s = p.resolved.scenario;
    if (s.task != Task::train || s.split.devices() < 8) return;
    if (testing::streams(s)) return;  // its weights are nowhere to be sharded
    s.split = {.data = s.split.devices()};
    s.batch = 8 * s.split.data;
    double before = INFINITY;
    for (s.zero_stage = 0; s.zero_stage <= 3; ++s.zero_stage) {
      const MemoryUse m = *textbook(s).memory;
      EXPECT_LT(m.states + m.weights, before) << "stage " << s.zero_stage;
      before = m.states + m.weights;
      ++compared;
    }
  });
  EXPECT_GT(compared, 100);
}

TEST(Memory, TheCacheGrowsWithTheBatchAndTheContext) {
  int compared = 0;
  for_every_case([&](const Prediction& p) {
    Scenario s = p.resolved.scenario;
    if (s.task != Task::decode) return;
    const auto cache = [&](double requests, double tokens) {
      s.batch = requests * s.split.data;
      s.input_len = tokens;
      s.output_len = 0;
      return textbook(s).memory->kv;
    };
    const double one = cache(8, 2048);
    EXPECT_NEAR(cache(16, 2048) / one, 2, 1e-12);
    EXPECT_NEAR(cache(24, 2048) / one, 3, 1e-12);
    const double longer = cache(8, 4096) / one;
    EXPECT_GE(longer, 1);  // a sliding window keeps less of a longer sequence
    EXPECT_LE(longer, 2 + 1e-12);
    if (s.model->shape.window == 0) {
      EXPECT_NEAR(longer, 2, 2e-3);
    }
    ++compared;
  });
  EXPECT_GT(compared, 80);
}

TEST(Memory, MoreOfItHoldsMoreRequests) {
  int more = 0;
  for_every_case([&](const Prediction& p) {
    const Scenario& s = p.resolved.scenario;
    if (s.task != Task::offline) return;
    const double capacity = testing::input(p, "memory_capacity");
    const double requests = textbook(testing::given(s, "memory_capacity", 2 * capacity)).outcome.requests;
    EXPECT_GE(requests, p.outcome.requests);
    more += requests > p.outcome.requests;
  });
  EXPECT_GT(more, 20);
}

}  // namespace
}  // namespace ironlaw
