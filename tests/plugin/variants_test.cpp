#include "ironlaw/variants.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

namespace ironlaw {
namespace {

constexpr Spec kChip[] = {
    {spec::peak_fp16, 1000 * tera, "sheet", "of all"},
    {{"peak_fp16_sparse", "FLOP/s"}, 2000 * tera, "sheet", "", kSparse},
    {spec::memory_capacity, 80 * gibi, "sheet", "doubtful", kUnverified},
    {spec::memory_bandwidth, 2000 * giga, "sheet"},
    {spec::scaleup_bandwidth, 300 * giga, "sheet"},
    {spec::scaleup_size, 8, "sheet"},
    {spec::power, 400, "sheet"},
    {spec::price, 15000, "sheet"},
    {spec::cores, 100, "sheet"},
    {spec::last_level_cache, 40 * mebi, "sheet"},
};
constexpr Partition kOne{.slice_cores = 14, .slice_memory = 1, .chip_memory = 8};
constexpr auto kOneSpecs = partition_specs<kChip, kOne>();

template <class Table>
const Spec* find(const Table& table, const std::string& quantity) {
  for (const Spec& s : table)
    if (s.name.quantity == quantity) return &s;
  return nullptr;
}

TEST(Partition, HasItsShareOfCoresAndMemory) {
  // 14 of 100 cores, one of 8 memory slices.
  EXPECT_DOUBLE_EQ(find(kOneSpecs, "peak_fp16")->value, 140e12);
  EXPECT_DOUBLE_EQ(find(kOneSpecs, "peak_fp16_sparse")->value, 280e12);
  EXPECT_DOUBLE_EQ(find(kOneSpecs, "cores")->value, 14);
  EXPECT_DOUBLE_EQ(find(kOneSpecs, "memory_capacity")->value, 10 * gibi);
  EXPECT_DOUBLE_EQ(find(kOneSpecs, "memory_bandwidth")->value, 250e9);
  EXPECT_DOUBLE_EQ(find(kOneSpecs, "last_level_cache")->value, 5 * mebi);
}

TEST(Partition, KeepsSourceAndFlagsAndLeavesOutWhatIsNotItsOwn) {
  EXPECT_EQ(find(kOneSpecs, "peak_fp16_sparse")->flags, kSparse);
  EXPECT_EQ(find(kOneSpecs, "memory_capacity")->flags, kUnverified);
  EXPECT_STREQ(find(kOneSpecs, "memory_bandwidth")->source, "sheet");
  EXPECT_STRNE(find(kOneSpecs, "peak_fp16")->note, "");
  for (const char* absent : {"scaleup_bandwidth", "power", "price"})
    EXPECT_EQ(find(kOneSpecs, absent), nullptr) << absent;
  EXPECT_EQ(find(kOneSpecs, "scaleup_size")->value, 1);
  EXPECT_EQ(std::size(kOneSpecs), 7u);
}

TEST(WithFigure, ReplacesOneFigureAndNoOther) {
  static constexpr auto table = with_figure<kChip>({spec::power, 500, "board"});
  ASSERT_EQ(std::size(table), std::size(kChip));
  for (std::size_t i = 0; i < std::size(table); ++i) {
    const bool is_power = std::string(kChip[i].name.quantity) == "power";
    EXPECT_EQ(table[i].value, is_power ? 500 : kChip[i].value) << kChip[i].name.quantity;
    EXPECT_STREQ(table[i].source, is_power ? "board" : kChip[i].source);
  }
}

TEST(PowerCapped, LeavesTheClockOfTheCubeRoot) {
  // 700 W of which 30% idle: 490 W of switching at the design clock. A cap of 500 W leaves 290 of them:
  // cbrt(290 / 490) = 0.83960.
  using Capped = PowerCapped<GpuTiles<132>, 500, 700>;
  EXPECT_NEAR(Capped::clock(), 0.83960, 1e-5);
  EXPECT_NEAR(Capped::clock() * Capped::clock() * Capped::clock() * 490 + 210, 500, 1e-9);
  EXPECT_DOUBLE_EQ(Capped::share(4096, 4096, 4096), Capped::clock() * GpuTiles<132>::share(4096, 4096, 4096));
  // An eighth of the switching power is half the clock.
  EXPECT_DOUBLE_EQ((PowerCapped<GpuTiles<1>, 125, 1000, 0>::clock()), 0.5);
}

TEST(PowerCapped, GainsNothingAboveTheDesignPower) {
  EXPECT_EQ((PowerCapped<GpuTiles<132>, 700, 700>::clock()), 1);
  EXPECT_EQ((PowerCapped<GpuTiles<132>, 1000, 700>::clock()), 1);
}

}  // namespace
}  // namespace ironlaw
