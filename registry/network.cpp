#include "registry/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "framework/base/error.hpp"
#include "registry/emit.hpp"

namespace ironlaw {
namespace {

// Passes over the output that run as kernels of their own.
struct Passes {
  After after;
  const char* name;
  const char* backward_name;
  double inference, forward, backward;
};
// A norm reads once for its statistics, then reads and writes; backward reads gradient and input twice and
// writes once. A frozen norm or a plain cut-off is part of its convolution (apex.contrib.conv_bias_relu, as
// in MLPerf's detectors); backward reads gradient and output and writes.
constexpr std::array<Passes, 3> kPasses{{
    {After::batch_norm, "batch norm and relu", "batch norm and relu, backward", 0, 3, 5},
    {After::activation, "scale and relu", "scale and relu, backward", 0, 0, 3},
    {After::norm, "instance norm and relu", "instance norm and relu, backward", 3, 3, 5},
}};

// A softmax or sigmoid with its loss, over fp32: forward writes and reads it, backward reads and writes it.
constexpr double kLossBytes = 16;
// Rows of embedding tables are trained in fp32.
constexpr double kTableBytes = 4;

struct Totals {
  double weights = 0, parameters = 0, layers = 0;
  double kept_values = 0;  // for the backward pass, a sample
  double widest = 0;       // input and output of one layer, a sample's pass
};

Totals totals_of(const Network& net) {
  Totals t;
  for (const NetworkStage& stage : net.stages)
    for (const Layer& l : stage.layers) {
      if (l.weights() > 0) t.layers += l.count;
      t.weights += l.count * l.weights();
      t.parameters += l.count * l.parameters();
      if (l.type == LayerType::gather) continue;
      // What is frozen keeps nothing; what a norm follows keeps its output and the normed form.
      const bool is_normed =
          l.type == LayerType::convolution && (l.after == After::batch_norm || l.after == After::norm);
      if (!stage.is_frozen && !l.is_frozen)
        t.kept_values += stage.rows * stage.steps * l.count * l.out_values() * (is_normed ? 2 : 1);
      t.widest = std::max(t.widest, l.in_values() + l.out_values());
    }
  return t;
}

// Parameters that training changes, without embedding tables.
double trained_parameters(const Network& net) {
  double sum = net.head_weights() + net.classes;
  for (const NetworkStage& stage : net.stages)
    for (const Layer& l : stage.layers)
      if (!stage.is_frozen && !l.is_frozen) sum += l.count * l.parameters();
  return sum;
}

const Network& network_of(const StepPlan& plan) {
  const ModelSpec& model = *plan.model;
  return plan.phase == Phase::train && model.training != nullptr ? *model.training : *model.network;
}

TrainingBytes training_bytes(const Network& net, Precision weights) {
  return net.is_adam ? adam_bytes(weights) : momentum_bytes(weights);
}

template <class T>
class NetworkStep {
 public:
  NetworkStep(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step)
      : plan_(plan),
        net_(network_of(plan)),
        totals_(totals_of(net_)),
        train_(plan.phase == Phase::train),
        step_(step),
        count_(micro_batches),
        samples_(load.requests / micro_batches),
        // A full recomputation repeats the forward pass: twice the count, half as useful.
        passes_(train_ && plan.recompute == Recompute::full ? 2 : 1),
        // Gradients are summed in fp32.
        sum_(micro_batches > 1 ? 2 * kGradientBytes : kGradientBytes) {}

  void lower() {
    step_.operators.reserve(96);
    for (const NetworkStage& stage : net_.stages) forward(stage);
    classify();
    if (!train_) {
      step_.activation_bytes = samples_ * (totals_.widest * bytes_of(plan_.activations));
      return;
    }
    if (net_.loss_values > 0)
      add_vector(step_, "loss", plan_.activations, count_, samples_ * (net_.loss_values * kLossBytes), 2);
    classify_backward();
    for (const NetworkStage& stage : net_.stages)
      if (!stage.is_frozen) backward(stage);
    update();
  }

 private:
  void begin(const NetworkStage& stage) {
    const auto at = [&](Precision p) { return stage.is_wide ? at_least_16_bits(p) : p; };
    precision_ = arithmetic(at(plan_.weights), at(plan_.activations));
    weight_ = bytes_of(at(plan_.weights));
    value_ = bytes_of(at(plan_.activations));
    rows_ = samples_ * stage.rows;
  }

  void forward(const NetworkStage& stage) {
    begin(stage);
    for (const Layer& l : stage.layers) forward_layer(stage, l);
    for (const Passes& p : kPasses)
      add_passes(stage, p, p.name, train_ ? p.forward : p.inference, passes_, true);
  }

  void forward_layer(const NetworkStage& stage, const Layer& l) {
    const bool is_trained = !stage.is_frozen && !l.is_frozen;
    const double passes = is_trained ? passes_ : 1;
    const double count = passes * count_ * stage.steps * l.count;
    const T moved = rows_ * ((l.read_values() + l.out_values()) * value_);
    switch (l.type) {
      case LayerType::convolution:
      case LayerType::linear: {
        // The groups of a convolution are products with few columns; their rows are counted together.
        const double rows = static_cast<double>(l.positions) * l.groups;
        Operator<T>& op = add(l, l.name, count, rows_ * rows, T(static_cast<double>(l.out) / l.groups),
                              T(l.inner()), Traffic<T>{T(l.weights() * weight_), moved});
        op.useful_flops = op.flops * (1 / passes);
        return;
      }
      case LayerType::attention:
        add_attention(l, l.name, count, 1, passes);
        return;
      case LayerType::norm:
        add_vector(step_, l.name, precision_, count, rows_ * (3 * l.out_values() * value_));
        return;
      case LayerType::pairs:
        add_product(step_, l.name, precision_, count, rows_ * static_cast<double>(l.positions), T(l.out),
                    T(l.in), 1 / passes, Traffic<T>{T(0.0), moved});
        return;
      case LayerType::elementwise:
        add_vector(step_, l.name, precision_, count, moved);
        return;
      case LayerType::gather: {
        const double row = train_ ? kTableBytes : weight_;
        add_vector(step_, l.name, precision_, count,
                   rows_ * (static_cast<double>(l.in) * l.out * row + l.out_values() * value_));
        exchange("embedding all-to-all", l, count);
        return;
      }
    }
  }

  // Of all such layers as one operator of their mean size: what only moves bytes adds up.
  void add_passes(const NetworkStage& stage, const Passes& p, const char* name, double times, double passes,
                  bool with_frozen) {
    if (times == 0) return;
    double layers = 0, values = 0;
    for (const Layer& l : stage.layers) {
      if (l.type != LayerType::convolution || l.after != p.after || (l.is_frozen && !with_frozen)) continue;
      layers += l.count;
      values += l.count * l.out_values();
    }
    if (layers == 0) return;
    add_vector(step_, name, precision_, passes * count_ * stage.steps * layers,
               rows_ * (times * values / layers * value_));
  }

  void classify() {
    if (net_.features <= 0) return;
    // The sum itself is fused into the norm or the last product of its block: what is left is the shortcut's
    // read.
    if (net_.blocks > 0)
      add_vector(step_, "residual sum", precision_, passes_ * count_ * net_.blocks,
                 samples_ * (net_.block_values / net_.blocks * value_), 0);
    if (net_.pool_in > 0)
      add_vector(step_, "max pooling", precision_, passes_ * count_,
                 samples_ * ((net_.pool_in + net_.pool_out) * value_));
    add_vector(step_, "average pooling", precision_, passes_ * count_,
               samples_ * ((net_.last_values + net_.features) * value_));
    add_product(step_, "classifier", precision_, passes_ * count_, samples_, T(net_.classes),
                T(net_.features), 1 / passes_, Traffic<T>{T(net_.head_weights() * weight_), head_values()});
  }

  void classify_backward() {
    if (net_.features <= 0) return;
    add_product(step_, "classifier, input gradient", precision_, count_, samples_, T(net_.features),
                T(net_.classes), 1, Traffic<T>{T(net_.head_weights() * weight_), head_values()});
    add_product(step_, "classifier, weight gradient", precision_, count_, T(net_.features), T(net_.classes),
                samples_, 1, Traffic<T>{T(0.0), head_values() + net_.head_weights() * sum_});
    add_vector(step_, "pooling, backward", precision_, count_,
               samples_ * ((net_.last_values + net_.features + 2 * net_.pool_in + net_.pool_out) * value_),
               net_.pool_in > 0 ? 2 : 1);
    // Each block's gradient is written for the shortcut and added on the way back.
    if (net_.blocks > 0)
      add_vector(step_, "residual sum, backward", precision_, count_ * net_.blocks,
                 samples_ * (2 * net_.block_values / net_.blocks * value_), 0);
  }
  T head_values() const { return samples_ * ((net_.features + net_.classes) * value_); }

  void backward(const NetworkStage& stage) {
    begin(stage);
    for (const Passes& p : kPasses) add_passes(stage, p, p.backward_name, p.backward, 1, false);
    for (const Layer& l : stage.layers)
      if (!l.is_frozen) backward_layer(stage, l);
  }

  void backward_layer(const NetworkStage& stage, const Layer& l) {
    const double count = count_ * stage.steps * l.count;
    switch (l.type) {
      case LayerType::convolution:
      case LayerType::linear:
        if (!l.is_leaf) {
          // A strided layer's gradient has stride^2 as many pixels, each from 1/stride^2 as many weights.
          const double rows = l.positions * l.area() * l.groups;
          const double inner = static_cast<double>(l.out) / l.groups * l.taps / l.area();
          add(l, l.input_gradient, count, rows_ * rows, T(static_cast<double>(l.in) / l.groups), T(inner),
              Traffic<T>{T(l.weights() * weight_), rows_ * ((l.in_values() + l.out_values()) * value_)});
        }
        // Steps share their weights, so all of them are one product.
        add(l, l.weight_gradient, count_ * l.count, T(l.inner()), T(l.out),
            rows_ * (l.positions * stage.steps),
            Traffic<T>{T(0.0), rows_ * (stage.steps * (l.read_values() + l.out_values()) * value_) +
                                   l.weights() * sum_});
        return;
      case LayerType::attention:
        add_attention(l, l.input_gradient, count, 2.5, 1);  // flash attention
        return;
      case LayerType::norm:
        add_vector(step_, l.input_gradient, precision_, count, rows_ * (5 * l.out_values() * value_));
        return;
      case LayerType::pairs:  // of both factors, which are the same vectors
        add_product(step_, l.input_gradient, precision_, count, rows_ * static_cast<double>(l.positions),
                    T(l.in), T(2. * l.out), 1,
                    Traffic<T>{T(0.0), rows_ * ((2 * l.in_values() + l.out_values()) * value_)});
        return;
      case LayerType::elementwise:  // reads gradient and input, writes the input's gradient
        add_vector(step_, l.input_gradient, precision_, count,
                   rows_ * ((l.out_values() + 2 * l.in_values()) * value_));
        return;
      case LayerType::gather:  // reads the sums' gradients; reads and writes the rows and their states
        exchange("embedding all-to-all, backward", l, count);
        add_vector(step_, l.input_gradient, precision_, count,
                   rows_ * (l.out_values() * value_ +
                            static_cast<double>(l.in) * l.out * 2 * (kTableBytes + net_.table_state)));
        return;
    }
  }

  // Pooled rows go from the devices that have their tables to those that have their samples.
  void exchange(const char* name, const Layer& l, double count) {
    if (!train_ || net_.table_parameters == 0 || plan_.split.data <= 1) return;
    add_collective(step_, name, Channel::expert, Collective::all_to_all, precision_, count,
                   rows_ * (l.out_values() * value_), spread_over(plan_.split.data, plan_.scaleup_size));
  }

  // `times` the forward pass: 4 FLOP for each query, key and channel.
  void add_attention(const Layer& l, const char* name, double count, double times, double passes) {
    const Precision wide = at_least_16_bits(precision_);
    const double value = bytes_of(at_least_16_bits(plan_.activations));
    Operator<T>& op = add_operator(step_, name, OperatorKind::attention, wide, count);
    op.flops = rows_ * (times * 4 * l.out_values() * l.keys);
    // Backward 2.5 times as much is executed, as scores are made again; 2 are useful.
    op.useful_flops = op.flops * ((times > 1 ? 2 / times : 1) / passes);
    op.bytes = rows_ * (times * 2 * (l.out_values() + l.keys * l.out) * value);
    const double heads = static_cast<double>(l.out) / l.head_width;
    op.scores = rows_ * (heads * l.positions * l.keys);
    if (l.positions == 1) return;  // decodes
    op.tiles = rows_ * (heads * std::ceil(l.positions / kAttentionRows));
    op.tile_scores = T(std::min<double>(l.positions, kAttentionRows) * l.keys);
  }

  Operator<T>& add(const Layer& l, const char* name, double count, const T& m, const T& n, const T& k,
                   const Traffic<T>& traffic) {
    Operator<T>& op = add_product(step_, name, precision_, count, m, n, k, 1, traffic);
    if (l.type == LayerType::convolution) op.kind = OperatorKind::convolution;
    return op;
  }

  void update() {
    const TrainingBytes bytes = training_bytes(net_, plan_.weights);
    const double parameters = trained_parameters(net_);
    const double copies = plan_.split.data;
    add_vector(step_, "optimizer", arithmetic(plan_.weights, plan_.activations), 1,
               T(parameters * bytes.traffic / (plan_.zero_stage >= 1 ? copies : 1.0)));
    step_.state_bytes = training_state(bytes, parameters, copies, plan_.zero_stage) +
                        net_.table_parameters * net_.table_state / copies;
    add_data_collectives(plan_, step_, bytes, parameters, copies, spread_over(copies, plan_.scaleup_size),
                         count_, 1);
    // Recomputed: only the blocks' outputs are kept.
    const bool is_recomputed = plan_.recompute == Recompute::full && net_.blocks > 0;
    const double kept = is_recomputed ? net_.block_values + 2 * totals_.widest : totals_.kept_values;
    step_.activation_bytes = samples_ * (kept * bytes_of(plan_.activations));
  }

  const StepPlan& plan_;
  const Network& net_;
  const Totals totals_;
  const bool train_;
  Step<T>& step_;
  const double count_;  // of micro-batches
  const T samples_;
  const double passes_, sum_;
  // Of the stage that is lowered.
  T rows_{};
  Precision precision_ = Precision::fp16;
  double weight_ = 2, value_ = 2;
};

}  // namespace

double network_weights(const Network& net) {
  return totals_of(net).weights + net.head_weights();
}

double network_parameters(const Network& net) {
  return totals_of(net).parameters + net.head_weights() + net.classes + net.table_parameters;
}

int network_layers(const Network& net) {
  return static_cast<int>(totals_of(net).layers) + (net.features > 0 ? 1 : 0);
}

bool has_wide_layers(const Network& net) {
  return std::any_of(net.stages.begin(), net.stages.end(), [](const NetworkStage& stage) {
    return stage.is_wide || std::any_of(stage.layers.begin(), stage.layers.end(),
                                        [](const Layer& l) { return l.type == LayerType::attention; });
  });
}

void check_network_split(const StepPlan& plan) {
  const Parallelism& split = plan.split;
  const auto only_one = [&](const char* field, int value) {
    if (value != 1)
      throw Error(fmt::format("{} is {}, but {} is a {}, which is only split over data. Allowed: 1.", field,
                              value, plan.model->id, description_of(plan.model->kind)));
  };
  only_one("tp", split.tensor);
  only_one("pp", split.pipeline);
  only_one("ep", split.expert);
  only_one("interleave", split.interleave);
  if (plan.frozen_weights)
    throw Error(fmt::format("frozen_weights is set, but {} has no adapters.", plan.model->id));
}

double network_weight_bytes(const StepPlan& plan) {
  const Network& net = network_of(plan);
  if (plan.phase != Phase::train) {
    double wide = 0;
    for (const NetworkStage& stage : net.stages)
      for (const Layer& l : stage.layers) wide += stage.is_wide ? l.count * l.parameters() : 0;
    return (network_parameters(net) - wide) * bytes_of(plan.weights) +
           wide * bytes_of(at_least_16_bits(plan.weights));
  }
  const double copies = plan.split.data;
  const double dense = network_parameters(net) - net.table_parameters;
  const double bytes = dense * training_bytes(net, plan.weights).weight;
  return (plan.zero_stage == 3 ? bytes / copies : bytes) + net.table_parameters * kTableBytes / copies;
}

template <class T>
void lower_network(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step) {
  NetworkStep<T>(plan, load, micro_batches, step).lower();
}

template void lower_network(const StepPlan&, const StepLoad<double>&, double, Step<double>&);
template void lower_network(const StepPlan&, const StepLoad<Dual<3>>&, double, Step<Dual<3>>&);

}  // namespace ironlaw
