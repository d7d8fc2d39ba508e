// Verdicts: by hand, on toy readings, and of every claim in the table.
#include "framework/audit/verdict.hpp"

#include <cmath>

#include "framework/audit/claims_file.hpp"
#include "tests/audit/support.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Reading reading(double value, std::optional<Interval> interval = std::nullopt) {
  return {value, interval, std::nullopt, "", false};
}

TEST(Standing, RoundsToTwoDigits) {
  EXPECT_DOUBLE_EQ(std::round(least_called(20) * 1e6) / 1e6, 19.5);
  EXPECT_DOUBLE_EQ(std::round(least_called(1.3) * 1e6) / 1e6, 1.25);
  EXPECT_DOUBLE_EQ(std::round(least_called(12000) * 1e3) / 1e3, 11500);
  EXPECT_EQ(standing(reading(19.6), 20), Standing::met);
  EXPECT_EQ(standing(reading(19.4), 20), Standing::missed);
  EXPECT_EQ(standing(reading(6 / 4.8), 1.3), Standing::met);
}

TEST(Standing, OfAnInterval) {
  EXPECT_EQ(standing(reading(3, Interval{2, 4.5}), 4), Standing::met);     // inside
  EXPECT_EQ(standing(reading(3, Interval{2, 4.5}), 5), Standing::missed);  // above
  EXPECT_EQ(standing(reading(3, Interval{2, 4.5}), 1), Standing::met);     // claims less
  // Too wide to decide, unless the claim is below or above all of it.
  EXPECT_EQ(standing(reading(3, Interval{0.5, 18}), 4), Standing::too_vague);
  EXPECT_EQ(standing(reading(3, Interval{0.5, 18}), 20), Standing::missed);
  EXPECT_EQ(standing(reading(3, Interval{0.5, 18}), 0.4), Standing::met);
}

// Inside the interval, but above what perfect software reaches.
TEST(Standing, IsNeverAboveTheLimit) {
  Reading r = reading(3, Interval{2, 4.5});
  r.limit = 3.5;
  EXPECT_EQ(standing(r, 3.4), Standing::met);
  EXPECT_EQ(standing(r, 4), Standing::missed);
  r = reading(3, Interval{0.5, 18});
  r.limit = 3.5;
  EXPECT_EQ(standing(r, 4), Standing::missed);  // however wide
}

// 156 of TF32 over 15.7 of FP32 is 9.94; with sparsity counted 312 / 15.7 = 19.87. Alike, in FP32, it is
// 19.5 / 15.7 = 1.242; TF32 makes 8.0 of it and sparsity 2.
TEST(Verdict, TwentyTimesTheV100) {
  Claim c = claim_of(Metric::peak_ratio, 20, "A100-SXM-80GB", "V100-SXM2-32GB");
  c.product.precision = Precision::tf32;
  c.baseline->precision = Precision::fp32;
  const Audit a = audited(c);
  EXPECT_EQ(a.verdict, Verdict::holds_only_if);
  EXPECT_THAT(a.changes, ElementsAre("sparsity is counted on A100-SXM-80GB"));
  EXPECT_NEAR(a.stated->value, 9.936, 1e-3);
  EXPECT_NEAR(a.changed->value, 19.873, 1e-3);
  ASSERT_EQ(a.factors.size(), 3U);
  EXPECT_NEAR(a.factors[0].factor, 1.242, 1e-3);
  EXPECT_NEAR(a.factors[1].factor, 8, 1e-9);
  EXPECT_NEAR(a.factors[2].factor, 2, 1e-9);
  EXPECT_THAT(a.reason, HasSubstr("sparsity is counted on A100-SXM-80GB (2.00x of it)"));
  EXPECT_THAT(a.reason, HasSubstr("tf32 on A100-SXM-80GB against fp32 accounts for 8.00x"));
  EXPECT_EQ(a.wall->name, "compute");

  c.product.is_sparse = false;  // whoever says dense is contradicted
  EXPECT_EQ(audited(c).verdict, Verdict::contradicted);
  c.product.is_sparse = true;  // and who says sparse is right
  EXPECT_EQ(audited(c).verdict, Verdict::holds);
}

// 72 against 8 and FP4 against FP8: both are needed for what one of them alone does not give.
TEST(Verdict, ARackAgainstABox) {
  Claim c = claim_of(Metric::peak_ratio, 65, "GB300", "H100-SXM-80GB");
  c.product.devices = 72;
  c.product.precision = Precision::fp4;
  c.baseline->devices.reset();
  const Audit a = audited(c);
  EXPECT_EQ(a.verdict, Verdict::holds_only_if);
  EXPECT_THAT(a.changes, ElementsAre("72 GB300 are held against 8 H100-SXM-80GB"));
  EXPECT_NEAR(product_of(a.factors), a.changed->value, 1e-9 * a.changed->value);
  EXPECT_NEAR(a.changed->value / a.stated->value, 9, 1e-9);
}

TEST(Verdict, FiguresThatHold) {
  EXPECT_EQ(audited(claim_of(Metric::bandwidth_ratio, 1.43, "H200-SXM-141GB", "H100-SXM-80GB")).verdict,
            Verdict::holds);
  const Audit a = audited(claim_of(Metric::capacity, 80e9, "H100-SXM-80GB"));
  EXPECT_EQ(a.verdict, Verdict::holds);
  EXPECT_EQ(a.wall->name, "memory");
  EXPECT_EQ(audited(claim_of(Metric::capacity, 96e9, "H100-SXM-80GB")).verdict, Verdict::contradicted);
}

// A token of one request reads 15.0 GB of weights at 16 bits, so 3.35 TB/s give 223 tokens a second at the
// most, however wide the error bar is.
TEST(Verdict, AboveThePhysicalLimit) {
  Claim c = claim_of(Metric::user_token_rate, 300, "H100-SXM-80GB");
  c.model = "llama-3.1-8b";
  c.product.precision = Precision::bf16;
  c.product.is_sparse = false;
  c.product.batch = 1;
  for (const ParameterSet& parameters : {ParameterSet::textbook(), ParameterSet::prior()}) {
    const Audit a = audited(c, parameters);
    EXPECT_EQ(a.verdict, Verdict::contradicted);
    EXPECT_TRUE(a.is_above_limit);
    EXPECT_NEAR(*a.limit, 223, 3);
    EXPECT_THAT(a.reason, HasSubstr("above the physical limit"));
    EXPECT_EQ(a.wall->name, "memory");
  }
  // More of them are not ruled out by a claim that does not say how many there are.
  c.product.devices.reset();
  EXPECT_THAT(audited(c).changes, ElementsAre("there are 2 H100-SXM-80GB"));
  c.product.devices = 1;
  c.low = c.high = 215;
  EXPECT_EQ(audited(c).verdict, Verdict::holds);
  // Left open, a narrower precision makes room.
  c.low = c.high = 300;
  c.product.precision.reset();
  const Audit open = audited(c);
  EXPECT_EQ(open.verdict, Verdict::holds_only_if);
  EXPECT_THAT(open.changes, ElementsAre(HasSubstr("H100-SXM-80GB computes in")));
}

TEST(Verdict, TheSameHardwareDiffersOnlyByItsBatch) {
  Claim c = claim_of(Metric::throughput_ratio, 24, "A100-SXM-80GB", "A100-SXM-80GB");
  c.model = "llama-2-13b";
  const Audit a = audited(c);
  EXPECT_EQ(a.verdict, Verdict::holds_only_if);
  EXPECT_NEAR(a.stated->value, 1, 1e-12);
  EXPECT_THAT(a.changes, ElementsAre(HasSubstr("A100-SXM-80GB alone runs at batch")));
  c.product.batch = c.baseline->batch = 8;
  EXPECT_EQ(audited(c).changes.size() <= kMostChanges, true);
  EXPECT_NE(audited(c).verdict, Verdict::holds);
}

TEST(Verdict, SaysWhatIsMissing) {
  const Audit no_target = audited(claim_of(Metric::peak, 1e15, "Sohu"));
  EXPECT_EQ(no_target.verdict, Verdict::not_decidable);
  EXPECT_EQ(no_target.reason, "The catalogue has no target Sohu.");
  EXPECT_FALSE(no_target.stated);
  // A name that is merely like a target's is another chip.
  EXPECT_EQ(audited(claim_of(Metric::peak, 1e15, "H100")).verdict, Verdict::not_decidable);
  Claim c = claim_of(Metric::peak, 1e15, "H100-SXM-80GB");
  c.product.precision = Precision::fp4;
  EXPECT_THAT(audited(c).reason, HasSubstr("no dense fp4 peak"));
  EXPECT_EQ(audited(c).verdict, Verdict::not_decidable);
  Claim model = claim_of(Metric::token_rate, 1e3, "H100-SXM-80GB");
  model.model = "gpt-moe-1.8t";
  EXPECT_THAT(audited(model).reason, HasSubstr("no shape of the model gpt-moe-1.8t"));
}

TEST(Verdict, WhatDoesNotFitIsNoPrediction) {
  Claim c = claim_of(Metric::token_rate, 100, "L40S");
  c.model = "llama-3.1-405b";
  const Audit a = audited(c);
  EXPECT_EQ(a.verdict, Verdict::contradicted);
  EXPECT_THAT(a.reason, HasSubstr("does not fit"));
}

// One procedure for all: whatever a claim says, there is a verdict with its reason, and the factors make the
// value that it rests on.
TEST(Verdict, OfEveryClaimInTheTable) {
  for (const ParameterSet& parameters : {ParameterSet::textbook(), ParameterSet::prior()})
    for (const Claim& claim : read_claims(CsvTable::read(CLAIMS_FILE))) {
      const Audit a = audited(claim, parameters);
      EXPECT_NE(a.reason, "") << claim.id;
      EXPECT_NE(a.settles, "") << claim.id;
      const std::optional<Reading>& rests_on = a.changed ? a.changed : a.stated;
      if (rests_on && rests_on->has_value()) {
        EXPECT_NEAR(product_of(a.factors) / rests_on->value, 1, 1e-9) << claim.id;
        EXPECT_TRUE(a.wall) << claim.id;
      }
      if (a.verdict == Verdict::holds_only_if) {
        EXPECT_FALSE(a.changes.empty()) << claim.id;
        EXPECT_LE(a.changes.size(), kMostChanges) << claim.id;
        EXPECT_EQ(standing(*a.changed, claim.low), Standing::met) << claim.id;
        EXPECT_NE(standing(*a.stated, claim.low), Standing::met) << claim.id;
      }
      const Audit again = audited(claim, parameters);
      EXPECT_EQ(again.reason, a.reason) << claim.id;
      EXPECT_EQ(again.changes, a.changes) << claim.id;
    }
}

}  // namespace
}  // namespace ironlaw
