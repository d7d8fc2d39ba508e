// Training steps: FLOPs against the published table, states, activations, messages.
#include <string>

#include "framework/base/error.hpp"
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

Step<double> trained(const StepPlan& plan, double samples) {
  return lowered(plan, samples, plan.model->train_len);
}

TEST(Training, FlopsAgreeWithThePublishedTable) {
  // mlperf_training/benchmarks.csv, train_flops_per_sample: 6 P s + 6 L s^2 h (causal).
  const struct {
    const char* model;
    double flops, tolerance;
  } published[] = {
      {"gpt-3-175b", 2.1749e15, 0.001},
      {"llama-3.1-405b", 2.0676e16, 0.001},
      {"llama-3.1-8b", 4.2165e14, 0.001},
      {"bert-large", 4.9791e11, 0.03},   // all 76 predictions on 256 useful tokens; here 76/512 of them
      {"resnet-50", 2.4535e10, 0.015}};  // here without the gradient of the image
  for (const auto& [name, flops, tolerance] : published) {
    SCOPED_TRACE(name);
    const StepPlan plan = plan_of(name, Phase::train);
    expect_ratio(model_flops(plan, trained(plan, 1)), flops, tolerance);
  }
}

TEST(Training, Gpt3ByHand) {
  // P = 174,575,321,088. 6 P 2048 + 12 x 12288 x 96 x 2048 x 2049 / 2 = 2.1452e15 + 2.970e13.
  const StepPlan plan = plan_of("gpt-3-175b", Phase::train);
  expect_ratio(model_flops(plan, trained(plan, 1)),
               6 * 174'575'321'088.0 * 2048 + 12. * 12288 * 96 * 2048 * 2049 / 2, 1e-12);
}

TEST(Training, FrozenWeightsHaveNoWeightGradients) {
  StepPlan plan = plan_of("llama-2-70b", Phase::train, {.tensor = 4, .data = 2});
  plan.frozen_weights = true;
  const Step<double> step = trained(plan, 1);
  expect_ratio(model_flops(plan, step), 2.5177e15, 0.02);
  // 4 P s + 6 L h s (s + 1)
  expect_ratio(model_flops(plan, step), 4 * 68'713'185'280.0 * 8192 + 6. * 80 * 8192 * 8192 * 8193, 1e-12);
  for (const auto& op : step.operators) {
    EXPECT_EQ(std::string(op.name).find("weight gradient"), std::string::npos) << op.name;
    EXPECT_NE(op.channel, Channel::data) << op.name;
  }
  EXPECT_EQ(find(step, "optimizer"), nullptr);
  EXPECT_EQ(step.state_bytes, 0);
  EXPECT_EQ(step.backward_share, 0.5);
}

TEST(Training, BackwardProductsAreTransposed) {
  const StepPlan plan = plan_of("llama-3.1-8b", Phase::train, {.tensor = 2});
  const Step<double> step = trained(plan, 1);
  const auto& forward = get(step, "mlp gate and up");
  EXPECT_EQ(forward.m, 8192);
  EXPECT_EQ(forward.n, 14336);
  EXPECT_EQ(forward.k, 4096);
  const auto& input = get(step, "mlp up, input gradient");
  EXPECT_EQ(input.m, 8192);
  EXPECT_EQ(input.n, 4096);
  EXPECT_EQ(input.k, 14336);
  const auto& weight = get(step, "mlp up, weight gradient");
  EXPECT_EQ(weight.m, 4096);
  EXPECT_EQ(weight.n, 14336);
  EXPECT_EQ(weight.k, 8192);
  EXPECT_DOUBLE_EQ(weight.flops, forward.flops);
  // The input's gradient reads the weights again, the weights' gradient does not.
  EXPECT_DOUBLE_EQ(input.weight_bytes, 2. * 4096 * 14336);
  EXPECT_EQ(weight.weight_bytes, 0);
  EXPECT_EQ(get(step, "optimizer").weight_bytes, 0);
  // One micro-batch: the gradient is written once in fp32; two: it is read and added to.
  EXPECT_DOUBLE_EQ(weight.bytes, 4. * 4096 * 14336 + 2. * 8192 * (4096 + 14336));
  EXPECT_DOUBLE_EQ(get(trained(plan, 2), "mlp up, weight gradient").bytes,
                   8. * 4096 * 14336 + 2. * 8192 * (4096 + 14336));
  const double pairs = 4. * 2048 * 8192 * 8193 / 2;
  EXPECT_DOUBLE_EQ(get(step, "attention").flops, pairs);
  EXPECT_DOUBLE_EQ(get(step, "attention, backward").flops, 2.5 * pairs);
  EXPECT_DOUBLE_EQ(get(step, "attention, backward").useful_flops, 2 * pairs);
  EXPECT_DOUBLE_EQ(step.backward_share, 2. / 3);
}

TEST(Training, BytesOfElementWiseWorkAndAttention) {
  const StepPlan plan = plan_of("llama-3.1-8b", Phase::train, {.tensor = 2});
  const Step<double> step = trained(plan, 1);
  const double tokens = 8192;
  // Per rank 2048 query and 512 key columns, an MLP of 7168, half the positions of the residual stream; 2
  // bytes each.
  EXPECT_DOUBLE_EQ(get(step, "attention norm").bytes, tokens / 2 * 4096 * 4 * 2);  // x, branch -> x, normed
  EXPECT_DOUBLE_EQ(get(step, "mlp norm, backward").bytes, tokens / 2 * 4096 * 4 * 2);
  EXPECT_DOUBLE_EQ(get(step, "rope").bytes, tokens * (2048 + 512) * 2 * 2);
  EXPECT_DOUBLE_EQ(get(step, "attention").bytes, tokens * (2 * 2048 + 2 * 512) * 2);
  // Reads q, k, v, output and its gradient; writes the gradients of q, k, v.
  EXPECT_DOUBLE_EQ(get(step, "attention, backward").bytes, tokens * (4 * 2048 + 4 * 512) * 2);
  EXPECT_DOUBLE_EQ(get(step, "mlp activation").bytes, tokens * 7168 * 3 * 2);
  EXPECT_DOUBLE_EQ(get(step, "mlp activation, backward").bytes,
                   tokens * 7168 * 5 * 2);  // gate, up, g -> 2 gradients
  EXPECT_DOUBLE_EQ(get(step, "embedding").bytes, tokens / 2 * 4096 * 2 * 2);
  EXPECT_DOUBLE_EQ(get(step, "embedding, backward").bytes, tokens / 2 * 4096 * (2 + 8));
  // Half the vocabulary, 16 bytes a logit.
  EXPECT_DOUBLE_EQ(get(step, "softmax and loss").bytes, tokens * 64128 * 16);
  // Serving repeats the stream on every rank: the table's rows are on one of them.
  const StepPlan decode = plan_of("llama-3.1-8b", Phase::decode, {.tensor = 2});
  EXPECT_DOUBLE_EQ(get(lowered(decode, 16, 1, 10), "embedding").bytes, 16 * 4096. * (2 / 2. + 2));
  EXPECT_DOUBLE_EQ(get(lowered(decode, 16, 1, 10), "attention norm").bytes, 16 * 4096. * 4 * 2);
  // GPT-3 has no rotary positions and no gate.
  const StepPlan plain = plan_of("gpt-3-175b", Phase::train);
  EXPECT_EQ(find(trained(plain, 1), "rope"), nullptr);
  EXPECT_DOUBLE_EQ(get(trained(plain, 1), "mlp activation, backward").bytes, 2048. * 49152 * 3 * 2);
  EXPECT_DOUBLE_EQ(get(lowered(plan_of("gpt-3-175b", Phase::decode), 1, 1, 10), "KV write").bytes,
                   2 * 12288. * 2 * 2);
  // Routed rows: permuted before and summed after, two per token.
  const Step<double> mixture = lowered(plan_of("mixtral-8x7b", Phase::prefill), 1, 100);
  EXPECT_DOUBLE_EQ(get(mixture, "expert dispatch and combine").bytes, (100 + 200) * 4096. * 2 * 2);
}

TEST(Training, RecomputationIsExecutedAndNotUseful) {
  StepPlan plan = plan_of("gpt-3-175b", Phase::train, {.tensor = 8, .pipeline = 8});
  const Step<double> plain = trained(plan, 16);
  plan.recompute = Recompute::full;
  const Step<double> full = trained(plan, 16);
  expect_ratio(model_flops(plan, full), model_flops(plan, plain), 1e-12);
  // One more forward of the layers, 2 x 173,946,175,488 x 2048 + attention, 16 samples over 64 devices.
  const double forward = 2 * 173'946'175'488.0 * 2048 + 4. * 12288 * 96 * 2048 * 2049 / 2;
  expect_ratio(total_flops(full) - total_flops(plain), forward * 16 / 64, 1e-9);
  EXPECT_DOUBLE_EQ(full.backward_share, 0.75);
  EXPECT_EQ(get(full, "layer all-reduce").count, 2 * get(plain, "layer all-reduce").count);
  EXPECT_LT(full.activation_bytes, plain.activation_bytes / 5);
  plan.recompute = Recompute::selective;  // flash attention keeps no scores anyway
  EXPECT_EQ(trained(plan, 16).activation_bytes, plain.activation_bytes);
  EXPECT_EQ(total_flops(trained(plan, 16)), total_flops(plain));
}

TEST(Training, Activations) {
  // One sample of GPT-3 on one device: 32 s h a layer (34 without its two dropout masks), and fp32 logits.
  StepPlan plan = plan_of("gpt-3-175b", Phase::train);
  EXPECT_DOUBLE_EQ(trained(plan, 4).activation_bytes, 32. * 2048 * 12288 * 96 + 2048 * 51200. * 4);
  // TP 8, PP 8: the first stage holds 8 micro-batches of 12 layers, an eighth of each; with 16 there are
  // still 8.
  plan.split = {.tensor = 8, .pipeline = 8};
  EXPECT_DOUBLE_EQ(trained(plan, 16).activation_bytes, 32. * 2048 * 12288 * 96 / 8);
  EXPECT_DOUBLE_EQ(trained(plan, 4).activation_bytes, 32. * 2048 * 12288 * 48 / 8);
  // Interleaved by 6: (8 + 7 / 6) micro-batches.
  plan.split.interleave = 6;
  expect_ratio(trained(plan, 16).activation_bytes, 32. * 2048 * 12288 * 12 * (8 + 7. / 6) / 8, 1e-12);
  EXPECT_EQ(trained(plan, 16).interleave, 6);
  EXPECT_EQ(trained(plan, 16).idle_slots, 7);
  EXPECT_EQ(trained(plan, 16).micro_batches, 16);
}

TEST(Training, StatesByZeroStage) {
  // 8,030,261,248 parameters over 8 replicas: gradients 4, Adam 12 bytes.
  const double p = 8'030'261'248.0;
  StepPlan plan = plan_of("llama-3.1-8b", Phase::train, {.data = 8});
  const double states[] = {p * 16, p * (4 + 12 / 8.), p * 2, p * 2};
  const double updates[] = {p * 30, p * 30 / 8, p * 30 / 8, p * 30 / 8};
  for (int stage = 0; stage <= 3; ++stage) {
    SCOPED_TRACE(stage);
    plan.zero_stage = stage;
    const Step<double> step = trained(plan, 2);
    EXPECT_DOUBLE_EQ(step.state_bytes, states[stage]);
    EXPECT_DOUBLE_EQ(get(step, "optimizer").bytes, updates[stage]);
    EXPECT_EQ(get(step, "optimizer").count, 1);
    EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan), stage == 3 ? p * 2 / 8 : p * 2);
  }
  // FP8 products keep 16-bit weights.
  plan.zero_stage = 1;
  plan.weights = plan.activations = Precision::fp8;
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan), p * 2);
  EXPECT_EQ(get(trained(plan, 2), "mlp down").precision, Precision::fp8);
  EXPECT_EQ(get(trained(plan, 2), "attention").precision, Precision::bf16);
  // fp32: no second master copy.
  plan.zero_stage = 0;
  plan.weights = plan.activations = Precision::tf32;
  EXPECT_DOUBLE_EQ(trained(plan, 2).state_bytes, p * 12);
  EXPECT_DOUBLE_EQ(get(trained(plan, 2), "optimizer").bytes, p * 28);
}

TEST(Training, DataCollectivesByZeroStage) {
  const double p = 8'030'261'248.0;
  StepPlan plan = plan_of("llama-3.1-8b", Phase::train, {.data = 32});
  plan.zero_stage = 0;
  Step<double> step = trained(plan, 4);
  const auto& reduce = get(step, "gradient all-reduce");
  EXPECT_EQ(reduce.channel, Channel::data);
  EXPECT_DOUBLE_EQ(reduce.message_bytes, 2 * p);
  EXPECT_EQ(reduce.ranks_inside, 8);
  EXPECT_EQ(reduce.ranks_across, 4);
  plan.zero_stage = 1;
  step = trained(plan, 4);
  EXPECT_EQ(get(step, "gradient reduce-scatter").count, 1);
  EXPECT_DOUBLE_EQ(get(step, "weight all-gather").message_bytes, 2 * p);
  plan.zero_stage = 2;
  EXPECT_EQ(get(trained(plan, 4), "gradient reduce-scatter").count, 4);
  // Forward and backward of 4 micro-batches, 32 layers one by one.
  plan.zero_stage = 3;
  step = trained(plan, 4);
  EXPECT_EQ(get(step, "weight all-gather").count, 2 * 4 * 32);
  EXPECT_DOUBLE_EQ(get(step, "weight all-gather").message_bytes, 2 * p / 32);
  // TP 4 leaves two data ranks in a domain of 8; three ranks over two domains are 1.5 each.
  plan.split.tensor = 4;
  EXPECT_EQ(get(trained(plan, 4), "weight all-gather").ranks_inside, 2);
  EXPECT_EQ(get(trained(plan, 4), "weight all-gather").ranks_across, 16);
  plan.split.data = 3;
  EXPECT_EQ(get(trained(plan, 4), "weight all-gather").ranks_inside, 1.5);
  EXPECT_EQ(get(trained(plan, 4), "weight all-gather").ranks_across, 2);
}

TEST(Training, PipelineAndTensorCollectives) {
  StepPlan plan = plan_of("llama-3.1-405b", Phase::train, {.tensor = 8, .pipeline = 8, .interleave = 8});
  plan.micro_batch = 2;
  const Step<double> step = trained(plan, 32);
  EXPECT_EQ(step.micro_batches, 16);
  // ceil(126 / 8) = 16 layers x 16 micro-batches x 2.
  EXPECT_EQ(get(step, "layer all-reduce").count, 512);
  EXPECT_EQ(get(step, "layer all-reduce, backward").count, 512);
  EXPECT_DOUBLE_EQ(get(step, "layer all-reduce").message_bytes, 2. * 8192 * 16384 * 2);
  EXPECT_EQ(get(step, "activation send").count, 16 * 8);
  EXPECT_DOUBLE_EQ(get(step, "gradient send").message_bytes, 2. * 8192 * 16384 * 2 / 8);
}

TEST(Training, ContextRanksShareASequence) {
  const StepPlan whole = plan_of("llama-3.1-8b", Phase::train, {.data = 2});
  const StepPlan shared = plan_of("llama-3.1-8b", Phase::train, {.data = 2, .context = 4});
  const Step<double> one = trained(whole, 2);
  const Step<double> four = trained(shared, 2);
  expect_ratio(4 * model_flops(shared, four), model_flops(whole, one), 1e-12);
  // Keys and values of 8192 tokens: 8192 x 2 x 8 heads x 128 x 2 B = 33.55 MB; forward and backward, 32
  // layers, 2 micro-batches.
  const Operator<double>& gather = get(four, "key-value gather");
  EXPECT_DOUBLE_EQ(gather.message_bytes, 8192.0 * 2 * 8 * 128 * 2);
  EXPECT_EQ(gather.count, 2 * 32 * 2);
  EXPECT_EQ(gather.ranks_inside * gather.ranks_across, 4);
  // Gradients are summed over data and context ranks.
  const Operator<double>& gradients = get(four, "gradient reduce-scatter");
  EXPECT_EQ(gradients.ranks_inside * gradients.ranks_across, 8);
  EXPECT_EQ(find(one, "key-value gather"), nullptr);
  // A prompt is not split so.
  EXPECT_THROW(lowered(plan_of("llama-3.1-8b", Phase::prefill, {.context = 2}), 1, 100), Error);
}

TEST(Training, ExpertsOverDataRanks) {
  // 8 experts over 8 data ranks: one copy of each, so only the rest is reduced over the 8.
  const StepPlan plan = plan_of("mixtral-8x7b", Phase::train, {.data = 8, .expert = 8});
  const Step<double> step = trained(plan, 1);
  const double experts = 32 * 176'160'768.0;  // one expert of every layer
  const double rest = 46'702'792'704.0 - 8 * experts;
  EXPECT_DOUBLE_EQ(get(step, "gradient reduce-scatter").message_bytes, 2 * rest);
  EXPECT_DOUBLE_EQ(step.state_bytes, rest * (4 + 12 / 8.) + experts * 16);
  EXPECT_EQ(get(step, "expert all-to-all").count, 64);
  EXPECT_EQ(get(step, "expert all-to-all, backward").count, 64);
  // 6 x active x s + attention, whatever the split.
  expect_ratio(model_flops(plan, step), 6 * 12'748'587'008.0 * 4096 + 6. * 32 * 4096 * 4096 * 4097, 1e-12);
}

}  // namespace
}  // namespace ironlaw
