// What the model says of a claim under conditions.
#include "framework/audit/reader.hpp"

#include "tests/audit/support.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;
using ::testing::HasSubstr;

const ParameterSet kTextbook = ParameterSet::textbook();
const ParameterSet kPrior = ParameterSet::prior();

struct Asked {
  explicit Asked(const Claim& claim, const ParameterSet& parameters = kTextbook,
                 std::span<const RentalPrice> prices = {})
      : subject(resolve(claim, host())),
        reader(subject, predictor(), parameters, prices),
        stated(stated_conditions(subject)) {}
  Subject subject;
  Reader reader;
  Conditions stated;
};

Claim throughput_claim(const char* product, const char* baseline, const char* model) {
  Claim c = claim_of(Metric::throughput_ratio, 2, product, baseline);
  c.model = model;
  return c;
}

TEST(Reader, FiguresTimesDevices) {
  Asked s(claim_of(Metric::peak, 1, "H100-SXM-80GB"));
  s.stated.product.precision = Precision::fp8;
  EXPECT_DOUBLE_EQ(s.reader.read(s.stated).value, 1978.9e12);
  s.stated.product.devices = 72;
  EXPECT_DOUBLE_EQ(s.reader.read(s.stated).value, 72 * 1978.9e12);
  s.stated.product.is_sparse = true;
  EXPECT_DOUBLE_EQ(s.reader.read(s.stated).value, 72 * 3957.8e12);
  EXPECT_FALSE(s.reader.read(s.stated).interval90);
  s.stated.product.precision = Precision::fp4;
  const Reading none = s.reader.read(s.stated);
  EXPECT_TRUE(none.is_unknown);
  EXPECT_THAT(none.refused, HasSubstr("H100-SXM-80GB in the catalogue has no sparse fp4 peak"));
}

// One request's token reads all weights: the ratio is that of the bandwidths, 4.8 to 3.35 TB/s.
TEST(Reader, ADecodeIsBandwidth) {
  Claim c = claim_of(Metric::latency_ratio, 1.4, "H200-SXM-141GB", "H100-SXM-80GB");
  c.model = "llama-3.1-8b";
  Asked s(c);
  EXPECT_NEAR(s.reader.read(s.stated).value, 4.8 / 3.35, 0.01);
}

TEST(Reader, TheSameOnBothSidesIsOne) {
  for (const ParameterSet& parameters : {kTextbook, kPrior}) {
    Asked s(throughput_claim("A100-SXM-80GB", "A100-SXM-80GB", "llama-3.1-8b"), parameters);
    EXPECT_DOUBLE_EQ(s.reader.read(s.stated).value, 1);
  }
}

// What both sides rest on cancels: less uncertain than either alone.
TEST(Reader, ARatioIsSurerThanItsSides) {
  Asked ratio(throughput_claim("H200-SXM-141GB", "H100-SXM-80GB", "llama-3.1-8b"), kPrior);
  Claim alone = claim_of(Metric::token_rate, 1, "H200-SXM-141GB");
  alone.model = "llama-3.1-8b";
  Asked one(alone, kPrior);
  const Reading both = ratio.reader.read(ratio.stated);
  const Reading single = one.reader.read(one.stated);
  ASSERT_TRUE(both.interval90 && single.interval90);
  EXPECT_LT(both.interval90->high / both.value, single.interval90->high / single.value);
}

TEST(Reader, EnoughDevicesForTheModel) {
  Claim c = throughput_claim("H100-SXM-80GB", "A100-SXM-80GB", "llama-2-70b");
  c.product.devices.reset();
  c.baseline->devices.reset();
  Asked s(c);  // 138 GB of weights at 16 bits on devices of 85.9 GB
  const Conditions enough = s.reader.on_enough_devices(s.stated);
  EXPECT_EQ(enough.product.devices, 2);
  EXPECT_EQ(enough.baseline.devices, 2);
  // One that is stated is left as it is, and does not fit.
  c.product.devices = 1;
  Asked stated(c);
  EXPECT_EQ(stated.reader.on_enough_devices(stated.stated).product.devices, 1);
  const Reading r = stated.reader.read(stated.stated);
  EXPECT_FALSE(r.has_value());
  EXPECT_FALSE(r.is_unknown);
  EXPECT_THAT(r.refused, HasSubstr("does not fit"));
}

TEST(Reader, ATighterLatencyLeavesLess) {
  Claim c = claim_of(Metric::token_rate, 1, "H100-SXM-80GB");
  c.model = "llama-3.1-8b";
  Asked s(c);
  double before = s.reader.read(s.stated).value;
  for (const double limit : {0.1, 0.02, 0.01, 0.007}) {
    s.stated.latency = limit;
    const Reading r = s.reader.read(s.stated);
    ASSERT_TRUE(r.has_value()) << limit;
    EXPECT_LE(r.value, before * (1 + 1e-9)) << limit;
    before = r.value;
  }
  s.stated.latency = 1e-3;  // 15 GB of weights in 1 ms are 15 TB/s
  const Reading r = s.reader.read(s.stated);
  EXPECT_FALSE(r.has_value() || r.is_unknown);
}

TEST(Reader, PerfectSoftwareIsTheLimit) {
  for (const char* product : {"A100-SXM-80GB", "H100-SXM-80GB", "MI300X"}) {
    Asked s(throughput_claim(product, "A100-SXM-80GB", "llama-3.1-8b"), kPrior);
    EXPECT_GE(s.reader.limit(s.stated).value, s.reader.read(s.stated).value) << product;
  }
  Asked figure(claim_of(Metric::bandwidth, 1, "H100-SXM-80GB"));
  EXPECT_EQ(figure.reader.limit(figure.stated).value, 3.35e12);
}

TEST(Reader, WorkADollarNeedsBothPrices) {
  Claim c = throughput_claim("H100-SXM-80GB", "A100-SXM-80GB", "llama-3.1-8b");
  Asked speed(c);
  const double faster = speed.reader.read(speed.stated).value;
  c.metric = Metric::cost_ratio;
  const std::vector<RentalPrice> prices = {{"H100-SXM-80GB", "P", "", "on-demand", 3, "2025", "s", ""},
                                           {"A100-SXM-80GB", "P", "", "on-demand", 2, "2025", "s", ""}};
  Asked cost(c, kTextbook, prices);
  EXPECT_NEAR(cost.reader.read(cost.stated).value, faster * 2 / 3, 1e-9);
  Asked unknown(c, kTextbook, std::span(prices).first(1));
  EXPECT_TRUE(unknown.reader.read(unknown.stated).is_unknown);
  EXPECT_THAT(unknown.reader.read(unknown.stated).refused, HasSubstr("rental price of A100-SXM-80GB"));
}

}  // namespace
}  // namespace ironlaw
