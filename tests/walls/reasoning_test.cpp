// Wall 12 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

Values thought(const Values& changes) {
  return outputs(function("12", "thought"),
                 with({{"has_decode", 1}, {"output_len", 100}, {"beams", 1}}, changes));
}

TEST(Reasoning, IsOffUnlessAskedFor) {
  EXPECT_EQ(thought({}), (Values{{"generated_len", 100}, {"sequences", 1}}));
  EXPECT_EQ(thought({{"beams", 4}}), (Values{{"generated_len", 100}, {"sequences", 4}}));
}

TEST(Reasoning, ThoughtsLengthenAndSamplesMultiply) {
  EXPECT_EQ(thought({{"reasoning_steps", 8}}).at("generated_len"), 500);  // 100 + 8 x 50
  EXPECT_EQ(thought({{"reasoning_steps", 8}, {"tokens_per_reasoning_step", 10}}).at("generated_len"), 180);
  EXPECT_EQ(thought({{"best_of", 16}, {"beams", 2}}).at("sequences"), 32);
  EXPECT_EQ(thought({{"has_decode", 0}, {"output_len", 0}, {"reasoning_steps", 8}}).at("generated_len"), 0);
}

const Values kAnswer = {{"output_len", 100},
                        {"generated_len", 500},
                        {"decode_steps", 500},
                        {"draft_steps", 0},
                        {"decode_step_time", 0.018},
                        {"draft_step_time", 0},
                        {"steps_time", 10},
                        {"ttft", 0.2},
                        {"itl", 0.02},
                        {"run_energy", 50e3}};
Values yield(const Values& changes) {
  return outputs(function("12", "yield"), with(kAnswer, changes));
}

TEST(Reasoning, ItsEnergyIsItsShareOfTheDecodeSteps) {
  const Values out = yield({});
  EXPECT_DOUBLE_EQ(out.at("reasoning_share"), 0.8);
  EXPECT_NEAR(out.at("reasoning_energy"), 36e3, 1e-9);  // 50 kJ x 9 s/10 s x 0.8
  EXPECT_NEAR(out.at("time_to_answer"), 8.2, 1e-12);    // 0.2 + 400 x 0.02
  // With a draft of 4 steps of 0.5 ms, 250 steps of 20 ms are 5 s.
  EXPECT_NEAR(
      yield({{"draft_steps", 4}, {"draft_step_time", 5e-4}, {"decode_steps", 250}}).at("reasoning_energy"),
      20e3, 1e-9);
  EXPECT_EQ(yield({{"generated_len", 100}}).at("reasoning_energy"), 0);
  EXPECT_TRUE(std::isnan(yield({{"run_energy", std::nan("")}}).at("reasoning_energy")));
}

TEST(Reasoning, OneOfManyIndependentAnswersIsRight) {
  const auto pass = [](double one, double samples) {
    return yield({{"pass_at_1", one}, {"best_of", samples}}).at("pass_at_n");
  };
  EXPECT_DOUBLE_EQ(pass(0.3, 1), 0.3);
  EXPECT_NEAR(pass(0.3, 4), 1 - 0.7 * 0.7 * 0.7 * 0.7, 1e-15);
  EXPECT_NEAR(pass(0.01, 250), 1 - std::pow(0.99, 250), 1e-14);  // 91.9%
  EXPECT_EQ(pass(0, 1000), 0);
  EXPECT_EQ(pass(1, 3), 1);
  EXPECT_TRUE(std::isnan(yield({}).at("pass_at_n")));  // nobody said how good one answer is
}

// Rows S1-* of expected_values.csv: 70B on a B200 with the times of the reference's wall 4 at a fixed
// context.
TEST(Reasoning, ReproducesTheReferenceAtItsTimes) {
  const auto total = [](double steps) {
    return yield({{"ttft", 266.82819224689774e-3},
                  {"itl", 18.533886080000002e-3},
                  {"output_len", 0},
                  {"generated_len",
                   thought({{"reasoning_steps", steps}, {"output_len", 0}}).at("generated_len")}})
        .at("time_to_answer");
  };
  EXPECT_NEAR(total(8), 7.680382624246898, 1e-12);
  EXPECT_NEAR(total(1), 1.1935224962468978, 1e-12);
  EXPECT_NEAR(total(8) / total(1), 6.4350547630214905, 1e-12);
}

}  // namespace
}  // namespace ironlaw
