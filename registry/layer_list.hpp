// Builds the layers of a network at compile time. Used by the tables of models.
#pragma once

#include <array>
#include <string_view>

#include "registry/network.hpp"

namespace ironlaw {

struct LayerName {
  const char *forward, *input_gradient, *weight_gradient;
};
#define IRONLAW_LAYER(name)                                 \
  ironlaw::LayerName {                                      \
    name, name ", input gradient", name ", weight gradient" \
  }

constexpr Layer named(LayerName name, Layer layer) {
  layer.name = name.forward;
  layer.input_gradient = name.input_gradient;
  layer.weight_gradient = name.weight_gradient;
  return layer;
}

// Room for kMost different layers; equal ones are counted.
template <std::size_t kMost>
struct LayerList {
  std::array<Layer, kMost> items{};
  std::size_t size = 0;

  constexpr std::span<const Layer> span() const { return {items.data(), size}; }

  constexpr void add(LayerName name, const Layer& shape) {
    const Layer layer = named(name, shape);
    for (std::size_t i = 0; i < size; ++i)
      if (is_same(items[i], layer)) {
        items[i].count += layer.count;
        return;
      }
    items[size++] = layer;  // one too many does not compile
  }

  // A square convolution of a picture.
  constexpr void convolution(LayerName name, int in, int out, int kernel, int stride, int positions,
                             Layer more = {}) {
    more.in = in;
    more.out = out;
    more.taps = kernel * kernel;
    more.stride = stride;
    more.positions = positions;
    add(name, more);
  }

  // With a bias, unless `per_channel` is 0.
  constexpr void linear(LayerName name, int in, int out, int positions, double count = 1,
                        double per_channel = 1) {
    add(name, {.in = in,
               .out = out,
               .positions = positions,
               .count = count,
               .type = LayerType::linear,
               .per_channel = per_channel});
  }

  // Heads of 64 channels, as nearly all of these networks have.
  constexpr void attention(LayerName name, int width, int queries, double keys, double count = 1,
                           int head_width = 64) {
    add(name, {.in = width,
               .out = width,
               .positions = queries,
               .count = count,
               .type = LayerType::attention,
               .per_channel = 0,
               .keys = keys,
               .head_width = head_width});
  }

  // Reads `in` and writes `out` numbers a position.
  constexpr void elementwise(LayerName name, int in, int out, int positions, double count = 1,
                             double per_channel = 0) {
    add(name, {.in = in,
               .out = out,
               .positions = positions,
               .count = count,
               .type = LayerType::elementwise,
               .per_channel = per_channel});
  }

  // Residual sum and norm in one kernel: reads stream and branch, writes stream and the product's input.
  constexpr void residual_norm(int width, int positions, double count) {
    elementwise(IRONLAW_LAYER("residual and norm"), 2 * width, 2 * width, positions, count, 1);
  }

  constexpr void group_norm(int channels, int positions) {
    add(IRONLAW_LAYER("group norm"),
        {.in = channels, .out = channels, .positions = positions, .type = LayerType::norm});
  }

 private:
  // Numbers first: the compiler compares names letter by letter and gives up after so many steps.
  static constexpr bool is_same(const Layer& a, const Layer& b) {
    return a.in == b.in && a.out == b.out && a.positions == b.positions && a.taps == b.taps &&
           a.stride == b.stride && a.groups == b.groups && a.type == b.type && a.after == b.after &&
           a.per_channel == b.per_channel && a.dimensions == b.dimensions && a.is_frozen == b.is_frozen &&
           a.is_leaf == b.is_leaf && a.keys == b.keys && a.head_width == b.head_width &&
           std::string_view(a.name) == b.name;
  }
};

}  // namespace ironlaw
