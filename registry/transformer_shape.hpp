// How a transformer's shape is split over devices: widths, stored parameters, which splits are possible.
#pragma once

#include "registry/lowering.hpp"

namespace ironlaw {

// The widths of one layer on one device.
struct Widths {
  double hidden = 0;
  double query = 0, key = 0, value = 0, out = 0;  // of all heads; MLA: as expanded from the latents
  double query_latent = 0, latent = 0;  // MLA: the same on every tensor rank; latent with rotary key
  double expanded = 0;                  // MLA: keys (but for the rotary part) and values of all heads
  double cached = 0;                    // numbers in the KV cache for one token of one layer
  double ffn = 0;                       // of an expert or of the only MLP
  double shared_ffn = 0, dense_ffn = 0;
  double up_matrices = 1;        // 2 with a gate
  double rows_per_token = 1;     // of the MLP on this device: routed tokens
  double experts_here = 0;       // 0: dense
  double group_replicas = 1;     // replicas that share one set of experts
  bool exchange = false;         // tokens travel to their experts (else every tensor rank has them already)
  double useful_projection = 1;  // of the qkv product: less than 1 where keys and values are replicated
  // Of the layers. Which stage has which is left out of counts: every stage has the mean mix.
  double dense_share = 0;     // of a mixture of experts: those without experts
  double windowed_share = 0;  // those with a sliding window
  double expert_share() const { return 1 - dense_share; }
  double global_share() const { return 1 - windowed_share; }
};
Widths widths_of(const TransformerShape& shape, const Parallelism& split, Phase phase);

// Layers of the slowest pipeline stage.
int layers_of_stage(const TransformerShape& shape, const Parallelism& split);

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

// Ranks that hold the same dense weights: replicas and, in them, context ranks.
inline int dense_copies(const Parallelism& split) {
  return split.data * split.context;
}
// Ranks that hold the same experts.
double expert_copies(const Parallelism& split);

double transformer_active_parameters(const ModelSpec& model);
double transformer_weight_bytes(const StepPlan& plan);

// KV cache of one token of one sequence on one device: in the layers that keep all tokens, and in those that
// keep a window.
struct CachedBytes {
  double global = 0, windowed = 0;
};
CachedBytes transformer_cached_bytes(const StepPlan& plan);

bool transformer_tensor_fits(const TransformerShape& shape, int tensor);
// Throws Error where this model cannot be split so.
void check_transformer_split(const StepPlan& plan);

}  // namespace ironlaw
