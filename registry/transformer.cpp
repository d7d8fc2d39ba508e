#include "registry/transformer.hpp"

#include <algorithm>
#include <cmath>

#include "registry/attention.hpp"
#include "registry/mlp.hpp"

namespace ironlaw {
namespace {

// BERT predicts at most 76 of 512 positions (MLPerf Training: max_predictions_per_seq), and only those reach
// the head.
constexpr double kMaskedShare = 76.0 / 512.0;
// One pass of softmax and loss over fp32 logits: forward writes and reads them, backward reads and writes
// them.
constexpr double kLossBytes = 16;

Spread data_spread(const StepPlan& plan, bool experts) {
  const Parallelism& split = plan.split;
  const int below = experts ? std::max(split.expert, split.tensor) : split.tensor;
  const int most_inside = plan.scaleup_size / below;  // whole groups of the ranks below fit into a domain
  return spread_over(experts ? expert_copies(split) : dense_copies(split), most_inside);
}

template <class T>
class TransformerStep {
 public:
  TransformerStep(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step)
      : c_(plan, load, micro_batches, step), attention_(c_), mlp_(c_) {}

  void lower() {
    c_.step.operators.reserve(80);
    embedding();
    // A full recomputation repeats the layer's forward pass, collectives included: twice the count, half as
    // useful.
    const double passes = c_.train && c_.plan.recompute == Recompute::full ? 2 : 1;
    layer_forward(c_.layer_count * passes, c_.layer_useful / passes);
    head();
    if (c_.train) {
      layer_backward(c_.layer_count, c_.layer_useful);
      optimizer();
    }
    layer_collectives(passes);
    edge_collectives();
    context_exchange();
    pipeline_sends();
    if (c_.train) data_collectives();
    c_.step.activation_bytes = c_.train ? training_activations() : inference_activations();
    if (!c_.train && !c_.encoder) c_.step.kv_bytes = kv_bytes();
  }

 private:
  T kv_bytes() const {
    const CachedBytes token = transformer_cached_bytes(c_.plan);
    const T held = c_.context + c_.new_tokens;
    const T sequences = c_.sequences * c_.micro_batches;
    return sequences * held * token.global +
           sequences * min(held, T(static_cast<double>(c_.shape.window))) * token.windowed;
  }

  void embedding() {
    c_.vector(
        "embedding", c_.edge_count,
        c_.tokens * (w_.hidden * (c_.table / c_.tensor + (c_.train ? c_.stream / c_.tensor : c_.stream))));
  }

  void layer_forward(double count, double useful) {
    const bool parallel = c_.shape.parallel_block;
    c_.vector(parallel ? "residual and norm" : "attention norm", count, c_.norm_bytes());
    attention_.forward(count, useful);
    if (!parallel) c_.vector("mlp norm", count, c_.norm_bytes());
    mlp_.forward(count, useful);
    // Of attention and MLP, each before its residual sum: reads and writes the branch.
    if (c_.shape.post_norms) c_.vector("post norm", 2 * count, c_.local_tokens * (w_.hidden * 2 * c_.stream));
  }

  void layer_backward(double count, double useful) {
    const bool parallel = c_.shape.parallel_block;
    if (c_.shape.post_norms)
      c_.vector("post norm, backward", 2 * count, c_.local_tokens * (w_.hidden * 3 * c_.stream));
    mlp_.backward(count, useful);
    if (!parallel) c_.vector("mlp norm, backward", count, c_.norm_backward_bytes());
    attention_.backward(count, useful);
    c_.vector(parallel ? "residual and norm, backward" : "attention norm, backward", count,
              c_.norm_backward_bytes());
  }

  Linear vocabulary_head() const {
    const double exact = c_.shape.vocab / c_.tensor;
    const double padded = std::ceil(exact);
    return {"vocabulary head",
            "vocabulary head, input gradient",
            "vocabulary head, weight gradient",
            padded,
            w_.hidden,
            exact / padded,
            c_.wide_bytes()};
  }
  Linear masked_transform() const {  // BERT's dense layer before the masked-word head, on every tensor rank
    return {"masked-word transform",
            "masked-word transform, input gradient",
            "masked-word transform, weight gradient",
            w_.hidden,
            w_.hidden,
            1 / c_.tensor,
            c_.wide_bytes()};
  }

  T head_rows() const {
    if (c_.train) return c_.encoder ? c_.tokens * kMaskedShare : c_.tokens;
    // A prompt needs its last position only.
    return c_.plan.phase == Phase::prefill ? c_.sequences : c_.tokens;
  }

  void head() {
    c_.vector("final norm", c_.edge_count, c_.local_tokens * (w_.hidden * 3 * c_.stream));
    if (c_.encoder && !c_.train) {
      const Linear answers{"answer head", "", "", 2, w_.hidden, 1 / c_.tensor, c_.wide_bytes()};
      c_.forward(answers, c_.edge_count, 1, c_.tokens, T(1.0));
      return;
    }
    const T rows = head_rows();
    const Linear head = vocabulary_head();
    if (c_.encoder) c_.forward(masked_transform(), c_.edge_count, 1, rows, T(1.0));
    c_.forward(head, c_.edge_count, 1, rows, T(1.0));
    if (!c_.train) {
      // Greedy choice over the gathered logits.
      c_.vector("sampling", c_.edge_count, rows * (c_.shape.vocab * c_.stream));
      return;
    }
    c_.vector("softmax and loss", c_.edge_count, rows * (head.n * kLossBytes), 2);
    c_.backward(head, c_.edge_count, 1, rows, T(1.0));
    if (c_.encoder) c_.backward(masked_transform(), c_.edge_count, 1, rows, T(1.0));
    c_.vector("final norm, backward", c_.edge_count, c_.norm_backward_bytes());
    if (!c_.plan.frozen_weights)  // reads the gradient, adds to the rows of the table's gradient
      c_.vector("embedding, backward", c_.edge_count,
                c_.tokens * (w_.hidden * (c_.stream + 2 * kGradientBytes) / c_.tensor));
  }

  void optimizer() {
    const StepPlan& plan = c_.plan;
    if (plan.frozen_weights)
      return;  // the adapters (0.06% of Llama-2-70B's parameters) are left out everywhere
    const StageParameters here = stage_parameters(*plan.model, plan.split);
    const TrainingBytes bytes = adam_bytes(plan.weights);
    const double dense = here.total() - here.experts;
    const double copies = dense_copies(plan.split);
    const bool sharded = plan.zero_stage >= 1;
    const double updated =
        sharded ? dense / copies + here.experts / expert_copies(plan.split) : dense + here.experts;
    add_vector(c_.step, "optimizer", c_.wide, 1, T(updated * bytes.traffic));
    c_.step.state_bytes = training_state(bytes, dense, copies, plan.zero_stage) +
                          training_state(bytes, here.experts, expert_copies(plan.split), plan.zero_stage);
  }

  // All-reduces in a layer: after attention and after the MLP. An exchange of tokens works on positions that
  // are sharded already, and leaves them so, unless shared experts make a sum of their own.
  double layer_sums() const {
    if (c_.shape.parallel_block) return 1;
    return w_.exchange && w_.shared_ffn <= 0 ? 1 + w_.dense_share : 2;
  }

  void layer_collectives(double passes) {
    const Parallelism& split = c_.plan.split;
    if (split.tensor > 1) {
      const double count = c_.layer_count * passes * layer_sums();
      const T message = c_.tokens * (w_.hidden * c_.stream);
      const Spread ranks = spread_over(split.tensor, c_.plan.scaleup_size);
      collective("layer all-reduce", Channel::tensor, Collective::all_reduce, count, message, ranks);
      if (c_.train)
        collective("layer all-reduce, backward", Channel::tensor, Collective::all_reduce,
                   c_.layer_count * layer_sums(), message, ranks);
    }
    if (w_.exchange) {
      // Every rank sends its share of the tokens to the chosen experts, and gets their outputs back.
      const double layers = c_.layer_count * w_.expert_share();
      const T message = c_.tokens * (c_.shape.experts_per_token * w_.hidden * c_.stream / c_.tensor);
      const Spread ranks = spread_over(split.expert, c_.plan.scaleup_size);
      collective("expert all-to-all", Channel::expert, Collective::all_to_all, layers * passes * 2, message,
                 ranks);
      if (c_.train)
        collective("expert all-to-all, backward", Channel::expert, Collective::all_to_all, layers * 2,
                   message, ranks);
    }
  }

  // Keys and values of the whole sequence reach every context rank, their gradients come back.
  void context_exchange() {
    const int ranks = c_.plan.split.context;
    if (ranks <= 1) return;
    const T message = c_.tokens * ((w_.key + w_.value) * c_.stream * ranks);
    const int most_inside = c_.plan.scaleup_size / c_.plan.split.tensor;
    collective("key-value gather", Channel::tensor, Collective::gather, c_.layer_count * 2, message,
               spread_over(ranks, most_inside));
  }

  // Of the vocabulary-parallel embedding and head. The loss itself exchanges three numbers a position: left
  // out.
  void edge_collectives() {
    if (c_.plan.split.tensor <= 1) return;
    const Spread ranks = spread_over(c_.tensor, c_.plan.scaleup_size);
    collective("embedding all-reduce", Channel::tensor, Collective::all_reduce, c_.edge_count,
               c_.tokens * (w_.hidden * c_.stream), ranks);
    if (c_.encoder && !c_.train) return;
    if (c_.train)
      collective("head all-reduce, backward", Channel::tensor, Collective::all_reduce, c_.edge_count,
                 head_rows() * (w_.hidden * c_.stream), ranks);
    else
      collective("logits gather", Channel::tensor, Collective::gather, c_.edge_count,
                 head_rows() * (c_.shape.vocab * c_.stream), ranks);
  }

  void pipeline_sends() {
    const Parallelism& split = c_.plan.split;
    if (split.pipeline <= 1) return;
    const bool inside = split.devices() <= c_.plan.scaleup_size;
    const Spread ranks = inside ? Spread{2, 1} : Spread{1, 2};
    const T message = c_.tokens * (w_.hidden * c_.stream / c_.tensor);
    const double count = c_.micro_batches * split.interleave;
    collective("activation send", Channel::pipeline, Collective::point_to_point, count, message, ranks);
    if (c_.train)
      collective("gradient send", Channel::pipeline, Collective::point_to_point, count, message, ranks);
  }

  void data_collectives() {
    const StepPlan& plan = c_.plan;
    const StageParameters here = stage_parameters(*plan.model, plan.split);
    const TrainingBytes bytes = adam_bytes(plan.weights);
    const bool apart = plan.split.expert > plan.split.tensor;  // experts have other copies than the rest
    add_data_collectives(plan, c_.step, bytes, apart ? here.total() - here.experts : here.total(),
                         dense_copies(plan.split), data_spread(plan, false), c_.micro_batches,
                         c_.stage_layers);
    if (apart)
      add_data_collectives(plan, c_.step, bytes, here.experts, expert_copies(plan.split),
                           data_spread(plan, true), c_.micro_batches, c_.stage_layers);
  }

  void collective(const char* name, Channel channel, Collective kind, double count, const T& message,
                  const Spread& ranks) {
    add_collective(c_.step, name, channel, kind, c_.wide, count, message, ranks);
  }

  // Korthikanti et al. 2022, table 2, without the score matrix (flash attention) and dropout masks, for
  // general shapes: 32 s b h bytes a layer for a plain transformer at 16 bits, divided by TP (sequence
  // parallel).
  T layer_activations() const {
    const double residuals = w_.hidden * c_.stream * (c_.shape.parallel_block ? 1 : 2);
    // Frozen MLPs keep no input.
    const double inputs = w_.hidden * c_.narrow * (c_.shape.parallel_block || c_.plan.frozen_weights ? 1 : 2);
    const double latents = attention_.kept_latents() * c_.stream;
    return c_.local_tokens * (residuals + inputs + latents) + c_.tokens * (attention_.numbers() * c_.stream) +
           mlp_.kept_bytes();
  }

  T training_activations() const {
    const double stages = c_.plan.split.pipeline;
    const double chunks = c_.plan.split.interleave;
    const double warm_up =
        chunks > 1 ? stages + (stages - 1) / chunks : stages;  // 1F1B: micro-batches in flight
    const double in_flight = std::min(warm_up, c_.micro_batches);
    const T working = layer_activations();
    const bool full = c_.plan.recompute == Recompute::full;
    const T kept = full ? c_.local_tokens * (w_.hidden * c_.stream) : working;
    const T logits = head_rows() * (std::ceil(c_.shape.vocab / c_.tensor) * 4);
    const T first = kept * (c_.stage_layers * in_flight) + (full ? working : T(0.0));
    if (stages <= 1) return first + logits;
    return max(first, kept * c_.stage_layers + (full ? working : T(0.0)) + logits);
  }

  // The stream, its normed copy and the widest intermediate of one micro-batch, or its logits.
  T inference_activations() const {
    const T attention = c_.tokens * (attention_.numbers() * c_.stream);
    const T logits = c_.encoder ? T(0.0) : head_rows() * (c_.shape.vocab * 4.0);
    return c_.tokens * (w_.hidden * (c_.stream + c_.narrow)) +
           max(max(attention, mlp_.working_bytes()), logits);
  }

  StepContext<T> c_;
  const Widths& w_ = c_.w;
  AttentionLayers<T> attention_;
  MlpLayers<T> mlp_;
};

}  // namespace

template <class T>
void lower_transformer(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step) {
  TransformerStep<T>(plan, load, micro_batches, step).lower();
}

template void lower_transformer(const StepPlan&, const StepLoad<double>&, double, Step<double>&);
template void lower_transformer(const StepPlan&, const StepLoad<Dual<3>>&, double, Step<Dual<3>>&);

}  // namespace ironlaw
