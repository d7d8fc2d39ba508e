// What every kind of model shares when it writes operators.
#pragma once

#include <algorithm>
#include <cmath>

#include "ironlaw/dual.hpp"
#include "registry/lowering.hpp"

namespace ironlaw {

// Residual stream, norms, vocabulary layers and everything summed over ranks stay at 16 bits (or more) when
// products run at 8 or 4: that is what quantisers (ModelOpt, Transformer Engine) leave alone.
inline Precision at_least_16_bits(Precision precision) {
  if (bytes_of(precision) >= 2) return precision;
  const bool integer = precision == Precision::int8 || precision == Precision::int4;
  return integer ? Precision::fp16 : Precision::bf16;  // chips with int8 may lack bf16, those with fp8 do not
}

// Of a product of the two: the wider one; among equals that of the activations.
inline Precision arithmetic(Precision weights, Precision activations) {
  return bytes_of(weights) > bytes_of(activations) ? weights : activations;
}

// Bytes of one stored number in a product.
struct ProductBytes {
  double weight, input, output;
};

// Ranks of a collective by scale-up domain; inside x across = ranks, also where they do not divide.
struct Spread {
  double inside = 1, across = 1;
};
inline Spread spread_over(double ranks, double most_inside) {
  const double across = std::ceil(ranks / std::clamp(most_inside, 1.0, ranks));
  return {ranks / across, across};
}

template <class T>
Operator<T>& add_operator(Step<T>& step, const char* name, OperatorKind kind, Precision precision,
                          double count) {
  Operator<T>& op = step.operators.emplace_back();
  op.name = name;
  op.kind = kind;
  op.precision = precision;
  op.count = count;
  return op;
}

// What a product moves: the model's weights, and its input and output (and, of weights, their gradient).
template <class T>
struct Traffic {
  T weights, values;
};

// C[m,n] = A[m,k] B[k,n]: 2mnk FLOPs, of which the share `useful` is.
template <class T>
Operator<T>& add_product(Step<T>& step, const char* name, Precision precision, double count, const T& m,
                         const T& n, const T& k, double useful, const Traffic<T>& traffic) {
  Operator<T>& op = add_operator(step, name, OperatorKind::matmul, precision, count);
  op.m = m;
  op.n = n;
  op.k = k;
  op.flops = 2.0 * m * n * k;
  op.useful_flops = op.flops * useful;
  op.bytes = traffic.weights + traffic.values;
  op.weight_bytes = traffic.weights;
  return op;
}

// Element-wise work: bytes only. By convention model FLOPs count products, and a vector unit is never the
// bound.
template <class T>
Operator<T>& add_vector(Step<T>& step, const char* name, Precision precision, double count, const T& bytes,
                        double launches = 1) {
  Operator<T>& op = add_operator(step, name, OperatorKind::vector, precision, count);
  op.bytes = bytes;
  op.launches = launches;
  return op;
}

template <class T>
Operator<T>& add_collective(Step<T>& step, const char* name, Channel channel, Collective collective,
                            Precision precision, double count, const T& message, const Spread& spread) {
  Operator<T>& op = add_operator(step, name, OperatorKind::collective, precision, count);
  op.channel = channel;
  op.collective = collective;
  op.message_bytes = message;
  op.ranks_inside = spread.inside;
  op.ranks_across = spread.across;
  return op;
}

// Mixed-precision training, bytes of one parameter on a device. Gradients are summed in fp32. Adam keeps a
// master copy and two moments in fp32; at fp32 or tf32 the weights are the master copy.
struct TrainingBytes {
  double weight;     // stored: 16 bits, also under fp8 products, whose 8-bit copies are made on the fly
  double gradient;   // sent over the network
  double optimizer;  // states: Adam 12 (8 without a separate master copy), momentum SGD 8 (4)
  double traffic;    // of one update
};
inline constexpr double kGradientBytes = 4;
inline TrainingBytes adam_bytes(Precision weights) {
  const double stored = std::max(2.0, bytes_of(weights));
  if (stored >= 4) return {stored, stored, 8, 16 + 12};  // reads g, w, m, v; writes w, m, v
  return {stored, stored, 12, 16 + 12 + stored};         // and writes the 16-bit copy: 30
}
inline TrainingBytes momentum_bytes(Precision weights) {
  const double stored = std::max(2.0, bytes_of(weights));
  if (stored >= 4) return {stored, stored, 4, 12 + 8};  // reads g, w, m; writes w, m
  return {stored, stored, 8, 12 + 8 + stored};          // 22
}

// Gradients and optimizer states on a device that holds `parameters`, shared by `copies` ranks.
inline double training_state(const TrainingBytes& bytes, double parameters, double copies, int zero_stage) {
  const double gradients = zero_stage >= 2 ? kGradientBytes / copies : kGradientBytes;
  const double optimizer = zero_stage >= 1 ? bytes.optimizer / copies : bytes.optimizer;
  return parameters * (gradients + optimizer);
}

// Share of the node time that is backward when forward costs 1, backward 2 (1 without weight gradients) and a
// full recomputation, which runs inside the backward pass, 1.
inline double backward_share(const StepPlan& plan) {
  if (plan.phase != Phase::train) return 0;
  const double backward = (plan.frozen_weights ? 1 : 2) + (plan.recompute == Recompute::full ? 1 : 0);
  return backward / (1 + backward);
}

// Gradients (and, with sharded states, weights) over `copies` data-parallel ranks that hold the same
// `parameters`. zero 0: all-reduce. 1: reduce-scatter of the gradients and all-gather of the new weights,
// once a step. 2: the reduce-scatter in every micro-batch. 3: also an all-gather of the weights, `pieces` at
// a time, before the forward and before the backward pass of every micro-batch, and none after the update. A
// gather's message is the whole buffer.
template <class T>
void add_data_collectives(const StepPlan& plan, Step<T>& step, const TrainingBytes& bytes, double parameters,
                          double copies, const Spread& spread, double micro_batches, double pieces) {
  if (copies <= 1) return;
  const Precision precision = at_least_16_bits(plan.weights);
  const T gradients(parameters * bytes.gradient);
  const T weights(parameters * bytes.weight);
  if (!plan.frozen_weights) {
    if (plan.zero_stage == 0)
      add_collective(step, "gradient all-reduce", Channel::data, Collective::all_reduce, precision, 1,
                     gradients, spread);
    else
      add_collective(step, "gradient reduce-scatter", Channel::data, Collective::gather, precision,
                     plan.zero_stage >= 2 ? micro_batches : 1.0, gradients, spread);
    if (plan.zero_stage == 1 || plan.zero_stage == 2)
      add_collective(step, "weight all-gather", Channel::data, Collective::gather, precision, 1, weights,
                     spread);
  }
  if (plan.zero_stage == 3)
    add_collective(step, "weight all-gather", Channel::data, Collective::gather, precision,
                   2 * micro_batches * pieces, T(parameters * bytes.weight / pieces), spread);
}

}  // namespace ironlaw
