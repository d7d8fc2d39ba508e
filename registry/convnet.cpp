#include "registry/convnet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "registry/emit.hpp"

namespace ironlaw {
namespace {

struct Totals {
  double convolutions = 0;  // how many
  double weights = 0;
  double channels = 0;    // of all norms: a scale and a shift each
  double out_values = 0;  // of all convolutions, an image
  double widest = 0;      // input and output of one convolution, an image
};

Totals totals_of(const Convnet& net) {
  Totals t;
  for (const Convolution& c : net.convolutions) {
    t.convolutions += c.count;
    t.weights += c.count * c.weights();
    t.channels += static_cast<double>(c.count) * c.out;
    t.out_values += c.count * c.out_values();
    t.widest = std::max(t.widest, c.in_values() + c.out_values());
  }
  return t;
}

template <class T>
void add_convolution(Step<T>& step, const char* name, Precision precision, double count, const T& m,
                     const T& n, const T& k, const Traffic<T>& traffic) {
  add_product(step, name, precision, count, m, n, k, 1, traffic).kind = OperatorKind::convolution;
}

}  // namespace

double convnet_weights(const Convnet& net) {
  return totals_of(net).weights + net.head_weights();
}

double convnet_parameters(const Convnet& net) {
  return convnet_weights(net) + 2 * totals_of(net).channels + net.classes;
}

int convnet_layers(const Convnet& net) {
  int layers = 1;  // the classifier
  for (const Convolution& c : net.convolutions) layers += c.count;
  return layers;
}

void check_convnet_split(const StepPlan& plan) {
  const Parallelism& split = plan.split;
  const auto only_one = [&](const char* field, int value) {
    if (value != 1)
      throw Error(fmt::format(
          "{} is {}, but {} is a convolutional network, which is only split over data. Allowed: 1.", field,
          value, plan.model->id));
  };
  only_one("tp", split.tensor);
  only_one("pp", split.pipeline);
  only_one("ep", split.expert);
  only_one("interleave", split.interleave);
  if (plan.frozen_weights)
    throw Error(fmt::format("frozen_weights is set, but {} has no adapters.", plan.model->id));
}

template <class T>
void lower_convnet(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step) {
  const Convnet& net = *plan.model->network;
  const Totals totals = totals_of(net);
  const bool train = plan.phase == Phase::train;
  const Precision precision = arithmetic(plan.weights, plan.activations);
  const double weight = bytes_of(plan.weights);
  const double value = bytes_of(plan.activations);
  const double count = micro_batches;
  const T images = load.requests / micro_batches;
  // A full recomputation repeats the forward pass: twice the count, half as useful.
  const double passes = train && plan.recompute == Recompute::full ? 2 : 1;
  step.operators.reserve(96);

  for (const Convolution& c : net.convolutions) {
    // A depthwise convolution is a product with one column for every channel; their rows are counted
    // together.
    const double rows = static_cast<double>(c.pixels) * (c.is_depthwise ? c.out : 1);
    add_convolution(
        step, c.name, precision, passes * count * c.count, images * rows, T(c.is_depthwise ? 1.0 : c.out),
        T(c.inner()),
        Traffic<T>{T(c.weights() * weight), images * ((c.read_values() + c.out_values()) * value)});
    step.operators.back().useful_flops = step.operators.back().flops * (1 / passes);
  }
  if (train) {
    // Statistics over the output, then normalise and cut off: reads it twice, writes it once. All layers as
    // one operator of their mean size: what only moves bytes adds up.
    const T each = images * (totals.out_values / totals.convolutions * value);
    add_vector(step, "batch norm and relu", precision, passes * count * totals.convolutions, 3.0 * each);
  }
  // The sum itself is fused into the norm or the last product of its block: what is left is the shortcut's
  // read.
  if (net.blocks > 0)
    add_vector(step, "residual sum", precision, passes * count * net.blocks,
               images * (net.block_values / net.blocks * value), 0);
  if (net.pool_in > 0)
    add_vector(step, "max pooling", precision, passes * count,
               images * ((net.pool_in + net.pool_out) * value));
  add_vector(step, "average pooling", precision, passes * count,
             images * ((net.last_values + net.features) * value));
  const T head_values = images * ((net.features + net.classes) * value);
  add_product(step, "classifier", precision, passes * count, images, T(net.classes), T(net.features),
              1 / passes, Traffic<T>{T(net.head_weights() * weight), head_values});

  if (!train) {
    step.activation_bytes = images * (totals.widest * value);
    return;
  }

  const double sum = micro_batches > 1 ? 2 * kGradientBytes : kGradientBytes;  // gradients are summed in fp32
  add_product(step, "classifier, input gradient", precision, count, images, T(net.features), T(net.classes),
              1, Traffic<T>{T(net.head_weights() * weight), head_values});
  add_product(step, "classifier, weight gradient", precision, count, T(net.features), T(net.classes), images,
              1, Traffic<T>{T(0.0), head_values + net.head_weights() * sum});
  add_vector(step, "pooling, backward", precision, count,
             images * ((net.last_values + net.features + 2 * net.pool_in + net.pool_out) * value),
             net.pool_in > 0 ? 2 : 1);
  // Each block's gradient is written for the shortcut and added on the way back.
  if (net.blocks > 0)
    add_vector(step, "residual sum, backward", precision, count * net.blocks,
               images * (2 * net.block_values / net.blocks * value), 0);
  // Sums over gradient and input, then the gradient itself: reads both twice, writes once.
  add_vector(step, "batch norm and relu, backward", precision, count * totals.convolutions,
             images * (5 * totals.out_values / totals.convolutions * value));
  for (const Convolution& c : net.convolutions) {
    const double moved = (c.read_values() + c.out_values()) * value;
    if (&c != net.convolutions.data()) {  // nothing asks for the gradient of the image
      // A strided layer's gradient has stride^2 as many pixels, each from 1/stride^2 as many weights.
      const double area = static_cast<double>(c.stride) * c.stride;
      const double rows = static_cast<double>(c.pixels) * area * (c.is_depthwise ? c.in : 1);
      const double inner = static_cast<double>(c.is_depthwise ? 1 : c.out) * c.taps / area;
      add_convolution(
          step, c.input_gradient, precision, count * c.count, images * rows, T(c.is_depthwise ? 1.0 : c.in),
          T(inner), Traffic<T>{T(c.weights() * weight), images * ((c.in_values() + c.out_values()) * value)});
    }
    add_convolution(step, c.weight_gradient, precision, count * c.count, T(c.inner()), T(c.out),
                    images * static_cast<double>(c.pixels),
                    Traffic<T>{T(0.0), images * moved + c.weights() * sum});
  }

  const TrainingBytes bytes = momentum_bytes(plan.weights);
  const double parameters = convnet_parameters(net);
  const double copies = plan.split.data;
  add_vector(step, "optimizer", precision, 1,
             T(parameters * bytes.traffic / (plan.zero_stage >= 1 ? copies : 1.0)));
  step.state_bytes = training_state(bytes, parameters, copies, plan.zero_stage);
  add_data_collectives(plan, step, bytes, parameters, copies, spread_over(copies, plan.scaleup_size),
                       micro_batches, 1);
  // Kept for the backward pass: every convolution's output and its normed form; recomputed: the blocks'
  // outputs.
  const bool is_recomputed = plan.recompute == Recompute::full && net.blocks > 0;
  const double kept = is_recomputed ? net.block_values + 2 * totals.widest : 2 * totals.out_values;
  step.activation_bytes = images * (kept * value);
}

template void lower_convnet(const StepPlan&, const StepLoad<double>&, double, Step<double>&);
template void lower_convnet(const StepPlan&, const StepLoad<Dual<3>>&, double, Step<Dual<3>>&);

}  // namespace ironlaw
