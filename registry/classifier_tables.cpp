#include <array>

#include "registry/network.hpp"

namespace ironlaw {
namespace {

#define CONVOLUTION(name) name, name ", input gradient", name ", weight gradient"

// ResNet-50 v1.5: the 3x3 convolution of the first block of a stage has the stride, so its 1x1 runs at full
// size.
constexpr std::array<Layer, 23> kResNet50Layers{{
    {.name = "stem 7x7",
     .weight_gradient = "stem 7x7, weight gradient",
     .in = 3,
     .out = 64,
     .taps = 49,
     .stride = 2,
     .positions = 112 * 112,
     .is_leaf = true},
    {CONVOLUTION("stage 1, first 1x1"), 64, 64, 1, 1, 56 * 56, 1},
    {CONVOLUTION("stage 1, reduce 1x1"), 256, 64, 1, 1, 56 * 56, 2},
    {CONVOLUTION("stage 1, 3x3"), 64, 64, 9, 1, 56 * 56, 3},
    {CONVOLUTION("stage 1, expand 1x1"), 64, 256, 1, 1, 56 * 56, 4},  // three blocks and the shortcut
    {CONVOLUTION("stage 2, first 1x1"), 256, 128, 1, 1, 56 * 56, 1},
    {CONVOLUTION("stage 2, first 3x3"), 128, 128, 9, 2, 28 * 28, 1},
    {CONVOLUTION("stage 2, shortcut"), 256, 512, 1, 2, 28 * 28, 1},
    {CONVOLUTION("stage 2, reduce 1x1"), 512, 128, 1, 1, 28 * 28, 3},
    {CONVOLUTION("stage 2, 3x3"), 128, 128, 9, 1, 28 * 28, 3},
    {CONVOLUTION("stage 2, expand 1x1"), 128, 512, 1, 1, 28 * 28, 4},
    {CONVOLUTION("stage 3, first 1x1"), 512, 256, 1, 1, 28 * 28, 1},
    {CONVOLUTION("stage 3, first 3x3"), 256, 256, 9, 2, 14 * 14, 1},
    {CONVOLUTION("stage 3, shortcut"), 512, 1024, 1, 2, 14 * 14, 1},
    {CONVOLUTION("stage 3, reduce 1x1"), 1024, 256, 1, 1, 14 * 14, 5},
    {CONVOLUTION("stage 3, 3x3"), 256, 256, 9, 1, 14 * 14, 5},
    {CONVOLUTION("stage 3, expand 1x1"), 256, 1024, 1, 1, 14 * 14, 6},
    {CONVOLUTION("stage 4, first 1x1"), 1024, 512, 1, 1, 14 * 14, 1},
    {CONVOLUTION("stage 4, first 3x3"), 512, 512, 9, 2, 7 * 7, 1},
    {CONVOLUTION("stage 4, shortcut"), 1024, 2048, 1, 2, 7 * 7, 1},
    {CONVOLUTION("stage 4, reduce 1x1"), 2048, 512, 1, 1, 7 * 7, 2},
    {CONVOLUTION("stage 4, 3x3"), 512, 512, 9, 1, 7 * 7, 2},
    {CONVOLUTION("stage 4, expand 1x1"), 512, 2048, 1, 1, 7 * 7, 3},
}};

// The sixteen residual sums: 3, 4, 6 and 3 blocks.
constexpr double kResNet50Blocks =
    3 * 56. * 56 * 256 + 4 * 28. * 28 * 512 + 6 * 14. * 14 * 1024 + 3 * 7. * 7 * 2048;

// Zhang et al. 2017 arXiv:1711.07128, DS-CNN (S), as MLPerf Tiny has it: 2,656,768 multiply-adds.
constexpr std::array<Layer, 3> kDsCnnLayers{{
    {.name = "first 10x4",
     .weight_gradient = "first 10x4, weight gradient",
     .in = 1,
     .out = 64,
     .taps = 40,
     .stride = 2,
     .positions = 25 * 5,
     .is_leaf = true},
    {CONVOLUTION("depthwise 3x3"), 64, 64, 9, 1, 25 * 5, 4, 64},
    {CONVOLUTION("pointwise 1x1"), 64, 64, 1, 1, 25 * 5, 4},
}};

// Howard et al. 2017 arXiv:1704.04861, table 1, a quarter as wide, at 96 x 96 and with two classes, as MLPerf
// Tiny has it: 7,489,664 multiply-adds.
constexpr std::array<Layer, 19> kMobileNetV1QuarterLayers{{
    {.name = "first 3x3",
     .weight_gradient = "first 3x3, weight gradient",
     .in = 3,
     .out = 8,
     .taps = 9,
     .stride = 2,
     .positions = 48 * 48,
     .is_leaf = true},
    {CONVOLUTION("block 1, depthwise 3x3"), 8, 8, 9, 1, 48 * 48, 1, 8},
    {CONVOLUTION("block 1, pointwise 1x1"), 8, 16, 1, 1, 48 * 48, 1},
    {CONVOLUTION("block 2, depthwise 3x3"), 16, 16, 9, 2, 24 * 24, 1, 16},
    {CONVOLUTION("block 2, pointwise 1x1"), 16, 32, 1, 1, 24 * 24, 1},
    {CONVOLUTION("block 3, depthwise 3x3"), 32, 32, 9, 1, 24 * 24, 1, 32},
    {CONVOLUTION("block 3, pointwise 1x1"), 32, 32, 1, 1, 24 * 24, 1},
    {CONVOLUTION("block 4, depthwise 3x3"), 32, 32, 9, 2, 12 * 12, 1, 32},
    {CONVOLUTION("block 4, pointwise 1x1"), 32, 64, 1, 1, 12 * 12, 1},
    {CONVOLUTION("block 5, depthwise 3x3"), 64, 64, 9, 1, 12 * 12, 1, 64},
    {CONVOLUTION("block 5, pointwise 1x1"), 64, 64, 1, 1, 12 * 12, 1},
    {CONVOLUTION("block 6, depthwise 3x3"), 64, 64, 9, 2, 6 * 6, 1, 64},
    {CONVOLUTION("block 6, pointwise 1x1"), 64, 128, 1, 1, 6 * 6, 1},
    {CONVOLUTION("blocks 7 to 11, depthwise 3x3"), 128, 128, 9, 1, 6 * 6, 5, 128},
    {CONVOLUTION("blocks 7 to 11, pointwise 1x1"), 128, 128, 1, 1, 6 * 6, 5},
    {CONVOLUTION("block 12, depthwise 3x3"), 128, 128, 9, 2, 3 * 3, 1, 128},
    {CONVOLUTION("block 12, pointwise 1x1"), 128, 256, 1, 1, 3 * 3, 1},
    {CONVOLUTION("block 13, depthwise 3x3"), 256, 256, 9, 1, 3 * 3, 1, 256},
    {CONVOLUTION("block 13, pointwise 1x1"), 256, 256, 1, 1, 3 * 3, 1},
}};
#undef CONVOLUTION

constexpr std::array<NetworkStage, 1> kResNet50Stages{{{.layers = kResNet50Layers}}};
constexpr std::array<NetworkStage, 1> kDsCnnStages{{{.layers = kDsCnnLayers}}};
constexpr std::array<NetworkStage, 1> kMobileNetV1QuarterStages{{{.layers = kMobileNetV1QuarterLayers}}};

}  // namespace

constexpr Network kResNet50{.stages = kResNet50Stages,
                            .blocks = 16,
                            .block_values = kResNet50Blocks,
                            .pool_in = 112. * 112 * 64,
                            .pool_out = 56. * 56 * 64,
                            .last_values = 7. * 7 * 2048,
                            .features = 2048,
                            .classes = 1000};
constexpr Network kDsCnn{.stages = kDsCnnStages, .last_values = 25. * 5 * 64, .features = 64, .classes = 12};
constexpr Network kMobileNetV1Quarter{
    .stages = kMobileNetV1QuarterStages, .last_values = 3. * 3 * 256, .features = 256, .classes = 2};

}  // namespace ironlaw
