#include "registry/transformer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "framework/base/error.hpp"
#include "registry/emit.hpp"

namespace ironlaw {
namespace {

// BERT predicts at most 76 of 512 positions (MLPerf Training: max_predictions_per_seq), and only those reach
// the head.
constexpr double kMaskedShare = 76.0 / 512.0;
// One pass of softmax and loss over fp32 logits: forward writes and reads them, backward reads and writes
// them.
constexpr double kLossBytes = 16;

// The widths of one layer on one device.
struct Widths {
  double hidden = 0, query = 0, key = 0, ffn = 0;
  double up_matrices = 1;        // 2 with a gate
  double rows_per_token = 1;     // of the MLP on this device: routed tokens
  double experts_here = 0;       // 0: dense
  double group_replicas = 1;     // replicas that share one set of experts
  bool exchange = false;         // tokens travel to their experts (else every tensor rank has them already)
  double useful_projection = 1;  // of the qkv product: less than 1 where keys and values are replicated
};

Widths widths_of(const TransformerShape& shape, const Parallelism& split, Phase phase) {
  const double tensor = split.tensor;
  Widths w;
  w.hidden = shape.hidden;
  w.query = shape.heads / tensor * shape.head_dim;
  w.key = std::max(1.0, shape.kv_heads / tensor) * shape.head_dim;
  w.useful_projection =
      (shape.heads + 2.0 * shape.kv_heads) * shape.head_dim / tensor / (w.query + 2 * w.key);
  w.up_matrices = shape.gated_mlp ? 2 : 1;
  w.ffn = shape.ffn / tensor;
  if (shape.experts > 0) {
    const double inside = std::min(split.expert, split.tensor);  // expert ranks among the tensor ranks
    w.ffn = shape.ffn * inside / tensor;
    w.rows_per_token = shape.experts_per_token / inside;
    w.experts_here = static_cast<double>(shape.experts) / split.expert;
    w.group_replicas = std::max(1.0, split.expert / tensor);
    w.exchange = split.expert > 1 && (phase == Phase::train || split.expert > split.tensor);
  }
  return w;
}

double layer_matrices(const TransformerShape& shape, const Widths& w) {
  const double attention = w.hidden * (2 * w.query + 2 * w.key);
  return shape.experts > 0 ? attention : attention + (w.up_matrices + 1) * w.hidden * w.ffn;
}

double layer_experts(const Widths& w) {
  return w.experts_here * (w.up_matrices + 1) * w.hidden * w.ffn;
}

// Norms, biases and the router of one layer, not sharded.
double layer_small(const TransformerShape& shape) {
  const double hidden = shape.hidden;
  const double norm = shape.biases ? 2 * hidden : hidden;
  double count = (shape.parallel_block ? 1 : 2) * norm + shape.experts * hidden;
  if (shape.biases) {
    count += (shape.gated_mlp ? 2.0 : 1.0) * shape.ffn + hidden;
    if (shape.attention_biases) count += (shape.heads + 2.0 * shape.kv_heads) * shape.head_dim + hidden;
  }
  return count;
}

int layers_of_stage(const TransformerShape& shape, const Parallelism& split) {
  return (shape.layers + split.pipeline - 1) / split.pipeline;
}

// Bytes that one parameter of each group needs where it is stored.
struct StoredBytes {
  double matrices, experts, vocabulary, small;
};

double weighted(const StageParameters& p, const StoredBytes& b) {
  return p.matrices * b.matrices + p.experts * b.experts + p.vocabulary * b.vocabulary + p.small * b.small;
}

// Ranks that hold the same dense weights: replicas and, in them, context ranks.
int dense_copies(const Parallelism& split) {
  return split.data * split.context;
}

// Ranks that hold the same experts.
double expert_copies(const Parallelism& split) {
  return static_cast<double>(dense_copies(split)) * split.tensor / std::max(split.expert, split.tensor);
}

Spread data_spread(const StepPlan& plan, bool experts) {
  const Parallelism& split = plan.split;
  const int below = experts ? std::max(split.expert, split.tensor) : split.tensor;
  const int most_inside = plan.scaleup_size / below;  // whole groups of the ranks below fit into a domain
  return spread_over(experts ? expert_copies(split) : dense_copies(split), most_inside);
}

// A product in all its forms.
struct Linear {
  const char* forward;
  const char* input_gradient;
  const char* weight_gradient;
  double n, k;
  double useful;  // of its FLOPs: less than 1 where ranks repeat each other's work or columns are padding
  ProductBytes bytes;
};

template <class T>
class TransformerStep {
 public:
  TransformerStep(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step)
      : plan_(plan),
        shape_(plan.model->shape),
        encoder_(plan.model->kind == ModelKind::encoder),
        train_(plan.phase == Phase::train),
        w_(widths_of(shape_, plan.split, plan.phase)),
        step_(step),
        micro_batches_(micro_batches),
        // A context rank has its part of every sequence: as much work as that share of the sequences.
        sequences_(load.requests / (micro_batches * plan.split.context)),
        new_tokens_(load.tokens),
        context_(load.context),
        tokens_(sequences_ * load.tokens) {
    const Parallelism& split = plan.split;
    tensor_ = split.tensor;
    stage_layers_ = layers_of_stage(shape_, split);
    layer_count_ = stage_layers_ * micro_batches;
    layer_useful_ = static_cast<double>(shape_.layers) / (split.pipeline * stage_layers_);
    edge_count_ = micro_batches / split.pipeline;
    product_ = arithmetic(plan.weights, plan.activations);
    wide_ = at_least_16_bits(product_);
    weight_ = bytes_of(plan.weights);
    narrow_ = bytes_of(plan.activations);
    stream_ = bytes_of(at_least_16_bits(plan.activations));
    table_ = bytes_of(at_least_16_bits(plan.weights));
    // Megatron's sequence parallelism: what is not sharded by columns is sharded by positions. Serving
    // engines repeat it on every rank.
    local_tokens_ = train_ ? tokens_ / tensor_ : tokens_;
    rows_ = tokens_ * w_.rows_per_token;
    matrices_ = T(1.0);
    if (w_.experts_here > 0) matrices_ = touched_experts(tokens_ * w_.group_replicas);
  }

  void lower() {
    step_.operators.reserve(48);
    embedding();
    // A full recomputation repeats the layer's forward pass, collectives included: twice the count, half as
    // useful.
    const double passes = train_ && plan_.recompute == Recompute::full ? 2 : 1;
    layer_forward(passes);
    head();
    if (train_) {
      layer_backward();
      optimizer();
    }
    layer_collectives(passes);
    edge_collectives();
    context_exchange();
    pipeline_sends();
    if (train_) data_collectives();
    step_.activation_bytes = train_ ? training_activations() : inference_activations();
    if (!train_ && !encoder_)
      step_.kv_bytes =
          sequences_ * micro_batches_ * (context_ + new_tokens_) * transformer_kv_bytes_per_token(plan_);
  }

 private:
  // Expected number of different experts on this device that `tokens` tokens with uniform routing choose.
  T touched_experts(const T& tokens) const {
    const double chosen = static_cast<double>(shape_.experts_per_token) / shape_.experts;
    if (chosen >= 1) return T(w_.experts_here);
    return w_.experts_here * (1.0 - exp(tokens * std::log1p(-chosen)));
  }

  void forward(const Linear& linear, double count, double useful, const T& m, const T& matrices) {
    add_product(step_, linear.forward, precision_of(linear), count, m, T(linear.n), T(linear.k),
                useful * linear.useful,
                Traffic<T>{matrices * (linear.n * linear.k * linear.bytes.weight),
                           m * (linear.k * linear.bytes.input + linear.n * linear.bytes.output)});
  }

  // dX = dY W^T and dW = X^T dY; the weight gradient is summed in fp32 over the micro-batches.
  void backward(const Linear& linear, double count, double useful, const T& m, const T& matrices) {
    const double size = linear.n * linear.k;
    add_product(step_, linear.input_gradient, precision_of(linear), count, m, T(linear.k), T(linear.n),
                useful * linear.useful,
                Traffic<T>{matrices * (size * linear.bytes.weight),
                           m * (linear.n * linear.bytes.output + linear.k * stream_)});
    if (plan_.frozen_weights) return;
    const double accumulate = micro_batches_ > 1 ? 2 * kGradientBytes : kGradientBytes;
    add_product(step_, linear.weight_gradient, precision_of(linear), count, T(linear.k), T(linear.n), m,
                useful * linear.useful,
                Traffic<T>{T(0.0), matrices * (size * accumulate) +
                                       m * (linear.k * linear.bytes.input + linear.n * linear.bytes.output)});
  }

  Precision precision_of(const Linear& linear) const {
    return linear.bytes.weight > weight_ ? wide_ : product_;
  }

  ProductBytes layer_bytes() const { return {weight_, narrow_, stream_}; }
  ProductBytes wide_bytes() const { return {table_, stream_, stream_}; }

  Linear projection() const {
    return {"qkv projection",
            "qkv projection, input gradient",
            "qkv projection, weight gradient",
            w_.query + 2 * w_.key,
            w_.hidden,
            w_.useful_projection,
            layer_bytes()};
  }
  Linear attention_output() const {
    return {"attention output",
            "attention output, input gradient",
            "attention output, weight gradient",
            w_.hidden,
            w_.query,
            1,
            layer_bytes()};
  }
  Linear router() const {
    return {"router",
            "router, input gradient",
            "router, weight gradient",
            static_cast<double>(shape_.experts),
            w_.hidden,
            1 / tensor_,
            wide_bytes()};
  }
  Linear mlp_up() const {
    return {shape_.gated_mlp ? "mlp gate and up" : "mlp up",
            "mlp up, input gradient",
            "mlp up, weight gradient",
            w_.up_matrices * w_.ffn,
            w_.hidden,
            1,
            layer_bytes()};
  }
  Linear mlp_down() const {
    return {"mlp down",   "mlp down, input gradient", "mlp down, weight gradient", w_.hidden, w_.ffn, 1,
            layer_bytes()};
  }
  Linear vocabulary_head() const {
    const double exact = shape_.vocab / tensor_;
    const double padded = std::ceil(exact);
    return {"vocabulary head",
            "vocabulary head, input gradient",
            "vocabulary head, weight gradient",
            padded,
            w_.hidden,
            exact / padded,
            wide_bytes()};
  }
  Linear masked_transform() const {  // BERT's dense layer before the masked-word head, on every tensor rank
    return {"masked-word transform",
            "masked-word transform, input gradient",
            "masked-word transform, weight gradient",
            w_.hidden,
            w_.hidden,
            1 / tensor_,
            wide_bytes()};
  }

  void embedding() {
    add_vector(step_, "embedding", wide_, edge_count_,
               tokens_ * (w_.hidden * (table_ / tensor_ + (train_ ? stream_ / tensor_ : stream_))));
  }

  // Attention of one layer, forward: two products over the visible (query, key) pairs.
  T attention_flops() const {
    const T visible = encoder_ ? new_tokens_ : context_ + (new_tokens_ + 1.0) / 2.0;
    return 4.0 * w_.query * (tokens_ * visible);
  }
  // Flash attention: queries and outputs once, keys and values once, no score matrix.
  T attention_bytes() const {
    if (train_ || encoder_) return tokens_ * ((2 * w_.query + 2 * w_.key) * stream_);
    return tokens_ * (2 * w_.query * stream_) +
           sequences_ * (context_ + new_tokens_) * (2 * w_.key * bytes_of(plan_.kv));
  }
  // FP8 attention needs keys and values in FP8 and, so far, inference.
  Precision attention_precision() const {
    const bool eight_bits = !train_ && bytes_of(plan_.activations) <= 1 && plan_.kv == Precision::fp8;
    return eight_bits ? Precision::fp8 : at_least_16_bits(plan_.activations);
  }

  void layer_forward(double passes) {
    const double count = layer_count_ * passes;
    const double useful = layer_useful_ / passes;
    // Residual sum and norm in one kernel: reads stream and branch, writes stream and the product's input.
    const T norm_bytes = local_tokens_ * (w_.hidden * (3 * stream_ + narrow_));
    add_vector(step_, shape_.parallel_block ? "residual and norm" : "attention norm", wide_, count,
               norm_bytes);
    forward(projection(), count, useful, tokens_, T(1.0));
    if (!encoder_) rope(count);
    Operator<T>& attention =
        add_operator(step_, "attention", OperatorKind::attention, attention_precision(), count);
    attention.flops = attention_flops();
    attention.useful_flops = attention.flops * useful;
    attention.bytes = attention_bytes();
    forward(attention_output(), count, useful, tokens_, T(1.0));
    if (!shape_.parallel_block) add_vector(step_, "mlp norm", wide_, count, norm_bytes);
    if (shape_.experts > 0) {
      forward(router(), count, useful, tokens_, T(1.0));
      // Gather each expert's rows before, and weigh and sum their outputs after: reads and writes on both
      // sides.
      add_vector(step_, "expert dispatch and combine", wide_, count, dispatch_bytes(), 2);
    }
    // The grouped product of the experts is one kernel: m is its rows over all the experts of this device.
    forward(mlp_up(), count, useful, rows_, matrices_);
    add_vector(step_, "mlp activation", wide_, count,
               rows_ * (w_.ffn * (w_.up_matrices * stream_ + narrow_)));
    forward(mlp_down(), count, useful, rows_, matrices_);
  }

  T dispatch_bytes() const {
    return local_tokens_ * (w_.hidden * (narrow_ + stream_)) + rows_ * (w_.hidden * (narrow_ + stream_));
  }

  // Rotary positions, and in serving the write of new keys and values into the cache, in one kernel.
  void rope(double count) {
    if (train_) {
      if (shape_.rotary)
        add_vector(step_, "rope", wide_, count, tokens_ * (2 * (w_.query + w_.key) * stream_));
      return;
    }
    const double read = (shape_.rotary ? w_.query + 2 * w_.key : 2 * w_.key) * stream_;
    const double written = (shape_.rotary ? w_.query * stream_ : 0) + 2 * w_.key * bytes_of(plan_.kv);
    add_vector(step_, shape_.rotary ? "rope and KV write" : "KV write", wide_, count,
               tokens_ * (read + written));
  }

  T head_rows() const {
    if (train_) return encoder_ ? tokens_ * kMaskedShare : tokens_;
    return plan_.phase == Phase::prefill ? sequences_ : tokens_;  // a prompt needs its last position only
  }

  void head() {
    add_vector(step_, "final norm", wide_, edge_count_, local_tokens_ * (w_.hidden * 3 * stream_));
    if (encoder_ && !train_) {
      const Linear answers{"answer head", "", "", 2, w_.hidden, 1 / tensor_, wide_bytes()};
      forward(answers, edge_count_, 1, tokens_, T(1.0));
      return;
    }
    const T rows = head_rows();
    const Linear head = vocabulary_head();
    if (encoder_) forward(masked_transform(), edge_count_, 1, rows, T(1.0));
    forward(head, edge_count_, 1, rows, T(1.0));
    if (!train_) {
      // Greedy choice over the gathered logits.
      add_vector(step_, "sampling", wide_, edge_count_, rows * (shape_.vocab * stream_));
      return;
    }
    add_vector(step_, "softmax and loss", wide_, edge_count_, rows * (head.n * kLossBytes), 2);
    backward(head, edge_count_, 1, rows, T(1.0));
    if (encoder_) backward(masked_transform(), edge_count_, 1, rows, T(1.0));
    add_vector(step_, "final norm, backward", wide_, edge_count_, local_tokens_ * (w_.hidden * 4 * stream_));
    if (!plan_.frozen_weights)  // reads the gradient, adds to the rows of the table's gradient
      add_vector(step_, "embedding, backward", wide_, edge_count_,
                 tokens_ * (w_.hidden * (stream_ + 2 * kGradientBytes) / tensor_));
  }

  void layer_backward() {
    const double count = layer_count_;
    const double useful = layer_useful_;
    // Reads the gradient, the residual's gradient and the input, writes the sum.
    const T norm_bytes = local_tokens_ * (w_.hidden * 4 * stream_);
    backward(mlp_down(), count, useful, rows_, matrices_);
    // Reads what the activation read and its gradient, writes as much as it read.
    add_vector(step_, "mlp activation, backward", wide_, count,
               rows_ * (w_.ffn * (2 * w_.up_matrices + 1) * stream_));
    backward(mlp_up(), count, useful, rows_, matrices_);
    if (shape_.experts > 0) {
      add_vector(step_, "expert dispatch and combine, backward", wide_, count, dispatch_bytes(), 2);
      backward(router(), count, useful, tokens_, T(1.0));
    }
    if (!shape_.parallel_block) add_vector(step_, "mlp norm, backward", wide_, count, norm_bytes);
    backward(attention_output(), count, useful, tokens_, T(1.0));
    // Five products instead of two: the scores are computed again. Four of them are the gradient itself.
    Operator<T>& attention =
        add_operator(step_, "attention, backward", OperatorKind::attention, attention_precision(), count);
    attention.flops = attention_flops() * 2.5;
    attention.useful_flops = attention_flops() * (2.0 * useful);
    attention.bytes = tokens_ * ((4 * w_.query + 4 * w_.key) * stream_);
    if (shape_.rotary)
      add_vector(step_, "rope, backward", wide_, count, tokens_ * (2 * (w_.query + w_.key) * stream_));
    backward(projection(), count, useful, tokens_, T(1.0));
    add_vector(step_, shape_.parallel_block ? "residual and norm, backward" : "attention norm, backward",
               wide_, count, norm_bytes);
  }

  void optimizer() {
    if (plan_.frozen_weights)
      return;  // the adapters (0.06% of Llama-2-70B's parameters) are left out everywhere
    const StageParameters here = stage_parameters(*plan_.model, plan_.split);
    const TrainingBytes bytes = adam_bytes(plan_.weights);
    const double dense = here.total() - here.experts;
    const double copies = dense_copies(plan_.split);
    const bool sharded = plan_.zero_stage >= 1;
    const double updated =
        sharded ? dense / copies + here.experts / expert_copies(plan_.split) : dense + here.experts;
    add_vector(step_, "optimizer", wide_, 1, T(updated * bytes.traffic));
    step_.state_bytes = training_state(bytes, dense, copies, plan_.zero_stage) +
                        training_state(bytes, here.experts, expert_copies(plan_.split), plan_.zero_stage);
  }

  void layer_collectives(double passes) {
    const Parallelism& split = plan_.split;
    if (split.tensor > 1) {
      // An exchange of tokens works on positions that are sharded already, and leaves them so.
      const double each = shape_.parallel_block || w_.exchange ? 1 : 2;
      const T message = tokens_ * (w_.hidden * stream_);
      const Spread ranks = spread_over(split.tensor, plan_.scaleup_size);
      add_collective(step_, "layer all-reduce", Channel::tensor, Collective::all_reduce, wide_,
                     layer_count_ * passes * each, message, ranks);
      if (train_)
        add_collective(step_, "layer all-reduce, backward", Channel::tensor, Collective::all_reduce, wide_,
                       layer_count_ * each, message, ranks);
    }
    if (w_.exchange) {
      // Every rank sends its share of the tokens to the chosen experts, and gets their outputs back.
      const T message = tokens_ * (shape_.experts_per_token * w_.hidden * stream_ / tensor_);
      const Spread ranks = spread_over(split.expert, plan_.scaleup_size);
      add_collective(step_, "expert all-to-all", Channel::expert, Collective::all_to_all, wide_,
                     layer_count_ * passes * 2, message, ranks);
      if (train_)
        add_collective(step_, "expert all-to-all, backward", Channel::expert, Collective::all_to_all, wide_,
                       layer_count_ * 2, message, ranks);
    }
  }

  // Keys and values of the whole sequence reach every context rank, their gradients come back.
  void context_exchange() {
    const int ranks = plan_.split.context;
    if (ranks <= 1) return;
    const T message = tokens_ * (2 * w_.key * stream_ * ranks);
    const int most_inside = plan_.scaleup_size / plan_.split.tensor;
    const Spread spread = spread_over(ranks, most_inside);
    add_collective(step_, "key-value gather", Channel::tensor, Collective::gather, wide_, layer_count_ * 2,
                   message, spread);
  }

  // Of the vocabulary-parallel embedding and head. The loss itself exchanges three numbers a position: left
  // out.
  void edge_collectives() {
    if (plan_.split.tensor <= 1) return;
    const Spread ranks = spread_over(tensor_, plan_.scaleup_size);
    add_collective(step_, "embedding all-reduce", Channel::tensor, Collective::all_reduce, wide_, edge_count_,
                   tokens_ * (w_.hidden * stream_), ranks);
    if (encoder_ && !train_) return;
    if (train_)
      add_collective(step_, "head all-reduce, backward", Channel::tensor, Collective::all_reduce, wide_,
                     edge_count_, head_rows() * (w_.hidden * stream_), ranks);
    else
      add_collective(step_, "logits gather", Channel::tensor, Collective::gather, wide_, edge_count_,
                     head_rows() * (shape_.vocab * stream_), ranks);
  }

  void pipeline_sends() {
    const Parallelism& split = plan_.split;
    if (split.pipeline <= 1) return;
    const bool inside = split.devices() <= plan_.scaleup_size;
    const Spread ranks = inside ? Spread{2, 1} : Spread{1, 2};
    const T message = tokens_ * (w_.hidden * stream_ / tensor_);
    const double count = micro_batches_ * split.interleave;
    add_collective(step_, "activation send", Channel::pipeline, Collective::point_to_point, wide_, count,
                   message, ranks);
    if (train_)
      add_collective(step_, "gradient send", Channel::pipeline, Collective::point_to_point, wide_, count,
                     message, ranks);
  }

  void data_collectives() {
    const Parallelism& split = plan_.split;
    const StageParameters here = stage_parameters(*plan_.model, split);
    const TrainingBytes bytes = adam_bytes(plan_.weights);
    const bool apart = split.expert > split.tensor;  // experts have other copies than the rest
    add_data_collectives(plan_, step_, bytes, apart ? here.total() - here.experts : here.total(),
                         dense_copies(split), data_spread(plan_, false), micro_batches_, stage_layers_);
    if (apart)
      add_data_collectives(plan_, step_, bytes, here.experts, expert_copies(split), data_spread(plan_, true),
                           micro_batches_, stage_layers_);
  }

  // Korthikanti et al. 2022, table 2, without the score matrix (flash attention) and dropout masks, for
  // general shapes: 32 s b h bytes a layer for a plain transformer at 16 bits, divided by TP (sequence
  // parallel).
  T layer_activations() const {
    const double residuals = w_.hidden * stream_ * (shape_.parallel_block ? 1 : 2);
    const double inputs =
        w_.hidden * narrow_ *
        (shape_.parallel_block || plan_.frozen_weights ? 1 : 2);  // frozen MLPs keep no input
    const double attention = (2 * w_.query + 2 * w_.key) * stream_;
    const double mlp =
        w_.ffn * (w_.up_matrices * stream_ + (plan_.frozen_weights ? 0 : narrow_)) +
        (shape_.experts > 0 ? w_.hidden * (narrow_ + stream_) : 0);  // routed copies and outputs
    return local_tokens_ * (residuals + inputs) + tokens_ * attention + rows_ * mlp;
  }

  T training_activations() const {
    const double stages = plan_.split.pipeline;
    const double chunks = plan_.split.interleave;
    const double warm_up =
        chunks > 1 ? stages + (stages - 1) / chunks : stages;  // 1F1B: micro-batches in flight
    const double in_flight = std::min(warm_up, micro_batches_);
    const T working = layer_activations();
    const bool full = plan_.recompute == Recompute::full;
    const T kept = full ? local_tokens_ * (w_.hidden * stream_) : working;
    const T logits = head_rows() * (std::ceil(shape_.vocab / tensor_) * 4);
    const T first = kept * (stage_layers_ * in_flight) + (full ? working : T(0.0));
    if (stages <= 1) return first + logits;
    return max(first, kept * stage_layers_ + (full ? working : T(0.0)) + logits);
  }

  // The stream, its normed copy and the widest intermediate of one micro-batch, or its logits.
  T inference_activations() const {
    const T attention = tokens_ * ((2 * w_.query + 2 * w_.key) * stream_);
    const T mlp = rows_ * (w_.ffn * (w_.up_matrices * stream_ + narrow_));
    const T logits = encoder_ ? T(0.0) : head_rows() * (shape_.vocab * 4.0);
    return tokens_ * (w_.hidden * (stream_ + narrow_)) + max(max(attention, mlp), logits);
  }

  const StepPlan& plan_;
  const TransformerShape& shape_;
  const bool encoder_, train_;
  const Widths w_;
  Step<T>& step_;
  const double micro_batches_;
  const T sequences_, new_tokens_, context_, tokens_;  // of one micro-batch, but for the lengths
  T local_tokens_, rows_, matrices_;
  double tensor_ = 1, stage_layers_ = 1, layer_count_ = 1, layer_useful_ = 1, edge_count_ = 1;
  Precision product_ = Precision::fp16, wide_ = Precision::fp16;
  double weight_ = 2, narrow_ = 2, stream_ = 2, table_ = 2;
};

bool divides(int divisor, int number) {
  return number % divisor == 0;
}

// Where TP is larger than the key-value heads, each is held by several ranks.
bool tensor_fits(const TransformerShape& shape, int tensor) {
  return divides(tensor, shape.heads) && divides(tensor, shape.ffn) &&
         (divides(tensor, shape.kv_heads) || divides(shape.kv_heads, tensor));
}

template <class F>
std::string listed(int most, const F& fits) {
  std::string text;
  for (int i = 1; i <= most; ++i)
    if (fits(i)) text += fmt::format("{}{}", text.empty() ? "" : ", ", i);
  return text;
}

}  // namespace

StageParameters stage_parameters(const ModelSpec& model, const Parallelism& split) {
  const TransformerShape& shape = model.shape;
  const Widths w = widths_of(shape, split, Phase::prefill);
  const double hidden = shape.hidden;
  const double norm = shape.biases ? 2 * hidden : hidden;

  const double table = static_cast<double>(shape.vocab) * hidden / split.tensor;
  double edge_small = norm + static_cast<double>(shape.positions) * hidden;
  if (model.kind == ModelKind::encoder)
    edge_small += 2 * hidden + hidden * hidden + hidden;  // segments, pooler
  if (shape.head_bias) edge_small += shape.vocab;

  const bool one_stage = split.pipeline == 1;
  // Of several stages the first holds the embedding and the last the head (a tied table: both).
  const double tables = one_stage && !shape.tied_embedding ? 2 : 1;
  const auto with_layers = [&](double layers, bool edge) {
    return StageParameters{layers * layer_matrices(shape, w), layers * layer_experts(w),
                           edge ? tables * table : 0.0,
                           layers * layer_small(shape) + (edge ? edge_small : 0.0)};
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
  const double hidden = shape.hidden;
  double layer = layer_matrices(shape, w);
  if (shape.experts > 0)
    layer += shape.experts_per_token * (w.up_matrices + 1) * hidden * w.ffn + shape.experts * hidden;
  const double head = model.kind == ModelKind::encoder ? 2 : shape.vocab;
  return shape.layers * layer + head * hidden;
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

double transformer_kv_bytes_per_token(const StepPlan& plan) {
  const TransformerShape& shape = plan.model->shape;
  const Widths w = widths_of(shape, plan.split, plan.phase);
  return layers_of_stage(shape, plan.split) * 2 * w.key * bytes_of(plan.kv);
}

void check_transformer_split(const StepPlan& plan) {
  const ModelSpec& model = *plan.model;
  const TransformerShape& shape = model.shape;
  const Parallelism& split = plan.split;
  const int tensor = split.tensor;
  if (!tensor_fits(shape, tensor))
    throw Error(
        fmt::format("tp is {}, but {} has {} heads, {} key-value heads and an MLP width of {}, which it "
                    "must divide (or, of "
                    "key-value heads, be a multiple of). Allowed: {}.",
                    tensor, model.id, shape.heads, shape.kv_heads, shape.ffn,
                    listed(shape.heads, [&](int i) { return tensor_fits(shape, i); })));
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

template <class T>
void lower_transformer(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step) {
  TransformerStep<T>(plan, load, micro_batches, step).lower();
}

template void lower_transformer(const StepPlan&, const StepLoad<double>&, double, Step<double>&);
template void lower_transformer(const StepPlan&, const StepLoad<Dual<3>>&, double, Step<Dual<3>>&);

}  // namespace ironlaw
