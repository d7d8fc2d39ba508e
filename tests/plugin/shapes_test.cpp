#include "ironlaw/shapes.hpp"

#include <gtest/gtest.h>

namespace ironlaw {
namespace {

TEST(GpuTiles, CountsTilesAndWaves) {
  // 4096 x 4096 on 108 cores: 1024 tiles of 128 x 128 are 9.48 waves, so 10 are run: 1024 / 1080 = 94.8%.
  // 2048 tiles of 128 x 64 are 18.96 waves, so 19 are run: 2048 / 2052 = 99.8%, the best of all tiles.
  EXPECT_DOUBLE_EQ(GpuTiles<108>::share(4096, 4096, 128), 2048.0 / 2052);
  // 128 x 128 x 128: 4 tiles of 64 x 64 on 132 cores, and k is too short to be cut.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(128, 128, 128), 4.0 / 132);
  // 64 x 4096: 64 tiles of 64 x 64; k = 4096 may be cut in 16, two pieces give 128 units: 128 / 132.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(64, 4096, 4096), 128.0 / 132);
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(64, 4096, 511), 64.0 / 132);
  // A mean of 37.5 rows fills 37.5 of a tile's 64.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(37.5, 4096, 4096), 37.5 / 64 * 128 / 132);
  // 65 rows need two rows of tiles.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(65, 8192, 128), 65.0 / 128 * 256 / 264);
  // The product of the transposes is the same work.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(300, 5000, 700), GpuTiles<132>::share(5000, 300, 700));
}

TEST(GpuTiles, HasSmallTilesForFewRows) {
  // One row of 4096: 32 tiles of 16 x 128, of which a sixteenth is used; four pieces of k each make 128
  // units.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(1, 4096, 4096), 1.0 / 16 * 128 / 132);
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(4096, 1, 4096), 1.0 / 16 * 128 / 132);
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(20, 4096, 4096), 20.0 / 32 * 128 / 132);
  // 33 rows would be two rows of the small tiles: they take a tile of 64.
  EXPECT_DOUBLE_EQ(GpuTiles<132>::share(33, 4096, 4096), 33.0 / 64 * 128 / 132);
}

TEST(SystolicArray, CountsTilesAndTheFillOfThePipeline) {
  // One tile of weights on one array: 128 rows take 128 cycles, filling and draining 256.
  EXPECT_DOUBLE_EQ((SystolicArray<128>::share(128, 128, 128)), 128.0 / 384);
  // Its 8 equals cut the 8192 rows between them: 1024 cycles and 256.
  EXPECT_DOUBLE_EQ((SystolicArray<128, 8>::share(8192, 128, 128)), 1024.0 / 1280);
  // 64 rows take as long as 128: the next weights are not there before.
  EXPECT_DOUBLE_EQ((SystolicArray<128>::share(64, 8192, 8192)), 64.0 * 4096 / (4096 * 128 + 256));
  // 129 columns are two tiles.
  EXPECT_NEAR((SystolicArray<128>::share(1e6, 129, 128)), 129.0 / 256, 1e-3);
}

template <class Shape>
void expect_a_share_everywhere() {
  double largest_drop = 1;
  for (double m : {1.0, 1.5, 7.0, 37.5, 64.0, 65.0, 129.0, 1000.0, 4096.0, 1e5, 1e7})
    for (double n : {1.0, 10.0, 64.0, 128.0, 1000.0, 4096.0, 28672.0, 152064.0})
      for (double k : {1.0, 64.0, 147.0, 256.0, 4096.0, 53248.0}) {
        const double share = Shape::share(m, n, k);
        EXPECT_GT(share, 0) << m << ' ' << n << ' ' << k;
        EXPECT_LE(share, 1) << m << ' ' << n << ' ' << k;
        largest_drop = std::min(largest_drop, Shape::share(2 * m, 2 * n, 2 * k) / share);
      }
  EXPECT_GT(largest_drop, 0.85);  // a product twice as large fills the chip as well, up to a partial wave
  EXPECT_GT(Shape::share(16384, 16384, 16384), 0.97);
}

TEST(Shapes, AreSharesEverywhereAndNearOneForLargeProducts) {
  expect_a_share_everywhere<GpuTiles<108>>();
  expect_a_share_everywhere<GpuTiles<132>>();
  expect_a_share_everywhere<GpuTiles<148>>();
  expect_a_share_everywhere<GpuTiles<304>>();
  expect_a_share_everywhere<SystolicArray<128, 8>>();
}

}  // namespace
}  // namespace ironlaw
