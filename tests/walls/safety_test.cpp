// Wall 20 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

double output(const char* name, const char* port, const Values& in) {
  return outputs(function("20", name), in).at(port);
}

TEST(Privacy, WithoutABudgetItCostsNothing) {
  EXPECT_EQ(output("private_steps", "step_inflation", {}), 1);
  EXPECT_EQ(output("private_steps", "step_inflation", {{"dp_epsilon", 3}}), 10);
  EXPECT_EQ(output("clipped_step", "privacy_time", {{"node_time", 1}, {"backward_share", 2.0 / 3}}), 0);
  EXPECT_TRUE(std::isnan(output("accountant", "noise_multiplier",
                                {{"dataset_size", 1e6}, {"batch", 1000}, {"run_steps", 1000}})));
}

double distribution(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

// Inverting: the delta that a noise gives at a budget (Dong, Roth, Su; Bu et al.).
double delta_of(double noise, double epsilon, double sampled, double steps) {
  const double mu = sampled * std::sqrt(steps * std::expm1(1 / (noise * noise)));
  return distribution(mu / 2 - epsilon / mu) - std::exp(epsilon) * distribution(-mu / 2 - epsilon / mu);
}

TEST(Privacy, TheNoiseGivesTheBudgetBack) {
  for (const double epsilon : {0.1, 1.0, 8.0, 30.0})
    for (const double delta : {1e-5, 1e-8}) {
      const double noise = output("accountant", "noise_multiplier",
                                  {{"dp_epsilon", epsilon},
                                   {"dp_delta", delta},
                                   {"dataset_size", 1.28e6},
                                   {"batch", 16384},
                                   {"run_steps", 72000}});
      EXPECT_NEAR(delta_of(noise, epsilon, 16384 / 1.28e6, 72000) / delta, 1, 1e-6) << epsilon;
    }
}

TEST(Privacy, KnownPointsOfTheNormalPrivacyLoss) {
  // mu = 1 at epsilon 0 would be 2 Phi(1/2) - 1 = 0.38292; at epsilon 1: Phi(-1/2) - e Phi(-3/2) = 0.12694.
  const Values in = {{"dataset_size", 1e6}, {"batch", 1e4}, {"run_steps", 1e4}};
  const auto loss = [&](double epsilon, double delta) {
    return output("accountant", "gaussian_privacy_loss",
                  with(in, {{"dp_epsilon", epsilon}, {"dp_delta", delta}}));
  };
  EXPECT_NEAR(loss(1, distribution(-0.5) - std::exp(1.0) * distribution(-1.5)), 1, 1e-9);
  EXPECT_NEAR(loss(1e-9, 2 * distribution(0.5) - 1), 1, 1e-6);
  // The budget alone decides it; more steps are paid for with more noise.
  EXPECT_EQ(loss(3, 1e-6), output("accountant", "gaussian_privacy_loss",
                                  with(in, {{"dp_epsilon", 3}, {"dp_delta", 1e-6}, {"run_steps", 2e4}})));
}

TEST(Privacy, NoiseOfABatchThatIsTheDatasetIsBounded) {
  const Values in = {{"dp_epsilon", 1}, {"dataset_size", 1000}, {"run_steps", 100}};
  EXPECT_EQ(output("accountant", "noise_multiplier", with(in, {{"batch", 1000}})),
            output("accountant", "noise_multiplier", with(in, {{"batch", 4000}})));
  EXPECT_TRUE(std::isnan(
      output("accountant", "noise_multiplier", with(in, {{"batch", 10}, {"dataset_size", std::nan("")}}))));
}

TEST(Privacy, ClippingRunsTheBackwardPassAgain) {
  const Values step = {{"node_time", 0.9}, {"backward_share", 2.0 / 3}, {"dp_epsilon", 8}};
  const auto time = [&](const Values& changes) {
    return output("clipped_step", "privacy_time", with(step, changes));
  };
  // 0.9 s x 2/3 = 0.6 s of backward, once more; for each example's own gradient twice more.
  EXPECT_DOUBLE_EQ(time({}), 0.6);
  EXPECT_DOUBLE_EQ(time({{"dp_clipping", 1}}), 1.2);
  EXPECT_NEAR(time({{"ghost_clipping_passes", 0.05}}), 0.03, 1e-15);
  // A private step costs the same whatever the budget; mlsysim has 1 + 2/epsilon here.
  EXPECT_EQ(time({{"dp_epsilon", 0.1}}), time({{"dp_epsilon", 50}}));
}

TEST(Guard, AddsItsShareOfTheParameters) {
  const Values step = {{"node_time", 20e-3}, {"active_parameters", 70e9}};
  EXPECT_EQ(output("guard", "guard_time", step), 0);
  EXPECT_NEAR(output("guard", "guard_time", with(step, {{"guard_parameters", 8e9}})), 2.2857e-3, 1e-7);
  EXPECT_EQ(function("20", "guard").phases & IRONLAW_PHASE_TRAIN, 0u);
}

TEST(Subgroups, AMarginOfFivePercentTakes385Samples) {
  const Values out = outputs(function("20", "subgroups"), {{"subgroup_share", 0.01}});
  // 1.95996^2 x 0.25 / 0.0025.
  EXPECT_NEAR(out.at("subgroup_samples"), 384.146, 1e-3);
  // The reference's factor of data, 1/share, is between them.
  EXPECT_NEAR(out.at("evaluation_samples") / out.at("subgroup_samples"), 100, 1e-9);
  // 99% are 2.5758 deviations; a tenth of the margin takes a hundred times the samples.
  const auto samples = [](const Values& in) { return output("subgroups", "evaluation_samples", in); };
  EXPECT_NEAR(samples({{"subgroup_share", 1}, {"subgroup_confidence", 0.99}}), 663.49, 0.01);
  EXPECT_NEAR(samples({{"subgroup_share", 1}, {"subgroup_error", 0.005}}), 38414.6, 0.1);
  EXPECT_NEAR(samples({{"subgroup_share", 1}, {"subgroup_accuracy", 0.9}}), 384.146 * 0.36, 1e-3);
}

TEST(Subgroups, UnknownWithoutAShare) {
  for (const auto& [name, value] : outputs(function("20", "subgroups"), {}))
    EXPECT_TRUE(std::isnan(value)) << name;
}

}  // namespace
}  // namespace ironlaw
