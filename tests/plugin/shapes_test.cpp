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

TEST(SystolicArray, MayLoadItsWeightsFasterThanRowByRow) {
  // One row through one tile: 320 cycles until the next tile stands there, 40 where it is brought at once.
  EXPECT_DOUBLE_EQ((SystolicArray<320>::share(1, 3200, 3200)),
                   1.0 * 3200 * 3200 / (320 * 320 * (100 * 320 + 640.0)));
  EXPECT_DOUBLE_EQ((SystolicArray<320, 1, 40>::share(1, 3200, 3200)),
                   1.0 * 3200 * 3200 / (320 * 320 * (100 * 40 + 640.0)));
  // From as many rows as the array is high it makes no difference.
  EXPECT_DOUBLE_EQ((SystolicArray<320, 4, 40>::share(320, 3200, 3200)),
                   (SystolicArray<320, 4>::share(320, 3200, 3200)));
}

TEST(OutputStationaryArray, CountsTilesAndTakesTheBestGeometry) {
  // One tile of 256 x 256 results: k cycles, and 512 to fill and drain.
  EXPECT_DOUBLE_EQ((OutputStationaryArray<256>::share(256, 256, 4096)), 4096.0 / (4096 + 512));
  // A short k pays the pipeline: 64 / 576.
  EXPECT_DOUBLE_EQ((OutputStationaryArray<256>::share(256, 256, 64)), 64.0 / 576);
  // 128 rows fill half a square, but all of an array of 128 x 512.
  EXPECT_DOUBLE_EQ((OutputStationaryArray<256>::share(128, 512, 4096)), 4096.0 / (4096 + 512));
  EXPECT_DOUBLE_EQ((OutputStationaryArray<256>::share(512, 128, 4096)), 4096.0 / (4096 + 512));
  // One row of 4096 on two arrays: 8 tiles of 128 x 512 in 4 rounds, of which a row in 128 is used.
  EXPECT_DOUBLE_EQ((OutputStationaryArray<256, 2>::share(1, 4096, 4096)),
                   4096.0 * 4096 / (2 * 65536 * (4 * 4096 + 512.0)));
  // Three tiles on two arrays are two rounds.
  EXPECT_DOUBLE_EQ((OutputStationaryArray<256, 2>::share(768, 256, 4096)), 3.0 / 4 * 8192 / (8192 + 512));
}

TEST(CoreTiles, CountsWholeTilesStepsAndRoundsOfCores) {
  using Amx = AmxTiles<64>;
  // 64 tiles of 16 x 16 are one round, whole steps of 32 terms: nothing is lost.
  EXPECT_DOUBLE_EQ(Amx::share(128, 128, 64), 1);
  // 33 terms take two steps of 32.
  EXPECT_DOUBLE_EQ(Amx::share(128, 128, 33), 33.0 / 64);
  // 65 tiles are two rounds: 16 x 1040.
  EXPECT_DOUBLE_EQ(Amx::share(16, 1040, 64), 65.0 / 128);
  // One row fills one of a tile's 16: 4096 columns are 256 tiles, four rounds.
  EXPECT_DOUBLE_EQ(Amx::share(1, 4096, 4096), 1.0 / 16);
  // A mean of 1.5 rows: the same tiles, half as full again.
  EXPECT_DOUBLE_EQ(Amx::share(1.5, 4096, 4096), 1.5 / 16);
  // The transpose is the same work.
  EXPECT_DOUBLE_EQ(Amx::share(4096, 1, 4096), Amx::share(1, 4096, 4096));
}

TEST(CoreTiles, VectorsLoseOnlyTheLastPartOfARow) {
  using Avx512 = VectorCores<40, 16>;
  // One row of 4000: 250 vectors on 40 cores are 7 rounds: 250 / 280.
  EXPECT_DOUBLE_EQ(Avx512::share(1, 4000, 4096), 250.0 / 280);
  // Rows of one value: the transpose fills the vectors, 1000 rows are 63 of them, 2 rounds.
  EXPECT_DOUBLE_EQ(Avx512::share(1000, 1, 9), 1000.0 / (2 * 40 * 16));
  // 17 columns would be two vectors a row, half of them empty; 17 rows of the transpose are 40 vectors each.
  EXPECT_DOUBLE_EQ(Avx512::share(640, 17, 100), 1);
}

TEST(CoreTiles, MayCutTheSumsToo) {
  // 1 x 256 results are 16 tiles of 16 columns: on 1,472 cores 1 in 92 works, unless k is cut in 256 steps.
  EXPECT_DOUBLE_EQ((CoreTiles<1472, 1, 16, 16>::share(1, 256, 4096)), 16.0 / 1472);
  EXPECT_DOUBLE_EQ((CoreTiles<1472, 1, 16, 16, SumsAre::cut>::share(1, 256, 4096)), 4096.0 / (3 * 1472));
  // With whole rounds anyway, cutting changes nothing.
  EXPECT_DOUBLE_EQ((CoreTiles<32, 16, 16, 16, SumsAre::cut>::share(512, 512, 160)), 1);
  EXPECT_DOUBLE_EQ((CoreTiles<32, 16, 16, 16>::share(512, 512, 160)), 1);
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
  EXPECT_GT(Shape::share(16384, 16384, 16384), 0.96);
}

TEST(Shapes, AreSharesEverywhereAndNearOneForLargeProducts) {
  expect_a_share_everywhere<GpuTiles<108>>();
  expect_a_share_everywhere<GpuTiles<132>>();
  expect_a_share_everywhere<GpuTiles<148>>();
  expect_a_share_everywhere<GpuTiles<304>>();
  expect_a_share_everywhere<SystolicArray<128, 8>>();
  expect_a_share_everywhere<SystolicArray<256, 8>>();
  expect_a_share_everywhere<SystolicArray<64>>();
  expect_a_share_everywhere<SystolicArray<320, 4, 40>>();
  expect_a_share_everywhere<OutputStationaryArray<256, 2>>();
  expect_a_share_everywhere<OutputStationaryArray<256, 8>>();
  expect_a_share_everywhere<AmxTiles<56>>();
  expect_a_share_everywhere<VectorCores<40, 16>>();
  expect_a_share_everywhere<CoreTiles<1472, 1, 16, 16, SumsAre::cut>>();
  expect_a_share_everywhere<CoreTiles<140, 32, 32, 32>>();
}

// More whole tiles of every kind never fill a chip worse.
template <class Shape>
void expect_no_loss_over_multiples(double rows, double columns, double depth) {
  double before = 0;
  for (const double times : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0}) {
    const double share = Shape::share(rows * times, columns, depth * times);
    EXPECT_GE(share, before * (1 - 1e-12)) << times;
    before = share;
  }
}

TEST(Shapes, WholeMultiplesFillAtLeastAsWell) {
  expect_no_loss_over_multiples<SystolicArray<128, 8>>(128, 1024, 128);
  expect_no_loss_over_multiples<SystolicArray<320, 4, 40>>(320, 1280, 320);
  expect_no_loss_over_multiples<OutputStationaryArray<256, 2>>(256, 512, 64);
  expect_no_loss_over_multiples<AmxTiles<64>>(16, 1024, 32);
  expect_no_loss_over_multiples<VectorCores<16, 16>>(1, 256, 1);
  expect_no_loss_over_multiples<CoreTiles<1472, 1, 16, 16, SumsAre::cut>>(1, 16 * 1472, 16);
}

TEST(Shapes, AreOneForWhatIsNoProduct) {
  const auto efficiency = [](double matmul, double convolution, double m) {
    return AmxTiles<64>::eval(AmxTiles<64>::In<double>{matmul, convolution, m, m, m}).efficiency;
  };
  EXPECT_EQ(efficiency(0, 0, 7), 1);  // attention, say: it has a shape and is no product here
  EXPECT_EQ(efficiency(1, 0, 0), 1);
  EXPECT_LT(efficiency(1, 0, 7), 1);
  EXPECT_EQ(efficiency(0, 1, 7), efficiency(1, 0, 7));
}

}  // namespace
}  // namespace ironlaw
