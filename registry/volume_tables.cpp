// 3D U-Net on KiTS19 (Isensee et al. 2018 arXiv:1809.10486), as MLPerf has it: windows of 128^3 voxels.
#include "registry/layer_list.hpp"

namespace ironlaw {
namespace {

constexpr int cube(int size) {
  return size * size * size;
}

// mlcommons/training retired_benchmarks/unet3d/pytorch/model/unet3d.py: 32, 64, 128, 256, 320 channels and a
// bottleneck of 320, two convolutions a block, each with an instance norm; three classes.
constexpr auto k3dUnetLayers = [] {
  LayerList<64> list;
  constexpr int kChannels[] = {32, 64, 128, 256, 320, 320};
  constexpr int kLevels = 6, kTaps = 27;
  const auto convolution = [&](LayerName name, int in, int out, int stride, int size, bool is_leaf = false) {
    list.add(name, {.in = in,
                    .out = out,
                    .taps = kTaps,
                    .stride = stride,
                    .positions = cube(size),
                    .after = After::norm,
                    .dimensions = 3,
                    .is_leaf = is_leaf});
  };
  int size = 128;
  convolution(IRONLAW_LAYER("down 3x3x3"), 1, kChannels[0], 1, size, true);
  convolution(IRONLAW_LAYER("down 3x3x3"), kChannels[0], kChannels[0], 1, size);
  for (int level = 1; level < kLevels; ++level) {
    size /= 2;
    convolution(IRONLAW_LAYER("down 3x3x3 stride 2"), kChannels[level - 1], kChannels[level], 2, size);
    convolution(IRONLAW_LAYER("down 3x3x3"), kChannels[level], kChannels[level], 1, size);
  }
  for (int level = kLevels - 2; level >= 0; --level) {
    const int out = kChannels[level];
    // A transposed 2x2x2 of stride 2: every voxel becomes eight.
    list.add(IRONLAW_LAYER("up transposed 2x2x2"), {.in = kChannels[level + 1],
                                                    .out = 8 * out,
                                                    .positions = cube(size),
                                                    .after = After::nothing,
                                                    .per_channel = 1. / 8,
                                                    .dimensions = 3});
    size *= 2;
    convolution(IRONLAW_LAYER("up 3x3x3"), 2 * out, out, 1, size);
    convolution(IRONLAW_LAYER("up 3x3x3"), out, out, 1, size);
  }
  list.add(IRONLAW_LAYER("classes 1x1x1"), {.in = kChannels[0],
                                            .out = 3,
                                            .positions = cube(size),
                                            .after = After::nothing,
                                            .per_channel = 1,
                                            .dimensions = 3});
  return list;
}();

// Windows of 128^3 that overlap by half. A case has 32,944,795 voxels on average (NVIDIA's bandwidth note of
// v4.1), which is 125.7 cells of 64^3; volumes of a x b x b cells with a about 3.5 and b about 6 have (a - 1)
// (b - 1)^2 = 62 windows. mlperf_inference/benchmarks.csv estimates about 60, uncertain by 20%.
constexpr double kWindows = 60;

constexpr std::array<NetworkStage, 1> k3dUnetWindows{{{.layers = k3dUnetLayers.span(), .rows = kWindows}}};
constexpr std::array<NetworkStage, 1> k3dUnetCrop{{{.layers = k3dUnetLayers.span()}}};

}  // namespace

constexpr Network k3dUnet{.stages = k3dUnetWindows};
constexpr Network k3dUnetTraining{.stages = k3dUnetCrop, .loss_values = 3. * cube(128)};

}  // namespace ironlaw
