// DLRM (Naumov et al. 2019 arXiv:1906.00091) on Criteo's terabyte of clicks, as MLPerf has it, and its second
// version, whose features cross in low-rank layers (Wang et al. 2020 arXiv:2008.13535) and have many values.
#include "registry/layer_list.hpp"

namespace ironlaw {
namespace {

constexpr int kWidth = 128;  // of an embedding
constexpr int kTables = 26;  // and 13 numbers, which become one more vector
constexpr int kVectors = kTables + 1;

template <std::size_t N>
constexpr void add_mlp(LayerList<N>& list, LayerName name, std::span<const int> widths) {
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) list.linear(name, widths[i], widths[i + 1], 1);
}

constexpr int kBottom[] = {13, 512, 256, kWidth};

constexpr Layer look_up(int rows) {
  return {.in = rows, .out = kWidth, .positions = kTables, .type = LayerType::gather, .per_channel = 0};
}

// Products of all pairs of vectors: kernels compute all 27 x 27, and one half goes on.
constexpr auto dlrm_layers(bool is_fused) {
  LayerList<32> list;
  if (!is_fused) list.add(IRONLAW_LAYER("embedding rows"), look_up(kTables));
  add_mlp(list, IRONLAW_LAYER("bottom mlp"), kBottom);
  // In inference one kernel looks the rows up and multiplies them (TensorRT's dlrmInteractionsPlugin): its
  // input are the rows. In training they come from other devices.
  list.add(
      IRONLAW_LAYER("interaction"),
      {.in = kWidth, .out = kVectors, .positions = kVectors, .type = LayerType::pairs, .per_channel = 0});
  constexpr int kTop[] = {kVectors * (kVectors - 1) / 2 + kWidth, 1024, 1024, 512, 256, 1};
  add_mlp(list, IRONLAW_LAYER("top mlp"), kTop);
  return list;
}
constexpr auto kDlrmLayers = dlrm_layers(true);
constexpr auto kDlrmTrainingLayers = dlrm_layers(false);

// 214 look-ups: 3, 2, 1, 2, 6, 1, 1, 1, 1, 7, 3, 8, 1, 6, 9, 5, 1, 1, 1, 12, 100, 27, 10, 3, 1, 1 of the
// tables.
constexpr int kLookUps = 214;
constexpr auto kDlrmV2Layers = [] {
  LayerList<32> list;
  list.add(IRONLAW_LAYER("embedding rows"), look_up(kLookUps));
  add_mlp(list, IRONLAW_LAYER("bottom mlp"), kBottom);
  constexpr int kCrossed = kVectors * kWidth, kRank = 512, kCrossLayers = 3;
  list.linear(IRONLAW_LAYER("cross down"), kCrossed, kRank, 1, kCrossLayers, 0);
  list.linear(IRONLAW_LAYER("cross up"), kRank, kCrossed, 1, kCrossLayers);
  // Times the first layer's input, plus this one's.
  list.elementwise(IRONLAW_LAYER("cross product"), 3 * kCrossed, kCrossed, 1, kCrossLayers);
  constexpr int kTop[] = {kCrossed, 1024, 1024, 512, 256, 1};
  add_mlp(list, IRONLAW_LAYER("top mlp"), kTop);
  return list;
}();

// MLPerf Inference: a sample is a user with 100 to 700 items, on average 270 (the reference's
// dist_quantile.txt). MLPerf Training: a sample is one pair.
constexpr double kPairs = 270;
constexpr std::array<NetworkStage, 1> kDlrmQuery{{{.layers = kDlrmLayers.span(), .rows = kPairs}}};
constexpr std::array<NetworkStage, 1> kDlrmPair{{{.layers = kDlrmTrainingLayers.span()}}};
constexpr std::array<NetworkStage, 1> kDlrmV2Query{{{.layers = kDlrmV2Layers.span(), .rows = kPairs}}};
constexpr std::array<NetworkStage, 1> kDlrmV2Pair{{{.layers = kDlrmV2Layers.span()}}};

// Rows of the 26 tables, at most 40 million each; in the second version indices are hashed into 40 million.
constexpr double kDlrmRows = 39884406. + 39043 + 17289 + 7420 + 20263 + 3 + 7120 + 1543 + 63 + 38532951 +
                             2953546 + 403346 + 10 + 2208 + 11938 + 155 + 4 + 976 + 14 + 39979771 + 25641295 +
                             39664984 + 585935 + 12972 + 108 + 36;
constexpr double kDlrmV2Rows = 40000000. + 39060 + 17295 + 7424 + 20265 + 3 + 7122 + 1543 + 63 + 40000000 +
                               3067956 + 405282 + 10 + 2209 + 11938 + 155 + 4 + 976 + 14 + 40000000 +
                               40000000 + 40000000 + 590152 + 12973 + 108 + 36;

}  // namespace

constexpr Network kDlrm{.stages = kDlrmQuery, .table_parameters = kDlrmRows * kWidth};
constexpr Network kDlrmTraining{.stages = kDlrmPair, .table_parameters = kDlrmRows * kWidth};
constexpr Network kDlrmV2{.stages = kDlrmV2Query, .table_parameters = kDlrmV2Rows * kWidth, .table_state = 4};
constexpr Network kDlrmV2Training{
    .stages = kDlrmV2Pair, .table_parameters = kDlrmV2Rows * kWidth, .table_state = 4};

}  // namespace ironlaw
