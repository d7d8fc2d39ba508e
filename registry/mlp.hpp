// The feed-forward part of a transformer's layers: one MLP, or a router with experts, beside them shared
// experts that every token passes, and layers that have a plain MLP in their place.
#pragma once

#include <array>
#include <cmath>

#include "registry/transformer_step.hpp"

namespace ironlaw {

// Kernels between the router and the experts and after them: the best experts of each token, their rows
// counted and placed by expert, gathered, and summed (vLLM, fused_moe.py: topk_softmax, moe_align_block_size
// in two kernels, and moe_sum, beside the gather).
inline constexpr double kRoutingKernels = 5;

template <class T>
class MlpLayers {
 public:
  explicit MlpLayers(StepContext<T>& context) : c_(context), w_(context.w) {
    rows_ = c_.tokens * w_.rows_per_token;
    matrices_ = T(1.0);
    if (w_.experts_here > 0) matrices_ = touched_experts(c_.tokens * w_.group_replicas);
  }

  void forward(double count, double useful) {
    if (has_experts()) {
      const double routed = count * w_.expert_share();
      c_.forward(router(), routed, useful, c_.tokens, T(1.0));
      // Gather each expert's rows before, and weigh and sum their outputs after: reads and writes on both
      // sides. What else routing launches moves next to nothing, and takes its time in a small batch.
      c_.vector("expert dispatch and combine", routed, dispatch_bytes(), kRoutingKernels);
    }
    for (const Part& part : parts()) {
      if (part.width <= 0) continue;
      c_.forward(up(part), count * part.share, useful, part.rows, part.matrices);
      c_.vector(part.names->activation, count * part.share, part.rows * activation_bytes(part));
      c_.forward(down(part), count * part.share, useful, part.rows, part.matrices);
    }
  }

  void backward(double count, double useful) {
    for (const Part& part : parts()) {
      if (part.width <= 0) continue;
      c_.backward(down(part), count * part.share, useful, part.rows, part.matrices);
      // Reads what the activation read and its gradient, writes as much as it read.
      c_.vector(part.names->activation_backward, count * part.share,
                part.rows * (part.width * (2 * w_.up_matrices + 1) * c_.stream));
      c_.backward(up(part), count * part.share, useful, part.rows, part.matrices);
    }
    if (!has_experts()) return;
    const double routed = count * w_.expert_share();
    c_.vector("expert dispatch and combine, backward", routed, dispatch_bytes(), 2);
    c_.backward(router(), routed, useful, c_.tokens, T(1.0));
  }

  // Of one layer, on average over the layers.
  T kept_bytes() const {
    T sum(0.0);
    for (const Part& part : parts()) {
      if (part.width <= 0) continue;
      const double routed = part.routed ? w_.hidden * (c_.narrow + c_.stream) : 0;  // copies and outputs
      const double own = part.width * (w_.up_matrices * c_.stream + (c_.plan.frozen_weights ? 0 : c_.narrow));
      sum = sum + part.rows * ((own + routed) * part.share);
    }
    return sum;
  }

  // The widest intermediate.
  T working_bytes() const {
    T most(0.0);
    for (const Part& part : parts())
      if (part.width > 0) most = max(most, part.rows * activation_bytes(part));
    return most;
  }

 private:
  struct Names {
    const char *gated_up, *up, *up_input, *up_weight, *activation, *activation_backward, *down, *down_input,
        *down_weight;
  };
  static constexpr Names kMlp{"mlp gate and up",
                              "mlp up",
                              "mlp up, input gradient",
                              "mlp up, weight gradient",
                              "mlp activation",
                              "mlp activation, backward",
                              "mlp down",
                              "mlp down, input gradient",
                              "mlp down, weight gradient"};
  static constexpr Names kShared{"shared expert gate and up",
                                 "shared expert up",
                                 "shared expert up, input gradient",
                                 "shared expert up, weight gradient",
                                 "shared expert activation",
                                 "shared expert activation, backward",
                                 "shared expert down",
                                 "shared expert down, input gradient",
                                 "shared expert down, weight gradient"};
  static constexpr Names kDense{"dense mlp gate and up",
                                "dense mlp up",
                                "dense mlp up, input gradient",
                                "dense mlp up, weight gradient",
                                "dense mlp activation",
                                "dense mlp activation, backward",
                                "dense mlp down",
                                "dense mlp down, input gradient",
                                "dense mlp down, weight gradient"};

  struct Part {
    const Names* names;
    double width;  // 0: the model has none
    double share;  // of the layers
    bool routed;
    T rows, matrices;
  };
  // The grouped product of the experts is one kernel: m is its rows over all the experts of this device.
  std::array<Part, 3> parts() const {
    const double experts = w_.expert_share();
    const double dense = w_.dense_share;
    return {{{&kMlp, w_.ffn, experts, has_experts(), rows_, matrices_},
             {&kShared, w_.shared_ffn, experts, false, c_.tokens, T(1.0)},
             {&kDense, dense > 0 ? w_.dense_ffn : 0, dense, false, c_.tokens, T(1.0)}}};
  }

  bool has_experts() const { return c_.shape.experts > 0; }

  // Expected number of different experts on this device that `tokens` tokens with uniform routing choose.
  T touched_experts(const T& tokens) const {
    const double chosen = static_cast<double>(c_.shape.experts_per_token) / c_.shape.experts;
    if (chosen >= 1) return T(w_.experts_here);
    return w_.experts_here * (1.0 - exp(tokens * std::log1p(-chosen)));
  }

  Linear router() const {
    return {"router",
            "router, input gradient",
            "router, weight gradient",
            static_cast<double>(c_.shape.experts),
            w_.hidden,
            1 / c_.tensor,
            c_.wide_bytes()};
  }
  Linear up(const Part& part) const {
    return {c_.shape.gated_mlp ? part.names->gated_up : part.names->up,
            part.names->up_input,
            part.names->up_weight,
            w_.up_matrices * part.width,
            w_.hidden,
            1,
            c_.layer_bytes()};
  }
  Linear down(const Part& part) const {
    return {part.names->down, part.names->down_input, part.names->down_weight, w_.hidden, part.width, 1,
            c_.layer_bytes()};
  }

  double activation_bytes(const Part& part) const {
    return part.width * (w_.up_matrices * c_.stream + c_.narrow);
  }

  T dispatch_bytes() const {
    return c_.local_tokens * (w_.hidden * (c_.narrow + c_.stream)) +
           rows_ * (w_.hidden * (c_.narrow + c_.stream));
  }

  StepContext<T>& c_;
  const Widths& w_;
  T rows_, matrices_;
};

}  // namespace ironlaw
