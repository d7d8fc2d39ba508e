// What a scenario resolves to, and what is refused before anything runs.
#include "framework/predict/scenario.hpp"

#include <cmath>

#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using testing::case_of;
using ::testing::HasSubstr;
using testing::message_of;
using testing::scenario;

std::string refusal(const Scenario& s) {
  return message_of([&] { case_of(s); });
}

TEST(Task, NamesAreReadBack) {
  for (const Task task : {Task::train, Task::prefill, Task::decode, Task::offline})
    EXPECT_EQ(parse_task(name_of(task)), task);
  EXPECT_THAT(message_of([] { parse_task("decoding"); }), HasSubstr("Did you mean decode"));
}

TEST(Datasheet, SparseAndMissingFiguresAreUnknown) {
  const ironlaw_hardware& h100 = testing::hardware("h100");
  EXPECT_EQ(figure(h100, "peak_fp16"), 989.4e12);
  EXPECT_TRUE(std::isnan(figure(h100, "peak_fp16_sparse")));
  EXPECT_TRUE(std::isnan(figure(h100, "smell")));
  EXPECT_TRUE(std::isnan(dense_peak(h100, Precision::fp4)));
  EXPECT_EQ(precisions_of(testing::hardware("tpu-v5p")), (std::vector{Precision::bf16, Precision::int8}));
}

TEST(Prepare, FillsTheLengthsOfTheModelsBenchmark) {
  const Case c = case_of(scenario("llama-3.1-8b", "h100", Task::offline, 0));
  EXPECT_EQ(c.input_len, 870.73);
  EXPECT_EQ(c.output_len, 128);
  ASSERT_EQ(c.n_slots, 2);
  EXPECT_EQ(c.slots[0].plan.phase, Phase::prefill);
  EXPECT_EQ(c.slots[1].plan.phase, Phase::decode);
  EXPECT_EQ(c.slots[1].key.workload, "decoder.decode");
  EXPECT_EQ(c.slots[1].key.device, "H100-SXM-80GB");
  EXPECT_EQ(c.slots[1].key.family, "hopper");
  EXPECT_EQ(c.slots[1].key.precision, "fp16");
  EXPECT_EQ(case_of(scenario("llama-3.1-8b", "h100", Task::train, 8)).input_len, 8192);
  EXPECT_EQ(case_of(scenario("llama-3.1-8b", "h100", Task::prefill, 8)).output_len, 0);
  EXPECT_EQ(case_of(scenario("bert-large", "h100", Task::offline, 0)).n_slots, 1);
}

TEST(Prepare, FillsTheInputsOfThePipeline) {
  const Case c = case_of(scenario("llama-3.1-8b", "h100", Task::decode, 4));
  ASSERT_EQ(c.inputs.size(), c.pipeline->inputs().size());
  const auto value = [&](const char* name) {
    const int input = c.pipeline->input(name);
    EXPECT_GE(input, 0) << name;
    return c.inputs.at(static_cast<std::size_t>(input));
  };
  EXPECT_EQ(value("peak_flops"), 989.4e12);
  EXPECT_EQ(value("memory_bandwidth"), 3350e9);
  EXPECT_EQ(value("network_bandwidth"), 50e9);
  EXPECT_EQ(value("configured_requests"), 4);
  EXPECT_EQ(value("closed_loop"), 0);
  EXPECT_EQ(value("has_prefill"), 0);
  EXPECT_EQ(value("has_decode"), 1);
  EXPECT_NEAR(value("stored_weight_bytes"), 16.06e9, 0.01e9);
  EXPECT_EQ(value("kv_bytes_per_token"), 131072);  // 2 x 32 layers x 8 heads x 128 x 2 B
}

TEST(Prepare, TheCacheFollowsThePrecision) {
  const auto kv = [](const char* device, Precision precision) {
    return case_of(scenario("llama-3.1-8b", device, Task::decode, 1, precision)).slots[0].plan.kv;
  };
  EXPECT_EQ(kv("h100", Precision::fp16), Precision::fp16);
  EXPECT_EQ(kv("h100", Precision::fp8), Precision::fp8);
  EXPECT_EQ(kv("b200", Precision::fp4), Precision::fp8);
  EXPECT_EQ(kv("a100", Precision::int8), Precision::int8);
  Scenario s = scenario("llama-3.1-8b", "h100", Task::decode, 1, Precision::fp8);
  s.kv_precision = Precision::fp16;
  EXPECT_EQ(case_of(s).slots[0].plan.kv, Precision::fp16);
}

TEST(Prepare, EitherSixteenBitFormatDoesForTheOther) {
  const Case c = case_of(scenario("llama-3.1-8b", "tpu-v5p", Task::decode, 1, Precision::bf16));
  EXPECT_EQ(c.peaks[static_cast<std::size_t>(Precision::fp16)], 459e12);
  EXPECT_TRUE(std::isnan(c.peaks[static_cast<std::size_t>(Precision::fp8)]));
}

TEST(Refused, APrecisionThatTheDeviceLacksWithTheNearestItHas) {
  EXPECT_EQ(refusal(scenario("llama-3.1-8b", "a100", Task::decode, 1, Precision::fp8)),
            "precision: A100-SXM-80GB has no dense fp8 peak; it has fp32, tf32, bf16, fp16, int8, int4. The "
            "nearest is int8.");
  EXPECT_THAT(refusal(scenario("llama-3.1-8b", "tpu-v5p", Task::decode, 1, Precision::fp16)),
              HasSubstr("has no dense fp16 peak; it has bf16, int8. The nearest is bf16."));
  // fp4 on an H100: the eight bits that it has.
  EXPECT_THAT(refusal(scenario("llama-3.1-8b", "h100", Task::decode, 1, Precision::fp4)),
              HasSubstr("The nearest is fp8."));
}

TEST(Refused, SizesThatAreNotPositive) {
  for (const double bad : {0.0, -1.0, std::nan(""), double{INFINITY}})
    EXPECT_THAT(refusal(scenario("llama-3.1-8b", "h100", Task::decode, bad)), HasSubstr("batch is ")) << bad;
  case_of(scenario("llama-3.1-8b", "h100", Task::offline, 0));  // nobody knows: the walls decide
  EXPECT_THAT(refusal(scenario("llama-3.1-8b", "h100", Task::offline, -1)), HasSubstr("batch is -1"));

  Scenario s = scenario("llama-3.1-8b", "h100", Task::decode);
  s.input_len = -5;
  EXPECT_EQ(refusal(s), "input-len is -5; it must be a positive number.");
  s.input_len = 5;
  s.output_len = -1;
  EXPECT_EQ(refusal(s), "output-len is -1; it must be zero or more.");
  s.output_len = 0;
  case_of(s);
  s.task = Task::offline;  // serves no token at all
  EXPECT_THAT(refusal(s), HasSubstr("output-len is 0"));

  for (int Parallelism::*part : {&Parallelism::tensor, &Parallelism::pipeline, &Parallelism::data,
                                 &Parallelism::context, &Parallelism::expert, &Parallelism::interleave}) {
    Scenario split = scenario("llama-3.1-8b", "h100", Task::decode, 8);
    split.split.*part = 0;
    refusal(split);
  }
  Scenario beams = scenario("gpt-j-6b", "h100", Task::decode, 8);
  beams.beams = 0;
  EXPECT_THAT(refusal(beams), HasSubstr("beams is 0"));
  Scenario prompts = scenario("llama-3.1-8b", "h100", Task::offline, 8);
  prompts.prefill_tokens = 0;
  EXPECT_THAT(refusal(prompts), HasSubstr("prefill-tokens is 0"));
}

TEST(Refused, FewerRequestsThanReplicas) {
  EXPECT_THAT(refusal(scenario("llama-3.1-8b", "h100", Task::decode, 4, Precision::fp16, {.data = 8})),
              HasSubstr("batch 4 is smaller than dp 8"));
}

TEST(Refused, SplitsThatTheModelCannotHave) {
  EXPECT_THAT(refusal(scenario("llama-3.1-8b", "h100", Task::decode, 8, Precision::fp16, {.tensor = 3})),
              HasSubstr("tp is 3"));
  EXPECT_THAT(refusal(scenario("llama-3.1-8b", "h100", Task::decode, 8, Precision::fp16, {.pipeline = 33})),
              HasSubstr("pp is 33"));
  EXPECT_THAT(refusal(scenario("resnet-50", "h100", Task::train, 8, Precision::fp16, {.tensor = 2})),
              HasSubstr("tp is 2"));
}

TEST(Refused, APhaseThatTheModelLacks) {
  EXPECT_THAT(refusal(scenario("bert-large", "h100", Task::decode)),
              HasSubstr("bert-large has no decode phase: it is an encoder. Use prefill or train."));
  EXPECT_THAT(refusal(scenario("resnet-50", "h100", Task::decode)), HasSubstr("it is a convnet."));
}

}  // namespace
}  // namespace ironlaw
