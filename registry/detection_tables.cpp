// Detectors: pictures to boxes and masks. Non-maximum suppression and the sampling of proposals depend on the
// picture; they are left out.
#include "registry/layer_list.hpp"

namespace ironlaw {
namespace {

// Parts of a backbone that training leaves as they are.
enum class Frozen : std::uint8_t { nothing, first_stage };  // the stem and the first stage

constexpr int half(int size) {
  return (size + 1) / 2;
}

// He et al. 2015 arXiv:1512.03385, Xie et al. 2016 arXiv:1611.05431: four stages of 3, 4, 6 and 3
// bottlenecks, the stride in the 3x3. `width` of the first stage's 3x3 convolutions: 64, and 128 in 32 groups
// of ResNeXt.
template <std::size_t N>
constexpr void add_bottlenecks(LayerList<N>& list, int rows, int columns, int width, int groups,
                               Frozen frozen, After after) {
  const bool is_frozen = frozen == Frozen::first_stage;
  int h = half(rows), w = half(columns);
  list.convolution(IRONLAW_LAYER("stem 7x7"), 3, 64, 7, 2, h * w,
                   {.after = after, .is_frozen = is_frozen, .is_leaf = true});
  h = half(h);
  w = half(w);
  list.elementwise(IRONLAW_LAYER("max pooling"), 4 * 64, 64, h * w);
  list.items[list.size - 1].is_frozen = is_frozen;
  constexpr int kBlocks[] = {3, 4, 6, 3};
  int in = 64;
  for (int stage = 0; stage < 4; ++stage) {
    const int inner = width << stage;
    const int out = 256 << stage;
    for (int block = 0; block < kBlocks[stage]; ++block) {
      const bool is_first = block == 0;
      const int stride = is_first && stage > 0 ? 2 : 1;
      const Layer usual{.after = after, .is_frozen = is_frozen && stage == 0};
      Layer lowest = usual;  // that is trained
      lowest.is_leaf = is_frozen && is_first && stage == 1;
      list.convolution(IRONLAW_LAYER("reduce 1x1"), in, inner, 1, 1, h * w, lowest);
      h = stride == 2 ? half(h) : h;
      w = stride == 2 ? half(w) : w;
      Layer grouped = usual;
      grouped.groups = groups;
      list.convolution(IRONLAW_LAYER("3x3"), inner, inner, 3, stride, h * w, grouped);
      list.convolution(IRONLAW_LAYER("expand 1x1"), inner, out, 1, 1, h * w, usual);
      if (is_first) list.convolution(IRONLAW_LAYER("shortcut 1x1"), in, out, 1, stride, h * w, lowest);
      in = out;
    }
  }
}

// Lin et al. 2016 arXiv:1612.03144: laterals of 256 channels and a 3x3 on each of the levels.
template <std::size_t N>
constexpr void add_pyramid(LayerList<N>& list, std::span<const int> channels, std::span<const int> pixels) {
  const Layer bare{.after = After::nothing, .per_channel = 1};
  for (std::size_t i = 0; i < channels.size(); ++i) {
    list.convolution(IRONLAW_LAYER("pyramid 1x1"), channels[i], 256, 1, 1, pixels[i], bare);
    list.convolution(IRONLAW_LAYER("pyramid 3x3"), 256, 256, 3, 1, pixels[i], bare);
  }
}

constexpr Layer kBiased{.after = After::activation, .per_channel = 1};
constexpr Layer kBare{.after = After::nothing, .per_channel = 1};

// RetinaNet (Lin et al. 2017 arXiv:1708.02002) as MLPerf has it: ResNeXt-50 32x4d, levels 3 to 7, 9 anchors,
// 264 classes, 800 x 800. Batch norms are frozen, and so are the stem and the first stage.
constexpr int kRetinaLevels[] = {100 * 100, 50 * 50, 25 * 25, 13 * 13, 7 * 7};
constexpr int kRetinaPositions = 100 * 100 + 50 * 50 + 25 * 25 + 13 * 13 + 7 * 7;  // 13,343
constexpr int kAnchors = 9, kClasses = 264;

constexpr auto kRetinaNetBody = [] {
  LayerList<64> list;
  add_bottlenecks(list, 800, 800, 128, 32, Frozen::first_stage, After::activation);
  constexpr int kChannels[] = {512, 1024, 2048};
  add_pyramid(list, kChannels, std::span(kRetinaLevels).first(3));
  list.convolution(IRONLAW_LAYER("pyramid stride 3x3"), 256, 256, 3, 2, kRetinaLevels[3], kBare);
  list.convolution(IRONLAW_LAYER("pyramid stride 3x3"), 256, 256, 3, 2, kRetinaLevels[4], kBare);
  return list;
}();
// The same weights work on all levels, as one product of all their positions.
constexpr auto kRetinaNetHeads = [] {
  LayerList<8> list;
  Layer tower = kBiased;
  tower.count = 8;  // four for classes, four for boxes
  list.convolution(IRONLAW_LAYER("head 3x3"), 256, 256, 3, 1, kRetinaPositions, tower);
  list.convolution(IRONLAW_LAYER("classes 3x3"), 256, kAnchors * kClasses, 3, 1, kRetinaPositions, kBare);
  list.convolution(IRONLAW_LAYER("boxes 3x3"), 256, kAnchors * 4, 3, 1, kRetinaPositions, kBare);
  return list;
}();
constexpr std::array<NetworkStage, 2> kRetinaNetStages{
    {{.layers = kRetinaNetBody.span()}, {.layers = kRetinaNetHeads.span()}}};

// SSD (Liu et al. 2015 arXiv:1512.02325) as MLPerf has it: ResNet-34 to its third stage, which keeps the size
// of the second, and five more levels. Heads of 4 or 6 anchors with 81 classes.
struct SsdLevel {
  int squeezed, out, kernel_stride, size;  // of the level
};
struct SsdShape {
  int size;    // of the picture
  int second;  // of the second and third stage
  SsdLevel levels[5];
  int head_sizes[6];
};

constexpr auto ssd_layers(const SsdShape& shape) {
  LayerList<64> list;
  const int stem = half(shape.size), first = half(stem);
  list.convolution(IRONLAW_LAYER("stem 7x7"), 3, 64, 7, 2, stem * stem, {.is_leaf = true});
  list.elementwise(IRONLAW_LAYER("max pooling"), 4 * 64, 64, first * first);
  const int second = shape.second * shape.second;
  list.convolution(IRONLAW_LAYER("stage 1, 3x3"), 64, 64, 3, 1, first * first, {.count = 6});
  list.convolution(IRONLAW_LAYER("stage 2, first 3x3"), 64, 128, 3, 2, second);
  list.convolution(IRONLAW_LAYER("stage 2, shortcut"), 64, 128, 1, 2, second);
  list.convolution(IRONLAW_LAYER("stage 2, 3x3"), 128, 128, 3, 1, second, {.count = 7});
  list.convolution(IRONLAW_LAYER("stage 3, first 3x3"), 128, 256, 3, 1, second);
  list.convolution(IRONLAW_LAYER("stage 3, shortcut"), 128, 256, 1, 1, second);
  list.convolution(IRONLAW_LAYER("stage 3, 3x3"), 256, 256, 3, 1, second, {.count = 11});
  int in = 256, pixels = second;
  constexpr int kAnchorsOfLevel[] = {4, 6, 6, 6, 4, 4};
  for (int i = 0; i < 6; ++i) {
    if (i > 0) {
      const SsdLevel& level = shape.levels[i - 1];
      list.convolution(IRONLAW_LAYER("more levels, 1x1"), in, level.squeezed, 1, 1, pixels, kBiased);
      in = level.out;
      pixels = level.size * level.size;
      list.convolution(IRONLAW_LAYER("more levels, 3x3"), level.squeezed, in, 3, level.kernel_stride, pixels,
                       kBiased);
    }
    const int size = shape.head_sizes[i];
    const int anchors = kAnchorsOfLevel[i];
    list.convolution(IRONLAW_LAYER("boxes and classes 3x3"), in, anchors * (4 + 81), 3, 1, size * size,
                     kBare);
  }
  return list;
}

// 8,732 anchors.
constexpr auto kSsdResNet34At300 =
    ssd_layers({300,
                38,
                {{256, 512, 2, 19}, {256, 512, 2, 10}, {128, 256, 2, 5}, {128, 256, 1, 3}, {128, 256, 1, 1}},
                {38, 19, 10, 5, 3, 1}});
// 15,130 anchors: the heads have strides of 3, 3, 3, 3, 3 and 2.
constexpr auto kSsdResNet34At1200 =
    ssd_layers({1200,
                150,
                {{256, 512, 2, 75}, {256, 512, 2, 38}, {128, 256, 2, 19}, {128, 256, 2, 9}, {128, 256, 1, 7}},
                {50, 25, 13, 7, 3, 3}});
constexpr std::array<NetworkStage, 1> kSsdResNet34Stages300{{{.layers = kSsdResNet34At300.span()}}};
constexpr std::array<NetworkStage, 1> kSsdResNet34Stages1200{{{.layers = kSsdResNet34At1200.span()}}};

// Howard et al. 2017 arXiv:1704.04861 at 300 x 300 under SSD: heads of 3 or 6 anchors with 91 classes on
// layers 11 and 13 and four levels more.
constexpr auto kSsdMobileNetLayers = [] {
  LayerList<64> list;
  list.convolution(IRONLAW_LAYER("first 3x3"), 3, 32, 3, 2, 150 * 150, {.is_leaf = true});
  struct Block {
    int in, out, stride, size;
  };
  constexpr Block kBlocks[] = {{32, 64, 1, 150},   {64, 128, 2, 75},  {128, 128, 1, 75}, {128, 256, 2, 38},
                               {256, 256, 1, 38},  {256, 512, 2, 19}, {512, 512, 1, 19}, {512, 512, 1, 19},
                               {512, 512, 1, 19},  {512, 512, 1, 19}, {512, 512, 1, 19}, {512, 1024, 2, 10},
                               {1024, 1024, 1, 10}};
  for (const Block& b : kBlocks) {
    list.convolution(IRONLAW_LAYER("depthwise 3x3"), b.in, b.in, 3, b.stride, b.size * b.size,
                     {.groups = b.in});
    list.convolution(IRONLAW_LAYER("pointwise 1x1"), b.in, b.out, 1, 1, b.size * b.size);
  }
  struct Level {
    int in, squeezed, out, before, size;
  };
  constexpr Level kLevels[] = {
      {1024, 256, 512, 10, 5}, {512, 128, 256, 5, 3}, {256, 128, 256, 3, 2}, {256, 64, 128, 2, 1}};
  for (const Level& l : kLevels) {
    list.convolution(IRONLAW_LAYER("more levels, 1x1"), l.in, l.squeezed, 1, 1, l.before * l.before);
    list.convolution(IRONLAW_LAYER("more levels, 3x3"), l.squeezed, l.out, 3, 2, l.size * l.size);
  }
  struct Head {
    int in, anchors, size;
  };
  constexpr Head kHeads[] = {{512, 3, 19}, {1024, 6, 10}, {512, 6, 5}, {256, 6, 3}, {256, 6, 2}, {128, 6, 1}};
  for (const Head& h : kHeads)
    list.convolution(IRONLAW_LAYER("boxes and classes 1x1"), h.in, h.anchors * (4 + 91), 1, 1,
                     h.size * h.size, kBare);
  return list;
}();
constexpr std::array<NetworkStage, 1> kSsdMobileNetStages{{{.layers = kSsdMobileNetLayers.span()}}};

// Mask R-CNN (He et al. 2017 arXiv:1703.06870), ResNet-50 with a feature pyramid, as MLPerf Training has it:
// norms are frozen, and so are the stem and the first stage. The shorter side of a picture is 800; a COCO
// picture of the usual 4:3 is 1067 long, padded to 1088.
constexpr int kMaskRows = 800, kMaskColumns = 1088;
constexpr int kMaskLevels[] = {200 * 272, 100 * 136, 50 * 68, 25 * 34, 13 * 17};
constexpr int kMaskPositions = 54400 + 13600 + 3400 + 850 + 221;
// Regions sampled from the proposals of a picture, and the quarter of them that may have an object.
constexpr int kRegions = 512, kPositiveRegions = 128;

constexpr auto kMaskBody = [] {
  LayerList<64> list;
  add_bottlenecks(list, kMaskRows, kMaskColumns, 64, 1, Frozen::first_stage, After::activation);
  constexpr int kChannels[] = {256, 512, 1024, 2048};
  add_pyramid(list, kChannels, std::span(kMaskLevels).first(4));
  return list;
}();
constexpr auto kMaskHeads = [] {
  LayerList<16> list;
  list.convolution(IRONLAW_LAYER("proposals 3x3"), 256, 256, 3, 1, kMaskPositions, kBiased);
  list.convolution(IRONLAW_LAYER("proposals 1x1"), 256, 3 * (1 + 4), 1, 1, kMaskPositions, kBare);
  // Each of the 49 or 196 points of a region is a mean of 4 samples, each of 4 pixels.
  list.elementwise(IRONLAW_LAYER("regions to boxes"), 16 * 256, 256, kRegions * 49);
  list.linear(IRONLAW_LAYER("box head 1"), 49 * 256, 1024, kRegions);
  list.linear(IRONLAW_LAYER("box head 2"), 1024, 1024, kRegions);
  list.linear(IRONLAW_LAYER("boxes and classes"), 1024, 81 * (1 + 4), kRegions);
  list.elementwise(IRONLAW_LAYER("regions to masks"), 16 * 256, 256, kPositiveRegions * 196);
  Layer tower = kBiased;
  tower.count = 4;
  list.convolution(IRONLAW_LAYER("mask head 3x3"), 256, 256, 3, 1, kPositiveRegions * 196, tower);
  // A transposed 2x2 of stride 2: every pixel becomes four.
  list.convolution(IRONLAW_LAYER("mask head transposed 2x2"), 256, 4 * 256, 1, 1, kPositiveRegions * 196,
                   {.after = After::activation, .per_channel = 0.25});
  list.convolution(IRONLAW_LAYER("masks 1x1"), 256, 81, 1, 1, kPositiveRegions * 784, kBare);
  return list;
}();
constexpr std::array<NetworkStage, 2> kMaskStages{
    {{.layers = kMaskBody.span()}, {.layers = kMaskHeads.span()}}};

}  // namespace

constexpr Network kRetinaNet{.stages = kRetinaNetStages,
                             .is_adam = true,
                             .loss_values = 1. * kRetinaPositions * kAnchors * (kClasses + 4)};
constexpr Network kSsdResNet34300{.stages = kSsdResNet34Stages300, .loss_values = 8732. * (4 + 81)};
constexpr Network kSsdResNet341200{.stages = kSsdResNet34Stages1200, .loss_values = 15130. * (4 + 81)};
constexpr Network kSsdMobileNet{.stages = kSsdMobileNetStages, .loss_values = 1917. * (4 + 91)};
constexpr Network kMaskRcnn{.stages = kMaskStages,
                            .loss_values = kPositiveRegions * 784. + kRegions * 405. + kMaskPositions * 15.};

}  // namespace ironlaw
