// Inference: FLOPs, bytes, shapes and messages by hand.
#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::expect_ratio;
using testing::find;
using testing::get;
using testing::lowered;
using testing::model_flops;
using testing::plan_of;

TEST(Weights, OfLlama70bAreTheTextbookBytes) {
  StepPlan plan = plan_of("llama-2-70b", Phase::decode);
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan), 2 * 68'976'648'192.0);
  // FP8: 80 x 855,638,016 matrix weights at 1 byte; tables 524,288,000 and norms 80 x 16,384 + 8192 stay
  // at 2.
  plan.weights = Precision::fp8;
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan), 68'451'041'280.0 + 2 * (524'288'000.0 + 1'318'912.0));
}

TEST(Weights, AreSharded) {
  // TP 8: (68,451,041,280 + 524,288,000) / 8 + the norms 1,318,912, at 2 bytes.
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan_of("llama-2-70b", Phase::decode, {.tensor = 8})),
                   2 * (68'975'329'280.0 / 8 + 1'318'912));
  // PP 4: 20 layers of 855,654,400, one of the two tables and the last norm.
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan_of("llama-2-70b", Phase::decode, {.pipeline = 4})),
                   2 * (20 * 855'654'400.0 + 262'144'000 + 8192));
  // PP 8 of 126 layers: six stages of 16, two end stages of 15 and a table: 16 layers (51.0e9) weigh more
  // than 15 and 2.1e9 (49.9e9).
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan_of("llama-3.1-405b", Phase::decode, {.pipeline = 8})),
                   2 * 16 * 3'187'703'808.0);
  // Expert parallelism inside the tensor ranks: two whole experts each; attention over 4, router and norms
  // copied.
  EXPECT_DOUBLE_EQ(
      weight_bytes_per_device(plan_of("mixtral-8x7b", Phase::decode, {.tensor = 4, .expert = 4})),
      2 * (32 * (41'943'040 / 4. + 2 * 176'160'768. + 32'768 + 8192) + 262'144'000 / 4. + 4096));
}

TEST(KvCache, BytesOfOneToken) {
  // 2 (keys, values) x 32 layers x 8 heads x 128 x 2 bytes.
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan_of("llama-3.1-8b", Phase::decode), 1000), 131'072);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan_of("llama-3.1-8b", Phase::decode, {.tensor = 8}), 1000),
                   16'384);
  // 16 ranks share 8 heads: each holds one whole head.
  EXPECT_DOUBLE_EQ(
      kv_bytes_per_token_per_device(plan_of("llama-3.1-8b", Phase::decode, {.tensor = 16}), 1000), 16'384);
  // 126 layers over 8 stages: 16 on the slowest. FP8: 2 x 16 x 8 x 128.
  StepPlan plan = plan_of("llama-3.1-405b", Phase::decode, {.pipeline = 8});
  plan.kv = Precision::fp8;
  EXPECT_DOUBLE_EQ(kv_bytes_per_token_per_device(plan, 1000), 32'768);
  EXPECT_EQ(kv_bytes_per_token_per_device(plan_of("bert-large", Phase::prefill), 1000), 0);
  EXPECT_EQ(kv_bytes_per_token_per_device(plan_of("resnet-50", Phase::prefill), 1000), 0);
  // After the step each of 16 sequences holds 1000 tokens.
  EXPECT_DOUBLE_EQ(lowered(plan_of("llama-3.1-8b", Phase::decode), 16, 1, 999).kv_bytes,
                   16 * 1000 * 131'072.0);
}

TEST(Decode, FlopsAreTwiceTheActiveParametersAndAttention) {
  // 16 tokens: 2 x 7,504,658,432 each; attention 4 x 32 x 128 x 1000 positions x 32 layers each.
  const StepPlan plan = plan_of("llama-3.1-8b", Phase::decode);
  const Step<double> step = lowered(plan, 16, 1, 999);
  const double by_hand = 16 * (2 * 7'504'658'432.0 + 4. * 4096 * 1000 * 32);
  expect_ratio(model_flops(plan, step), by_hand, 1e-12);
  expect_ratio(testing::total_flops(step), by_hand, 1e-12);  // nothing is repeated on one device
}

TEST(Decode, BytesOfTheOperators) {
  const Step<double> step = lowered(plan_of("llama-3.1-8b", Phase::decode), 16, 1, 999);
  const auto& qkv = get(step, "qkv projection");
  EXPECT_EQ(qkv.kind, OperatorKind::matmul);
  EXPECT_EQ(qkv.count, 32);
  EXPECT_EQ(qkv.m, 16);
  EXPECT_EQ(qkv.n, 6144);
  EXPECT_EQ(qkv.k, 4096);
  EXPECT_DOUBLE_EQ(qkv.flops, 2. * 16 * 6144 * 4096);
  EXPECT_DOUBLE_EQ(qkv.bytes, 2. * (6144 * 4096 + 16 * 4096 + 16 * 6144));
  // Keys and values of 1000 positions: 2 x 1024 numbers each; query and output 4096 numbers each.
  EXPECT_DOUBLE_EQ(get(step, "attention").bytes, 2. * 16 * (1000 * 2048 + 2 * 4096));
  EXPECT_EQ(get(step, "mlp gate and up").n, 28672);
  EXPECT_EQ(get(step, "mlp down").k, 14336);
  // Reads stream and branch, writes stream and input.
  EXPECT_DOUBLE_EQ(get(step, "attention norm").bytes, 16. * 4096 * 8);
  // Reads q, k, v (6144), writes q and the cache (6144).
  EXPECT_DOUBLE_EQ(get(step, "rope and KV write").bytes, 16. * 6144 * 4);
  EXPECT_DOUBLE_EQ(get(step, "mlp activation").bytes, 16. * 14336 * 3 * 2);
  EXPECT_EQ(get(step, "vocabulary head").m, 16);
  EXPECT_EQ(get(step, "vocabulary head").n, 128256);
}

TEST(Decode, WeightBytesAreTheMatricesAsStored) {
  const StepPlan plan = plan_of("llama-3.1-8b", Phase::decode);
  const Step<double> step = lowered(plan, 16, 1, 999);
  EXPECT_DOUBLE_EQ(get(step, "qkv projection").weight_bytes, 2. * 6144 * 4096);
  for (const char* name : {"attention", "attention norm", "rope and KV write", "mlp activation", "embedding"})
    EXPECT_EQ(get(step, name).weight_bytes, 0) << name;
  // A step reads all weights once, but for the input table (128256 x 4096) and the norms (65 x 4096).
  double sum = 0;
  for (const auto& op : step.operators) sum += op.count * op.weight_bytes;
  EXPECT_DOUBLE_EQ(sum, weight_bytes_per_device(plan) - 2. * (128256. * 4096 + 65 * 4096));
}

TEST(Decode, NarrowPrecisions) {
  StepPlan plan = plan_of("llama-3.1-8b", Phase::decode);
  plan.weights = plan.activations = plan.kv = Precision::fp8;
  Step<double> step = lowered(plan, 16, 1, 999);
  EXPECT_EQ(get(step, "qkv projection").precision, Precision::fp8);
  EXPECT_DOUBLE_EQ(get(step, "qkv projection").bytes, 6144 * 4096 + 16 * 4096 + 2. * 16 * 6144);
  EXPECT_EQ(get(step, "attention").precision, Precision::fp8);
  EXPECT_DOUBLE_EQ(get(step, "attention").bytes, 16. * (1000 * 2048 + 2 * 2 * 4096));
  EXPECT_EQ(get(step, "vocabulary head").precision, Precision::bf16);
  EXPECT_DOUBLE_EQ(get(step, "vocabulary head").bytes, 2. * (128256. * 4096 + 16 * 4096 + 16 * 128256.));
  // Weights only: the arithmetic is that of the activations.
  plan.weights = Precision::int4;
  plan.activations = plan.kv = Precision::fp16;
  step = lowered(plan, 16, 1, 999);
  EXPECT_EQ(get(step, "mlp down").precision, Precision::fp16);
  EXPECT_DOUBLE_EQ(get(step, "mlp down").bytes, 0.5 * 14336 * 4096 + 2. * 16 * (14336 + 4096));
  EXPECT_EQ(get(step, "attention").precision, Precision::fp16);
}

TEST(Prefill, FlopsAgreeWithThePublishedTable) {
  // mlperf_inference/benchmarks.csv, gflop_prefill_per_sample: the same counting on each sample's own length.
  // By hand at the mean, Llama 2: 2 x 68,451,041,280 x 222.33 + head 2 x 262,144,000 + attention 4 x 8192 x
  // 80 x 222.33 x 111.665 = 30.437e12 + 0.0005e12 + 0.0651e12 = 30.503e12.
  const struct {
    const char* model;
    double gflop;
  } published[] = {{"llama-2-70b", 30541.3},
                   {"llama-3.1-8b", 12402.5},
                   {"mixtral-8x7b", 10861.7},
                   {"gpt-j-6b", 10033.6},
                   {"llama-3.1-405b", 8.0093e6}};
  for (const auto& [name, gflop] : published) {
    SCOPED_TRACE(name);
    const StepPlan plan = plan_of(name, Phase::prefill);
    expect_ratio(model_flops(plan, lowered(plan, 1, plan.model->input_len)), gflop * 1e9, 0.01);
  }
  const StepPlan plan = plan_of("llama-2-70b", Phase::prefill);
  expect_ratio(model_flops(plan, lowered(plan, 1, 222.33)),
               2 * 68'451'041'280.0 * 222.33 + 2 * 262'144'000.0 + 4. * 8192 * 80 * 222.33 * 111.665, 1e-12);
}

TEST(Prefill, ContinuesBehindACachedPrefix) {
  // 100 new tokens behind 400: pairs 100 x (400 + 50.5); the KV cache of all 500 is read.
  const Step<double> step = lowered(plan_of("llama-3.1-8b", Phase::prefill), 2, 100, 400);
  EXPECT_DOUBLE_EQ(get(step, "attention").flops, 4. * 4096 * 2 * 100 * 450.5);
  EXPECT_DOUBLE_EQ(get(step, "attention").bytes, 2. * (2 * 500 * 2048 + 200 * 2 * 4096));
  EXPECT_EQ(get(step, "vocabulary head").m, 2);
}

TEST(Encoder, IsOneBidirectionalPassWithAnAnswerHead) {
  // 384 padded tokens: 2 x 301,989,888 x 384 + 2 x 2048 x 384 + 4 x 1024 x 384^2 x 24 = 246.4 GFLOP
  // (benchmarks.csv).
  const StepPlan plan = plan_of("bert-large", Phase::prefill);
  const Step<double> step = lowered(plan, 1, 384);
  expect_ratio(model_flops(plan, step), 246.424e9, 1e-4);
  EXPECT_EQ(step.kv_bytes, 0);
  EXPECT_EQ(get(step, "answer head").n, 2);
  EXPECT_EQ(find(step, "vocabulary head"), nullptr);
  EXPECT_EQ(find(step, "rope and KV write"), nullptr);
  EXPECT_DOUBLE_EQ(get(step, "attention").bytes, 384. * 4 * 1024 * 2);
}

TEST(Experts, OnlyThoseTouchedAreRead) {
  // One token touches 8 (1 - 0.75) = 2 experts, four touch 8 (1 - 0.75^4) = 5.46875.
  const StepPlan plan = plan_of("mixtral-8x7b", Phase::decode);
  const double up = 4096. * 28672 * 2;
  const double row = 2. * (4096 + 28672);
  EXPECT_NEAR(get(lowered(plan, 1, 1, 100), "mlp gate and up").bytes, 2 * up + 2 * row, 1);
  const Step<double> step = lowered(plan, 4, 1, 100);
  EXPECT_NEAR(get(step, "mlp gate and up").bytes, 5.46875 * up + 8 * row, 1);
  EXPECT_EQ(get(step, "mlp gate and up").m, 8);  // four tokens, two experts each
  EXPECT_EQ(get(step, "router").n, 8);
  // 2 x 12.7486e9 a token and attention.
  expect_ratio(model_flops(plan, step), 4 * (2 * 12'748'587'008.0 + 4. * 4096 * 101 * 32), 1e-12);
}

TEST(Experts, TravelWhereTheyMust) {
  // Inside the tensor ranks every rank has all tokens: no exchange.
  EXPECT_EQ(find(lowered(plan_of("mixtral-8x7b", Phase::decode, {.tensor = 8, .expert = 8}), 64, 1, 100),
                 "expert all-to-all"),
            nullptr);
  // Eight ranks of two replicas: two exchanges a layer, one all-reduce less.
  const Step<double> step =
      lowered(plan_of("mixtral-8x7b", Phase::decode, {.tensor = 4, .data = 2, .expert = 8}), 64, 1, 100);
  const auto& exchange = get(step, "expert all-to-all");
  EXPECT_EQ(exchange.collective, Collective::all_to_all);
  EXPECT_EQ(exchange.channel, Channel::expert);
  EXPECT_EQ(exchange.count, 64);
  EXPECT_DOUBLE_EQ(exchange.message_bytes, 64. / 4 * 2 * 4096 * 2);
  EXPECT_EQ(exchange.ranks_inside, 8);
  EXPECT_EQ(get(step, "layer all-reduce").count, 32);
}

TEST(Split, TensorShapesAndMessages) {
  const Step<double> step = lowered(plan_of("llama-3.1-8b", Phase::decode, {.tensor = 4}), 16, 1, 999);
  EXPECT_EQ(get(step, "qkv projection").n, 1536);
  EXPECT_EQ(get(step, "attention output").k, 1024);
  EXPECT_EQ(get(step, "mlp down").k, 3584);
  const auto& reduce = get(step, "layer all-reduce");
  EXPECT_EQ(reduce.kind, OperatorKind::collective);
  EXPECT_EQ(reduce.channel, Channel::tensor);
  EXPECT_EQ(reduce.collective, Collective::all_reduce);
  EXPECT_EQ(reduce.count, 64);
  EXPECT_EQ(reduce.launches, 1);
  EXPECT_DOUBLE_EQ(reduce.message_bytes, 16. * 4096 * 2);
  EXPECT_DOUBLE_EQ(get(step, "logits gather").message_bytes, 16 * 128256. * 2);
  EXPECT_EQ(get(step, "logits gather").collective, Collective::gather);
  // GPT-J sums attention and MLP before one all-reduce.
  EXPECT_EQ(
      get(lowered(plan_of("gpt-j-6b", Phase::decode, {.tensor = 2}), 16, 1, 999), "layer all-reduce").count,
      28);
}

TEST(Split, RanksByDomain) {
  StepPlan plan = plan_of("llama-3.1-405b", Phase::decode, {.tensor = 16});
  const Step<double> wide = lowered(plan, 16, 1, 999);
  EXPECT_EQ(get(wide, "layer all-reduce").ranks_inside, 8);
  EXPECT_EQ(get(wide, "layer all-reduce").ranks_across, 2);
  plan.scaleup_size = 72;
  EXPECT_EQ(get(lowered(plan, 16, 1, 999), "layer all-reduce").ranks_across, 1);
  // Stages are neighbours in a domain only while the whole replica is in one.
  plan = plan_of("llama-3.1-405b", Phase::decode, {.tensor = 4, .pipeline = 2});
  EXPECT_EQ(get(lowered(plan, 16, 1, 999), "activation send").ranks_across, 1);
  plan.split.tensor = 8;
  EXPECT_EQ(get(lowered(plan, 16, 1, 999), "activation send").ranks_across, 2);
  EXPECT_DOUBLE_EQ(get(lowered(plan, 16, 1, 999), "activation send").message_bytes, 8. * 16384 * 2 / 8);
}

TEST(Split, PipelineMicroBatches) {
  const StepPlan decode = plan_of("llama-2-70b", Phase::decode, {.pipeline = 4});
  Step<double> step = lowered(decode, 64, 1, 100);
  EXPECT_EQ(step.micro_batches, 4);
  EXPECT_EQ(step.idle_slots, 0);
  EXPECT_EQ(get(step, "qkv projection").m, 16);
  EXPECT_EQ(get(step, "qkv projection").count, 20 * 4);
  EXPECT_EQ(get(step, "vocabulary head").count, 1);  // 4 micro-batches, spread over 4 stages
  step = lowered(decode, 2, 1, 100);
  EXPECT_EQ(step.micro_batches, 2);
  EXPECT_EQ(step.idle_slots, 2);
  const StepPlan prefill = plan_of("llama-2-70b", Phase::prefill, {.pipeline = 4});
  EXPECT_EQ(lowered(prefill, 6, 100).micro_batches, 6);
  EXPECT_EQ(lowered(prefill, 64, 100).micro_batches, 16);
  EXPECT_EQ(lowered(prefill, 64, 100).idle_slots, 3);
  EXPECT_EQ(lowered(plan_of("llama-2-70b", Phase::prefill), 64, 100).micro_batches, 1);
}

}  // namespace
}  // namespace ironlaw
