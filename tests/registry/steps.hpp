// What the registry's tests share.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "ironlaw/dual.hpp"
#include "registry/lowering.hpp"

namespace ironlaw::testing {

inline StepPlan plan_of(const char* model, Phase phase, Parallelism split = {}) {
  StepPlan plan;
  plan.model = &find_model(model);
  plan.phase = phase;
  plan.split = split;
  return plan;
}

inline Step<double> lowered(const StepPlan& plan, double requests, double tokens, double context = 0) {
  Step<double> step;
  lower(plan, StepLoad<double>{requests, tokens, context}, step);
  return step;
}

// A prompt pass, one token of a batch, or one optimizer step: model FLOPs of a whole replica.
inline double model_flops(const StepPlan& plan, const Step<double>& step) {
  double sum = 0;
  for (const auto& op : step.operators) sum += op.count * op.useful_flops;
  return sum * plan.split.tensor * plan.split.pipeline;
}

inline double total_flops(const Step<double>& step) {
  double sum = 0;
  for (const auto& op : step.operators) sum += op.count * op.flops;
  return sum;
}

inline double total_bytes(const Step<double>& step) {
  double sum = 0;
  for (const auto& op : step.operators) sum += op.count * op.bytes;
  return sum;
}

template <class T>
const Operator<T>* find(const Step<T>& step, std::string_view name) {
  for (const auto& op : step.operators)
    if (name == op.name) return &op;
  return nullptr;
}

// The operator of that name; a test that asks for one that is not there fails and goes on with an empty one.
template <class T>
const Operator<T>& get(const Step<T>& step, std::string_view name) {
  static const Operator<T> none{};
  const Operator<T>* op = find(step, name);
  EXPECT_NE(op, nullptr) << "no operator " << name;
  return op == nullptr ? none : *op;
}

inline void expect_ratio(double value, double reference, double tolerance) {
  EXPECT_NEAR(value / reference, 1.0, tolerance) << value << " against " << reference;
}

}  // namespace ironlaw::testing
