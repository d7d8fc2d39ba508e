#include "framework/pipeline/parameters.hpp"

#include <cmath>

#include "tests/pipeline/toys.hpp"

namespace ironlaw {
namespace {

using testing::fits;
using ::testing::HasSubstr;
using testing::message_of;

constexpr ironlaw_link kLinks[] = {IRONLAW_LINK_IDENTITY, IRONLAW_LINK_LOG, IRONLAW_LINK_LOGIT};
constexpr ironlaw_scope kGlobal{};

TEST(Link, ByHand) {
  EXPECT_EQ(to_link(IRONLAW_LINK_IDENTITY, -3), -3);
  EXPECT_DOUBLE_EQ(to_link(IRONLAW_LINK_LOG, std::exp(2.0)), 2);
  EXPECT_DOUBLE_EQ(to_link(IRONLAW_LINK_LOGIT, 0.75), std::log(3.0));  // odds of 3 to 1
  EXPECT_DOUBLE_EQ(from_link(IRONLAW_LINK_LOGIT, 0), 0.5);
}

TEST(Link, InvertsAndItsSlopeIsADifference) {
  for (const ironlaw_link link : kLinks)
    for (const double value : {1e-6, 0.1, 0.5, 0.75, 0.999}) {
      const double x = to_link(link, value);
      EXPECT_NEAR(from_link(link, x), value, 1e-12) << link;
      const double difference = (from_link(link, x + 1e-6) - from_link(link, x - 1e-6)) / 2e-6;
      EXPECT_NEAR(link_slope(link, value), difference, 1e-8) << link << ' ' << value;
    }
}

TEST(Link, TheEndsOfTheRangeStayFinite) {
  EXPECT_TRUE(std::isfinite(to_link(IRONLAW_LINK_LOG, 0)));
  for (const double end : {0.0, 1.0}) {
    const double x = to_link(IRONLAW_LINK_LOGIT, end);
    EXPECT_TRUE(std::isfinite(x));
    EXPECT_NEAR(from_link(IRONLAW_LINK_LOGIT, x), end, 1e-8);
  }
}

TEST(Scope, NamesAreReadBack) {
  for (const ironlaw_scope scope : kScopes) EXPECT_EQ(parse_scope(name_of(scope)), scope);
  EXPECT_EQ(parse_scope("global"), kGlobal);
  EXPECT_STREQ(name_of(kGlobal), "global");
  EXPECT_THAT(message_of([] { parse_scope("devise"); }),
              HasSubstr("scope 'devise' is not known. Did you mean device"));
}

TEST(Scope, ALevelIsThatOfTheKey) {
  const ScopeKey key{"NVIDIA", "hopper", "H100",    "decoder.decode", "2025-09",
                     "fp8",    "gpt",    "serving", "megatron"};
  EXPECT_EQ(key.level(IRONLAW_SCOPE_VENDOR), "NVIDIA");
  EXPECT_EQ(key.level(IRONLAW_SCOPE_FAMILY), "hopper");
  EXPECT_EQ(key.level(IRONLAW_SCOPE_DEVICE), "H100");
  EXPECT_EQ(key.level(IRONLAW_SCOPE_CLASS), "decoder.decode");
  EXPECT_EQ(key.level(IRONLAW_SCOPE_GENERATION), "serving 2025-09");
  EXPECT_EQ(key.level(IRONLAW_SCOPE_PRECISION), "fp8");
  EXPECT_EQ(key.level(kModelScope), "decoder.decode gpt");
  EXPECT_EQ(key.level(kFrameworkScope), "megatron");
  EXPECT_THROW(key.level(kGlobal), Error);
}

ironlaw_port share(std::uint32_t scopes, ironlaw_link link = IRONLAW_LINK_LOG) {
  ironlaw_port port = fits("share", "1", link);  // prior: 0.5 with sd 0.3
  port.scopes = scopes;
  return port;
}
Effect effect(const char* parameter, ironlaw_scope scope, const char* level, double value) {
  return {parameter, scope, level, 0.2, value, 0.1};
}

TEST(ParameterSet, TextbookIsExactlyTheNeutralValue) {
  ironlaw_port port = share(IRONLAW_SCOPE_VENDOR, IRONLAW_LINK_LOGIT);
  port.neutral = 1;  // a logit would never reach it
  const Resolved r = ParameterSet::textbook().resolve(port, {});
  EXPECT_EQ(r.value, 1);
  EXPECT_EQ(r.slope, 0);
  EXPECT_EQ(r.variance, 0);
  EXPECT_TRUE(ParameterSet::textbook().is_textbook());
  EXPECT_EQ(ParameterSet::textbook().origin, "textbook");
}

TEST(ParameterSet, ThePriorIsItsMeanAndEverySpreadIsUnseen) {
  const ParameterSet prior = ParameterSet::prior();
  const Resolved r = prior.resolve(share(IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_CLASS), {});
  EXPECT_DOUBLE_EQ(r.value, 0.5);
  EXPECT_DOUBLE_EQ(r.slope, 0.5);                             // of exp: the value itself
  EXPECT_NEAR(r.variance, 0.3 * 0.3 + 2 * 0.2 * 0.2, 1e-15);  // the default spread is 0.2
  EXPECT_NEAR(prior.resolve(share(0), {}).variance, 0.09, 1e-15);
}

TEST(ParameterSet, EffectsOfAllItsScopesAddUpOnTheLinkScale) {
  ParameterSet set;
  set.add(effect("share", kGlobal, "", 0.1));
  set.add(effect("share", IRONLAW_SCOPE_VENDOR, "NVIDIA", 0.01));
  set.add(effect("share", IRONLAW_SCOPE_VENDOR, "AMD", 5));
  set.add(effect("share", IRONLAW_SCOPE_DEVICE, "H100", 0.001));
  set.add(effect("share", IRONLAW_SCOPE_CLASS, "decoder.decode", 7));  // no scope of this port
  set.add(effect("other", IRONLAW_SCOPE_DEVICE, "H100", 9));
  const ironlaw_port port = share(IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_DEVICE);
  const ScopeKey key{"NVIDIA", "hopper", "H100", "decoder.decode", "", "fp8"};
  std::vector<int> summed;
  for (const Term& t : set.terms(port, key)) {
    summed.push_back(t.effect);
    EXPECT_EQ(t.share, 1);
  }
  EXPECT_EQ(summed, (std::vector<int>{0, 1, 3}));
  const Resolved r = set.resolve(port, key);
  EXPECT_DOUBLE_EQ(r.value, 0.5 * std::exp(0.111));
  EXPECT_EQ(r.variance, 0);

  ironlaw_port logit = port;
  logit.link = IRONLAW_LINK_LOGIT;  // mean 0.5 is 0 on this scale
  EXPECT_DOUBLE_EQ(set.resolve(logit, key).value, 1 / (1 + std::exp(-0.111)));
}

TEST(ParameterSet, AnUnseenLevelHasNoEffectAndAddsItsSpread) {
  ParameterSet set;
  set.add(effect("share", kGlobal, "", 0.1));
  set.add(effect("share", IRONLAW_SCOPE_VENDOR, "NVIDIA", 0.01));
  set.set_spread("share", IRONLAW_SCOPE_VENDOR, 0.5);
  set.set_spread("share", IRONLAW_SCOPE_DEVICE, 0.7);
  EXPECT_EQ(set.spread("share", IRONLAW_SCOPE_DEVICE), 0.7);
  EXPECT_EQ(set.spread("other", IRONLAW_SCOPE_DEVICE), 0.2);
  const ironlaw_port port = share(IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_DEVICE);
  const Resolved known = set.resolve(port, {"NVIDIA", "", "new", "", "", ""});
  EXPECT_DOUBLE_EQ(known.value, 0.5 * std::exp(0.11));
  EXPECT_NEAR(known.variance, 0.49, 1e-15);
  const Resolved strange = set.resolve(port, {"AMD", "", "new", "", "", ""});
  EXPECT_DOUBLE_EQ(strange.value, 0.5 * std::exp(0.1));
  EXPECT_NEAR(strange.variance, 0.49 + 0.25, 1e-15);
}

TEST(ParameterSet, WhatIsNewLeansOnTheFitThatKnowsNoLevels) {
  ParameterSet set;
  set.add(effect("share", kGlobal, "", 0.1));
  set.add(effect("share", IRONLAW_SCOPE_FAMILY, "hopper", 0.2));
  set.add(effect("share", IRONLAW_SCOPE_DEVICE, "H100", 0.4));
  set.add(effect("share", kFlatScope, "", -0.5));
  set.set_spread("share", IRONLAW_SCOPE_DEVICE, 0.3);
  set.flat_shares = {{"inference, new device", 0.25}, {"inference, new model and family", 0.5}};
  const ironlaw_port port = share(IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE);
  const auto of = [](const char* family, const char* device, const char* model) {
    return ScopeKey{"NVIDIA", family, device, "decoder.decode", "", "fp8", model, "inference"};
  };
  EXPECT_EQ(set.novelty(of("hopper", "H100", "")), "");
  EXPECT_EQ(set.novelty(of("hopper", "H100", kUnknownModel)), "");
  EXPECT_EQ(set.novelty(of("hopper", "H100", "gpt")), "new model");
  EXPECT_EQ(set.novelty(of("hopper", "H200", "")), "new device");
  EXPECT_EQ(set.novelty(of("rubin", "R100", "gpt")), "new model and family");
  EXPECT_NEAR(set.resolve(port, of("hopper", "H100", "")).value, 0.5 * std::exp(0.7), 1e-15);
  // 0.75 x (0.1 + 0.2) + 0.25 x -0.5, and 0.75^2 of what devices differ by.
  EXPECT_NEAR(set.resolve(port, of("hopper", "H200", "")).value, 0.5 * std::exp(0.1), 1e-15);
  EXPECT_NEAR(set.resolve(port, of("hopper", "H200", "")).variance, 0.75 * 0.75 * 0.09, 1e-15);
  // A novelty whose share nobody estimated has none.
  EXPECT_EQ(set.flat_share(of("hopper", "H100", "gpt")), 0);
  set.novelty_errors = {{"inference, new device", 0.3}};
  EXPECT_EQ(set.novelty_error(of("hopper", "H200", "")), 0.3);
  EXPECT_EQ(set.novelty_error(of("hopper", "H100", "")), 0);
  // Other software has shares of its own.
  ScopeKey trained = of("hopper", "H200", "");
  trained.software = "training";
  EXPECT_EQ(set.flat_share(trained), 0);
}

TEST(ParameterSet, AValueStaysInItsPortsRange) {
  ParameterSet set;
  ironlaw_port port = share(0);
  set.add(effect("share", kGlobal, "", 9));
  port.max = 0.75;
  EXPECT_EQ(set.resolve(port, {}).value, 0.75);
}

TEST(ParameterSet, AModelStartsFromItsClass) {
  ParameterSet set;
  set.add(effect("share", kGlobal, "", 0));
  set.add(effect("share", IRONLAW_SCOPE_CLASS, "decoder.train", 0.1));
  set.add(effect("share", kModelScope, "decoder.train gpt", 0.02));
  set.set_spread("share", kModelScope, 0.3);
  const ironlaw_port port = share(IRONLAW_SCOPE_CLASS);
  const auto of = [](const char* model) {
    return ScopeKey{"NVIDIA", "hopper", "H100", "decoder.train", "", "fp8", model};
  };
  EXPECT_DOUBLE_EQ(set.resolve(port, of("gpt")).value, 0.5 * std::exp(0.12));
  EXPECT_EQ(set.resolve(port, of("gpt")).variance, 0);
  // Another model: its class's value, and what models of a class differ by.
  EXPECT_DOUBLE_EQ(set.resolve(port, of("other")).value, 0.5 * std::exp(0.1));
  EXPECT_NEAR(set.resolve(port, of("other")).variance, 0.09, 1e-15);
  // A microbenchmark is of no model.
  EXPECT_EQ(set.resolve(port, of("")).variance, 0);
  // A parameter that does not vary by class does not vary by model.
  EXPECT_DOUBLE_EQ(set.resolve(share(IRONLAW_SCOPE_DEVICE), of("gpt")).value, 0.5);
}

TEST(ParameterSet, GenerationsAreAWalkInTime) {
  ParameterSet set;
  set.add(effect("share", kGlobal, "", 0));
  for (const auto& [level, step] : {std::pair{"training 2025-04", 0.2},
                                    {"training 2024-08", 0.1},
                                    {"training 2025-09", 0.4},
                                    {"inference 2025-04", 0.8}})
    set.add(effect("share", IRONLAW_SCOPE_GENERATION, level, step));
  set.set_spread("share", IRONLAW_SCOPE_GENERATION, 0.5);
  const ironlaw_port port = share(IRONLAW_SCOPE_GENERATION);
  const auto at = [&](const char* generation, const char* software = "training") {
    ScopeKey key;
    key.generation = generation;
    key.software = software;
    return set.resolve(port, key);
  };
  EXPECT_DOUBLE_EQ(at("2024-08").value, 0.5 * std::exp(0.1));
  EXPECT_DOUBLE_EQ(at("2025-04").value, 0.5 * std::exp(0.3));
  EXPECT_DOUBLE_EQ(at("2025-01").value, 0.5 * std::exp(0.1));  // between: the last one before
  EXPECT_DOUBLE_EQ(at("2025-09").value, 0.5 * std::exp(0.7));
  EXPECT_DOUBLE_EQ(at("").value, 0.5 * std::exp(0.7));  // nothing said: the newest
  EXPECT_DOUBLE_EQ(at("2026-04").value, 0.5 * std::exp(0.7));
  EXPECT_DOUBLE_EQ(at("2020-01").value, 0.5);
  // Every software walks by itself.
  EXPECT_DOUBLE_EQ(at("2025-09", "inference").value, 0.5 * std::exp(0.8));
  EXPECT_DOUBLE_EQ(at("", "serving").value, 0.5);
  EXPECT_EQ(set.generations("training"), (std::set<std::string>{"2024-08", "2025-04", "2025-09"}));
  EXPECT_EQ(set.generations("inference"), (std::set<std::string>{"2025-04"}));
  EXPECT_TRUE(set.generations("serving").empty());
  // Only what comes after the last one is new.
  for (const char* seen : {"2020-01", "2024-08", "2025-01", "2025-09", ""})
    EXPECT_EQ(at(seen).variance, 0) << seen;
  EXPECT_NEAR(at("2026-04").variance, 0.25, 1e-15);
  EXPECT_NEAR(at("2025-09", "inference").variance, 0.25, 1e-15);
}

TEST(ParameterSet, AFrameworkIsOtherSoftwareOfTheSameTime) {
  ParameterSet set;
  set.add(effect("share", kGlobal, "", 0));
  set.add(effect("share", kFrameworkScope, "megatron", 0.3));
  set.set_spread("share", kFrameworkScope, 0.2);
  const auto of = [&](const char* framework, std::uint32_t scopes = IRONLAW_SCOPE_GENERATION) {
    ScopeKey key;
    key.framework = framework;
    return set.resolve(share(scopes), key);
  };
  EXPECT_DOUBLE_EQ(of("megatron").value, 0.5 * std::exp(0.3));
  EXPECT_EQ(of("").value, 0.5);  // none is stated: the usual one, which is known
  EXPECT_EQ(of("torchtitan").value, 0.5);
  EXPECT_EQ(of("megatron", IRONLAW_SCOPE_DEVICE).value, 0.5);
  // A generation is in both: empty, the newest. Only the framework may be new.
  EXPECT_NEAR(of("torchtitan").variance - of("").variance, 0.04, 1e-15);
  EXPECT_EQ(of("megatron").variance, of("").variance);
}

TEST(ParameterSet, TheSameEntryTwiceIsOne) {
  ParameterSet set;
  EXPECT_EQ(set.add(effect("share", kGlobal, "", 0.1)), 0);
  EXPECT_EQ(set.add(effect("share", IRONLAW_SCOPE_VENDOR, "NVIDIA", 0.2)), 1);
  EXPECT_EQ(set.add(effect("share", kGlobal, "", 0.3)), 0);
  ASSERT_EQ(set.effects().size(), 2u);
  EXPECT_EQ(set.effects()[0].value, 0.1);
  EXPECT_EQ(set.find("share", IRONLAW_SCOPE_VENDOR, "NVIDIA"), 1);
  EXPECT_EQ(set.find("share", IRONLAW_SCOPE_FAMILY, "NVIDIA"), -1);
  EXPECT_EQ(set.find("share", IRONLAW_SCOPE_VENDOR, "AMD"), -1);
}

TEST(ParameterSet, TheSlopeIsTheDerivativeByEveryEffect) {
  for (const ironlaw_link link : kLinks) {
    ParameterSet set;
    const int global = set.add(effect("share", kGlobal, "", 0.1));
    const ironlaw_port port = share(0, link);
    const double slope = set.resolve(port, {}).slope;
    double& value = set.effects()[static_cast<std::size_t>(global)].value;
    value = 0.1 + 1e-6;
    const double above = set.resolve(port, {}).value;
    value = 0.1 - 1e-6;
    EXPECT_NEAR(slope, (above - set.resolve(port, {}).value) / 2e-6, 1e-8) << link;
  }
}

}  // namespace
}  // namespace ironlaw
