#include "registry/transformer_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "framework/base/error.hpp"
#include "registry/emit.hpp"

namespace ironlaw {
namespace {

bool is_latent(const TransformerShape& shape) {
  return shape.kv_lora_rank > 0;
}

void set_attention(const TransformerShape& shape, double tensor, Widths& w) {
  const double heads = shape.heads / tensor;
  if (is_latent(shape)) {
    w.query = w.key = heads * (shape.qk_nope_head_dim + shape.qk_rope_head_dim);
    w.value = w.out = heads * shape.v_head_dim;
    w.query_latent = shape.q_lora_rank;
    w.expanded = heads * (shape.qk_nope_head_dim + shape.v_head_dim);
    w.latent = shape.kv_lora_rank + shape.qk_rope_head_dim;
    w.cached = w.latent;
    return;
  }
  w.query = w.out = heads * shape.head_dim;
  w.key = w.value = std::max(1.0, shape.kv_heads / tensor) * shape.head_dim;
  w.cached = 2 * w.key;
  w.useful_projection =
      (shape.heads + 2.0 * shape.kv_heads) * shape.head_dim / tensor / (w.query + 2 * w.key);
}

double attention_matrices(const TransformerShape& shape, const Widths& w) {
  if (!is_latent(shape)) return w.hidden * (2 * w.query + 2 * w.key);
  const double query_rows = w.query_latent > 0 ? w.query_latent : w.hidden;
  return w.hidden * (w.query_latent + w.latent) + query_rows * w.query + shape.kv_lora_rank * w.expanded +
         w.out * w.hidden;
}

double mlp_matrices(const Widths& w, double width) {
  return (w.up_matrices + 1) * w.hidden * width;
}

// Of the experts of one layer, biases with them: a bias belongs to its expert.
double layer_experts(const TransformerShape& shape, const Widths& w) {
  const double biases = shape.biases ? w.up_matrices * w.ffn + w.hidden : 0;
  return w.experts_here * (mlp_matrices(w, w.ffn) + biases);
}

double norm_parameters(const TransformerShape& shape) {
  return shape.biases && shape.norm_shifts ? 2.0 * shape.hidden : 1.0 * shape.hidden;
}

double attention_biases(const TransformerShape& shape) {
  const double heads = (shape.heads + 2.0 * shape.kv_heads) * shape.head_dim;
  if (shape.biases) return shape.attention_biases ? heads + shape.hidden : 0;
  return shape.qkv_biases ? heads : 0;
}

// Norms and biases that every layer has, not sharded.
double layer_small(const TransformerShape& shape) {
  const double norms = (shape.parallel_block ? 1 : 2) * (shape.post_norms ? 2 : 1);
  double count = norms * norm_parameters(shape) + attention_biases(shape);
  if (shape.qk_norms) count += 2.0 * shape.head_dim;
  if (is_latent(shape)) count += shape.q_lora_rank + shape.kv_lora_rank;  // their norms
  return count;
}

double mlp_biases(const TransformerShape& shape, double width) {
  return shape.biases ? (shape.gated_mlp ? 2.0 : 1.0) * width + shape.hidden : 0;
}

// Of a layer with experts: their router and what the shared ones have.
double router_small(const TransformerShape& shape) {
  const double router = shape.experts * (shape.hidden + (shape.biases ? 1.0 : 0.0));
  return router + (shape.shared_ffn > 0 ? mlp_biases(shape, shape.shared_ffn) : 0);
}

int expert_layers(const TransformerShape& shape) {
  return shape.experts > 0 ? shape.layers - shape.dense_layers : 0;
}

// Layers in a row have at most so many with experts.
int most_expert_layers(const TransformerShape& shape, int layers) {
  return std::min(expert_layers(shape), (layers + shape.expert_every - 1) / shape.expert_every);
}

// Of `layers` of a stage, those with experts first: they are the heavy ones.
StageParameters layers_parameters(const TransformerShape& shape, const Widths& w, int layers) {
  const double with_experts = most_expert_layers(shape, layers);
  const double plain = layers - with_experts;
  const double plain_width = shape.experts > 0 ? w.dense_ffn : w.ffn;
  const double stored_width = shape.experts > 0 ? shape.dense_ffn : shape.ffn;
  StageParameters p;
  p.matrices = layers * attention_matrices(shape, w) + plain * mlp_matrices(w, plain_width) +
               with_experts * mlp_matrices(w, w.shared_ffn);
  p.experts = with_experts * layer_experts(shape, w);
  p.small = layers * layer_small(shape) + plain * mlp_biases(shape, stored_width) +
            with_experts * router_small(shape);
  return p;
}

// Bytes that one parameter of each group needs where it is stored.
struct StoredBytes {
  double matrices, experts, vocabulary, small;
};

double weighted(const StageParameters& p, const StoredBytes& b) {
  return p.matrices * b.matrices + p.experts * b.experts + p.vocabulary * b.vocabulary + p.small * b.small;
}

bool divides(int divisor, int number) {
  return number % divisor == 0;
}

template <class F>
std::string listed(int most, const F& fits) {
  std::string text;
  for (int i = 1; i <= most; ++i)
    if (fits(i)) text += fmt::format("{}{}", text.empty() ? "" : ", ", i);
  return text;
}

std::string mlp_widths(const TransformerShape& shape) {
  std::string text = std::to_string(shape.ffn);
  for (const int width : {shape.shared_ffn, shape.dense_ffn})
    if (width > 0 && width != shape.ffn) text += fmt::format(" and {}", width);
  return text;
}

}  // namespace

Widths widths_of(const TransformerShape& shape, const Parallelism& split, Phase phase) {
  const double tensor = split.tensor;
  Widths w;
  w.hidden = shape.hidden;
  set_attention(shape, tensor, w);
  w.up_matrices = shape.gated_mlp ? 2 : 1;
  w.ffn = shape.ffn / tensor;
  w.windowed_share = static_cast<double>(shape.windowed_layers) / shape.layers;
  if (shape.experts > 0) {
    const double inside = std::min(split.expert, split.tensor);  // expert ranks among the tensor ranks
    w.ffn = shape.ffn * inside / tensor;
    w.shared_ffn = shape.shared_ffn / tensor;
    w.dense_ffn = shape.dense_ffn / tensor;
    w.rows_per_token = shape.experts_per_token / inside;
    w.experts_here = static_cast<double>(shape.experts) / split.expert;
    w.group_replicas = std::max(1.0, split.expert / tensor);
    w.exchange = split.expert > 1 && (phase == Phase::train || split.expert > split.tensor);
    w.dense_share = static_cast<double>(shape.dense_layers) / shape.layers;
  }
  return w;
}

int layers_of_stage(const TransformerShape& shape, const Parallelism& split) {
  return (shape.layers + split.pipeline - 1) / split.pipeline;
}

double expert_copies(const Parallelism& split) {
  return static_cast<double>(dense_copies(split)) * split.tensor / std::max(split.expert, split.tensor);
}

StageParameters stage_parameters(const ModelSpec& model, const Parallelism& split) {
  const TransformerShape& shape = model.shape;
  const Widths w = widths_of(shape, split, Phase::prefill);
  const double hidden = shape.hidden;

  const double table = static_cast<double>(shape.vocab) * hidden / split.tensor;
  double edge_small = norm_parameters(shape) + static_cast<double>(shape.positions) * hidden;
  if (model.kind == ModelKind::encoder)
    edge_small += 2 * hidden + hidden * hidden + hidden;  // segments, pooler
  if (shape.head_bias) edge_small += shape.vocab;

  const bool one_stage = split.pipeline == 1;
  // Of several stages the first holds the embedding and the last the head (a tied table: both).
  const double tables = one_stage && !shape.tied_embedding ? 2 : 1;
  const auto with_layers = [&](int layers, bool edge) {
    StageParameters p = layers_parameters(shape, w, layers);
    p.vocabulary = edge ? tables * table : 0.0;
    p.small += edge ? edge_small : 0.0;
    return p;
  };
  const int most = layers_of_stage(shape, split);
  if (divides(split.pipeline, shape.layers)) return with_layers(most, true);
  // Uneven: the stages at the ends are the ones with a layer less.
  const StageParameters inner = with_layers(most, false);
  const StageParameters end = with_layers(most - 1, true);
  return inner.total() > end.total() ? inner : end;
}

double transformer_active_parameters(const ModelSpec& model) {
  const TransformerShape& shape = model.shape;
  const Widths w = widths_of(shape, Parallelism{}, Phase::prefill);
  const double with_experts = expert_layers(shape);
  const double routed = shape.experts_per_token * mlp_matrices(w, w.ffn) + shape.experts * w.hidden;
  const double plain_width = shape.experts > 0 ? w.dense_ffn : w.ffn;
  const double head = model.kind == ModelKind::encoder ? 2 : shape.vocab;
  return shape.layers * attention_matrices(shape, w) +
         (shape.layers - with_experts) * mlp_matrices(w, plain_width) +
         with_experts * (routed + mlp_matrices(w, w.shared_ffn)) + head * w.hidden;
}

double transformer_weight_bytes(const StepPlan& plan) {
  const StageParameters here = stage_parameters(*plan.model, plan.split);
  if (plan.phase != Phase::train) {
    const double narrow = bytes_of(plan.weights);
    const double wide = bytes_of(at_least_16_bits(plan.weights));
    return weighted(here, {narrow, narrow, wide, wide});
  }
  const double stored = adam_bytes(plan.weights).weight;
  if (plan.zero_stage < 3) return here.total() * stored;
  return ((here.total() - here.experts) / dense_copies(plan.split) +
          here.experts / expert_copies(plan.split)) *
         stored;
}

CachedBytes transformer_cached_bytes(const StepPlan& plan) {
  const TransformerShape& shape = plan.model->shape;
  const Widths w = widths_of(shape, plan.split, plan.phase);
  const double all = layers_of_stage(shape, plan.split) * w.cached * bytes_of(plan.kv);
  return {all * w.global_share(), all * w.windowed_share};
}

// Where TP is larger than the key-value heads, each is held by several ranks. A latent is on every rank.
bool transformer_tensor_fits(const TransformerShape& shape, int tensor) {
  const bool heads_fit =
      is_latent(shape) || divides(tensor, shape.kv_heads) || divides(shape.kv_heads, tensor);
  return heads_fit && divides(tensor, shape.heads) && divides(tensor, shape.ffn) &&
         divides(tensor, shape.shared_ffn) && divides(tensor, shape.dense_ffn);
}

void check_transformer_split(const StepPlan& plan) {
  const ModelSpec& model = *plan.model;
  const TransformerShape& shape = model.shape;
  const Parallelism& split = plan.split;
  const int tensor = split.tensor;
  if (!transformer_tensor_fits(shape, tensor))
    throw Error(
        fmt::format("tp is {}, but {} has {} heads, {} key-value heads and an MLP width of {}, which it must "
                    "divide (or, of "
                    "key-value heads, be a multiple of). Allowed: {}.",
                    tensor, model.id, shape.heads, shape.kv_heads, mlp_widths(shape),
                    listed(shape.heads, [&](int i) { return transformer_tensor_fits(shape, i); })));
  if (split.pipeline > shape.layers)
    throw Error(fmt::format("pp is {}, but {} has {} layers. Allowed: 1 to {}.", split.pipeline, model.id,
                            shape.layers, shape.layers));
  const int most_chunks = shape.layers / split.pipeline;
  if (split.interleave > most_chunks)
    throw Error(fmt::format("interleave is {}, but a stage of {} has {} layers at pp {}. Allowed: 1 to {}.",
                            split.interleave, model.id, most_chunks, split.pipeline, most_chunks));
  if (split.expert == 1) return;
  if (shape.experts == 0)
    throw Error(fmt::format("ep is {}, but {} has no experts. Allowed: 1.", split.expert, model.id));
  const auto fits = [&](int expert) {
    if (!divides(expert, shape.experts)) return false;
    if (expert <= tensor) return divides(expert, tensor);
    return divides(tensor, expert) && divides(expert / tensor, split.data);
  };
  if (!fits(split.expert))
    throw Error(
        fmt::format("ep is {}, but {} has {} experts over tp {} x dp {} ranks, which it must divide. "
                    "Allowed: {}.",
                    split.expert, model.id, shape.experts, tensor, split.data, listed(shape.experts, fits)));
}

}  // namespace ironlaw
