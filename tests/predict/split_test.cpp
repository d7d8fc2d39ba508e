#include "framework/predict/split.hpp"

#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::scenario;

using Four = std::array<int, 4>;  // tp, pp, dp, cp
Four numbers(const Parallelism& p) {
  return {p.tensor, p.pipeline, p.data, p.context};
}
Four chosen(const char* model, const char* device, int devices, Precision precision,
            Task task = Task::decode) {
  return numbers(default_split(scenario(model, device, task, devices, precision), devices));
}

TEST(DefaultSplit, IsTheSmallestReplicaThatHolds) {
  // 8.03e9 parameters at 2 B are 16 GB: one H100 holds them, so 8 are 8 replicas.
  EXPECT_EQ(chosen("llama-3.1-8b", "h100", 8, Precision::fp16), (Four{1, 1, 8, 1}));
  // 405e9 at 1 B are 406 GB: of the 80 GiB devices, 90% of 8 hold 618 GB and of 4 only 309 GB.
  EXPECT_EQ(chosen("llama-3.1-405b", "h100", 8, Precision::fp8), (Four{8, 1, 1, 1}));
  // 70.6e9 at 2 B are 141 GB: two devices of 77 GB usable hold them and one request.
  EXPECT_EQ(chosen("llama-3.1-70b", "h100", 8, Precision::fp16), (Four{2, 1, 4, 1}));
  EXPECT_EQ(chosen("llama-3.1-70b", "h200", 8, Precision::fp8), (Four{1, 1, 8, 1}));
}

TEST(DefaultSplit, StagesComeAfterTheScaleUpDomain) {
  // 811 GB at 2 B: 16 devices, 8 of them tensor ranks.
  EXPECT_EQ(chosen("llama-3.1-405b", "h100", 16, Precision::fp16), (Four{8, 2, 1, 1}));
}

TEST(DefaultSplit, TrainingNeedsItsStates) {
  // 16 B and more a parameter with Adam: 8e9 do not train on one H100, and do on several.
  const Four split = chosen("llama-3.1-8b", "h100", 8, Precision::bf16, Task::train);
  EXPECT_GT(split[0] * split[1], 1);
  EXPECT_EQ(split[0] * split[1] * split[2], 8);
}

TEST(DefaultSplit, WhatNothingHoldsGetsTheLargestReplica) {
  EXPECT_EQ(chosen("llama-3.1-405b", "l40s", 8, Precision::fp16), (Four{8, 1, 1, 1}));
  EXPECT_EQ(chosen("llama-3.1-405b", "h100", 1, Precision::fp16), (Four{1, 1, 1, 1}));
}

TEST(DefaultSplit, AnyNumberOfDevicesIsUsedUp) {
  for (const ModelSpec& model : models())
    for (int devices = 1; devices <= 24; ++devices) {
      const Scenario s = scenario(model.id, "h100", Task::prefill, devices);
      const Parallelism split = default_split(s, devices);
      EXPECT_EQ(split.devices(), devices) << model.id;
      Scenario possible = s;
      possible.split = split;
      testing::case_of(possible);  // throws when the model cannot have it
    }
}

TEST(DefaultSplit, AConvnetIsSplitByDataOnly) {
  EXPECT_EQ(chosen("resnet-50", "h100", 16, Precision::fp16, Task::train), (Four{1, 1, 16, 1}));
}

TEST(DefaultSplit, NoDevices) {
  for (const int bad : {0, -8})
    EXPECT_THAT(message_of([&] { chosen("llama-3.1-8b", "h100", bad, Precision::fp16); }),
                HasSubstr("gpus is"));
}

// ---- complete_split: tp, pp, dp, cp of which 0 is to be filled --------------------------------------------
Parallelism wanted(int tensor, int pipeline, int data, int context = 1) {
  return {
      .tensor = tensor, .pipeline = pipeline, .data = data, .expert = 0, .context = context, .interleave = 0};
}
Four completed(int devices, const Parallelism& parts, Task task = Task::train) {
  const Parallelism split =
      complete_split(scenario("llama-3.1-8b", "h100", task, 64, Precision::bf16), devices, parts);
  EXPECT_EQ(split.expert, 1);
  EXPECT_EQ(split.interleave, 1);
  return numbers(split);
}

TEST(CompleteSplit, FillsWhatIsNotSaid) {
  EXPECT_EQ(completed(16, wanted(4, 0, 0)), (Four{4, 1, 4, 1}));
  EXPECT_EQ(completed(16, wanted(4, 2, 0)), (Four{4, 2, 2, 1}));
  EXPECT_EQ(completed(16, wanted(0, 0, 16)), (Four{1, 1, 16, 1}));
  EXPECT_EQ(completed(0, wanted(4, 2, 3)), (Four{4, 2, 3, 1}));
  EXPECT_EQ(completed(0, wanted(4, 0, 0)), (Four{4, 1, 1, 1}));
  EXPECT_EQ(completed(8, wanted(0, 0, 0), Task::decode), (Four{1, 1, 8, 1}));
  EXPECT_EQ(completed(0, wanted(0, 0, 0), Task::decode), (Four{1, 1, 1, 1}));
}

TEST(CompleteSplit, KeepsContextRanks) {
  EXPECT_EQ(completed(16, wanted(2, 0, 0, 2)), (Four{2, 1, 4, 2}));
  EXPECT_EQ(completed(0, wanted(2, 2, 2, 2)), (Four{2, 2, 2, 2}));
  EXPECT_EQ(completed(8, wanted(0, 0, 0, 2)), (Four{1, 1, 4, 2}));  // not dropped
  EXPECT_EQ(completed(8, wanted(2, 0, 0, 0)), (Four{2, 1, 4, 1}));  // 0: not said
}

TEST(CompleteSplit, AnImpossibleOneNamesTheNumbers) {
  EXPECT_THAT(message_of([] { completed(16, wanted(3, 0, 0)); }),
              HasSubstr("3 x 1 x 1 = 3, but gpus is 16; they must be equal."));
  EXPECT_THAT(message_of([] { completed(8, wanted(2, 2, 4)); }), HasSubstr("2 x 2 x 4 = 16, but gpus is 8"));
  EXPECT_THAT(message_of([] { completed(6, wanted(2, 0, 0, 2)); }), HasSubstr("cp"));
  EXPECT_THAT(message_of([] { completed(-8, wanted(0, 0, 0)); }), HasSubstr("gpus is -8"));
  EXPECT_THAT(message_of([] { completed(8, wanted(-2, 0, 0)); }), HasSubstr("tp is -2"));
  EXPECT_THAT(message_of([] { completed(8, wanted(0, 0, -1)); }), HasSubstr("dp is -1"));
}

}  // namespace
}  // namespace ironlaw
