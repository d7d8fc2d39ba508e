// What must hold for every model, phase and split.
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::expect_ratio;
using testing::lowered;
using testing::model_flops;
using testing::plan_of;

std::vector<Phase> phases_of(const ModelSpec& model) {
  if (model.kind == ModelKind::decoder) return {Phase::train, Phase::prefill, Phase::decode};
  return {Phase::train, Phase::prefill};
}

double new_tokens(Phase phase) {
  return phase == Phase::decode ? 1 : 96;
}

TEST(Properties, EverySplitHasTheSameModelFlops) {
  const std::array<Parallelism, 7> splits{{{.tensor = 2},
                                           {.tensor = 8},
                                           {.pipeline = 4},
                                           {.tensor = 4, .pipeline = 7},
                                           {.tensor = 16},
                                           {.tensor = 2, .pipeline = 3, .data = 4},
                                           {.pipeline = 9, .interleave = 2}}};
  for (const ModelSpec& model : models()) {
    if (!is_transformer(model.kind)) continue;
    for (const Phase phase : phases_of(model)) {
      SCOPED_TRACE(std::string(model.id) + " phase " + std::to_string(static_cast<int>(phase)));
      const double whole =
          model_flops(plan_of(model.id, phase), lowered(plan_of(model.id, phase), 48, new_tokens(phase), 0));
      for (const Parallelism& split : splits) {
        if (model.shape.layers / split.pipeline < split.interleave) continue;  // Llama 3.2 1B has 16 layers
        if (!tensor_ranks_fit(model, split.tensor)) continue;                  // Llama 2 13B has 40 heads
        const StepPlan plan = plan_of(model.id, phase, split);
        const Step<double> step = lowered(plan, 48, new_tokens(phase), 0);
        expect_ratio(model_flops(plan, step), whole, 1e-12);
        // A device never executes less than its useful share.
        for (const auto& op : step.operators) EXPECT_GE(op.flops * (1 + 1e-12), op.useful_flops) << op.name;
      }
    }
  }
}

TEST(Properties, ExpertSplitsHaveTheSameModelFlops) {
  for (const Phase phase : {Phase::train, Phase::prefill, Phase::decode}) {
    const StepPlan alone = plan_of("mixtral-8x7b", phase);
    const double whole = model_flops(alone, lowered(alone, 48, new_tokens(phase)));
    for (const Parallelism& split :
         {Parallelism{.tensor = 4, .expert = 2}, Parallelism{.tensor = 8, .expert = 8},
          Parallelism{.tensor = 2, .data = 4, .expert = 8}, Parallelism{.data = 8, .expert = 4}}) {
      const StepPlan plan = plan_of("mixtral-8x7b", phase, split);
      expect_ratio(model_flops(plan, lowered(plan, 48, new_tokens(phase))), whole, 1e-12);
    }
  }
}

TEST(Properties, MoreRequestsAreMoreWork) {
  for (const ModelSpec& model : models())
    for (const Phase phase : phases_of(model)) {
      SCOPED_TRACE(std::string(model.id) + " phase " + std::to_string(static_cast<int>(phase)));
      const StepPlan plan = plan_of(model.id, phase);
      double time = 0;
      double memory = 0;
      for (int doublings = 0; doublings <= 12; ++doublings) {
        const double requests = std::exp2(doublings);
        const Step<double> step =
            lowered(plan, requests, new_tokens(phase), phase == Phase::decode ? 500 : 0);
        double now = 0;
        for (const auto& op : step.operators) {
          ASSERT_TRUE(std::isfinite(op.flops) && op.flops >= 0 && std::isfinite(op.bytes) && op.bytes >= 0)
              << op.name;
          ASSERT_GT(op.count, 0) << op.name;
          now += op.count * std::max(op.flops / 989e12, op.bytes / 3.35e12);
        }
        EXPECT_GT(now, time);
        EXPECT_LE(now, doublings == 0 ? now : 2 * time * (1 + 1e-12));  // and never more than its share
        EXPECT_GE(step.kv_bytes + step.activation_bytes, memory);
        time = now;
        memory = step.kv_bytes + step.activation_bytes;
      }
    }
}

// The numbers of a step that have derivatives.
template <class T>
std::vector<T> numbers(const Step<T>& step) {
  std::vector<T> all{step.kv_bytes, step.activation_bytes};
  for (const auto& op : step.operators)
    for (const T& number :
         {op.flops, op.useful_flops, op.bytes, op.weight_bytes, op.m, op.n, op.k, op.message_bytes})
      all.push_back(number);
  return all;
}

void expect_exact_derivatives(const StepPlan& plan, const std::array<double, 3>& at) {
  Step<Dual<3>> dual;
  lower(plan,
        StepLoad<Dual<3>>{Dual<3>::variable(at[0], 0), Dual<3>::variable(at[1], 1),
                          Dual<3>::variable(at[2], 2)},
        dual);
  const auto exact = numbers(dual);
  const auto values = numbers(lowered(plan, at[0], at[1], at[2]));
  ASSERT_EQ(exact.size(), values.size());
  for (std::size_t input = 0; input < 3; ++input) {
    const double h = 4e-7 * at[input];  // a training step's requests may be off a whole number by 1e-6
    auto low = at;
    auto high = at;
    low[input] -= h;
    high[input] += h;
    const auto below = numbers(lowered(plan, low[0], low[1], low[2]));
    const auto above = numbers(lowered(plan, high[0], high[1], high[2]));
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_DOUBLE_EQ(exact[i].a, values[i]);
      const double difference = (above[i] - below[i]) / (high[input] - low[input]);
      const double scale = std::max(std::abs(values[i]) / at[input], 1e-300);
      EXPECT_NEAR(exact[i].v[input] / scale, difference / scale, 1e-6)
          << "input " << input << " number " << i;
    }
  }
}

TEST(Properties, DerivativesAreExact) {
  for (const ModelSpec& model : models())
    for (const Phase phase : phases_of(model)) {
      SCOPED_TRACE(std::string(model.id) + " phase " + std::to_string(static_cast<int>(phase)));
      StepPlan plan = plan_of(model.id, phase);
      plan.micro_batch = 2;
      const double requests = phase == Phase::train ? 24 : 20.5;
      const double tokens = phase == Phase::decode ? 1.0 : 130.0;
      expect_exact_derivatives(plan, {requests, tokens, 700});
      if (!is_transformer(model.kind)) continue;
      plan.split = {.tensor = 4, .pipeline = 5};
      expect_exact_derivatives(plan, {requests, tokens, 700});
      plan.recompute = Recompute::full;
      if (model.shape.experts > 0) plan.split = {.tensor = 2, .data = 2, .expert = 4};
      expect_exact_derivatives(plan, {requests, tokens, 700});
    }
}

}  // namespace
}  // namespace ironlaw
