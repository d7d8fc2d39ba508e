// What fitted rows span, where a case stands to them, and what lies outside costs in certainty.
#include "framework/predict/fitted_range.hpp"

#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using testing::case_of;
using testing::predictor;
using testing::scenario;

Scenario decode(double batch = 16, const char* device = "H100-SXM-80GB", const char* model = "llama-3.1-8b") {
  Scenario s = scenario(model, device, Task::decode, batch);
  s.input_len = 1000;
  s.output_len = 400;
  return s;
}

// Rows of batch 16 and 64 on one H100.
FittedRanges ranges() {
  FittedRanges result;
  add_to_ranges(case_of(decode(16)), result);
  add_to_ranges(case_of(decode(64)), result);
  return result;
}

Standing standing(const Scenario& s) {
  return standing_of(case_of(s), ranges());
}

const Regime* find(const Standing& s, const std::string& quantity) {
  const auto found = std::find_if(s.regimes.begin(), s.regimes.end(),
                                  [&](const Regime& r) { return r.quantity == quantity; });
  return found == s.regimes.end() ? nullptr : &*found;
}

TEST(FittedRange, SpansWhatItsRowsHave) {
  const FittedRanges all = ranges();
  ASSERT_EQ(all.size(), 1U);
  const FittedRange& r = all.at("decoder.decode");
  EXPECT_EQ(r.rows, 2);
  EXPECT_THAT(r.devices, ::testing::ElementsAre("H100-SXM-80GB"));
  EXPECT_THAT(r.families, ::testing::ElementsAre("hopper"));
  EXPECT_THAT(r.vendors, ::testing::ElementsAre("NVIDIA"));
  EXPECT_THAT(r.models, ::testing::ElementsAre("llama-3.1-8b"));
  EXPECT_THAT(r.precisions, ::testing::ElementsAre("fp16"));
  ASSERT_EQ(r.spans.size(), 3U);
  EXPECT_EQ(r.spans.at("batch").low, 16);
  EXPECT_EQ(r.spans.at("batch").high, 64);
  EXPECT_EQ(r.spans.at("devices").high, 1);
  EXPECT_EQ(r.spans.at("context").low, 1200);  // 1000 + 400 / 2: halfway through the answer
}

// The batch is one replica's; a closed loop that nobody configures states none; networks have no context.
TEST(FittedRange, QuantitiesAreThoseOfTheCase) {
  Scenario two = decode(64);
  two.split.data = 2;
  FittedRanges all;
  add_to_ranges(case_of(two), all);
  EXPECT_EQ(all.at("decoder.decode").spans.at("batch").high, 32);
  EXPECT_EQ(all.at("decoder.decode").spans.at("devices").high, 2);

  Scenario offline = decode(0);
  offline.task = Task::offline;
  all.clear();
  add_to_ranges(case_of(offline), all);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_FALSE(all.at("decoder.prefill").spans.contains("batch"));
  EXPECT_EQ(all.at("decoder.prefill").spans.at("context").high, 1000);

  all.clear();
  add_to_ranges(case_of(scenario("resnet-50", "h100", Task::train, 256)), all);
  EXPECT_EQ(all.at("convnet.train").spans.at("batch").high, 256);
  EXPECT_FALSE(all.at("convnet.train").spans.contains("context"));
}

TEST(FittedRange, DistanceIsTheLogOfHowFarOutside) {
  const Regime inside{"w", "batch", 16, 16, 64};
  EXPECT_EQ(inside.distance(), 0);
  EXPECT_NEAR((Regime{"w", "batch", 128, 16, 64}).distance(), std::log(2), 1e-12);
  EXPECT_NEAR((Regime{"w", "batch", 4, 16, 64}).distance(), std::log(4), 1e-12);
}

TEST(FittedRange, InsideNothingIsSaid) {
  const Standing s = standing(decode(32));
  EXPECT_TRUE(s.is_fitted);
  EXPECT_EQ(s.device, Support::here);
  EXPECT_EQ(s.model, Support::here);
  EXPECT_TRUE(s.precision_fitted);
  EXPECT_EQ(s.distance(), 0);
  EXPECT_TRUE(warnings_of(case_of(decode(32)), s).empty());
  ASSERT_TRUE(find(s, "batch"));
  EXPECT_EQ(find(s, "batch")->given, 32);
}

TEST(FittedRange, OutsideEachQuantityAddsItsDistanceAndAWarning) {
  Scenario s = decode(8 * 512);  // 512 a replica: 8 times the 64 that were fitted
  s.split.data = 8;              // 8 devices, 1 was fitted
  const Standing far = standing(s);
  EXPECT_NEAR(far.distance(), std::log(8) + std::log(8), 1e-12);
  EXPECT_NEAR(distance_outside(case_of(s), ranges()), far.distance(), 1e-12);
  const auto warnings = warnings_of(case_of(s), far);
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_THAT(warnings[0],
              ::testing::HasSubstr("batch 512 lies outside what was fitted of decoder.decode (16 to 64)"));
  EXPECT_THAT(warnings[1], ::testing::HasSubstr("devices 8"));
}

// Of prefill and decode the farther outside counts, once.
TEST(FittedRange, StepsOfOneCaseShareTheirDistance) {
  Scenario offline = decode(16);
  offline.task = Task::offline;
  FittedRanges all;
  add_to_ranges(case_of(offline), all);
  offline.batch = 32;
  EXPECT_NEAR(distance_outside(case_of(offline), all), std::log(2), 1e-12);
  EXPECT_EQ(standing_of(case_of(offline), all).workloads.size(), 2U);
}

TEST(FittedRange, DevicesStandBehindTheirRelatives) {
  EXPECT_EQ(standing(decode(16, "H200-SXM-141GB")).device, Support::family);
  EXPECT_EQ(standing(decode(16, "A100-SXM-80GB")).device, Support::vendor);
  EXPECT_EQ(standing(decode(16, "MI300X")).device, Support::never);
  Scenario prefill = decode(16);
  prefill.task = Task::prefill;
  const Standing other = standing(prefill);
  EXPECT_EQ(other.device, Support::other_work);
  EXPECT_EQ(other.model, Support::never) << "decoding says little of prompts";
  EXPECT_FALSE(other.precision_fitted);
}

TEST(FittedRange, ModelsStandBehindTheirClass) {
  EXPECT_EQ(standing(decode(16, "H100-SXM-80GB", "llama-2-70b")).model, Support::workload);
  FittedRanges all = ranges();
  Scenario prefill = decode(16);
  prefill.task = Task::prefill;
  prefill.model = &find_model("llama-2-70b");
  prefill.split.tensor = 8;
  add_to_ranges(case_of(prefill), all);
  EXPECT_EQ(standing_of(case_of(decode(16, "H100-SXM-80GB", "llama-2-70b")), all).model, Support::other_work);
}

TEST(FittedRange, NothingFittedIsNothingToStandTo) {
  const Case c = case_of(decode(1e6));
  const Standing s = standing_of(c, {});
  EXPECT_FALSE(s.is_fitted);
  EXPECT_EQ(s.distance(), 0);
  EXPECT_TRUE(warnings_of(c, s).empty());
  EXPECT_EQ(nothing_supports(c, s), "");
}

// A strange device at known work and known devices at strange work are answered; both at once is refused.
TEST(FittedRange, SomethingMustSupportAnAnswer) {
  const auto why = [](const Scenario& s) {
    const Case c = case_of(s);
    return nothing_supports(c, standing_of(c, ranges()));
  };
  EXPECT_EQ(why(decode(16, "MI300X")), "");
  EXPECT_EQ(why(scenario("resnet-50", "A100-SXM-80GB", Task::train, 256)), "");
  const std::string text = why(scenario("resnet-50", "MI300X", Task::train, 256));
  for (const char* part :
       {"MI300X", "AMD", "convnet.train", "ironlaw calibrate", "--params textbook", "docs/your-data.md"})
    EXPECT_THAT(text, ::testing::HasSubstr(part));
}

// ---- the interval --------------------------------------------------------------------------------------

TEST(FittedRange, EachEFoldOutsideAddsOneNoiseVariance) {
  ParameterSet set = ParameterSet::prior();
  set.noise["decoder inference"] = 0.1;
  set.ranges = ranges();
  const auto variance = [&](const Scenario& s) { return *predictor().predict(s, set).variance; };
  const LogVariance inside = variance(decode(64));
  EXPECT_EQ(inside.outside, 0);
  const LogVariance far = variance(decode(128));
  EXPECT_NEAR(far.outside, 0.01 * std::log(2), 1e-12);
  EXPECT_EQ(far.noise, inside.noise);

  // By itself: Student's 90% of what noise and walk add up to, 2.1318 x sqrt(0.01 x (1 + ln 2)) = 0.2774.
  LogVariance alone;
  alone.noise = far.noise;
  alone.outside = far.outside;
  EXPECT_NEAR(alone.half90(), 0.2774, 1e-4);

  // Farther is never surer.
  double before = 0;
  for (const double batch : {64.0, 128.0, 256.0, 1024.0, 1e5}) {
    const double outside = variance(decode(batch)).outside;
    EXPECT_GE(outside, before);
    before = outside;
  }
  EXPECT_GT(before, 0.01 * std::log(1e5 / 64) - 1e-9);
}

}  // namespace
}  // namespace ironlaw
