#include "framework/predict/split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

constexpr double kUsable = 0.9;  // share of memory, as vLLM and TensorRT-LLM take by default

bool is_possible(const ModelSpec& model, int tensor, int pipeline) {
  if (!is_transformer(model.kind)) return tensor == 1 && pipeline == 1;
  return tensor_ranks_fit(model, tensor) && pipeline <= model.shape.layers;
}

bool fits(const Scenario& s, const Parallelism& split) {
  const double capacity = figure_of(s, "memory_capacity");
  if (std::isnan(capacity)) return true;  // nobody knows; the memory wall will say so
  StepPlan plan;
  plan.model = s.model;
  plan.phase = s.task == Task::train ? Phase::train : Phase::prefill;
  plan.split = split;
  const double domain = figure_of(s, "scaleup_size");
  plan.scaleup_size = std::isnan(domain) ? 1 : static_cast<int>(domain);
  plan.weights = s.weight_precision.value_or(s.precision);
  plan.activations = s.precision;
  plan.kv = s.kv_precision.value_or(Precision::fp16);
  plan.recompute = s.recompute;
  plan.zero_stage = s.zero_stage;
  plan.frozen_weights = s.frozen_weights;
  plan.micro_batch = s.micro_batch;
  double need = weight_bytes_per_device(plan);
  if (s.task == Task::train) {
    Step<double> step;  // a micro-batch a stage: the least that keeps all stages busy
    lower(
        plan,
        StepLoad<double>{double(s.micro_batch) * split.pipeline, s.input_len.value_or(s.model->train_len), 0},
        step);
    need += step.state_bytes + step.activation_bytes;
  } else {
    const double held = s.input_len.value_or(s.model->input_len) + s.output_len.value_or(s.model->output_len);
    need += kv_bytes_per_token_per_device(plan, held) * held;
  }
  return need <= kUsable * capacity;
}

}  // namespace

Parallelism default_split(const Scenario& s, int devices) {
  if (devices < 1) throw Error(fmt::format("gpus is {}; it must be 1 or more.", devices));
  const double domain = figure_of(s, "scaleup_size");
  // Tensor parallelism beyond eight ranks is rare even in large domains.
  const int widest = std::min(8, std::isnan(domain) ? 1 : static_cast<int>(domain));
  Parallelism best;
  best.data = devices;
  for (int replica = 1; replica <= devices; ++replica) {
    if (devices % replica != 0) continue;
    for (int tensor = std::min(replica, widest); tensor >= 1; --tensor) {
      if (replica % tensor != 0 || !is_possible(*s.model, tensor, replica / tensor)) continue;
      Parallelism split;
      split.tensor = tensor;
      split.pipeline = replica / tensor;
      split.data = devices / replica;
      best = split;
      const bool all_work =
          is_closed_loop(s.task) || split.data <= s.batch;  // a replica without a request is no help
      if (all_work && fits(s, split)) return split;
      break;  // the widest possible split of this replica is the one that is tried
    }
  }
  return best;
}

Parallelism complete_split(const Scenario& s, int devices, const Parallelism& wanted) {
  for (const auto& [field, value] :
       {std::pair{"tp", wanted.tensor}, {"pp", wanted.pipeline}, {"dp", wanted.data}, {"cp", wanted.context}})
    if (value < 0)
      throw Error(fmt::format("{} is {}; it must be 1 or more, or 0 to have it chosen.", field, value));
  Parallelism split = wanted;
  split.context = std::max(wanted.context, 1);
  const bool nothing_wanted =
      wanted.tensor == 0 && wanted.pipeline == 0 && wanted.data == 0 && split.context == 1;
  split.tensor = std::max(wanted.tensor, 1);
  split.pipeline = std::max(wanted.pipeline, 1);
  if (devices == 0) devices = split.replica() * std::max(wanted.data, 1);
  if (nothing_wanted) {
    split = default_split(s, devices);
  } else {
    if (wanted.data == 0 && devices % split.replica() == 0) split.data = devices / split.replica();
    split.data = std::max(split.data, 1);
    if (split.devices() != devices) {
      const bool has_context = split.context > 1;
      throw Error(fmt::format("tp x pp{} x dp = {} x {}{} x {} = {}, but gpus is {}; they must be equal.",
                              has_context ? " x cp" : "", split.tensor, split.pipeline,
                              has_context ? fmt::format(" x {}", split.context) : "", split.data,
                              split.devices(), devices));
    }
  }
  split.expert = std::max(wanted.expert, 1);
  split.interleave = std::max(wanted.interleave, 1);
  return split;
}

}  // namespace ironlaw
