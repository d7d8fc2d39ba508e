// Lowering: a model, a phase and a split over devices become operators.
#pragma once

#include "framework/pipeline/operators.hpp"
#include "registry/model.hpp"

namespace ironlaw {

enum class Phase { train, prefill, decode };  // of one step

struct Parallelism {
  int tensor = 1, pipeline = 1, data = 1, expert = 1;
  int interleave = 1;
  int devices() const { return tensor * pipeline * data; }  // experts are spread over data x tensor ranks
};

enum class Recompute { none, selective, full };

// Everything about a step that has no derivative.
struct StepPlan {
  const ModelSpec* model = nullptr;
  Phase phase = Phase::decode;
  Parallelism split;
  int scaleup_size = 8;  // devices in one scale-up domain
  Precision weights = Precision::fp16, activations = Precision::fp16, kv = Precision::fp16;
  // Training only.
  int micro_batch = 1;  // samples of one micro-batch on one replica
  Recompute recompute = Recompute::none;
  int zero_stage = 1;  // 0: all replicated; 1: optimizer sharded over data; 2: and gradients; 3: and weights
  bool frozen_weights = false;  // LoRA: no weight gradients of the base model, no optimizer for it
};

// How much one step of one replica works on.
template <class T>
struct StepLoad {
  T requests;  // sequences in the step (train: samples of the replica in one optimizer step; decode: running
               // sequences, beams included)
  T tokens;    // new tokens (positions) of each: prompt length, 1 for decode, sequence length for train
  T context;   // tokens already in the KV cache of each, on average, before this step
};

// Fills `step` for one device of the slowest pipeline stage. Instantiated for double and Dual<3>. Allocates
// only while step.operators grows for the first time. Throws Error on a split that the model cannot have
// (more stages than layers, heads not divisible), naming both numbers.
template <class T>
void lower(const StepPlan& plan, const StepLoad<T>& load, Step<T>& step);

// Bytes of weights on one device of the slowest stage (unsharded over data unless zero_stage is 3).
double weight_bytes_per_device(const StepPlan& plan);
// KV cache of one token of one sequence on one device; 0 where the model keeps none.
double kv_bytes_per_token_per_device(const StepPlan& plan);

}  // namespace ironlaw
