// Transformers: what a stage of one holds, and how it lowers. Used by lowering.cpp and models.cpp.
#pragma once

#include "registry/lowering.hpp"

namespace ironlaw {

// Parameters on one device of the slowest pipeline stage [1].
struct StageParameters {
  double matrices =
      0;  // attention and dense MLP, sharded over TP (keys and values replicated where TP > kv_heads)
  double experts = 0;     // of a mixture of experts, sharded over TP or over the expert ranks
  double vocabulary = 0;  // embedding and head, sharded over TP
  double small = 0;       // norms, biases, router, positions: a copy on every tensor rank
  double total() const { return matrices + experts + vocabulary + small; }
};
StageParameters stage_parameters(const ModelSpec& model, const Parallelism& split);

double transformer_active_parameters(const ModelSpec& model);
double transformer_weight_bytes(const StepPlan& plan);
double transformer_kv_bytes_per_token(const StepPlan& plan);

// Throws Error where this model cannot be split so.
void check_transformer_split(const StepPlan& plan);

// `micro_batches` of them make the step; the plan is checked already.
template <class T>
void lower_transformer(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step);

}  // namespace ironlaw
