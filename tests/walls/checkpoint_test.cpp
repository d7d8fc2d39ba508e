// Wall 19 by hand, against the reference and published checkpoints.
#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

constexpr double kSynchronous = 1, kOneWriter = 1;

Values checkpoint(double parameters, double devices, const Values& more = {}) {
  return outputs(function("19", "checkpoint"),
                 with({{"parameters", parameters}, {"devices", devices}}, more));
}

TEST(Checkpoint, KeepsWhatTheOptimizerNeeds) {
  // Adam 2 + 4 + 4 + 4 = 14 B, one moment 10 B, weights alone 4 B a parameter.
  EXPECT_EQ(checkpoint(70e9, 512).at("checkpoint_bytes"), 980e9);
  EXPECT_EQ(checkpoint(70e9, 512, {{"checkpoint_optimizer", 1}}).at("checkpoint_bytes"), 700e9);
  EXPECT_EQ(checkpoint(70e9, 512, {{"checkpoint_optimizer", 2}}).at("checkpoint_bytes"), 280e9);
}

TEST(Checkpoint, OfTheReferenceComesFromOneWriter) {
  // mlsysim, wall 19: 70.6e9 x 14 B = 988.4 GB, 141.2 s on one H100's 7 GB/s.
  const Values one = checkpoint(70.6e9, 512,
                                {{"checkpoint_sharding", kOneWriter},
                                 {"checkpoint_mode", kSynchronous},
                                 {"checkpoint_writer_bandwidth", 7e9}});
  EXPECT_NEAR(one.at("checkpoint_bytes"), 988.4e9, 1);
  EXPECT_NEAR(one.at("checkpoint_write_time"), 141.2, 1e-9);
  EXPECT_EQ(one.at("checkpoint_stall"), one.at("checkpoint_write_time"));
}

TEST(Checkpoint, SpreadsOverHostsUntilTheStorageIsFull) {
  const Values synchronous = {{"checkpoint_mode", kSynchronous}};
  // 64 hosts x 2.4 GB/s = 153.6 GB/s: 980 / 153.6 = 6.380 s.
  EXPECT_NEAR(checkpoint(70e9, 512, synchronous).at("checkpoint_write_time"), 980 / 153.6, 1e-9);
  // 2,048 hosts offer 4.9 TB/s; the storage takes 500 GB/s: 5.67 TB in 11.34 s.
  EXPECT_NEAR(checkpoint(405e9, 16384, synchronous).at("checkpoint_write_time"), 11.34, 1e-9);
  // A ninth device needs a second host, which writes as well.
  EXPECT_NEAR(checkpoint(1e9, 9, synchronous).at("checkpoint_write_time"), 14 / 4.8, 1e-9);
}

TEST(Checkpoint, InTheBackgroundStopsForTheSnapshotOnly) {
  // 512 devices copy 980 GB at 25 GB/s each: 76.6 ms; then 6.380 s until it is durable.
  const Values background = checkpoint(70e9, 512);
  EXPECT_NEAR(background.at("checkpoint_stall"), 980 / (512 * 25.0), 1e-9);
  EXPECT_NEAR(background.at("checkpoint_write_time"), 980 / (512 * 25.0) + 980 / 153.6, 1e-9);
  // One writer's host receives everything over one link: 39.2 s.
  EXPECT_NEAR(checkpoint(70e9, 512, {{"checkpoint_sharding", kOneWriter}}).at("checkpoint_stall"), 39.2,
              1e-9);
}

// Published checkpoints: the sizes tell what was kept, the times what a host and its storage reach.
TEST(Checkpoint, LiesNearPublishedOnes) {
  // BLOOM-176B (bigscience, tr11): 2.3 TB of bf16 weights and fp32 optimizer; 14 B say 7% more.
  EXPECT_NEAR(checkpoint(176.2e9, 384).at("checkpoint_bytes") / 2.3e12, 1.07, 0.01);
  // OPT-175B (metaseq): 1.6 TB, so 9 B a parameter: fp16 moments. 14 B say half as much again.
  EXPECT_NEAR(checkpoint(175e9, 992).at("checkpoint_bytes") / 1.6e12, 1.53, 0.01);
  // BLOOM wrote them in 40 s; 48 hosts at 2.4 GB/s would need 21 s: its storage took 58 GB/s.
  const Values jean_zay = {{"checkpoint_mode", kSynchronous}, {"checkpoint_storage_bandwidth", 58e9}};
  EXPECT_NEAR(checkpoint(176.2e9, 384, jean_zay).at("checkpoint_write_time"), 42.5, 0.1);
  // 25B and 52B on 8 and 16 hosts of 4 V100: 18.0 and 19.3 s.
  const Values v100 = {{"checkpoint_mode", kSynchronous}, {"devices_per_node", 4}};
  EXPECT_NEAR(checkpoint(25e9, 32, v100).at("checkpoint_write_time") / 18.0, 1, 0.02);
  EXPECT_NEAR(checkpoint(52e9, 64, v100).at("checkpoint_write_time") / 19.3, 1, 0.02);
}

}  // namespace
}  // namespace ironlaw
