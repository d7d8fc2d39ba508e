// Networks that are no plain transformer: a list of layers for each of their parts, and how it lowers. Used
// by lowering.cpp and the tables of models. They are split over data only.
#pragma once

#include <cstdint>
#include <span>

#include "registry/lowering.hpp"

namespace ironlaw {

enum class LayerType : std::uint8_t {
  convolution,
  linear,       // taps 1, stride 1
  attention,    // `in` = `out` = width of all heads; `positions` queries see `keys` positions each
  norm,         // over `out` channels, whose statistics need a pass of their own: group and instance norms
  pairs,        // products of all pairs of `positions` = `out` vectors of `in` numbers
  elementwise,  // reads `in` and writes `out` numbers a position
  gather        // reads `in` rows of `out` numbers from embedding tables, writes `positions` sums of them
};

// What runs over the output of a convolution. Inference folds the first three into it.
enum class After : std::uint8_t {
  batch_norm,  // its statistics, and a cut-off
  activation,  // a cut-off, or a norm whose statistics are frozen, which is a scale
  nothing,
  norm  // of each instance
};

// Equal layers of a network.
struct Layer {
  const char* name = "";
  const char* input_gradient = "";
  const char* weight_gradient = "";
  int in = 0, out = 0;  // channels
  int taps = 1;         // of the kernel: 9 for 3 x 3
  int stride = 1;       // in all directions
  int positions = 1;    // of the output: pixels, voxels, tokens
  double count = 1;
  int groups = 1;  // that keep to themselves; a depthwise convolution has as many as channels
  LayerType type = LayerType::convolution;
  After after = After::batch_norm;
  double per_channel = 2;  // parameters beside the weights: of a norm 2, a bias 1
  int dimensions = 2;      // that the stride applies to
  bool is_frozen = false;  // not trained, and nothing below it either: forward only
  bool is_leaf = false;    // nothing asks for its input's gradient
  double keys = 0;
  int head_width = 64;  // of attention

  constexpr bool is_product() const { return type == LayerType::convolution || type == LayerType::linear; }
  // Input positions for each output position.
  constexpr double area() const {
    double pixels = 1;
    for (int i = 0; i < dimensions; ++i) pixels *= stride;
    return pixels;
  }
  // Terms of the sum that one output value is.
  constexpr double inner() const { return static_cast<double>(in) / groups * taps; }
  constexpr double weights() const { return is_product() ? inner() * out : 0; }
  constexpr double parameters() const { return weights() + per_channel * out; }
  constexpr double out_values() const { return static_cast<double>(positions) * out; }
  // Of the input as far as the kernel steps over it, its padding included where it has any.
  constexpr double in_values() const { return positions * area() * in; }
  // A strided 1x1 convolution skips the pixels between.
  constexpr double read_values() const { return taps == 1 ? in_values() / area() : in_values(); }
};

// A part of a network that runs as a whole.
struct NetworkStage {
  std::span<const Layer> layers;
  double rows = 1;         // passes of a sample side by side: windows of a volume, both halves of guidance
  double steps = 1;        // passes one after the other, each of which reads the weights again
  bool is_frozen = false;  // not trained: forward only
  bool is_wide = false;    // stays at 16 bits when the products of the others are narrower
};

struct Network {
  std::span<const NetworkStage> stages;
  // Of a classifier.
  double blocks = 0, block_values = 0;  // residual sums, and the values that all of them write for an image
  double pool_in = 0, pool_out = 0;     // values of a max pooling, if there is one
  double last_values = 0;               // that the average pooling reads
  double features = 0, classes = 0;     // of the classifier
  // Embedding tables: in training every device has its share of them, and pooled rows travel.
  double table_parameters = 0;
  double table_state = 0;  // [B] of the optimizer, a parameter: Adagrad 4, plain SGD 0
  bool is_adam = false;    // else SGD with momentum
  double loss_values = 0;  // logits of a sample's loss in training, in fp32

  constexpr double head_weights() const { return features * classes; }
};

extern const Network kResNet50;            // v1.5, images of 224 x 224
extern const Network kDsCnn;               // keyword spotting, 49 x 10 features of a second of speech
extern const Network kMobileNetV1Quarter;  // visual wake words, a quarter of the channels, 96 x 96
extern const Network kRetinaNet, kMaskRcnn, kSsdResNet34300, kSsdResNet341200, kSsdMobileNet;
extern const Network k3dUnet, k3dUnetTraining;  // windows of a case; a crop
extern const Network kSdxl, kSdxlTraining, kSd2, kSd2Training, kFlux, kFluxTraining;
extern const Network kDlrm, kDlrmTraining, kDlrmV2, kDlrmV2Training;  // a query; a pair
extern const Network kRnnt, kRnntTraining;                            // a short utterance; a training one
extern const Network kGnmt;                                           // a pair of sentences
extern const Network kWhisper;                                        // 30 seconds

std::span<const ModelSpec> network_models();

double network_parameters(const Network& net);
double network_weights(const Network& net);  // without biases, norms and embedding tables
int network_layers(const Network& net);      // that have weights
bool has_wide_layers(const Network& net);    // some products stay at 16 bits
// Of a recommender: pairs of user and item in a query, in which its software states batch sizes.
inline double pairs_of_query(const Network& net) {
  return net.stages.front().rows;
}

// Throws Error for anything but data parallelism.
void check_network_split(const StepPlan& plan);

// [B] of weights on one device.
double network_weight_bytes(const StepPlan& plan);

template <class T>
void lower_network(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step);

}  // namespace ironlaw
