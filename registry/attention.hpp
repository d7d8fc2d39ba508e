// Attention of a transformer's layers: projections, positions and cache, the attention itself, in all kinds:
// multi-head, grouped, with a sliding window, and over latents (MLA).
//
// MLA (DeepSeek-V2 arXiv:2405.04434 section 2.1): a prompt and training expand keys and values of all heads
// from their latents; decode absorbs that expansion into query and output and attends over the latents
// themselves, as the serving engines do.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "registry/transformer_step.hpp"

namespace ironlaw {

template <class T>
class AttentionLayers {
 public:
  explicit AttentionLayers(StepContext<T>& context) : c_(context), w_(context.w) {
    absorbed_ = c_.plan.phase == Phase::decode && is_latent();
  }

  void forward(double count, double useful) {
    if (is_latent())
      latent_projections(count, useful);
    else
      c_.forward(projection(), count, useful, c_.tokens, T(1.0));
    if (!c_.encoder) rope(count);
    if (absorbed_) absorb(query_absorption(), count, useful);
    for (const Kind& kind : kinds()) {
      if (kind.share <= 0) continue;
      Operator<T>& attention =
          add_operator(c_.step, kind.forward, OperatorKind::attention, precision(), count * kind.share);
      attention.flops = flops(kind.windowed);
      attention.useful_flops = attention.flops * useful;
      add_tiles(attention, kind.windowed);
      attention.bytes = bytes(kind.windowed);
    }
    if (absorbed_) absorb(value_expansion(), count, useful);
    c_.forward(output(), count, useful, c_.tokens, T(1.0));
  }

  void backward(double count, double useful) {
    c_.backward(output(), count, useful, c_.tokens, T(1.0));
    for (const Kind& kind : kinds()) {
      if (kind.share <= 0) continue;
      // Five products instead of two: the scores are computed again. Four of them are the gradient itself.
      Operator<T>& attention =
          add_operator(c_.step, kind.backward, OperatorKind::attention, precision(), count * kind.share);
      attention.flops = flops(kind.windowed) * 2.5;
      attention.useful_flops = flops(kind.windowed) * (2.0 * useful);
      add_tiles(attention, kind.windowed);
      attention.bytes = c_.tokens * (2 * numbers() * c_.stream);
    }
    if (c_.shape.rotary) c_.vector("rope, backward", count, c_.tokens * (2 * rotated() * c_.stream));
    if (!is_latent()) return c_.backward(projection(), count, useful, c_.tokens, T(1.0));
    c_.backward(expansion(), count, useful, c_.tokens, T(1.0));
    c_.backward(query_projection(), count, useful, c_.tokens, T(1.0));
    c_.vector("latent norms, backward", count, c_.local_tokens * (3 * normed_latents() * c_.stream));
    c_.backward(latent_projection(), count, useful, c_.local_tokens, T(1.0));
  }

  // Numbers that one token's attention reads and writes, and training keeps.
  double numbers() const { return w_.query + w_.key + w_.value + w_.out; }
  double kept_latents() const { return is_latent() ? w_.query_latent + w_.latent : 0; }

 private:
  struct Kind {
    const char* forward;
    const char* backward;
    bool windowed;
    double share;  // of the layers
  };
  std::array<Kind, 2> kinds() const {
    return {{{"attention", "attention, backward", false, w_.global_share()},
             {"windowed attention", "windowed attention, backward", true, w_.windowed_share}}};
  }

  bool is_latent() const { return c_.shape.kv_lora_rank > 0; }
  double heads() const { return c_.shape.heads / c_.tensor; }
  double normed_latents() const { return w_.query_latent + c_.shape.kv_lora_rank; }

  Linear projection() const {
    return {"qkv projection",
            "qkv projection, input gradient",
            "qkv projection, weight gradient",
            w_.query + 2 * w_.key,
            w_.hidden,
            w_.useful_projection,
            c_.layer_bytes()};
  }
  Linear output() const {
    return {"attention output",
            "attention output, input gradient",
            "attention output, weight gradient",
            w_.hidden,
            w_.out,
            1,
            c_.layer_bytes()};
  }
  // Queries' and key-values' way down, in one product. Every rank needs the latents; in training they are
  // sharded by position, like the norms.
  Linear latent_projection() const {
    return {"latent projection",
            "latent projection, input gradient",
            "latent projection, weight gradient",
            w_.query_latent + w_.latent,
            w_.hidden,
            c_.train ? 1 : 1 / c_.tensor,
            c_.layer_bytes()};
  }
  Linear query_projection() const {
    return {"query projection",
            "query projection, input gradient",
            "query projection, weight gradient",
            w_.query,
            w_.query_latent > 0 ? w_.query_latent : w_.hidden,
            1,
            c_.layer_bytes()};
  }
  Linear expansion() const {
    return {"key-value expansion",
            "key-value expansion, input gradient",
            "key-value expansion, weight gradient",
            w_.expanded,
            static_cast<double>(c_.shape.kv_lora_rank),
            1,
            c_.layer_bytes()};
  }
  // Decode: every head multiplies its own query, and its own sum of latents, by its part of the expansion.
  Linear query_absorption() const {
    const double latent = c_.shape.kv_lora_rank;
    const double part = c_.shape.qk_nope_head_dim;
    return {"query absorption", "", "", heads() * latent, part, 1, c_.layer_bytes(), heads() * part};
  }
  Linear value_expansion() const {
    const double latent = c_.shape.kv_lora_rank;
    return {"value expansion", "", "", w_.value, latent, 1, c_.layer_bytes(), heads() * latent};
  }

  void latent_projections(double count, double useful) {
    c_.forward(latent_projection(), count, useful, c_.local_tokens, T(1.0));
    c_.vector("latent norms", count, c_.local_tokens * (2 * normed_latents() * c_.stream));
    c_.forward(query_projection(), count, useful, c_.tokens, T(1.0));
    if (absorbed_) return;
    // A cached prefix was expanded before, and has to be again: that is no useful work.
    const T rows = c_.train ? c_.tokens : c_.sequences * (c_.context + c_.new_tokens);
    Operator<T>& op = c_.forward(expansion(), count, useful, rows, T(1.0));
    op.useful_flops = 2.0 * c_.tokens * op.n * op.k * useful;
  }

  void absorb(const Linear& linear, double count, double useful) {
    c_.forward(linear, count, useful, c_.tokens, T(1.0));
  }

  // Positions that a query sees on average, its own included.
  T visible(bool windowed) const {
    if (c_.encoder) return c_.new_tokens;
    if (!windowed) return c_.context + (c_.new_tokens + 1.0) / 2.0;
    // The first queries see ever more, the others a whole window.
    const double window = c_.shape.window;
    const T growing = min(max(window - c_.context, T(0.0)), c_.new_tokens);
    return window - growing * (window - c_.context - (growing + 1.0) / 2.0) / c_.new_tokens;
  }

  // Cached and new positions that the keys and values of a sequence are read for.
  T positions(bool windowed) const {
    if (!windowed) return c_.context + c_.new_tokens;
    return min(c_.context, T(c_.shape.window - 1.0)) + c_.new_tokens;
  }

  // Of those, what the memory is busy for: beams of one request run together and find their common prompt on
  // the chip, whose cache answers 2 to 3.7 times as fast (aiconfigurator's decode kernels, of which the last
  // level holds the keys).
  T read_positions(bool windowed) const {
    constexpr double kOnChip = 1 / 2.7;
    const double repeated = c_.plan.shared_prompt * (1 - 1 / c_.plan.beams) * (1 - kOnChip);
    return windowed ? positions(windowed) : max(positions(windowed) - repeated, c_.new_tokens);
  }

  // Of one layer, forward: two products over the visible (query, key) pairs.
  T flops(bool windowed) const {
    if (absorbed_) {
      const double latents = w_.latent + c_.shape.kv_lora_rank;
      return 2.0 * (heads() * latents) * (c_.tokens * visible(windowed));
    }
    return 2.0 * (w_.query + w_.out) * (c_.tokens * visible(windowed));
  }

  // Of one layer: (query, key) pairs of all heads, an exponential each.
  T scores(bool windowed) const { return c_.tokens * visible(windowed) * heads(); }

  // Blocks of queries, each of which a core takes from its first key to its last; of causal ones the last
  // sees the most keys.
  void add_tiles(Operator<T>& attention, bool windowed) const {
    attention.scores = scores(windowed);
    if (c_.plan.phase == Phase::decode) return;
    const double queries = value_of(c_.new_tokens);
    const double rows = std::min(queries, kAttentionRows);
    const T seen = c_.encoder ? c_.new_tokens : c_.context + c_.new_tokens - (rows - 1) / 2;
    attention.tiles = c_.sequences * (heads() * std::ceil(queries / kAttentionRows));
    attention.tile_scores = rows * (windowed ? min(seen, T(1.0 * c_.shape.window)) : seen);
  }

  // Flash attention: queries and outputs once, keys and values once, no score matrix.
  T bytes(bool windowed) const {
    if (c_.train || c_.encoder) return c_.tokens * (numbers() * c_.stream);
    if (absorbed_)
      return c_.tokens * (heads() * (w_.latent + c_.shape.kv_lora_rank) * c_.stream) +
             c_.sequences * read_positions(windowed) * (w_.cached * bytes_of(c_.plan.kv));
    const double cached = is_latent() ? (w_.key + w_.value) * c_.stream : w_.cached * bytes_of(c_.plan.kv);
    return c_.tokens * ((w_.query + w_.out) * c_.stream) + c_.sequences * read_positions(windowed) * cached;
  }

  // FP8 attention needs keys and values in FP8 and, so far, inference.
  Precision precision() const {
    const bool eight_bits = !c_.train && bytes_of(c_.plan.activations) <= 1 && c_.plan.kv == Precision::fp8;
    return eight_bits ? Precision::fp8 : at_least_16_bits(c_.plan.activations);
  }

  // Numbers that get a rotary position.
  double rotated() const {
    return is_latent() ? (heads() + 1) * c_.shape.qk_rope_head_dim : w_.query + w_.key;
  }

  // Rotary positions, and in serving the write of new keys and values into the cache, in one kernel.
  void rope(double count) {
    if (c_.train) {
      if (c_.shape.rotary) c_.vector("rope", count, c_.tokens * (2 * rotated() * c_.stream));
      return;
    }
    const double queries = is_latent() ? heads() * c_.shape.qk_rope_head_dim : w_.query;
    const double read = ((c_.shape.rotary ? queries : 0) + w_.cached) * c_.stream;
    const double written = (c_.shape.rotary ? queries * c_.stream : 0) + w_.cached * bytes_of(c_.plan.kv);
    c_.vector(c_.shape.rotary ? "rope and KV write" : "KV write", count, c_.tokens * (read + written));
  }

  StepContext<T>& c_;
  const Widths& w_;
  bool absorbed_ = false;
};

}  // namespace ironlaw
