// Convolutional networks: their layers, and how they lower. Used by lowering.cpp and models.cpp.
#pragma once

#include <span>

#include "registry/lowering.hpp"

namespace ironlaw {

// Equal convolutions of a network.
struct Convolution {
  const char* name;
  const char* input_gradient;
  const char* weight_gradient;
  int in, out;  // channels; a depthwise one has as many of both, each of which it keeps to itself
  int taps;     // of the kernel: 9 for 3 x 3
  int stride;   // in both directions
  int pixels;   // of the output
  int count;
  bool is_depthwise = false;

  // Terms of the sum that one output value is.
  constexpr double inner() const { return is_depthwise ? taps : static_cast<double>(in) * taps; }
  constexpr double weights() const { return inner() * out; }
  constexpr double out_values() const { return static_cast<double>(pixels) * out; }
  // Of the input as far as the kernel steps over it, its padding included where it has any.
  constexpr double in_values() const { return static_cast<double>(pixels) * stride * stride * in; }
  // A strided 1x1 convolution skips the pixels between.
  constexpr double read_values() const { return taps == 1 ? in_values() / (stride * stride) : in_values(); }
};

// A network of convolutions, each with a norm, and average pooling and a classifier at its end.
struct Convnet {
  std::span<const Convolution> convolutions;
  double blocks = 0, block_values = 0;  // residual sums, and the values that all of them write for an image
  double pool_in = 0, pool_out = 0;     // values of a max pooling, if there is one
  double last_values = 0;               // that the average pooling reads
  double features = 0, classes = 0;     // of the classifier

  constexpr double head_weights() const { return features * classes; }
};

extern const Convnet kResNet50;            // v1.5, images of 224 x 224
extern const Convnet kDsCnn;               // keyword spotting, 49 x 10 features of a second of speech
extern const Convnet kMobileNetV1Quarter;  // visual wake words, a quarter of the channels, 96 x 96

double convnet_parameters(const Convnet& net);
double convnet_weights(const Convnet& net);  // without biases and norms
int convnet_layers(const Convnet& net);      // that have weights

// Throws Error for anything but data parallelism.
void check_convnet_split(const StepPlan& plan);

template <class T>
void lower_convnet(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step);

}  // namespace ironlaw
