// Kinds of attention and of experts beyond the plain ones, by hand.
#include <cmath>

#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::expect_ratio;
using testing::find;
using testing::get;
using testing::lowered;
using testing::model_flops;
using testing::plan_of;
using testing::total_flops;

// ---- scores and tiles ------------------------------------------------------------------------------------
// Llama 3.1 8B: 32 heads, on 2 tensor ranks 16 each.
TEST(Tiles, APromptIsCutIntoBlocksOfQueries) {
  const StepPlan plan = plan_of("llama-3.1-8b", Phase::prefill, {.tensor = 2});
  const auto attention = get(lowered(plan, 3, 1000, 500), "attention");
  EXPECT_DOUBLE_EQ(attention.scores, 3 * 16 * 1000 * (500 + 500.5));  // causal, behind 500
  EXPECT_DOUBLE_EQ(attention.tiles, 3 * 16 * 8);                      // 1000/128 = 7.8
  EXPECT_DOUBLE_EQ(attention.tile_scores, 128 * (1500 - 63.5));       // of the last 128 queries
  // Fewer queries than a block has: all of them see 50.5 keys on average.
  EXPECT_DOUBLE_EQ(get(lowered(plan, 3, 100, 0), "attention").tile_scores, 100 * 50.5);
}

TEST(Tiles, AnEncoderSeesAllAndDecodeHasNone) {
  const auto attention = get(lowered(plan_of("bert-large", Phase::prefill), 8, 384, 0), "attention");
  EXPECT_DOUBLE_EQ(attention.scores, 8. * 16 * 384 * 384);
  EXPECT_DOUBLE_EQ(attention.tiles, 8. * 16 * 3);
  EXPECT_DOUBLE_EQ(attention.tile_scores, 128. * 384);
  const auto decode = get(lowered(plan_of("llama-3.1-8b", Phase::decode), 64, 1, 999), "attention");
  EXPECT_DOUBLE_EQ(decode.scores, 64. * 32 * 1000);
  EXPECT_EQ(decode.tiles, 0);
  EXPECT_EQ(decode.tile_scores, 0);
}

// ---- latent attention (DeepSeek-V3: 128 heads, nope 128 + rope 64, values 128, latents 1536 and 512)
// --------

constexpr double kDeepSeekActive = 36'624'596'992.0;  // see models_test: 36.6246e9

TEST(LatentAttention, CachesOneLatentForAllHeads) {
  // 61 layers x (512 + 64) x 2 bytes, on every tensor rank.
  const StepPlan plan = plan_of("deepseek-v3", Phase::decode);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan, 5000), 70'272);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan_of("deepseek-v3", Phase::decode, {.tensor = 8}), 5000),
                   70'272);
  EXPECT_DOUBLE_EQ(lowered(plan, 16, 1, 999).kv_bytes, 16 * 1000 * 70'272.0);
}

TEST(LatentAttention, DecodeAttendsOverTheLatents) {
  const Step<double> step = lowered(plan_of("deepseek-v3", Phase::decode), 16, 1, 999);
  EXPECT_EQ(get(step, "latent projection").n, 1536 + 576);
  EXPECT_EQ(get(step, "query projection").n, 128 * 192);
  EXPECT_EQ(get(step, "query projection").k, 1536);
  EXPECT_EQ(find(step, "key-value expansion"), nullptr);
  // Each head turns its 128 numbers into 512: weights 128 x 128 x 512, rows of 128 x 128 in, 128 x 512 out.
  const auto& absorb = get(step, "query absorption");
  EXPECT_DOUBLE_EQ(absorb.flops, 2. * 16 * 128 * 128 * 512);
  EXPECT_DOUBLE_EQ(absorb.weight_bytes, 2. * 128 * 128 * 512);
  EXPECT_DOUBLE_EQ(absorb.bytes, 2. * (128 * 128 * 512 + 16 * (128 * 128 + 128 * 512)));
  const auto& expand = get(step, "value expansion");
  EXPECT_DOUBLE_EQ(expand.flops, 2. * 16 * 128 * 512 * 128);
  EXPECT_DOUBLE_EQ(expand.bytes, 2. * (128 * 512 * 128 + 16 * (128 * 512 + 128 * 128)));
  // A head and token: scores 2 x 1000 x 576, values 2 x 1000 x 512. The cache is read once for all heads.
  const auto& attention = get(step, "attention");
  EXPECT_EQ(attention.count, 61);
  EXPECT_DOUBLE_EQ(attention.flops, 16. * 128 * 1000 * 2 * (576 + 512));
  EXPECT_DOUBLE_EQ(attention.bytes, 2. * (16 * 128 * (576 + 512) + 16 * 1000 * 576));
  // Rotary part of 128 queries, and the new latent: read, written.
  EXPECT_DOUBLE_EQ(get(step, "rope and KV write").bytes, 2. * 2 * 16 * (128 * 64 + 576));
  EXPECT_EQ(get(step, "attention output").k, 128 * 128);
  // The absorbed products are those of the expansion: 2 x active parameters a token, and attention.
  expect_ratio(total_flops(step), 16 * (2 * kDeepSeekActive + 61. * 128 * 1000 * 2 * 1088), 1e-12);
}

TEST(LatentAttention, PromptsExpandKeysAndValues) {
  // 2 sequences of 100 tokens behind 400: scores over 192 and values over 128 numbers of 100 x 450.5 pairs.
  const StepPlan plan = plan_of("deepseek-v3", Phase::prefill);
  const Step<double> step = lowered(plan, 2, 100, 400);
  EXPECT_EQ(find(step, "query absorption"), nullptr);
  EXPECT_DOUBLE_EQ(get(step, "attention").flops, 2. * 100 * 450.5 * 128 * 2 * (192 + 128));
  EXPECT_DOUBLE_EQ(get(step, "attention").bytes,
                   2. * (200 * 128 * (192 + 128) + 2 * 500 * 128 * (192 + 128)));
  // All 500 positions are expanded; only the 100 new ones are useful.
  const auto& expansion = get(step, "key-value expansion");
  EXPECT_EQ(expansion.m, 1000);
  EXPECT_DOUBLE_EQ(expansion.flops, 2. * 1000 * 512 * 128 * 256);
  EXPECT_DOUBLE_EQ(expansion.useful_flops, 2. * 200 * 512 * 128 * 256);
  const double head = 129280. * 7168;
  expect_ratio(model_flops(plan, step),
               2 * (kDeepSeekActive - head) * 200 + 2 * head * 2 + 61 * get(step, "attention").flops, 1e-12);
}

TEST(LatentAttention, TrainingIsThreeTimesForward) {
  const StepPlan plan = plan_of("deepseek-v3", Phase::train, {.tensor = 8, .pipeline = 4});
  const double pairs = 4096. * 4097 / 2;
  expect_ratio(model_flops(plan, lowered(plan, 2, 4096)),
               2 * 3 * (2 * kDeepSeekActive * 4096 + 61. * 128 * pairs * 2 * (192 + 128)), 1e-12);
  const Step<double> step = lowered(plan, 2, 4096);
  // Backward: 5 products of the forward 2, of which 4 are useful; the stage has 16 layers of 15.25 on
  // average.
  EXPECT_DOUBLE_EQ(get(step, "attention, backward").flops, 2.5 * get(step, "attention").flops);
  // Without a latent's norms there is none backward either.
  EXPECT_EQ(get(step, "latent projection").m, 4096 / 8);  // sharded by position
  EXPECT_EQ(find(lowered(plan_of("llama-3.1-8b", Phase::train), 1, 64), "latent norms"), nullptr);
}

TEST(LatentAttention, TensorRanksRepeatTheLatents) {
  const StepPlan plan = plan_of("deepseek-v3", Phase::decode, {.tensor = 8});
  const Step<double> step = lowered(plan, 16, 1, 999);
  EXPECT_EQ(get(step, "latent projection").n, 2112);
  EXPECT_DOUBLE_EQ(get(step, "latent projection").useful_flops, get(step, "latent projection").flops / 8);
  EXPECT_DOUBLE_EQ(get(step, "attention").flops, 16. * 16 * 1000 * 2 * (576 + 512));  // 16 heads here
  // Down-projections are copied, the rest is shared; norms and routers are copies too.
  const double attention = 7168. * 2112 + (1536 * 24576. + 512 * 32768. + 16384 * 7168.) / 8;
  const double mlp = (3 * 396'361'728. + 58 * 257 * 44'040'192.) / 8;
  const double small = 61 * (2048. + 2 * 7168) + 58 * 1'835'008. + 7168;
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan),
                   2 * (61 * attention + mlp + 2 * 129'280. * 7168 / 8 + small));
}

// ---- sliding windows --------------------------------------------------------------------------------------

TEST(Window, DecodeSeesNoMoreThanTheWindow) {
  // Mistral 7B: every layer has a window of 4096. Keys and values are 2 x 1024 numbers a position.
  const StepPlan plan = plan_of("mistral-7b", Phase::decode);
  const Step<double> beyond = lowered(plan, 16, 1, 8191);
  EXPECT_EQ(find(beyond, "attention"), nullptr);
  const auto& attention = get(beyond, "windowed attention");
  EXPECT_EQ(attention.count, 32);
  EXPECT_DOUBLE_EQ(attention.flops, 4. * 4096 * 16 * 4096);
  EXPECT_DOUBLE_EQ(attention.bytes, 2. * 16 * (4096 * 2048 + 2 * 4096));
  EXPECT_DOUBLE_EQ(beyond.kv_bytes, 16 * 4096 * 131'072.0);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan, 8192), 131'072. / 2);
  // Inside the window it is any other model.
  const Step<double> inside = lowered(plan, 16, 1, 999);
  EXPECT_DOUBLE_EQ(get(inside, "windowed attention").flops, 4. * 4096 * 16 * 1000);
  EXPECT_DOUBLE_EQ(get(inside, "windowed attention").bytes, 2. * 16 * (1000 * 2048 + 2 * 4096));
  EXPECT_DOUBLE_EQ(inside.kv_bytes, 16 * 1000 * 131'072.0);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan, 1000), 131'072);
}

TEST(Window, PromptsSeeATriangleAndThenABand) {
  // 8192 tokens: 4096 x 4097 / 2 pairs of the first 4096 positions, 4096 x 4096 of the others.
  const Step<double> step = lowered(plan_of("mistral-7b", Phase::prefill), 1, 8192);
  const double pairs = 4096. * 4097 / 2 + 4096. * 4096;
  EXPECT_DOUBLE_EQ(get(step, "windowed attention").flops, 4. * 4096 * pairs);
  // 1000 tokens behind 3500: 596 queries see 3501 to 4096 positions (3798.5), 404 see 4096.
  const Step<double> later = lowered(plan_of("mistral-7b", Phase::prefill), 1, 1000, 3500);
  EXPECT_DOUBLE_EQ(get(later, "windowed attention").flops, 4. * 4096 * (596 * 3798.5 + 404 * 4096.));
  // Cached keys and values as far as the first query looks back, and the new ones.
  EXPECT_DOUBLE_EQ(get(step, "windowed attention").bytes, 2. * 8192 * (2048 + 2 * 4096));
  EXPECT_DOUBLE_EQ(
      get(lowered(plan_of("mistral-7b", Phase::prefill), 1, 1000, 9000), "windowed attention").bytes,
      2. * ((4095 + 1000) * 2048. + 1000 * 2 * 4096.));
}

TEST(Window, OnlyItsOwnLayersHaveIt) {
  // gpt-oss-120b: 18 of 36 layers see 128 positions. 2 x 8 x 64 numbers of 2 bytes a position and layer.
  const StepPlan plan = plan_of("gpt-oss-120b", Phase::decode);
  const Step<double> step = lowered(plan, 4, 1, 999);
  EXPECT_EQ(get(step, "attention").count, 18);
  EXPECT_EQ(get(step, "windowed attention").count, 18);
  EXPECT_DOUBLE_EQ(get(step, "attention").flops, 4. * 4096 * 4 * 1000);
  EXPECT_DOUBLE_EQ(get(step, "windowed attention").flops, 4. * 4096 * 4 * 128);
  EXPECT_DOUBLE_EQ(step.kv_bytes, 4 * 18 * 2048. * (1000 + 128));
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan, 1024), 18 * 2048. * (1 + 128. / 1024));
  // In training too: 4096 tokens make 128 x 129 / 2 + 3968 x 128 pairs.
  const Step<double> train = lowered(plan_of("gpt-oss-120b", Phase::train), 1, 4096);
  EXPECT_DOUBLE_EQ(get(train, "windowed attention").flops, 4. * 4096 * (128 * 129 / 2. + 3968 * 128.));
  EXPECT_DOUBLE_EQ(get(train, "windowed attention, backward").flops,
                   2.5 * get(train, "windowed attention").flops);
}

// ---- experts beside other layers
// -----------------------------------------------------------------------------

TEST(MixedExperts, SharedOnesSeeEveryTokenAndDenseLayersComeBeside) {
  const Step<double> step = lowered(plan_of("deepseek-v3", Phase::decode), 16, 1, 999);
  EXPECT_EQ(get(step, "mlp gate and up").count, 58);
  EXPECT_EQ(get(step, "mlp gate and up").m, 16 * 8);
  EXPECT_EQ(get(step, "router").count, 58);
  EXPECT_EQ(get(step, "shared expert gate and up").count, 58);
  EXPECT_EQ(get(step, "shared expert gate and up").m, 16);
  EXPECT_DOUBLE_EQ(get(step, "shared expert down").weight_bytes, 2. * 2048 * 7168);
  EXPECT_EQ(get(step, "dense mlp gate and up").count, 3);
  EXPECT_EQ(get(step, "dense mlp gate and up").n, 2 * 18432);
  EXPECT_EQ(get(step, "dense mlp activation").count, 3);
  // 256 (1 - (1 - 8/256)^16) = 101.97 experts are read.
  EXPECT_NEAR(get(step, "mlp down").weight_bytes / (2. * 2048 * 7168), 256 * (1 - std::pow(31. / 32, 16)),
              1e-9);
  EXPECT_EQ(find(lowered(plan_of("mixtral-8x7b", Phase::decode), 4, 1, 9), "shared expert down"), nullptr);
  EXPECT_EQ(find(lowered(plan_of("mixtral-8x7b", Phase::decode), 4, 1, 9), "dense mlp down"), nullptr);
}

TEST(MixedExperts, MessagesAreOfTheLayersThatHaveThem) {
  const Step<double> step =
      lowered(plan_of("deepseek-v3", Phase::decode, {.tensor = 2, .data = 8, .expert = 16}), 64, 1, 100);
  EXPECT_DOUBLE_EQ(get(step, "expert all-to-all").count, 2 * 58);
  EXPECT_DOUBLE_EQ(get(step, "expert all-to-all").message_bytes, 64. / 2 * 8 * 7168 * 2);
  EXPECT_DOUBLE_EQ(get(step, "layer all-reduce").count, 2 * 61);  // the shared expert has a sum of its own
}

TEST(MixedExperts, TheHeaviestStageHasNoDenseLayers) {
  // 61 layers over 16 stages: 4 with experts and no table, against 3 and a table of 0.93e9.
  const double layer = 187'121'664. + 257 * 44'040'192. + 1'835'008;
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan_of("deepseek-v3", Phase::decode, {.pipeline = 16})),
                   2 * 4 * layer);
}

// ---- norms and biases
// ----------------------------------------------------------------------------------------

TEST(PostNorms, AreTwoMorePassesALayer) {
  // Gemma 2: reads and writes 3584 numbers of 2 bytes, after attention and after the MLP of 42 layers.
  const Step<double> step = lowered(plan_of("gemma-2-9b", Phase::decode), 16, 1, 999);
  EXPECT_EQ(get(step, "post norm").count, 84);
  EXPECT_DOUBLE_EQ(get(step, "post norm").bytes, 16. * 3584 * 2 * 2);
  EXPECT_DOUBLE_EQ(get(lowered(plan_of("gemma-2-9b", Phase::train), 1, 64), "post norm, backward").bytes,
                   64. * 3584 * 3 * 2);
  EXPECT_EQ(find(lowered(plan_of("llama-3.1-8b", Phase::decode), 16, 1, 999), "post norm"), nullptr);
}

TEST(Fits, SaysWhichTensorRanksAModelCanHave) {
  EXPECT_TRUE(tensor_ranks_fit(find_model("llama-3.1-8b"), 16));  // a multiple of the 8 key-value heads
  EXPECT_FALSE(tensor_ranks_fit(find_model("llama-3.1-8b"), 3));
  EXPECT_TRUE(tensor_ranks_fit(find_model("deepseek-v3"), 128));
  EXPECT_TRUE(tensor_ranks_fit(find_model("resnet-50"), 1));
  EXPECT_FALSE(tensor_ranks_fit(find_model("resnet-50"), 2));
  EXPECT_FALSE(tensor_ranks_fit(find_model("gpt-oss-20b"), 128));
}

}  // namespace
}  // namespace ironlaw
