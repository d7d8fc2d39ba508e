// What the parts of a transformer's step share: sizes, precisions, and a weight matrix in all its products.
#pragma once

#include "registry/emit.hpp"
#include "registry/transformer_shape.hpp"

namespace ironlaw {

// A product in all its forms.
struct Linear {
  const char* forward;
  const char* input_gradient;
  const char* weight_gradient;
  double n, k;
  double useful;  // of its FLOPs: less than 1 where ranks repeat each other's work or columns are padding
  ProductBytes bytes;
  double inputs = k;  // numbers read for a row: more than k where heads multiply each their own
};

// Of one device of the slowest stage and one micro-batch, but for the lengths.
template <class T>
struct StepContext {
  StepContext(const StepPlan& step_plan, const StepLoad<T>& load, double step_micro_batches, Step<T>& lowered)
      : plan(step_plan),
        shape(plan.model->shape),
        encoder(plan.model->kind == ModelKind::encoder),
        train(plan.phase == Phase::train),
        w(widths_of(shape, plan.split, plan.phase)),
        step(lowered),
        micro_batches(step_micro_batches),
        // A context rank has its part of every sequence: as much work as that share of the sequences.
        sequences(load.requests / (micro_batches * plan.split.context)),
        new_tokens(load.tokens),
        context(load.context),
        tokens(sequences * load.tokens) {
    tensor = plan.split.tensor;
    stage_layers = layers_of_stage(shape, plan.split);
    layer_count = stage_layers * micro_batches;
    layer_useful = static_cast<double>(shape.layers) / (plan.split.pipeline * stage_layers);
    edge_count = micro_batches / plan.split.pipeline;
    product = arithmetic(plan.weights, plan.activations);
    wide = at_least_16_bits(product);
    weight = bytes_of(plan.weights);
    narrow = bytes_of(plan.activations);
    stream = bytes_of(at_least_16_bits(plan.activations));
    table = bytes_of(at_least_16_bits(plan.weights));
    // Megatron's sequence parallelism: what is not sharded by columns is sharded by positions. Serving
    // engines repeat it on every rank.
    local_tokens = train ? tokens / tensor : tokens;
  }

  const StepPlan& plan;
  const TransformerShape& shape;
  const bool encoder, train;
  const Widths w;
  Step<T>& step;
  const double micro_batches;
  const T sequences, new_tokens, context, tokens;
  T local_tokens;
  double tensor = 1, stage_layers = 1, layer_count = 1, layer_useful = 1, edge_count = 1;
  Precision product = Precision::fp16, wide = Precision::fp16;
  double weight = 2, narrow = 2, stream = 2, table = 2;

  ProductBytes layer_bytes() const { return {weight, narrow, stream}; }
  ProductBytes wide_bytes() const { return {table, stream, stream}; }

  // Residual sum and norm in one kernel: reads stream and branch, writes stream and the product's input.
  T norm_bytes() const { return local_tokens * (w.hidden * (3 * stream + narrow)); }
  // Reads the gradient, the residual's gradient and the input, writes the sum.
  T norm_backward_bytes() const { return local_tokens * (w.hidden * 4 * stream); }

  void vector(const char* name, double count, const T& bytes, double launches = 1) {
    add_vector(step, name, wide, count, bytes, launches);
  }

  Operator<T>& forward(const Linear& linear, double count, double useful, const T& m, const T& matrices) {
    return add_product(step, linear.forward, precision_of(linear), count, m, T(linear.n), T(linear.k),
                       useful * linear.useful,
                       Traffic<T>{matrices * (linear.n * linear.k * linear.bytes.weight),
                                  m * (linear.inputs * linear.bytes.input + linear.n * linear.bytes.output)});
  }

  // dX = dY W^T and dW = X^T dY; the weight gradient is summed in fp32 over the micro-batches.
  void backward(const Linear& linear, double count, double useful, const T& m, const T& matrices) {
    const double size = linear.n * linear.k;
    add_product(step, linear.input_gradient, precision_of(linear), count, m, T(linear.k), T(linear.n),
                useful * linear.useful,
                Traffic<T>{matrices * (size * linear.bytes.weight),
                           m * (linear.n * linear.bytes.output + linear.k * stream)});
    if (plan.frozen_weights) return;
    const double accumulate = micro_batches > 1 ? 2 * kGradientBytes : kGradientBytes;
    add_product(step, linear.weight_gradient, precision_of(linear), count, T(linear.k), T(linear.n), m,
                useful * linear.useful,
                Traffic<T>{T(0.0), matrices * (size * accumulate) +
                                       m * (linear.k * linear.bytes.input + linear.n * linear.bytes.output)});
  }

 private:
  Precision precision_of(const Linear& linear) const { return linear.bytes.weight > weight ? wide : product; }
};

}  // namespace ironlaw
