// Every refusal names the field, the numbers given and what is allowed.
#include <limits>
#include <string>

#include "framework/base/error.hpp"
#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::lowered;
using testing::plan_of;

struct Load {
  double requests = 4, tokens = 1, context = 0;
};

std::string refusal(const StepPlan& plan, const Load& load = {}) {
  try {
    lowered(plan, load.requests, load.tokens, load.context);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

TEST(Errors, Splits) {
  EXPECT_EQ(refusal(plan_of("llama-3.1-8b", Phase::decode, {.tensor = 3})),
            "tp is 3, but llama-3.1-8b has 32 heads, 8 key-value heads and an MLP width of 14336, which "
            "it must "
            "divide (or, of key-value heads, be a multiple of). Allowed: 1, 2, 4, 8, 16, 32.");
  EXPECT_EQ(refusal(plan_of("llama-3.1-8b", Phase::decode, {.pipeline = 33})),
            "pp is 33, but llama-3.1-8b has 32 layers. Allowed: 1 to 32.");
  EXPECT_EQ(refusal(plan_of("llama-3.1-8b", Phase::decode, {.pipeline = 8, .interleave = 5})),
            "interleave is 5, but a stage of llama-3.1-8b has 4 layers at pp 8. Allowed: 1 to 4.");
  EXPECT_EQ(refusal(plan_of("llama-3.1-8b", Phase::decode, {.expert = 2})),
            "ep is 2, but llama-3.1-8b has no experts. Allowed: 1.");
  EXPECT_EQ(refusal(plan_of("mixtral-8x7b", Phase::decode, {.tensor = 2, .expert = 8})),
            "ep is 8, but mixtral-8x7b has 8 experts over tp 2 x dp 1 ranks, which it must divide. "
            "Allowed: "
            "1, 2.");
  EXPECT_EQ(refusal(plan_of("resnet-50", Phase::prefill, {.tensor = 2})),
            "tp is 2, but resnet-50 is a convolutional network, which is only split over data. Allowed: 1.");
  EXPECT_EQ(refusal(plan_of("resnet-50", Phase::train, {.pipeline = 2})),
            "pp is 2, but resnet-50 is a convolutional network, which is only split over data. Allowed: 1.");
}

TEST(Errors, Sizes) {
  const auto with = [](const auto& change) {
    StepPlan plan = plan_of("llama-3.1-8b", Phase::train);
    change(plan);
    return refusal(plan);
  };
  EXPECT_EQ(with([](StepPlan& p) { p.split.tensor = 0; }), "tp is 0. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.split.pipeline = -1; }), "pp is -1. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.split.data = 0; }), "dp is 0. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.split.expert = 0; }), "ep is 0. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.split.interleave = 0; }), "interleave is 0. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.scaleup_size = 0; }), "scaleup_size is 0. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.micro_batch = 0; }), "micro_batch is 0. Allowed: 1 or more.");
  EXPECT_EQ(with([](StepPlan& p) { p.zero_stage = 4; }), "zero_stage is 4. Allowed: 0, 1, 2, 3.");
  EXPECT_EQ(with([](StepPlan& p) { p.model = nullptr; }), "model is missing: a step needs one.");
  StepPlan frozen = plan_of("resnet-50", Phase::train);
  frozen.frozen_weights = true;
  EXPECT_EQ(refusal(frozen), "frozen_weights is set, but resnet-50 has no adapters.");
}

TEST(Errors, Loads) {
  const StepPlan plan = plan_of("llama-3.1-8b", Phase::decode);
  EXPECT_EQ(refusal(plan, {.requests = 0}), "requests is 0. Allowed: a number above 0.");
  EXPECT_EQ(refusal(plan, {.tokens = -1}), "tokens is -1. Allowed: a number above 0.");
  EXPECT_EQ(refusal(plan, {.context = -2}), "context is -2. Allowed: a number not below 0.");
  EXPECT_EQ(refusal(plan, {.requests = std::numeric_limits<double>::quiet_NaN()}),
            "requests is nan. Allowed: a number above 0.");
  EXPECT_EQ(refusal(plan, {.context = std::numeric_limits<double>::infinity()}),
            "context is inf. Allowed: a number not below 0.");
}

TEST(Errors, Phases) {
  EXPECT_EQ(refusal(plan_of("bert-large", Phase::decode)),
            "bert-large has no decode phase: it is an encoder; use --phase prefill.");
  EXPECT_EQ(refusal(plan_of("resnet-50", Phase::decode)),
            "resnet-50 has no decode phase: it is a convolutional network; use --phase prefill.");
}

TEST(Errors, MicroBatches) {
  StepPlan plan = plan_of("llama-3.1-8b", Phase::train);
  plan.micro_batch = 4;
  EXPECT_EQ(refusal(plan, {.requests = 6}),
            "requests is 6 and micro_batch 4: a replica would run 1.5 micro-batches in a step. Allowed: "
            "requests that "
            "are a whole multiple of micro_batch.");
  EXPECT_EQ(refusal(plan, {.requests = 1}),
            "requests is 1 and micro_batch 4: a replica would run 0.25 micro-batches in a step. Allowed: "
            "requests that "
            "are a whole multiple of micro_batch.");
}

TEST(Errors, LeaveTheLastStepAlone) {
  Step<double> step = lowered(plan_of("llama-3.1-8b", Phase::decode), 4, 1);
  const std::size_t operators = step.operators.size();
  EXPECT_THROW(lower(plan_of("llama-3.1-8b", Phase::decode, {.tensor = 5}), StepLoad<double>{4, 1, 0}, step),
               Error);
  EXPECT_EQ(step.operators.size(), operators);
  EXPECT_THROW(weight_bytes_per_device(plan_of("llama-3.1-8b", Phase::decode, {.tensor = 5})), Error);
  EXPECT_THROW(kv_bytes_per_token_per_device(plan_of("bert-large", Phase::decode), 1000), Error);
}

}  // namespace
}  // namespace ironlaw
