// Answers: their terms, their ledger, and numbers that a person can check.
#include "framework/predict/predictor.hpp"

#include <cmath>

#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using testing::described;
using testing::grid;
using ::testing::HasSubstr;
using testing::message_of;
using testing::predictor;
using testing::scenario;
using testing::textbook;

// Time = FLOPs / (n x peak x MFU x eta x goodput), a ledger that ends in the time, and a wall that binds.
void expect_consistent(const Prediction& p) {
  const IronLaw& law = p.iron_law;
  ASSERT_TRUE(law.mfu.has_value());
  ASSERT_TRUE(law.eta_scaling.has_value());
  ASSERT_TRUE(law.goodput.has_value());
  EXPECT_LE(*law.goodput, 1);
  const double product = law.n * law.peak * *law.mfu * *law.eta_scaling * *law.goodput;
  EXPECT_NEAR(law.flops / product / p.outcome.time, 1, 1e-9);
  EXPECT_GT(*law.mfu, 0);
  EXPECT_LE(*law.mfu, 1 + 1e-9);
  EXPECT_LE(*law.eta_scaling, 1 + 1e-12);
  EXPECT_NEAR(p.peak_seconds * law.n * law.peak / law.flops, 1, 1e-12);

  double seconds = p.peak_seconds;
  double elasticity = 0;
  double largest = 0;
  for (const LedgerEntry& entry : p.ledger) {
    seconds += entry.seconds;
    elasticity += entry.elasticity;
    EXPECT_GE(entry.seconds, -1e-9 * p.outcome.time) << entry.name;
    EXPECT_GE(entry.elasticity, 0) << entry.name;
    if (!entry.in_time) {
      EXPECT_EQ(entry.seconds, 0) << entry.name;
      EXPECT_EQ(entry.elasticity, 0) << entry.name;
    }
    largest = std::max(largest, entry.elasticity);
  }
  EXPECT_NEAR(seconds / p.outcome.time, 1, 1e-9);
  EXPECT_NEAR(elasticity, 1, 1e-9);
  ASSERT_TRUE(p.binding.has_value());
  EXPECT_EQ(p.ledger[*p.binding].elasticity, largest);
  EXPECT_EQ(p.feasible, p.infeasible_because.empty());
  EXPECT_EQ(p.feasible, p.outcome.memory_headroom >= 0);
}

TEST(Answer, IsConsistentForEveryModelDeviceTaskAndPrecision) {
  int answered = 0, feasible = 0;
  for (const Scenario& s : grid())
    for (const ParameterSet& set : {ParameterSet::textbook(), ParameterSet::prior()}) {
      SCOPED_TRACE(described(s) + ", " + set.origin);
      const Prediction p = predictor().predict(s, set);
      expect_consistent(p);
      if (::testing::Test::HasFailure()) return;  // one is enough to read
      EXPECT_EQ(p.variance.has_value(), !set.is_textbook());
      EXPECT_EQ(p.interval90.has_value(), !set.is_textbook());
      if (p.interval90) {
        EXPECT_NEAR(std::log(p.interval90->high / p.outcome.time), p.variance->half90(), 1e-9);
        EXPECT_GT(p.variance->half90(), 0);
        // Symmetric around the answer on the log scale.
        EXPECT_NEAR(p.interval90->low * p.interval90->high / std::pow(p.outcome.time, 2), 1, 1e-9);
      }
      ++answered;
      feasible += p.feasible;
    }
  EXPECT_GT(answered, 2000);
  EXPECT_GT(feasible, answered / 2);
}

// The context ranks of a replica are devices too.
TEST(Answer, IsConsistentWithContextParallelism) {
  Scenario s = scenario("llama-3.1-8b", "h100", Task::train, 8, Precision::bf16,
                        {.tensor = 2, .pipeline = 2, .data = 2, .context = 2});
  const Prediction p = textbook(s);
  expect_consistent(p);
  EXPECT_EQ(p.iron_law.n, 16);
  // The model FLOPs of a batch do not depend on how it is spread.
  s.split = {.tensor = 2, .pipeline = 2, .data = 2};
  EXPECT_NEAR(p.iron_law.flops / textbook(s).iron_law.flops, 1, 1e-9);
}

TEST(Answer, CalibratedIsSlowerThanTheTextbook) {
  for (const Task task : {Task::train, Task::prefill, Task::decode}) {
    const Scenario s = scenario("llama-3.1-8b", "h100", task, 8);
    EXPECT_GT(predictor().predict(s, ParameterSet::prior()).outcome.time, textbook(s).outcome.time);
  }
}

TEST(Textbook, DecodingReadsTheWeights) {
  const Prediction p = textbook(scenario("llama-3.1-8b", "h100", Task::decode));
  // 8.03e9 parameters at 2 B are 16.06 GB; 1.05 GB of them are the embedding table, of which a token reads a
  // row. The rest over 3.35 TB/s is 4.48 ms; the cache of one request and activations add little.
  const double weights =
      p.resolved.inputs[static_cast<std::size_t>(p.resolved.pipeline->input("stored_weight_bytes"))];
  EXPECT_NEAR(weights, 16.06e9, 0.01e9);
  const double least = (weights - 128256.0 * 4096 * 2) / 3.35e12;
  EXPECT_GT(p.outcome.time, least);
  EXPECT_LT(p.outcome.time, 1.05 * least);
  EXPECT_LT(p.outcome.time, 1.05 * weights / 3.35e12);
  EXPECT_EQ(p.ledger[*p.binding].name, "memory");
  EXPECT_NEAR(p.throughput, 1 / p.outcome.time, 1e-9 / p.outcome.time);
  EXPECT_EQ(p.throughput_unit, "tokens/s");
}

TEST(Textbook, AFasterPeakDoesNotHelpDecoding) {
  const Prediction a100 = textbook(scenario("llama-3.1-8b", "a100", Task::decode));
  const Prediction h100 = textbook(scenario("llama-3.1-8b", "h100", Task::decode));
  EXPECT_NEAR(h100.iron_law.peak / a100.iron_law.peak, 3.17, 0.01);  // 989.4 / 312
  const double faster = a100.outcome.time / h100.outcome.time;       // bandwidth: 3350 / 2039 = 1.64
  EXPECT_GT(faster, 1.6);
  EXPECT_LT(faster, 1.7);
}

TEST(Textbook, ALongPromptIsBoundByThePeak) {
  Scenario s = scenario("llama-3.1-8b", "h100", Task::prefill, 1);
  s.input_len = 8192;
  const Prediction p = textbook(s);
  EXPECT_EQ(p.ledger[*p.binding].name, "compute");
  // 2 FLOP x 7.5e9 parameters x 8192 tokens = 123 TFLOP, and attention; at 989.4 TFLOP/s at least 124 ms.
  EXPECT_GT(p.outcome.time, 2 * 6.9e9 * 8192 / 989.4e12);
  EXPECT_GT(*p.iron_law.mfu, 0.8);
}

TEST(Infeasible, IsAnsweredWithTheReason) {
  const Prediction p = textbook(scenario("llama-3.1-70b", "h100", Task::decode));
  EXPECT_FALSE(p.feasible);
  // 70.6e9 parameters at 2 B are 141.1 GB; the H100 has 85.9 GB.
  EXPECT_THAT(p.infeasible_because, HasSubstr("llama-3.1-70b does not fit on 1 H100-SXM-80GB"));
  EXPECT_THAT(p.infeasible_because, HasSubstr("85.9 GB"));
  EXPECT_THAT(p.infeasible_because, HasSubstr("weights 141.1 GB"));
  EXPECT_GT(p.outcome.time, 0);
  EXPECT_TRUE(
      textbook(scenario("llama-3.1-70b", "h100", Task::decode, 1, Precision::fp16, {.tensor = 8})).feasible);
}

TEST(Hardware, ATpuHasNoFp16AndWorksAtBf16) {
  const Prediction p = textbook(scenario("llama-3.1-8b", "tpu-v5p", Task::decode, 8, Precision::bf16));
  EXPECT_GT(p.outcome.time, 0);
  EXPECT_TRUE(p.feasible);
  EXPECT_EQ(p.iron_law.peak, 459e12);
}

TEST(Hardware, AnUnknownNetworkIsNamed) {
  // Nobody published what a usual node gives each MI300X.
  const Scenario s =
      scenario("llama-3.1-70b", "mi300x", Task::train, 32, Precision::bf16, {.tensor = 8, .data = 2});
  const std::string message = message_of([&] { textbook(s); });
  EXPECT_EQ(message,
            "wall 14 communication (collectives) cannot compute collective_time: network_bandwidth is "
            "unknown for MI300X.");
  // With derivatives the same, and one node needs no network.
  EXPECT_EQ(message_of([&] { predictor().predict(s, ParameterSet::prior()); }), message);
  EXPECT_GT(predictor()
                .predict(scenario("llama-3.1-70b", "mi300x", Task::train, 32, Precision::bf16, {.tensor = 8}),
                         ParameterSet::prior())
                .outcome.time,
            0);
}

TEST(Throughput, CountsWhatTheTaskProduces) {
  const auto rate = [](const char* model, Task task, double batch) {
    const Prediction p = textbook(scenario(model, "h100", task, batch));
    return std::pair{p.throughput * p.outcome.time, p.throughput_unit};
  };
  EXPECT_NEAR(rate("llama-3.1-8b", Task::prefill, 4).first, 4 * 870.73, 1e-6);  // prompt tokens
  EXPECT_NEAR(rate("llama-3.1-8b", Task::decode, 4).first, 4, 1e-9);
  EXPECT_NEAR(rate("llama-3.1-8b", Task::train, 4).first, 4 * 8192, 1e-6);
  EXPECT_NEAR(rate("resnet-50", Task::prefill, 4).first, 4, 1e-9);
  EXPECT_EQ(rate("resnet-50", Task::prefill, 4).second, "samples/s");
  // Offline: every running request gets its whole answer in a cycle.
  const Prediction p = textbook(scenario("llama-3.1-8b", "h100", Task::offline, 64));
  EXPECT_EQ(p.outcome.requests, 64);
  EXPECT_NEAR(p.throughput * p.outcome.time, 64 * 128, 1e-6);
}

TEST(Throughput, ReplicasMultiplyIt) {
  const double one = textbook(scenario("llama-3.1-8b", "h100", Task::offline, 64)).throughput;
  const Prediction eight =
      textbook(scenario("llama-3.1-8b", "h100", Task::offline, 64 * 8, Precision::fp16, {.data = 8}));
  EXPECT_NEAR(eight.throughput / one, 8, 1e-9);
  EXPECT_EQ(eight.iron_law.n, 8);
}

// ---- uncertainty -----------------------------------------------------------------------------------------
TEST(Variance, ThePriorCountsEveryUnseenScopeAndAFitOnlyItsPosterior) {
  const Case c = testing::case_of(scenario("llama-3.1-8b", "h100", Task::decode));
  const auto stride = Evaluator::gradient_stride(*c.pipeline);
  std::vector<double> gradient(stride, 0.0);
  const int stream = c.pipeline->parameter("stream_efficiency");
  ASSERT_GE(stream, 0);
  gradient[static_cast<std::size_t>(stream)] = -0.5;

  ParameterSet set = ParameterSet::prior();
  LogVariance v = log_variance(c, gradient, set);
  // prior sd 0.4, and vendor, family, device, class and model at the default spread of 0.2, times 0.5
  // squared.
  EXPECT_NEAR(v.unseen, 0.25 * (0.16 + 5 * 0.04), 1e-12);
  EXPECT_EQ(v.parameters, 0);
  EXPECT_EQ(v.noise, 0);

  set.add({"stream_efficiency", ironlaw_scope{}, "", 0.4, 0, 0});
  set.add({"stream_efficiency", IRONLAW_SCOPE_VENDOR, "NVIDIA", 0.3, 0, 0});
  v = log_variance(c, gradient, set);
  EXPECT_NEAR(v.unseen, 0.25 * 4 * 0.04, 1e-12);
  EXPECT_NEAR(v.parameters, 0.25 * (0.16 + 0.09), 1e-12);
  // Two entries that are known only in their sum.
  set.covariance = {0.1, -0.1, -0.1, 0.1};
  set.noise = {{"decoder inference", 0.3}, {"decoder training", 9}};
  v = log_variance(c, gradient, set);
  EXPECT_NEAR(v.parameters, 0, 1e-12);
  EXPECT_NEAR(v.noise, 0.09, 1e-12);
  // 90% of Student's t with four degrees of freedom lie within 2.132 scales; unseen levels and noise are so.
  EXPECT_NEAR(v.half90(), 2.1318 * std::sqrt(0.25 * 0.16 + 0.09), 1e-4);
  EXPECT_NEAR(v.half50(), 0.7407 * std::sqrt(0.25 * 0.16 + 0.09), 1e-4);
  // The errors that the fit found of what is as new as this case are the least that the interval holds.
  const std::string software = c.slots[0].key.software;
  set.novelty_errors = {{software + ", " + set.novelty(c.slots[0].key), 2.1318467863}};
  EXPECT_NEAR(log_variance(c, gradient, set).unseen, 1 - 0.09, 1e-9);
  set.novelty_errors.begin()->second = 0.1;
  EXPECT_NEAR(log_variance(c, gradient, set).unseen, 0.04, 1e-12);
  set.novelty_errors.clear();
  // A group without a noise of its own gets the largest.
  set.noise = {{"encoder inference", 0.3}, {"decoder training", 0.5}};
  EXPECT_NEAR(log_variance(c, gradient, set).noise, 0.25, 1e-12);
}

}  // namespace
}  // namespace ironlaw
