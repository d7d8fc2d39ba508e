// Wall 5 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

const Values kMemory = {{"closed_loop", 1},      {"configured_requests", 0},
                        {"request_limit", 2048}, {"mean_context", 1000},
                        {"usable_memory", 72e9}, {"resident_weight_bytes", 15e9},
                        {"working_bytes", 1e9},  {"kv_bytes_per_token", 131072},
                        {"input_len", 800},      {"generated_len", 400},
                        {"sequences", 1},        {"beams", 1}};
double running(const Values& in) {
  return outputs(function("5", "admission"), in).at("running_requests");
}

TEST(Batching, MemoryHoldsWhatTheWeightsLeave) {
  // Llama 3.1 8B at FP16: 2 x 32 layers x 8 heads x 128 x 2 B = 131072 B a token; (72 - 15 - 1) GB over
  // 131.072 MB a request are 427.25 requests.
  EXPECT_NEAR(running(kMemory), 427.246, 1e-3);
}

TEST(Batching, SoftwareLimitsComeFirst) {
  EXPECT_EQ(running(with(kMemory, {{"request_limit", 64}})), 64);
  EXPECT_EQ(running(with(kMemory, {{"configured_requests", 100}})), 100);
  EXPECT_NEAR(running(with(kMemory, {{"configured_requests", 1000}})), 427.246, 1e-3);
  // What is configured replaces the default limit.
  EXPECT_EQ(running(with(kMemory, {{"configured_requests", 100}, {"request_limit", 64}})), 100);
}

TEST(Batching, OneRequestIsKeptWhereNoneFits) {
  EXPECT_EQ(running(with(kMemory, {{"resident_weight_bytes", 80e9}})), 1);
  EXPECT_EQ(running(with(kMemory, {{"mean_context", 1e6}})), 1);
}

TEST(Batching, WithoutACacheMemoryDoesNotLimit) {
  EXPECT_EQ(running(with(kMemory, {{"kv_bytes_per_token", 0}})), 2048);
  EXPECT_EQ(running(with(kMemory, {{"kv_bytes_per_token", 0}, {"configured_requests", 32}})), 32);
}

TEST(Batching, OutsideTheLoopTheScenarioSaysHowMany) {
  // Also more than fit: the memory gate tells.
  EXPECT_EQ(running(with(kMemory, {{"closed_loop", 0}, {"configured_requests", 5000}})), 5000);
}

TEST(Batching, AStaticCacheHoldsWholeLengths) {
  const Values whole = with(kMemory, {{"kv_allocation", 1}});
  EXPECT_NEAR(running(whole), 427.246 / 1.2, 1e-3);                            // 800 + 400 tokens each
  EXPECT_NEAR(running(with(whole, {{"max_len", 4000}})), 427.246 / 4, 1e-3);   // the longest allowed
  EXPECT_NEAR(running(with(whole, {{"max_len", 100}})), 427.246 / 1.2, 1e-3);  // never less than the answer
  EXPECT_EQ(running(with(kMemory, {{"max_len", 4000}})), running(kMemory));    // pages do not care
}

TEST(Batching, EverySequenceKeepsItsOwnTokens) {
  EXPECT_NEAR(running(with(kMemory, {{"sequences", 4}})), 427.246 / 4, 1e-3);
  // The beams are in the bytes already.
  EXPECT_EQ(running(with(kMemory, {{"sequences", 4}, {"beams", 4}})), running(kMemory));
}

// ---- slots
// ------------------------------------------------------------------------------------------------- Llama 3.1
// 8B on an H100: 80 GiB, 8.03e9 parameters at 2 B, requests of 2048 tokens, 8192 at the most.
const Values kSlots = {{"request_limit", 1e9},
                       {"input_len", 1536},
                       {"generated_len", 512},
                       {"sequences", 1},
                       {"beams", 1},
                       {"max_len", 8192},
                       {"usable_memory", 80.0 * (1 << 30)},
                       {"resident_weight_bytes", 16.06e9},
                       {"weight_bytes", 16.06e9},
                       {"working_bytes", 0},
                       {"kv_bytes_per_token", 131072},
                       {"memory_bandwidth", 3.35e12}};
Values slots(const Values& changes) {
  return outputs(function("5", "slots"), with(kSlots, changes));
}

// Rows W5-* of expected_values.csv.
TEST(Slots, ReproducesTheReference) {
  const Values out = slots({});
  EXPECT_EQ(out.at("static_requests"), 65);
  EXPECT_DOUBLE_EQ(out.at("static_fragmentation"), 0.75);
  EXPECT_NEAR(out.at("static_token_rate"), 6498.389051294002, 1e-8);
  EXPECT_EQ(out.at("paged_requests"), 259);
  EXPECT_NEAR(out.at("paged_fragmentation"), 0.0038190447591995857, 1e-13);
  EXPECT_NEAR(out.at("paged_token_rate"), 10137.900319799353, 1e-8);
  EXPECT_NEAR(out.at("paged_speedup"), 1.560063615732676, 1e-12);
  const Values coarse = slots({{"kv_page_tokens", 2048}});
  EXPECT_EQ(coarse.at("paged_requests"), 165);
  EXPECT_NEAR(coarse.at("paged_fragmentation"), 0.3626085093684578, 1e-11);
  EXPECT_NEAR(coarse.at("paged_token_rate"), 9158.79128480552, 1e-8);
  EXPECT_NEAR(coarse.at("paged_speedup"), 1.409394114835547, 1e-12);
}

TEST(Slots, WithoutASpreadOnlyTheLastPageIsWasted) {
  // 2048 tokens are 128 pages of 16, or 3 of 1000 (of which 952 tokens are empty: 0.3173).
  for (const double longest : {0.0, 2048.0}) {
    const Values out = slots({{"max_len", longest}});
    EXPECT_EQ(out.at("static_requests"), 260);  // 69.84 GB / 0.2684 GB = 260.17
    EXPECT_EQ(out.at("paged_requests"), 260);
    EXPECT_EQ(out.at("static_fragmentation"), 0);
    EXPECT_NEAR(out.at("paged_fragmentation"), 0, 1e-15);
    EXPECT_DOUBLE_EQ(out.at("paged_speedup"), 1);
    EXPECT_NEAR(slots({{"max_len", longest}, {"kv_page_tokens", 1000}}).at("paged_fragmentation"),
                952.0 / 3000, 1e-12);
  }
}

TEST(Slots, PagesAreNeverWorseThanWholeReservations) {
  for (const double page : {1.0, 16.0, 256.0, 2048.0})
    for (const double longest : {2048.0, 2049.0, 3000.0, 10000.0, 1e6}) {
      const Values out = slots({{"kv_page_tokens", page}, {"max_len", longest}});
      if (longest >= 2048 + page) {
        EXPECT_GE(out.at("paged_requests"), out.at("static_requests"));
      }
      EXPECT_GE(out.at("paged_fragmentation"), -1e-12);
      EXPECT_LE(out.at("paged_fragmentation"), 1 - 2048 / (2048 + page) + 1e-12);  // at most one page more
    }
}

TEST(Slots, TheSchedulerLimitsThem) {
  const Values out = slots({{"request_limit", 100}});
  EXPECT_EQ(out.at("static_requests"), 65);
  EXPECT_EQ(out.at("paged_requests"), 100);
}

TEST(Slots, NothingFitsBesideTooLargeWeights) {
  const Values out = slots({{"resident_weight_bytes", 90e9}});
  EXPECT_EQ(out.at("static_requests"), 0);
  EXPECT_EQ(out.at("paged_token_rate"), 0);
  EXPECT_TRUE(std::isnan(out.at("paged_speedup")));
}

}  // namespace
}  // namespace ironlaw
