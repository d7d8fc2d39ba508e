// What a user overrides: inputs, figures, parameters, and what a wall would have made.
#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using testing::case_of;
using ::testing::HasSubstr;
using testing::message_of;
using testing::predictor;
using testing::scenario;
using testing::textbook;

Scenario with(Scenario s, const char* name, double value) {
  s.given[name] = {value, "--set"};
  return s;
}
Scenario decode() {
  return scenario("llama-3.1-8b", "h100", Task::decode, 8);
}
const Account& account(const Prediction& p, const std::string& name) {
  for (const Account& a : p.accounts)
    if (a.name == name) return a;
  throw Error("no account " + name);
}

TEST(Given, AFigureOfTheDatasheetChangesWhatFollowsFromIt) {
  const double usual = textbook(decode()).outcome.time;
  const Prediction faster = textbook(with(decode(), "memory_bandwidth", 6.7e12));
  EXPECT_NEAR(faster.outcome.time, usual / 2, 1e-9 * usual);  // textbook decode follows the bandwidth alone
  const Case c = case_of(with(decode(), "memory_bandwidth", 6.7e12));
  const auto input = static_cast<std::size_t>(c.pipeline->input("memory_bandwidth"));
  EXPECT_EQ(c.origins[input], Origin::given);
  EXPECT_EQ(c.inputs[input], 6.7e12);
}

TEST(Given, PeaksRiseTogetherOrAlone) {
  Scenario s = scenario("llama-3.1-8b", "h100", Task::prefill, 4);
  const Prediction usual = textbook(s);
  const Prediction all = textbook(with(s, "peak_flops", 2 * 989.4e12));
  EXPECT_EQ(all.iron_law.peak, 2 * 989.4e12);
  EXPECT_LT(all.outcome.time, 0.6 * usual.outcome.time);
  EXPECT_EQ(textbook(with(s, "peak_fp8", 1e15)).outcome.time, usual.outcome.time);  // fp16 is not fp8
  // A precision that the datasheet lacks may be supposed.
  s.precision = Precision::fp4;
  EXPECT_THAT(message_of([&] { textbook(s); }), HasSubstr("has no dense fp4 peak"));
  EXPECT_EQ(textbook(with(s, "peak_fp4", 4e15)).iron_law.peak, 4e15);
}

TEST(Given, AParameterIsFixedAndHasNoUncertaintyLeft) {
  const Prediction p = predictor().predict(with(decode(), "stream_efficiency", 0.5), ParameterSet::prior());
  const Prediction usual = predictor().predict(decode(), ParameterSet::prior());
  EXPECT_GT(p.outcome.time, usual.outcome.time);
  EXPECT_LT(p.variance->parameters + p.variance->unseen, usual.variance->parameters + usual.variance->unseen);
  EXPECT_THAT(message_of([&] { textbook(with(decode(), "stream_efficiency", 1.5)); }),
              HasSubstr("stream_efficiency is 1.5 1; allowed is 0 to 1."));
}

TEST(Given, WhatAWallMakesIsForced) {
  const Scenario s = scenario("llama-3.1-8b", "h100", Task::offline, 0);
  EXPECT_EQ(textbook(with(s, "running_requests", 17)).outcome.requests, 17);
  // An operator's own column, on every operator.
  const Prediction half =
      textbook(with(scenario("llama-3.1-8b", "h100", Task::prefill, 4), "compute_efficiency", 0.5));
  EXPECT_GT(half.outcome.time,
            1.8 * textbook(scenario("llama-3.1-8b", "h100", Task::prefill, 4)).outcome.time);
  EXPECT_NEAR(textbook(with(decode(), "goodput", 0.8)).outcome.time, textbook(decode()).outcome.time / 0.8,
              1e-9);
}

TEST(Given, ForcingAValueToItselfChangesNothing) {
  const Scenario s = scenario("llama-3.1-8b", "h100", Task::offline, 0);
  const Prediction p = textbook(s);
  EXPECT_NEAR(textbook(with(s, "running_requests", p.outcome.requests)).outcome.time, p.outcome.time,
              1e-12 * p.outcome.time);
  EXPECT_EQ(textbook(with(s, "memory_bandwidth", 3.35e12)).outcome.time, p.outcome.time);
}

TEST(Given, SettingsFillAccounts) {
  EXPECT_TRUE(std::isnan(account(textbook(decode()), "run_carbon").value));
  EXPECT_THAT(account(textbook(decode()), "run_carbon").unknown, ::testing::ElementsAre("carbon_intensity"));
  const Prediction p = textbook(with(decode(), "carbon_intensity", 1e-7));
  EXPECT_NEAR(account(p, "run_carbon").value, account(p, "run_energy").value * 1e-7, 1e-15);
}

TEST(Given, WhatFollowsFromOtherChoicesOrIsUnknownIsRefused) {
  EXPECT_THAT(message_of([&] { textbook(with(decode(), "devices", 4)); }),
              HasSubstr("devices follows from other choices: use --gpus"));
  EXPECT_THAT(message_of([&] { textbook(with(decode(), "memory_bandwith", 4)); }),
              HasSubstr("Did you mean memory_bandwidth"));
  EXPECT_THAT(message_of([&] { textbook(with(decode(), "pue", 0.2)); }), HasSubstr("pue is 0.2"));
  EXPECT_THAT(message_of([&] { textbook(with(decode(), "pue", std::nan(""))); }), HasSubstr("not a number"));
  EXPECT_THAT(message_of([&] { textbook(with(decode(), "draft_tokens", 4)); }), HasSubstr("--draft MODEL"));
}

TEST(Draft, StepsOfTheDraftModelAreRunAndPayOff) {
  Scenario s = scenario("llama-3.1-70b", "h200", Task::decode, 1, Precision::fp8, {.tensor = 2});
  const Prediction alone = textbook(s);
  s.draft = &find_model("llama-3.1-8b");
  const Prediction drafted = textbook(with(s, "draft_acceptance", 0.75));
  EXPECT_EQ(drafted.resolved.n_slots, 2);
  EXPECT_GT(drafted.outcome.draft_step, 0);
  EXPECT_LT(drafted.outcome.draft_step, drafted.outcome.decode_step / 4);
  // 1 + 0.75 + ... + 0.75^4 = 3.05 tokens in one step of the model and four of the draft.
  const double itl = account(drafted, "itl").value;
  EXPECT_NEAR(itl, (drafted.outcome.decode_step + 4 * drafted.outcome.draft_step) / 3.05078125, 1e-9 * itl);
  EXPECT_NEAR(drafted.throughput, 1 / itl, 1e-6 / itl);
  EXPECT_GT(drafted.throughput, 1.5 * alone.throughput);
  // Both models lie in the memory.
  EXPECT_GT(drafted.memory->weights, alone.memory->weights + 3.9e9);
  s.draft = &find_model("bert-large");
  EXPECT_THAT(message_of([&] { textbook(s); }), HasSubstr("bert-large generates no tokens"));
}

}  // namespace
}  // namespace ironlaw
