// Claims in people's own words.
#include "framework/audit/free_claim.hpp"

#include "tests/audit/support.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;
using ::testing::HasSubstr;

Claim parsed(std::string_view text) {
  return parse_free_claim(text, host());
}
std::string refused(std::string_view text) {
  return message_of([&] { parsed(text); });
}

TEST(FreeClaim, TheUsualForm) {
  const Claim c = parsed("H100 30x A100 llm inference");
  EXPECT_EQ(c.product.target, "H100-SXM-80GB");
  EXPECT_EQ(c.baseline->target, "A100-SXM-80GB");
  EXPECT_EQ(c.low, 30);
  EXPECT_EQ(c.metric, Metric::throughput_ratio);
  EXPECT_EQ(c.task, Task::offline);
  EXPECT_EQ(c.model, "");
  EXPECT_FALSE(c.product.precision || c.product.batch || c.product.devices);
}

TEST(FreeClaim, SaysTheSameInOtherWords) {
  for (const char* text :
       {"the H100 is up to 30 times faster than the A100 in LLM inference",
        "H100 SXM, 30x over A100-SXM-80GB: inference", "h100 30 x a100 inference throughput"}) {
    const Claim c = parsed(text);
    EXPECT_EQ(c.product.target, "H100-SXM-80GB") << text;
    EXPECT_EQ(c.baseline->target, "A100-SXM-80GB") << text;
    EXPECT_EQ(c.low, 30) << text;
    EXPECT_EQ(c.metric, Metric::throughput_ratio) << text;
  }
}

TEST(FreeClaim, Metrics) {
  EXPECT_EQ(parsed("H100 9x A100 training").metric, Metric::training_time_ratio);
  EXPECT_EQ(parsed("H100 6x A100 peak").metric, Metric::peak_ratio);
  EXPECT_EQ(parsed("H200 1.4x H100 memory bandwidth").metric, Metric::bandwidth_ratio);
  EXPECT_EQ(parsed("H200 1.8x H100 memory").metric, Metric::capacity_ratio);
  EXPECT_EQ(parsed("MI300X 1.4x H100 latency llama 2 70b").metric, Metric::latency_ratio);
  EXPECT_EQ(parsed("H100 3x A100 energy efficiency inference").metric, Metric::energy_ratio);
  EXPECT_EQ(parsed("H100 2x A100 cost inference").metric, Metric::cost_ratio);
  EXPECT_EQ(parsed("H100 40% more throughput than A100").low, 1.4);
}

TEST(FreeClaim, Values) {
  EXPECT_EQ(parsed("H100 3,958 TFLOP/s fp8").metric, Metric::peak);
  EXPECT_EQ(parsed("H100 3,958 TFLOP/s fp8").low, 3958e12);
  EXPECT_EQ(parsed("H100 3958TFLOPS peak fp8").low, 3958e12);
  EXPECT_EQ(parsed("H200 12000 tok/s llama-3.1-8b fp8").metric, Metric::token_rate);
  EXPECT_EQ(parsed("H200 120 tok/s/user llama-3.1-8b").metric, Metric::user_token_rate);
  EXPECT_EQ(parsed("H200 4.8 TB/s").metric, Metric::bandwidth);
  EXPECT_DOUBLE_EQ(parsed("H100 47% mfu").low, 0.47);
  EXPECT_EQ(parsed("H100 47% mfu").metric, Metric::mfu);
}

TEST(FreeClaim, Conditions) {
  const Claim c = parsed("8 H100 fp8 sparse 30x 4 A100 bf16 batch 8 Llama 2 70B decode 20ms");
  EXPECT_EQ(c.product.devices, 8);
  EXPECT_EQ(c.baseline->devices, 4);
  EXPECT_EQ(c.product.precision, Precision::fp8);
  EXPECT_EQ(c.baseline->precision, Precision::bf16);
  EXPECT_EQ(c.product.is_sparse, true);
  EXPECT_FALSE(c.baseline->is_sparse);
  EXPECT_EQ(c.baseline->batch, 8);
  EXPECT_EQ(c.model, "llama-2-70b");
  EXPECT_EQ(c.task, Task::decode);
  EXPECT_DOUBLE_EQ(*c.latency, 0.02);
  // Given once, behind the value: of both.
  EXPECT_EQ(parsed("H100 2x A100 inference bf16 batch 8").product.batch, 8);
  EXPECT_EQ(parsed("H100 2x A100 inference bf16").product.precision, Precision::bf16);
  EXPECT_EQ(parsed("DGX H100 2x DGX A100 inference").baseline->devices, 8);
  EXPECT_EQ(parsed("8x H100 2x 8x A100 inference").product.devices, 8);
  EXPECT_EQ(parsed("8x H100 2x 8x A100 inference").low, 2);
}

TEST(FreeClaim, NothingIsPassedOver) {
  EXPECT_THAT(refused("H100 30x A100 llm inferense"), HasSubstr("'inferense' is not understood"));
  EXPECT_THAT(refused("H100 30x A100 llm inferense"), HasSubstr("Did you mean inference"));
  EXPECT_THAT(refused("H100 30x A1000000 inference"), HasSubstr("'A1000000' is not understood"));
  EXPECT_THAT(refused("H100 30x A100 inference quickly"), HasSubstr("'quickly'"));
  EXPECT_THAT(refused("H100 30x A100"), HasSubstr("does not say what is compared"));
  EXPECT_THAT(refused("H100 30x 40% A100 inference"), HasSubstr("two values"));
  EXPECT_THAT(refused("H100 30x A100 B200 inference"), HasSubstr("third device"));
  EXPECT_THAT(refused("H100 30x A100 latency bandwidth"), HasSubstr("must be one of them"));
  EXPECT_THAT(refused("H100 30x A100 llama-2-70b llama-3.1-8b inference"), HasSubstr("two models"));
  EXPECT_THAT(refused("H100 30x A100 batch many inference"), HasSubstr("behind 'batch'"));
  EXPECT_THAT(refused(""), HasSubstr("empty"));
  EXPECT_THAT(refused("   "), HasSubstr("empty"));
}

TEST(FreeClaim, GarbageIsRefusedAndNeverCrashes) {
  for (const char* text :
       {"x", "30x", "-5x", "nanx infx", "1e999x", "%", "\xff\xfe", "((((", "8x 8x 8x", "NVL",
        "nvl99999999999999999999", "batch", "H100 0x A100 inference", "99999999999 H100 2x A100 peak"})
    EXPECT_THROW(
        {
          Claim c = parsed(text);
          settle_free_claim(c, host());
        },
        Error)
        << text;
}

TEST(FreeClaim, Settles) {
  Claim no_baseline = parsed("H100 30x inference");
  EXPECT_THAT(message_of([&] { settle_free_claim(no_baseline, host()); }), HasSubstr("names no baseline"));
  Claim no_value = parsed("H100 A100 inference");
  EXPECT_THAT(message_of([&] { settle_free_claim(no_value, host()); }), HasSubstr("has no value"));
  Claim by_flags = claim_of(Metric::throughput_ratio, 2, "h100", "a100");
  settle_free_claim(by_flags, host());
  EXPECT_EQ(by_flags.product.target, "H100-SXM-80GB");
  by_flags.model = "llama-17";
  EXPECT_THAT(message_of([&] { settle_free_claim(by_flags, host()); }), HasSubstr("llama-17"));
}

}  // namespace
}  // namespace ironlaw
