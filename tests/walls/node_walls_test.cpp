// Walls 1 to 3 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::host;
using testing::outputs;
using testing::Values;
using testing::with;

double output(const char* wall, const char* name, const char* port, const Values& in) {
  const Values out = outputs(function(wall, name), in);
  const auto found = out.find(port);
  EXPECT_NE(found, out.end()) << port;
  return found == out.end() ? 0 : found->second;
}

TEST(Walls, AllLoad) {
  for (const PluginFailure& f : host().failures())
    ADD_FAILURE() << f.path << ": " << f.stage << ": " << f.reason;
  for (int number = 1; number <= 22; ++number)
    EXPECT_EQ(host().find_wall(std::to_string(number)).number, static_cast<std::uint32_t>(number));
}

// ---- 1, compute ------------------------------------------------------------------------------------------
TEST(Compute, FlopsOverPeak) {
  const auto time = [](const Values& changes) {
    const Values product = {{"operator_flops", 2e12},
                            {"operator_peak", 989.4e12},
                            {"operator_weight_bytes", 33e6},
                            {"weight_flop_factor", 1}};
    return output("1", "arithmetic", "compute_time", with(product, changes));
  };
  // 2e12 FLOP at 989.4e12 FLOP/s: 2.0214 ms.
  EXPECT_NEAR(time({}), 2.0214e-3, 1e-7);
  EXPECT_EQ(time({{"operator_flops", 0}}), 0);
  // Half of the weights pruned: half of it; attention multiplies by none and stays.
  EXPECT_NEAR(time({{"weight_flop_factor", 0.5}}), 1.0107e-3, 1e-7);
  EXPECT_NEAR(time({{"weight_flop_factor", 0.5}, {"operator_weight_bytes", 0}}), 2.0214e-3, 1e-7);
}

// ---- 2, memory -------------------------------------------------------------------------------------------
double traffic(double bytes, double bandwidth, const Values& weights = {}) {
  const Values in = {{"operator_bytes", bytes},        {"memory_bandwidth", bandwidth},
                     {"operator_weight_bytes", bytes}, {"weight_byte_factor", 1},
                     {"values_from_memory", 1},        {"weights_from_memory", 1}};
  return output("2", "traffic", "memory_time", with(in, weights));
}

double from_memory(const char* what, const Values& more) {
  const Values in = {{"operator_bytes", 53.2e6},    {"operator_weight_bytes", 2e6},
                     {"stored_weight_bytes", 25e6}, {"is_matmul", 0},
                     {"is_convolution", 1},         {"is_vector", 0},
                     {"operator_requests", 32},     {"cache_share", 0.5}};
  return output("2", "residency", what, with(in, more));
}

TEST(Memory, WhatStaysOnTheChipIsNotReadAgain) {
  // 51.2 MB of values. Half of a cache of 96 MB holds 48 of them, of 128 MB all and 12.8 MB of 25 MB of
  // weights.
  EXPECT_DOUBLE_EQ(from_memory("values_from_memory", {{"last_level_cache", 96e6}}), 1 - 48 / 51.2);
  EXPECT_EQ(from_memory("weights_from_memory", {{"last_level_cache", 96e6}}), 1);
  EXPECT_EQ(from_memory("values_from_memory", {{"last_level_cache", 128e6}}), 0);
  EXPECT_DOUBLE_EQ(from_memory("weights_from_memory", {{"last_level_cache", 128e6}}), 1 - 12.8 / 25);
  // A compiler takes the 32 requests one by one: 1.6 MB each fit in half of 4 MB.
  EXPECT_EQ(from_memory("values_from_memory", {{"scratchpad", 4e6}}), 0);
  EXPECT_DOUBLE_EQ(from_memory("values_from_memory", {{"scratchpad", 1.6e6}}), 0.5);
  // No chip has room for a KV cache, and textbook numbers know no cache at all.
  EXPECT_EQ(from_memory("values_from_memory", {{"last_level_cache", 1e9}, {"is_convolution", 0}}), 1);
  EXPECT_EQ(from_memory("values_from_memory", {{"last_level_cache", 1e9}, {"cache_share", 0}}), 1);
}

TEST(Memory, OnlyTheWeightsOfAnOperatorShrink) {
  // 36 GB, 35 of them weights: half of those and 1 GB are 18.5 GB, at 2 TB/s 9.25 ms.
  EXPECT_DOUBLE_EQ(traffic(36e9, 2e12, {{"operator_weight_bytes", 35e9}, {"weight_byte_factor", 0.5}}),
                   9.25e-3);
  EXPECT_DOUBLE_EQ(traffic(36e9, 2e12, {{"operator_weight_bytes", 0}, {"weight_byte_factor", 0.5}}), 18e-3);
}

TEST(Memory, SeventyBillionParametersInFiftyMilliseconds) {
  // 70e9 parameters at FP16 are 140 GB; to read them in 50 ms takes 140 GB / 0.05 s = 2.8 TB/s.
  const double weights = 70e9 * 2;
  EXPECT_EQ(weights, 140e9);
  EXPECT_DOUBLE_EQ(traffic(weights, 2.8e12), 0.05);
  // An H100's 3.35 TB/s: 41.8 ms, 23.9 tokens/s for one request.
  EXPECT_NEAR(traffic(weights, 3.35e12), 41.79e-3, 5e-6);
}

TEST(Memory, TheReserveIsKeptBack) {
  EXPECT_DOUBLE_EQ(output("2", "reserve", "usable_memory", {{"memory_capacity", 80e9}}), 80e9);  // textbook
  EXPECT_DOUBLE_EQ(
      output("2", "reserve", "usable_memory", {{"memory_capacity", 80e9}, {"memory_reserve", 0.1}}), 72e9);
}

TEST(Memory, HeadroomIsWhatNothingFills) {
  const Values in = {{"usable_memory", 72e9},
                     {"resident_weight_bytes", 16e9},
                     {"kv_bytes", 40e9},
                     {"activation_bytes", 2e9},
                     {"state_bytes", 0}};
  // 72 - 16 - 40 - 2 = 14 GB are left.
  EXPECT_DOUBLE_EQ(output("2", "footprint", "memory_headroom", in), 14e9);
  // Adam's states of 8e9 parameters at 12 bytes: 96 GB, and 82 are missing.
  EXPECT_DOUBLE_EQ(output("2", "footprint", "memory_headroom", with(in, {{"state_bytes", 96e9}})), -82e9);
}

// ---- 3, software -----------------------------------------------------------------------------------------
const Values kMatmul = {
    {"is_matmul", 1},           {"is_attention", 0},           {"is_convolution", 0},
    {"is_vector", 0},           {"attention_tiles", 0},        {"attention_scores", 1e9},
    {"is_training", 0},         {"memory_bandwidth", 1e12},    {"launches", 1},
    {"matmul_efficiency", 0.7}, {"attention_efficiency", 0.5}, {"convolution_efficiency", 0.4},
    {"stream_efficiency", 0.8}, {"overlap_deficit", 0.3},      {"attention_overlap_deficit", 0.6},
    {"launch_latency", 3e-6}};

TEST(Software, TheClassOfTheOperatorSelectsItsShareOfThePeak) {
  const auto share = [](const Values& in) { return output("3", "kernels", "compute_efficiency", in); };
  EXPECT_DOUBLE_EQ(share(kMatmul), 0.7);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}, {"is_attention", 1}})), 0.5);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}, {"is_convolution", 1}})), 0.4);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}, {"is_vector", 1}})), 1);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}})), 1);  // a collective
}

TEST(Software, AllShareTheBandwidthAndPayEveryLaunch) {
  for (const char* kind : {"is_matmul", "is_attention", "is_convolution", "is_vector"}) {
    const Values in = with(kMatmul, {{"is_matmul", 0}, {kind, 1}, {"launches", 4}});
    EXPECT_DOUBLE_EQ(output("3", "kernels", "bandwidth_efficiency", in), 0.8) << kind;
    EXPECT_DOUBLE_EQ(output("3", "kernels", "launch_time", in), 12e-6) << kind;  // 4 x 3 us
    const bool is_attention = std::string_view(kind) == "is_attention";
    EXPECT_DOUBLE_EQ(output("3", "kernels", "overlap_loss", in), is_attention ? 0.6 : 0.3) << kind;
  }
  EXPECT_EQ(output("3", "kernels", "launch_time", with(kMatmul, {{"launches", 0}})), 0);
  EXPECT_DOUBLE_EQ(output("3", "host", "host_time", {{"step_overhead", 2e-3}}), 2e-3);
}

TEST(Software, AttentionHasOddsOfItsOwnOnTheBandwidth) {
  const auto share = [](const char* kind, double odds) {
    return output("3", "kernels", "bandwidth_efficiency",
                  with(kMatmul, {{"is_matmul", 0}, {kind, 1}, {"attention_stream_odds", odds}}));
  };
  // Streams at 0.8 have odds of 4; half of them are 2, a share of 2/3.
  EXPECT_NEAR(share("is_attention", 0.5), 2.0 / 3, 1e-12);
  EXPECT_NEAR(share("is_attention", 1e9), 1, 1e-8);  // never above the bandwidth
  EXPECT_DOUBLE_EQ(share("is_vector", 0.5), 0.8);
}

TEST(Software, OnlyACacheHasThoseOdds) {
  const Values cache = with(kMatmul, {{"is_matmul", 0}, {"is_attention", 1}, {"attention_stream_odds", 0.5}});
  const auto share = [](const Values& in) { return output("3", "kernels", "bandwidth_efficiency", in); };
  double before = 0;
  for (const double odds : {0.1, 0.5, 1.0, 2.0, 10.0}) {
    const double now = share(with(cache, {{"attention_stream_odds", odds}}));
    EXPECT_GT(now, before) << odds;
    before = now;
  }
  EXPECT_DOUBLE_EQ(share(with(cache, {{"attention_tiles", 64}})), 0.8);  // a prompt
}

TEST(Software, ALayerCostsItsLatencyAndInTrainingItsLaunches) {
  const Values layer =
      with(kMatmul,
           {{"is_matmul", 0}, {"is_attention", 1}, {"attention_latency", 9e-6}, {"layer_overhead", 1e-4}});
  const auto time = [](const Values& in) { return output("3", "kernels", "launch_time", in); };
  EXPECT_DOUBLE_EQ(time(layer), 12e-6);                               // 3 + 9 us
  EXPECT_DOUBLE_EQ(time(with(layer, {{"is_training", 1}})), 103e-6);  // 3 + 100 us
  // 1e9 scores of 16 B at 0.8 of 1 TB/s: 20 ms.
  EXPECT_NEAR(time(with(layer, {{"attention_kernel", 1}})), 12e-6 + 20e-3, 1e-12);
}

// 8 heads of 1,024 causal queries: 64 tiles of 128, of which the longest has 128 x 960.5 scores.
TEST(Software, APromptsTilesKeepCoresBusyAndStartOneByOne) {
  const double longest = 128 * 960.5;
  const Values prompt = {{"attention_scores", 8 * 1024 * 512.5},
                         {"attention_tiles", 64},
                         {"attention_tile_scores", longest},
                         {"cores", 132},
                         {"memory_time", 1e-6},
                         {"attention_tile_time", 2e-6},
                         {"attention_exposed", 1.5}};
  const auto tiles = [&](const Values& changes) {
    return outputs(function("3", "tiles"), with(prompt, changes));
  };
  const Values out = tiles({});
  EXPECT_NEAR(out.at("attention_share"), 8 * 1024 * 512.5 / (longest * 132), 1e-12);
  EXPECT_EQ(out.at("attention_share"), out.at("exponential_share"));
  EXPECT_NEAR(out.at("attention_starts"), 64 / 132. * 2e-6 + 1.5e-6, 1e-15);
  EXPECT_EQ(tiles({{"attention_scores", 1e9}}).at("attention_share"), 1);  // more than the cores can take
  // Of a chip whose cores nobody counted only the traffic is known; a cache and unfused attention have no
  // tiles.
  EXPECT_DOUBLE_EQ(tiles({{"cores", 0}}).at("attention_starts"), 1.5e-6);
  for (const Values& none : {Values{{"attention_tiles", 0}}, Values{{"attention_kernel", 1}}}) {
    EXPECT_EQ(tiles(none).at("attention_starts"), 0);
    EXPECT_EQ(tiles(none).at("attention_share"), 1);
  }
}

TEST(Software, TheTextbookIsNeutral) {
  const Values in = {{"is_matmul", 1},   {"is_attention", 0},        {"is_convolution", 0},
                     {"is_vector", 0},   {"attention_tiles", 0},     {"attention_scores", 0},
                     {"is_training", 0}, {"memory_bandwidth", 1e12}, {"launches", 7}};
  const Values out = outputs(function("3", "kernels"), in);
  const ironlaw_function& f = function("3", "kernels");
  for (std::uint32_t o = 0; o < f.n_outputs; ++o)
    EXPECT_EQ(out.at(f.outputs[o]->name), f.outputs[o]->neutral);
  EXPECT_EQ(output("3", "host", "host_time", {}), 0);
}

TEST(Software, AnUnfusedChainMovesItsIntermediateResults) {
  const auto kernels = [](const Values& changes) {
    return outputs(function("3", "kernels"),
                   with(kMatmul, with({{"is_matmul", 0}, {"is_vector", 1}}, changes)));
  };
  // Llama 3 layer: (2 x 10 + 3.5 x 5 + 1.25 x 10)/(2 x 4 + 3.5 x 3 + 1.25 x 2) = 50/21 = 2.38 times the
  // bytes.
  const double traffic = kernels({{"fusion", 0}}).at("bandwidth_efficiency") /
                         kernels({{"fusion", 1}}).at("bandwidth_efficiency");
  EXPECT_NEAR(traffic, 50.0 / 21, 0.02);
  EXPECT_DOUBLE_EQ(kernels({{"fusion", 1}}).at("launch_time"), 18e-6);  // 6 kernels of 3 us
  EXPECT_DOUBLE_EQ(kernels({{"fusion", 1}, {"unfused_traffic", 4}}).at("bandwidth_efficiency"), 0.2);
  // Products are no chains.
  EXPECT_EQ(outputs(function("3", "kernels"), with(kMatmul, {{"fusion", 1}})),
            outputs(function("3", "kernels"), kMatmul));
}

TEST(Software, AnEagerHostShowsWhereKernelsAreShorterThanItsLaunches) {
  const Values in = {
      {"launches", 3}, {"is_vector", 0}, {"compute_time", 4e-6}, {"memory_time", 5e-6}, {"launch_mode", 1}};
  const auto waited = [&](const Values& changes) {
    return output("3", "dispatch", "eager_time", with(in, changes));
  };
  EXPECT_NEAR(waited({}), 25e-6, 1e-18);                              // 3 x 10 us - 5 us
  EXPECT_NEAR(waited({{"eager_launch_time", 15e-6}}), 40e-6, 1e-18);  // 3 x 15 us - 5 us
  EXPECT_EQ(waited({{"compute_time", 31e-6}}), 0);                    // hidden
  EXPECT_EQ(waited({{"launch_mode", 0}}), 0);
  EXPECT_EQ(waited({{"launches", 0}}), 0);                                // a collective
  EXPECT_NEAR(waited({{"is_vector", 1}, {"fusion", 1}}), 175e-6, 1e-18);  // 18 x 10 us - 5 us
}

TEST(Software, TuningTakesTimeOffUntilNothingIsLeft) {
  const auto untuned = [](double left) {
    return output("3", "tuning", "untuned_time",
                  {{"tuning_left", left}, {"node_time", 10e-3}, {"tuning_backlog", 0.2}});
  };
  EXPECT_DOUBLE_EQ(untuned(1), 2e-3);
  EXPECT_DOUBLE_EQ(untuned(0.25), 0.5e-3);
  EXPECT_EQ(untuned(0), 0);
}

}  // namespace
}  // namespace ironlaw
