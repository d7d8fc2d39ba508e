#include "registry/lowering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "registry/emit.hpp"
#include "registry/network.hpp"
#include "registry/transformer.hpp"
#include "registry/transformer_shape.hpp"

namespace ironlaw {
namespace {

void check_positive(const char* field, int value) {
  if (value < 1) throw Error(fmt::format("{} is {}. Allowed: 1 or more.", field, value));
}

void check_plan(const StepPlan& plan) {
  if (plan.model == nullptr) throw Error("model is missing: a step needs one.");
  const Parallelism& split = plan.split;
  check_positive("tp", split.tensor);
  check_positive("pp", split.pipeline);
  check_positive("dp", split.data);
  check_positive("cp", split.context);
  if (split.context > 1 && (plan.phase != Phase::train || !is_transformer(plan.model->kind)))
    throw Error(fmt::format("cp is {}: only the training of a transformer is split by context. Allowed: 1.",
                            split.context));
  check_positive("ep", split.expert);
  check_positive("interleave", split.interleave);
  check_positive("scaleup_size", plan.scaleup_size);
  if (plan.phase == Phase::train) {
    check_positive("micro_batch", plan.micro_batch);
    if (plan.zero_stage < 0 || plan.zero_stage > 3)
      throw Error(fmt::format("zero_stage is {}. Allowed: 0, 1, 2, 3.", plan.zero_stage));
  }
  const ModelSpec& model = *plan.model;
  if (plan.phase == Phase::decode && model.kind != ModelKind::decoder)
    throw Error(fmt::format("{} has no decode phase: it is {} {}; use --phase prefill.", model.id,
                            model.kind == ModelKind::encoder ? "an" : "a", description_of(model.kind)));
  if (is_transformer(model.kind))
    check_transformer_split(plan);
  else
    check_network_split(plan);
}

void check_load(const char* field, double value, bool may_be_zero) {
  // Written so that NaN fails too.
  if (!(std::isfinite(value) && (value > 0 || (may_be_zero && value == 0))))
    throw Error(
        fmt::format("{} is {}. Allowed: a number {} 0.", field, value, may_be_zero ? "not below" : "above"));
}

// How many micro-batches the step is cut into: a discrete choice, so it is made on the value.
double count_micro_batches(const StepPlan& plan, double requests) {
  if (plan.phase == Phase::train) {
    const double count = requests / plan.micro_batch;
    const double whole = std::round(count);
    if (whole < 1 || std::abs(count - whole) > 1e-6 * whole)
      throw Error(fmt::format(
          "requests is {} and micro_batch {}: a replica would run {} micro-batches in a step. Allowed: "
          "requests that are a whole multiple of micro_batch.",
          requests, plan.micro_batch, count));
    return whole;
  }
  const double stages = plan.split.pipeline;
  if (stages <= 1) return 1;
  const double most = plan.phase == Phase::decode ? stages : 4 * stages;
  return std::clamp(std::floor(requests), 1.0, most);
}

}  // namespace

template <class T>
void lower(const StepPlan& plan, const StepLoad<T>& load, Step<T>& step) {
  check_plan(plan);
  check_load("requests", value_of(load.requests), false);
  if (is_transformer(plan.model->kind)) {
    check_load("tokens", value_of(load.tokens), false);
    check_load("context", value_of(load.context), true);
  }
  const double micro_batches = count_micro_batches(plan, value_of(load.requests));

  step.operators.clear();
  step.kv_bytes = T(0.0);
  step.activation_bytes = T(0.0);
  step.state_bytes = 0;
  step.micro_batches = micro_batches;
  step.interleave = plan.split.interleave;
  // A running batch refills the pipeline by itself as far as it has a micro-batch for every stage; prompts
  // and training samples fill and drain it, unless the next ones are waiting.
  const double drained = plan.steady ? 0 : plan.split.pipeline - 1;
  step.idle_slots = plan.phase == Phase::decode ? plan.split.pipeline - micro_batches : drained;
  step.backward_share = backward_share(plan);

  if (is_transformer(plan.model->kind))
    lower_transformer(plan, load, micro_batches, step);
  else
    lower_network(plan, load, micro_batches, step);
}

template void lower(const StepPlan&, const StepLoad<double>&, Step<double>&);
template void lower(const StepPlan&, const StepLoad<Dual<3>>&, Step<Dual<3>>&);

double weight_bytes_per_device(const StepPlan& plan) {
  check_plan(plan);
  return is_transformer(plan.model->kind) ? transformer_weight_bytes(plan) : network_weight_bytes(plan);
}

double kv_bytes_per_token_per_device(const StepPlan& plan, double held) {
  check_plan(plan);
  check_load("context", held, false);
  if (plan.model->kind != ModelKind::decoder || plan.phase == Phase::train) return 0;
  const CachedBytes token = transformer_cached_bytes(plan);
  return token.global + token.windowed * std::min(1.0, plan.model->shape.window / held);
}

bool tensor_ranks_fit(const ModelSpec& model, int tensor) {
  return is_transformer(model.kind) ? transformer_tensor_fits(model.shape, tensor) : tensor == 1;
}

}  // namespace ironlaw
