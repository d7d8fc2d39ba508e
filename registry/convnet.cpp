#include "registry/convnet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "framework/base/error.hpp"
#include "registry/emit.hpp"

namespace ironlaw {
namespace {

// Equal convolutions of the network. Square images and kernels.
struct Convolution {
  const char* name;
  const char* input_gradient;
  const char* weight_gradient;
  int in, out;  // channels
  int kernel, stride;
  int size;  // of the output, pixels a side
  int count;
  constexpr double weights() const { return static_cast<double>(in) * out * kernel * kernel; }
  constexpr double out_values() const { return static_cast<double>(size) * size * out; }
  constexpr double in_values() const { return static_cast<double>(size) * size * stride * stride * in; }
  // A strided 1x1 convolution skips the pixels between.
  constexpr double read_values() const { return kernel == 1 ? in_values() / (stride * stride) : in_values(); }
};

#define CONVOLUTION(name) name, name ", input gradient", name ", weight gradient"
// ResNet-50 v1.5: the 3x3 convolution of the first block of a stage has the stride, so its 1x1 runs at full
// size.
constexpr std::array<Convolution, 23> kConvolutions{{
    {CONVOLUTION("stem 7x7"), 3, 64, 7, 2, 112, 1},
    {CONVOLUTION("stage 1, first 1x1"), 64, 64, 1, 1, 56, 1},
    {CONVOLUTION("stage 1, reduce 1x1"), 256, 64, 1, 1, 56, 2},
    {CONVOLUTION("stage 1, 3x3"), 64, 64, 3, 1, 56, 3},
    {CONVOLUTION("stage 1, expand 1x1"), 64, 256, 1, 1, 56, 4},  // three blocks and the shortcut
    {CONVOLUTION("stage 2, first 1x1"), 256, 128, 1, 1, 56, 1},
    {CONVOLUTION("stage 2, first 3x3"), 128, 128, 3, 2, 28, 1},
    {CONVOLUTION("stage 2, shortcut"), 256, 512, 1, 2, 28, 1},
    {CONVOLUTION("stage 2, reduce 1x1"), 512, 128, 1, 1, 28, 3},
    {CONVOLUTION("stage 2, 3x3"), 128, 128, 3, 1, 28, 3},
    {CONVOLUTION("stage 2, expand 1x1"), 128, 512, 1, 1, 28, 4},
    {CONVOLUTION("stage 3, first 1x1"), 512, 256, 1, 1, 28, 1},
    {CONVOLUTION("stage 3, first 3x3"), 256, 256, 3, 2, 14, 1},
    {CONVOLUTION("stage 3, shortcut"), 512, 1024, 1, 2, 14, 1},
    {CONVOLUTION("stage 3, reduce 1x1"), 1024, 256, 1, 1, 14, 5},
    {CONVOLUTION("stage 3, 3x3"), 256, 256, 3, 1, 14, 5},
    {CONVOLUTION("stage 3, expand 1x1"), 256, 1024, 1, 1, 14, 6},
    {CONVOLUTION("stage 4, first 1x1"), 1024, 512, 1, 1, 14, 1},
    {CONVOLUTION("stage 4, first 3x3"), 512, 512, 3, 2, 7, 1},
    {CONVOLUTION("stage 4, shortcut"), 1024, 2048, 1, 2, 7, 1},
    {CONVOLUTION("stage 4, reduce 1x1"), 2048, 512, 1, 1, 7, 2},
    {CONVOLUTION("stage 4, 3x3"), 512, 512, 3, 1, 7, 2},
    {CONVOLUTION("stage 4, expand 1x1"), 512, 2048, 1, 1, 7, 3},
}};
#undef CONVOLUTION

constexpr double kClasses = 1000;
constexpr double kFeatures = 2048;

struct Totals {
  double convolutions = 0;  // how many
  double weights = 0;
  double channels = 0;    // of all norms: a scale and a shift each
  double out_values = 0;  // of all convolutions, an image
  double widest = 0;      // input and output of one convolution, an image
};

constexpr Totals totals() {
  Totals t;
  for (const Convolution& c : kConvolutions) {
    t.convolutions += c.count;
    t.weights += c.count * c.weights();
    t.channels += static_cast<double>(c.count) * c.out;
    t.out_values += c.count * c.out_values();
    t.widest = std::max(t.widest, c.in_values() + c.out_values());
  }
  return t;
}
constexpr Totals kTotals = totals();

// The sixteen residual sums: 3, 4, 6 and 3 blocks.
constexpr double kBlocks = 16;
constexpr double kBlockValues =
    3 * 56. * 56 * 256 + 4 * 28. * 28 * 512 + 6 * 14. * 14 * 1024 + 3 * 7. * 7 * 2048;
constexpr double kPoolIn = 112. * 112 * 64;
constexpr double kPoolOut = 56. * 56 * 64;
constexpr double kLastValues = 7. * 7 * kFeatures;

template <class T>
void add_convolution(Step<T>& step, const char* name, Precision precision, double count, const T& m,
                     const T& n, const T& k, const Traffic<T>& traffic) {
  add_product(step, name, precision, count, m, n, k, 1, traffic).kind = OperatorKind::convolution;
}

}  // namespace

double convnet_weights() {
  return kTotals.weights + kFeatures * kClasses;
}

double convnet_parameters() {
  return convnet_weights() + 2 * kTotals.channels + kClasses;
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
  const bool train = plan.phase == Phase::train;
  const Precision precision = arithmetic(plan.weights, plan.activations);
  const double weight = bytes_of(plan.weights);
  const double value = bytes_of(plan.activations);
  const double count = micro_batches;
  const T images = load.requests / micro_batches;
  // A full recomputation repeats the forward pass: twice the count, half as useful.
  const double passes = train && plan.recompute == Recompute::full ? 2 : 1;
  step.operators.reserve(96);

  for (const Convolution& c : kConvolutions) {
    const T pixels = images * (static_cast<double>(c.size) * c.size);
    const double inner = static_cast<double>(c.in) * c.kernel * c.kernel;
    add_convolution(
        step, c.name, precision, passes * count * c.count, pixels, T(c.out), T(inner),
        Traffic<T>{T(c.weights() * weight), images * ((c.read_values() + c.out_values()) * value)});
    step.operators.back().useful_flops = step.operators.back().flops * (1 / passes);
  }
  if (train) {
    // Statistics over the output, then normalise and cut off: reads it twice, writes it once. All layers as
    // one operator of their mean size: what only moves bytes adds up.
    const T each = images * (kTotals.out_values / kTotals.convolutions * value);
    add_vector(step, "batch norm and relu", precision, passes * count * kTotals.convolutions, 3.0 * each);
  }
  // The sum itself is fused into the norm or the last product of its block: what is left is the shortcut's
  // read.
  add_vector(step, "residual sum", precision, passes * count * kBlocks,
             images * (kBlockValues / kBlocks * value), 0);
  add_vector(step, "max pooling", precision, passes * count, images * ((kPoolIn + kPoolOut) * value));
  add_vector(step, "average pooling", precision, passes * count,
             images * ((kLastValues + kFeatures) * value));
  const double head_weights = kFeatures * kClasses;
  add_product(step, "classifier", precision, passes * count, images, T(kClasses), T(kFeatures), 1 / passes,
              Traffic<T>{T(head_weights * weight), images * ((kFeatures + kClasses) * value)});

  if (!train) {
    step.activation_bytes = images * (kTotals.widest * value);
    return;
  }

  const double sum = micro_batches > 1 ? 2 * kGradientBytes : kGradientBytes;  // gradients are summed in fp32
  add_product(step, "classifier, input gradient", precision, count, images, T(kFeatures), T(kClasses), 1,
              Traffic<T>{T(head_weights * weight), images * ((kFeatures + kClasses) * value)});
  add_product(step, "classifier, weight gradient", precision, count, T(kFeatures), T(kClasses), images, 1,
              Traffic<T>{T(0.0), images * ((kFeatures + kClasses) * value) + head_weights * sum});
  add_vector(step, "pooling, backward", precision, count,
             images * ((kLastValues + kFeatures + 2 * kPoolIn + kPoolOut) * value), 2);
  // Each block's gradient is written for the shortcut and added on the way back.
  add_vector(step, "residual sum, backward", precision, count * kBlocks,
             images * (2 * kBlockValues / kBlocks * value), 0);
  // Sums over gradient and input, then the gradient itself: reads both twice, writes once.
  add_vector(step, "batch norm and relu, backward", precision, count * kTotals.convolutions,
             images * (5 * kTotals.out_values / kTotals.convolutions * value));
  for (const Convolution& c : kConvolutions) {
    const double inner = static_cast<double>(c.in) * c.kernel * c.kernel;
    const double moved = (c.read_values() + c.out_values()) * value;
    if (&c != kConvolutions.data()) {  // nothing asks for the gradient of the image
      // A strided layer's gradient has stride^2 as many pixels, each from 1/stride^2 as many weights.
      const double area = static_cast<double>(c.stride) * c.stride;
      add_convolution(
          step, c.input_gradient, precision, count * c.count,
          images * (static_cast<double>(c.size) * c.size * area), T(c.in),
          T(static_cast<double>(c.out) * c.kernel * c.kernel / area),
          Traffic<T>{T(c.weights() * weight), images * ((c.in_values() + c.out_values()) * value)});
    }
    add_convolution(step, c.weight_gradient, precision, count * c.count, T(inner), T(c.out),
                    images * (static_cast<double>(c.size) * c.size),
                    Traffic<T>{T(0.0), images * moved + c.weights() * sum});
  }

  const TrainingBytes bytes = momentum_bytes(plan.weights);
  const double parameters = convnet_parameters();
  const double copies = plan.split.data;
  add_vector(step, "optimizer", precision, 1,
             T(parameters * bytes.traffic / (plan.zero_stage >= 1 ? copies : 1.0)));
  step.state_bytes = training_state(bytes, parameters, copies, plan.zero_stage);
  add_data_collectives(plan, step, bytes, parameters, copies, spread_over(copies, plan.scaleup_size),
                       micro_batches, 1);
  // Kept for the backward pass: every convolution's output and its normed form; recomputed: the blocks'
  // outputs.
  step.activation_bytes = images * ((plan.recompute == Recompute::full ? kBlockValues + 2 * kTotals.widest
                                                                       : 2 * kTotals.out_values) *
                                    value);
}

template void lower_convnet(const StepPlan&, const StepLoad<double>&, double, Step<double>&);
template void lower_convnet(const StepPlan&, const StepLoad<Dual<3>>&, double, Step<Dual<3>>&);

}  // namespace ironlaw
