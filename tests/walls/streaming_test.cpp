// Wall 6 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

constexpr double kHost = 1, kFlash = 2, kWafer = 3;  // choices of weight_source

double resident(const Values& more) {
  return outputs(function("6", "residency"), with({{"weight_bytes", 140e9}, {"layers", 80}}, more))
      .at("resident_weight_bytes");
}

TEST(Residency, WeightsLiveInMemoryUnlessToldOtherwise) {
  EXPECT_EQ(resident({}), 140e9);
}

TEST(Residency, TwoLayersOfWhatStreamsFromTheHost) {
  // 140 GB / 80 = 1.75 GB a layer.
  EXPECT_NEAR(resident({{"weight_source", kHost}}), 3.5e9, 1);
  EXPECT_NEAR(resident({{"weight_source", kHost}, {"stream_buffer_layers", 4}}), 7e9, 1);
  // No more than all of it.
  EXPECT_EQ(resident({{"weight_source", kHost}, {"layers", 1}}), 140e9);
}

TEST(Residency, NothingWhereWeightsAreUsedAsTheyArrive) {
  EXPECT_EQ(resident({{"weight_source", kFlash}}), 0);
  EXPECT_EQ(resident({{"weight_source", kWafer}}), 0);
}

const Values kStep = {{"weight_bytes", 360e9}, {"is_training", 0}, {"micro_batches", 1}};

double stream_time(const Values& more) {
  return outputs(function("6", "stream"), with(kStep, more)).at("stream_time");
}

TEST(Stream, NeedsNoLinkWhenWeightsLiveInMemory) {
  EXPECT_EQ(stream_time({}), 0);  // the bandwidth is unknown
  EXPECT_EQ(stream_time({{"stream_bandwidth", 1e9}}), 0);
  testing::expect_finite_slopes(function("6", "stream"), kStep);
}

TEST(Stream, AnUnknownLinkHasNoTime) {
  EXPECT_TRUE(std::isnan(stream_time({{"weight_source", kHost}})));
}

TEST(Stream, EveryPassOfAMicroBatchStreamsAllWeights) {
  const Values wafer = {{"weight_source", kWafer}, {"stream_bandwidth", 1.2e12}};
  EXPECT_NEAR(stream_time(wafer), 0.3, 1e-15);
  EXPECT_NEAR(stream_time(with(wafer, {{"micro_batches", 4}})), 1.2, 1e-15);
  // Forward and backward.
  EXPECT_NEAR(stream_time(with(wafer, {{"is_training", 1}})), 0.6, 1e-15);
}

TEST(Reference, CaseR1) {
  // 180e9 parameters of 2 B on a CS-3: 1.2 TB/s into the wafer, 125 PFLOP/s at 40%, 44 GiB.
  const double step = stream_time({{"weight_source", kWafer}, {"stream_bandwidth", 1.2e12}});
  EXPECT_NEAR(1 / step, 3.3333333333333326, 1e-12);
  EXPECT_NEAR(127 / step, 423.3333333333332, 1e-10);  // the stream hides this batch
  const Values balance = {{"peak_flops", 125e15},       {"weight_bits", 16},
                          {"weight_byte_factor", 1},    {"parameters", 180e9},
                          {"active_parameters", 180e9}, {"balance_efficiency", 0.4},
                          {"stream_bandwidth", 1.2e12}};
  const auto tokens = [](const Values& in) {
    return outputs(function("6", "balance"), in).at("balance_tokens");
  };
  EXPECT_EQ(std::floor(tokens(balance)), 41666);
  // It does not depend on the model, unless that uses a part of its weights for a token.
  EXPECT_NEAR(tokens(with(balance, {{"parameters", 8e9}, {"active_parameters", 8e9}})), tokens(balance),
              1e-6);
  EXPECT_NEAR(tokens(with(balance, {{"active_parameters", 18e9}})), 10 * tokens(balance), 1e-6);
  EXPECT_TRUE(std::isnan(tokens(with(balance, {{"stream_bandwidth", std::nan("")}}))));

  // A request of 2,048 tokens: 2 x 80 layers x 8 heads x 64 x 2 B x 2,048 = 335.5 MB.
  const auto share = [](double requests) {
    const double kv = 2 * 80 * 8 * 64 * 2 * 2048.0;
    return outputs(function("6", "cache_share"),
                   {{"cycle_kv_bytes", requests * kv}, {"memory_capacity", 44 * 1073741824.0}})
        .at("kv_memory_share");
  };
  EXPECT_NEAR(share(41666), 325.51562500000006, 1e-9);
  EXPECT_LT(share(127), 1);
  EXPECT_NEAR(share(128), 1, 1e-12);  // 128 fill the wafer to the last byte
}

}  // namespace
}  // namespace ironlaw
