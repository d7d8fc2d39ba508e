// Every number that moves an answer is counted once, under what it is.
#include "framework/report/evidence.hpp"

#include "framework/report/evidence_report.hpp"
#include "tests/predict/every_case.hpp"

namespace ironlaw {
namespace {

using testing::predictor;
using testing::scenario;

Scenario decode() {
  return scenario("llama-3.1-8b", "H100-SXM-80GB", Task::decode, 16);
}

Evidence evidence(const Scenario& s, const ParameterSet& parameters = ParameterSet::textbook()) {
  return evidence_of(predictor().predict(s, parameters), parameters);
}

const EvidenceNumber* find(const Evidence& e, const std::string& name) {
  for (const EvidenceNumber& n : e.numbers)
    if (n.name == name) return &n;
  return nullptr;
}

int sum_of_counts(const Evidence& e) {
  int sum = 0;
  for (const EvidenceKind kind : kEvidenceKinds) sum += e.count(kind);
  return sum;
}

TEST(Evidence, TimeFollowsTheBandwidthOfADecodeStep) {
  const Evidence e = evidence(decode());
  const EvidenceNumber* const bandwidth = find(e, "memory_bandwidth");
  ASSERT_TRUE(bandwidth);
  EXPECT_EQ(bandwidth->kind, EvidenceKind::datasheet);
  EXPECT_EQ(bandwidth->value, 3.35e12);
  EXPECT_FALSE(bandwidth->source.empty());
  // 1% more bandwidth, and what that does to the time.
  Scenario faster = decode();
  faster.given["memory_bandwidth"] = {3.35e12 * 1.0001, "test"};
  const double change =
      std::log(testing::textbook(faster).outcome.time / testing::textbook(decode()).outcome.time);
  EXPECT_NEAR(bandwidth->elasticity, change / std::log(1.0001), 1e-3);
  EXPECT_LT(bandwidth->elasticity, -0.5);
}

TEST(Evidence, TheMostMovingNumberComesFirst) {
  const Evidence e = evidence(decode());
  double before = std::numeric_limits<double>::infinity();
  for (const EvidenceNumber& n : e.numbers) {
    const double size = std::isnan(n.elasticity) ? -1 : std::abs(n.elasticity);
    EXPECT_LE(size, before) << n.name;
    before = size;
  }
  EXPECT_GT(e.others, 0) << "prices and carbon are read too";
  EXPECT_FALSE(find(e, "pue"));
  EXPECT_TRUE(find(e, "memory_capacity")) << "whether it fits follows it";
}

TEST(Evidence, WhatSomebodyGivesIsGiven) {
  Scenario s = decode();
  s.given["memory_bandwidth"] = {4e12, "--set"};
  s.given["stream_efficiency"] = {0.8, "--set"};
  const Evidence e = evidence(s);
  for (const char* name : {"memory_bandwidth", "stream_efficiency"}) {
    ASSERT_TRUE(find(e, name)) << name;
    EXPECT_EQ(find(e, name)->kind, EvidenceKind::given) << name;
    EXPECT_EQ(find(e, name)->source, "--set") << name;
  }
  EXPECT_EQ(find(e, "stream_efficiency")->value, 0.8);
  EXPECT_EQ(find(evidence(decode()), "stream_efficiency")->kind, EvidenceKind::assumed);
}

// ---- parameters ----------------------------------------------------------------------------------------

// Entries of theta of one parameter: sd 0.1 of 0.3 is determined, 0.29 of 0.3 is not.
constexpr double kKnown = 0.1, kVague = 0.29, kPrior = 0.3;

ParameterSet fitted(const std::vector<std::tuple<ironlaw_scope, const char*, double>>& levels) {
  ParameterSet set = ParameterSet::prior();
  set.noise["decoder inference"] = 0.1;
  for (const auto& [scope, level, sd] : levels) set.add({"stream_efficiency", scope, level, kPrior, 0, sd});
  return set;
}

EvidenceNumber stream_efficiency(const ParameterSet& set) {
  const Evidence e = evidence(decode(), set);
  const EvidenceNumber* const n = find(e, "stream_efficiency");
  EXPECT_TRUE(n);
  return n ? *n : EvidenceNumber{};
}

TEST(Evidence, ADeterminedDeviceIsFitted) {
  const EvidenceNumber n = stream_efficiency(fitted({{ironlaw_scope{}, "", kKnown},
                                                     {IRONLAW_SCOPE_FAMILY, "hopper", kVague},
                                                     {IRONLAW_SCOPE_DEVICE, "H100-SXM-80GB", kKnown}}));
  EXPECT_EQ(n.kind, EvidenceKind::fitted);
  EXPECT_THAT(n.source, ::testing::StartsWith("device H100-SXM-80GB, all"));
  EXPECT_TRUE(n.is_parameter);
  ASSERT_TRUE(n.range);
  EXPECT_LT(n.range->low, n.value);
  EXPECT_GT(n.range->high, n.value);
}

TEST(Evidence, AModelOfItsOwnIsFitted) {
  EXPECT_EQ(stream_efficiency(fitted({{kModelScope, "decoder.decode llama-3.1-8b", kKnown}})).kind,
            EvidenceKind::fitted);
}

TEST(Evidence, WhatOnlyTheFamilyDeterminesIsInherited) {
  const EvidenceNumber n = stream_efficiency(
      fitted({{IRONLAW_SCOPE_FAMILY, "hopper", kKnown}, {IRONLAW_SCOPE_DEVICE, "H100-SXM-80GB", kVague}}));
  EXPECT_EQ(n.kind, EvidenceKind::inherited);
  EXPECT_THAT(n.source, ::testing::StartsWith("family hopper"));
  const EvidenceNumber unseen = stream_efficiency(fitted({{IRONLAW_SCOPE_FAMILY, "hopper", kKnown}}));
  EXPECT_EQ(unseen.kind, EvidenceKind::inherited);
  EXPECT_THAT(unseen.source, ::testing::HasSubstr("never fitted: "));
  EXPECT_THAT(unseen.source, ::testing::HasSubstr("device H100-SXM-80GB"));
}

TEST(Evidence, WhatNothingDeterminesIsAssumed) {
  const EvidenceNumber vague = stream_efficiency(
      fitted({{ironlaw_scope{}, "", kVague}, {IRONLAW_SCOPE_DEVICE, "H100-SXM-80GB", kVague}}));
  EXPECT_EQ(vague.kind, EvidenceKind::assumed);
  EXPECT_THAT(vague.source, ::testing::StartsWith("its prior"));
  EXPECT_EQ(stream_efficiency(ParameterSet::prior()).kind, EvidenceKind::assumed);
  // Another device's level says nothing of this one.
  EXPECT_EQ(stream_efficiency(fitted({{IRONLAW_SCOPE_DEVICE, "A100-SXM-80GB", kKnown}})).kind,
            EvidenceKind::assumed);
}

// Prefill and decode read values of their own class.
TEST(Evidence, StepsThatReadDifferentValuesAreTwoNumbers) {
  ParameterSet set = fitted({{IRONLAW_SCOPE_CLASS, "decoder.decode", kKnown}});
  set.effects()[0].value = 0.5;
  Scenario s = decode();
  s.task = Task::offline;
  const Evidence e = evidence(s, set);
  std::vector<std::string> steps;
  for (const EvidenceNumber& n : e.numbers)
    if (n.name == "stream_efficiency") steps.push_back(n.step);
  EXPECT_THAT(steps, ::testing::UnorderedElementsAre("prefill", "decode"));
  for (const EvidenceNumber& n : evidence(s).numbers)
    if (n.name == "stream_efficiency") {
      EXPECT_EQ(n.step, "");
    }
}

// ---- refusal -------------------------------------------------------------------------------------------

TEST(Evidence, AnAnswerNeedsSomethingMeasured) {
  ParameterSet set = fitted({{ironlaw_scope{}, "", kVague}});
  const auto ask = [&](const Scenario& s) {
    const Prediction p = predictor().predict(s, set);
    require_support(p, evidence_of(p, set));
  };
  EXPECT_NO_THROW(ask(decode())) << "nothing was fitted, and nobody says so";
  add_to_ranges(testing::case_of(decode()), set.ranges);
  EXPECT_NO_THROW(ask(decode())) << "it was measured, though that decided nothing";
  // The device was, but no such work.
  const Scenario other = scenario("resnet-50", decode().hardware->id, Task::prefill, 8);
  EXPECT_THAT(
      testing::message_of([&] { ask(other); }),
      ::testing::AllOf(::testing::HasSubstr("at its prior"), ::testing::HasSubstr("stream_efficiency"),
                       ::testing::HasSubstr("--params textbook")));
  Scenario said = other;
  said.given["stream_efficiency"] = {0.8, "--set"};
  EXPECT_NO_THROW(ask(said));
  set.effects()[0].sd = kKnown;
  EXPECT_NO_THROW(ask(other));
  EXPECT_THAT(testing::message_of([&] { ask(scenario("resnet-50", "MI300X", Task::train, 256)); }),
              ::testing::HasSubstr("no fitted row is of MI300X"));
  const Prediction textbook = testing::textbook(scenario("resnet-50", "MI300X", Task::train, 256));
  EXPECT_NO_THROW(require_support(textbook, evidence_of(textbook, ParameterSet::textbook())));
}

// ---- every device, every model, every phase ------------------------------------------------------------

TEST(Evidence, CountsAddUpAndNothingUnknownIsKnown) {
  testing::for_every_case([](const Prediction& p) {
    const Evidence e = evidence_of(p, ParameterSet::textbook());
    const Scenario& s = p.resolved.scenario;
    EXPECT_EQ(sum_of_counts(e), static_cast<int>(e.numbers.size()));
    EXPECT_FALSE(e.numbers.empty());
    EXPECT_EQ(e.count(EvidenceKind::fitted) + e.count(EvidenceKind::inherited), 0);
    EXPECT_TRUE(e.warnings.empty());
    EXPECT_GE(e.count(EvidenceKind::datasheet) + e.count(EvidenceKind::unverified), 1);
    std::set<std::pair<std::string, std::string>> seen;
    for (const EvidenceNumber& n : e.numbers) {
      EXPECT_TRUE(std::isfinite(n.value)) << n.name;
      EXPECT_FALSE(n.source.empty()) << n.name;
      EXPECT_TRUE(seen.emplace(n.name, n.step).second) << n.name << " is counted twice";
      EXPECT_FALSE(std::isinf(n.elasticity)) << n.name;
      if (n.kind == EvidenceKind::datasheet || n.kind == EvidenceKind::unverified) {
        EXPECT_FALSE(std::isnan(figure(*s.hardware, n.name))) << n.name << " is unknown";
      }
    }
  });
}

// ---- the page and the JSON -----------------------------------------------------------------------------

Evidence made_up() {
  Evidence e;
  e.numbers = {{"memory_bandwidth", "B/s", "", 2e12, EvidenceKind::datasheet, false, "a page", -0.9, {}},
               {"memory_capacity", "B", "", 8e10, EvidenceKind::unverified, false, "a talk", 0, {}},
               {"stream_efficiency", "1", "decode", 0.8, EvidenceKind::fitted, true, "device X", -0.9,
                Interval{0.7, 0.9}},
               {"batch", "1", "", 64, EvidenceKind::given, false, "asked", std::nan(""), {}}};
  e.others = 3;
  e.standing.is_fitted = true;
  e.standing.device = Support::family;
  e.standing.model = Support::here;
  e.standing.regimes = {{"decoder.decode", "batch", 64, 1, 8192}, {"decoder.decode", "devices", 16, 1, 8}};
  e.warnings = {"devices 16 lies outside"};
  return e;
}

TEST(EvidenceReport, CountsAndStandingAreOneLineEach) {
  const Evidence e = made_up();
  EXPECT_EQ(counts_text(e), "1 given, 2 datasheet figures (1 unverified), 1 fitted");
  EXPECT_EQ(
      standing_text(e),
      "device never fitted, its family is; model fitted; batch 64 within 1 to 8192; devices 16 OUTSIDE 1 "
      "to 8");
  const auto rows = evidence_rows(e, "a fit");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].second, counts_text(e) + "; parameters: a fit");
  EXPECT_EQ(rows[2].first, "Note");
  EXPECT_THAT(evidence_list_text(e), ::testing::HasSubstr("stream_efficiency (decode)"));
  EXPECT_THAT(evidence_list_text(e), ::testing::HasSubstr("3 more numbers"));
}

TEST(EvidenceReport, JsonHasTheListOnlyOnRequest) {
  const Evidence e = made_up();
  const Json brief = evidence_json(e, false);
  EXPECT_FALSE(brief.contains("list"));
  EXPECT_EQ(brief["numbers"], 4);
  EXPECT_EQ(brief["counts"]["fitted"], 1);
  EXPECT_EQ(brief["counts"]["assumed"], 0);
  EXPECT_EQ(brief["device"], "family");
  EXPECT_EQ(brief["model"], "fitted");
  EXPECT_EQ(brief["regime"][0]["inside"], true);
  EXPECT_EQ(brief["regime"][1]["inside"], false);
  EXPECT_NEAR(brief["distance_outside"].get<double>(), std::log(2), 1e-12);
  const Json full = evidence_json(e, true);
  ASSERT_EQ(full["list"].size(), 4U);
  EXPECT_EQ(full["list"][2]["range"], (Json{0.7, 0.9}));
  EXPECT_TRUE(full["list"][3]["elasticity"].is_null());
}

}  // namespace
}  // namespace ironlaw
