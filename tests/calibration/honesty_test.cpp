// What a held-out row may and may not do: its rate is never looked at, nothing from its future is fitted, and
// nothing of its cell, its device or its model is where it should not be.
#include "tests/calibration/holdout.hpp"

namespace ironlaw::test {
namespace {

constexpr const char* kHeldRound = "inference-v5.0";
constexpr const char* kHeldDate = "2025-04-02";

// A part of the real facts that is fitted in a moment: both suites, before and after the held-out round.
std::vector<Observation> recent() {
  const std::set<std::string> devices = {"H100-SXM-80GB", "H200-SXM-141GB", "L40S"};
  const std::set<std::string> models = {"gpt-j-6b", "bert-large", "llama-3.1-8b", "llama-2-70b-lora"};
  std::vector<Observation> result;
  for (const Observation& o : facts().observations)
    if (o.published >= "2024-06-01" && devices.contains(o.device) && models.contains(o.model))
      result.push_back(o);
  return result;
}

template <class Condition>
std::vector<Observation> scaled(std::vector<Observation> observations, double factor,
                                const Condition& condition) {
  for (Observation& o : observations)
    if (condition(o)) o.value *= factor;
  return observations;
}

void expect_same_fit(const Answer& a, const Answer& b) {
  EXPECT_FALSE(a.predicted.empty());
  EXPECT_EQ(a.predicted, b.predicted);
  EXPECT_EQ(a.fitted, b.fitted);
  EXPECT_EQ(a.record.covariance, b.record.covariance);
  EXPECT_EQ(a.report.precision_basis, b.report.precision_basis);
  EXPECT_EQ(a.report.unlowered, b.report.unlowered);
  EXPECT_EQ(a.report.fitted_rows, b.report.fitted_rows);
  EXPECT_EQ(a.report.fitted_cells, b.report.fitted_cells);
  EXPECT_EQ(a.report.held_rows, b.report.held_rows);
  EXPECT_EQ(a.report.held_cells, b.report.held_cells);
}

TEST(Honesty, TheRateOfAHeldOutRowChangesNothingButItsError) {
  const std::vector<Observation> all = recent();
  const std::vector<std::pair<HoldOut, std::function<bool(const Observation&)>>> cases = {
      {{"round", kHeldRound}, [](const Observation& o) { return o.round == kHeldRound; }},
      {{"hardware", "H200-SXM-141GB"}, [](const Observation& o) { return o.device == "H200-SXM-141GB"; }},
      {{"model", "gpt-j-6b"}, [](const Observation& o) { return o.model == "gpt-j-6b"; }},
      {{"submitter", "Dell"}, [](const Observation& o) { return o.submitter == "Dell"; }},
  };
  for (const auto& [holdout, is_held] : cases) {
    SCOPED_TRACE(holdout.text());
    const Answer before = ask(all, holdout);
    const Answer after = ask(scaled(all, 10, is_held), holdout);
    expect_same_fit(before, after);
    // Ten times the rate: every model, the baselines too, is ten times slower than it.
    const auto compare = [](const std::vector<Metrics>& a, const std::vector<Metrics>& b) {
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].n, b[i].n);
        if (a[i].n > 0) {
          EXPECT_NEAR((1 + *b[i].bias) * 10 / (1 + *a[i].bias), 1, 1e-12) << a[i].group;
        }
      }
    };
    compare(before.report.groups, after.report.groups);
    ASSERT_EQ(before.report.baselines.size(), 3u);
    for (const auto& [name, groups] : before.report.baselines)
      compare(groups, after.report.baselines.at(name));
  }
}

// What they state of their precision is an input of their own prediction, and teaches the others nothing.
TEST(Honesty, TheFitDoesNotLearnPrecisionsFromHeldOutRows) {
  const std::vector<Observation> all = recent();
  std::vector<Observation> other = all;
  int changed = 0;
  for (Observation& o : other)
    if (o.round == kHeldRound) {
      o.precision = "int8";
      set_cell(o);
      ++changed;
    }
  ASSERT_GT(changed, 50);
  const Answer a = ask(all, {"round", kHeldRound});
  const Answer b = ask(other, {"round", kHeldRound});
  EXPECT_EQ(a.record.covariance, b.record.covariance);
  EXPECT_EQ(a.fitted, b.fitted);
  EXPECT_NE(a.predicted, b.predicted);
}

TEST(Honesty, ARoundIsPredictedFromItsPastOnly) {
  // A round of the other suite appears on the very same day.
  std::vector<Observation> all = recent();
  for (Observation& o : all)
    if (o.round == "training-v4.1") o.published = kHeldDate;
  const auto is_later = [](const Observation& o) {
    return o.round != kHeldRound && o.published >= kHeldDate;
  };
  const auto later = std::count_if(all.begin(), all.end(), is_later);
  ASSERT_GT(later, 50);
  std::set<std::string> rounds;
  for (const Observation& o : all)
    if (is_later(o)) rounds.insert(o.round);
  ASSERT_EQ(rounds, (std::set<std::string>{"inference-v5.1", "training-v4.1", "training-v5.0"}));

  const HoldOut holdout{"round", kHeldRound};
  const Answer plain = ask(all, holdout);
  const Answer absurd = ask(scaled(all, 1e6, is_later), holdout);
  expect_same_fit(plain, absurd);
  EXPECT_EQ(plain.report.groups[4].median_ape, absurd.report.groups[4].median_ape);
  for (const auto& [name, groups] : plain.report.baselines)
    for (std::size_t i = 0; i < groups.size(); ++i)
      EXPECT_EQ(groups[i].bias, absurd.report.baselines.at(name)[i].bias) << name;
  std::vector<Observation> past;
  std::copy_if(all.begin(), all.end(), std::back_inserter(past),
               [&](const Observation& o) { return !is_later(o); });
  expect_same_fit(plain, ask(past, holdout));

  std::map<std::int64_t, const Observation*> by_id;
  for (const Observation& o : all) by_id[o.id] = &o;
  for (const std::int64_t id : plain.fitted) EXPECT_LT(by_id.at(id)->published, std::string(kHeldDate));
  for (const auto& [id, rate] : plain.predicted) EXPECT_EQ(by_id.at(id)->round, kHeldRound);
  EXPECT_EQ(plain.report.fitted_rows, static_cast<int>(plain.fitted.size()));
  EXPECT_EQ(plain.report.held_rows, static_cast<int>(plain.predicted.size()));

  // The instrument works: the past does matter.
  const Answer moved =
      ask(scaled(all, 2, [](const Observation& o) { return o.published < kHeldDate; }), holdout);
  EXPECT_NE(plain.predicted, moved.predicted);
}

TEST(Honesty, ARoundWithoutADateIsRefused) {
  std::vector<Round> rounds = facts().rounds;
  std::erase_if(rounds, [](const Round& r) { return r.id == kHeldRound; });
  const std::string message = message_of([&] { ask(recent(), {"round", kHeldRound}, rounds); });
  expect_contains(message, {kHeldRound, "published"});
}

TEST(Honesty, AHeldOutDeviceIsNowhereInTheFit) {
  const std::vector<Observation> all = recent();
  const std::string device = "H200-SXM-141GB";
  const Answer plain = ask(all, {"hardware", device});
  expect_same_fit(plain, ask(scaled(all, 1e6, [&](const Observation& o) { return o.device == device; }),
                             {"hardware", device}));
  std::map<std::int64_t, const Observation*> by_id;
  for (const Observation& o : all) by_id[o.id] = &o;
  for (const std::int64_t id : plain.fitted) EXPECT_NE(by_id.at(id)->device, device);
  std::set<std::string> suites;
  for (const auto& [id, rate] : plain.predicted) {
    EXPECT_EQ(by_id.at(id)->device, device);
    suites.insert(by_id.at(id)->suite);
  }
  EXPECT_EQ(suites.size(), 2u);
  int devices = 0;
  for (const FitParameter& p : plain.record.parameters) {
    EXPECT_NE(p.level, device) << p.name;
    devices += p.scope == "device";
  }
  EXPECT_GT(devices, 0);
  EXPECT_EQ(group_of(plain.report.groups, "seen").n, 0);
  EXPECT_EQ(group_of(plain.report.groups, "new_device").n, plain.report.held_rows);
}

// Each chip has one cell, or two that differ in precision only. Were a cell split between folds, its chip
// would be a seen one.
TEST(Honesty, FoldsNeverSplitACell) {
  Clones clones;
  std::vector<const ironlaw_hardware*> chips;
  std::vector<Observation> observations;
  for (int d = 0; d < 16; ++d) {
    const std::string id = fmt::format("chip-{}", d);
    chips.push_back(clones.add("H100-SXM-80GB", id, "family", "vendor"));
    for (int i = 0; i < 4; ++i)
      observations.push_back(inference([&](Observation& o) {
        o.device = o.device_raw = id;
        o.submitter = fmt::format("submitter {}", i);
        o.accuracy_class = i % 2 ? "99" : "99.9";
        o.precision = i < 3 ? "fp8" : "fp16";
        o.value = 20000 + 100 * d + i;
      }));
  }
  observations = numbered(observations);
  Predictor predictor(walls());
  ValidationInputs in{observations, facts().rounds, chips, predictor, nullptr, {}, {}};
  in.options.rounds = 1;
  for (const int folds : {2, 5}) {
    const Validation v = validate_folds(folds, in);
    EXPECT_EQ(group_of(v.groups, "new_device").n, 64);  // each row once
    EXPECT_EQ(v.held_rows, 64);
    EXPECT_EQ(v.held_cells, 32);
    EXPECT_EQ(group_of(v.groups, "seen").n, 0);
    EXPECT_FALSE(v.reused);
    EXPECT_NEAR(v.fitted_rows, 64.0 * (folds - 1) / folds, 1);
  }
  expect_contains(message_of([&] { validate_folds(1, in); }), {"folds is 1", "2 to 50"});
}

// --- groups ------------------------------------------------------------------------------------------------

TEST(Honesty, SeenIsPerSuiteAndByCanonicalName) {
  const auto past = [](const char* device, const char* model, double value) {
    return inference([&](Observation& o) {
      o.device = o.device_raw = device;
      o.model = o.model_raw = model;
      o.precision = "fp16";
      o.value = value;
    });
  };
  const auto held = [&](const char* device, const char* model, const char* raw) {
    Observation o = past(device, model, 1000);
    o.device_raw = o.device_stated = o.model_raw = raw;
    o.round = kHeldRound;
    o.published = kHeldDate;
    set_cell(o);
    return o;
  };
  const std::vector<Observation> observations = numbered({
      past("H100-SXM-80GB", "gpt-j-6b", 12000),
      past("H100-SXM-80GB", "llama-2-70b", 20000),
      past("L40S", "gpt-j-6b", 4000),
      // The other suite has seen the H200 and BERT.
      training([](Observation& o) { o.device = "H200-SXM-141GB"; }),
      held("H100-SXM-80GB", "gpt-j-6b", "another spelling"),
      held("L40S", "llama-2-70b", "a pair not seen together"),
      held("H200-SXM-141GB", "gpt-j-6b", "new device"),
      held("H100-SXM-80GB", "bert-large", "new model"),
      held("H200-SXM-141GB", "bert-large", "both"),
  });
  const Answer a = ask(observations, {"round", kHeldRound});
  EXPECT_EQ(group_of(a.report.groups, "seen").n, 2);
  EXPECT_EQ(group_of(a.report.groups, "new_device").n, 1);
  EXPECT_EQ(group_of(a.report.groups, "new_model").n, 1);
  EXPECT_EQ(group_of(a.report.groups, "new_both").n, 1);
  EXPECT_EQ(group_of(a.report.groups, "all").n, 5);
  EXPECT_EQ(a.report.fitted_rows, 4);
  for (const auto& [name, groups] : a.report.baselines)
    for (std::size_t i = 0; i < groups.size(); ++i) EXPECT_EQ(groups[i].n, a.report.groups[i].n) << name;
  EXPECT_EQ(group_of(a.report.by_device, "H200-SXM-141GB").n, 2);
  EXPECT_EQ(group_of(a.report.by_model, "bert-large").n, 2);
  EXPECT_EQ(group_of(a.report.by_suite, "inference").n, 5);
}

// Rows that are held out are selected as strictly as those that are fitted.
TEST(Honesty, WhatDoesNotCountNeverEnters) {
  std::vector<Observation> all = recent();
  const Answer plain = ask(all, {"round", kHeldRound});
  std::map<std::int64_t, const Observation*> by_id;
  for (const Observation& o : all) by_id[o.id] = &o;
  const auto check = [&](std::int64_t id) {
    const Observation& o = *by_id.at(id);
    EXPECT_TRUE(o.division == "closed" && o.duplicate_of.empty() && !o.inferred && !o.power_limited);
  };
  for (const std::int64_t id : plain.fitted) check(id);
  for (const auto& [id, rate] : plain.predicted) check(id);
  const auto counts = [](const Observation& o) {
    return o.division == "closed" && o.duplicate_of.empty() && !o.inferred && !o.power_limited;
  };
  const auto excluded =
      std::count_if(all.begin(), all.end(), [&](const Observation& o) { return !counts(o); });
  ASSERT_GT(excluded, 20);
  expect_same_fit(
      plain, ask(scaled(all, 1e6, [&](const Observation& o) { return !counts(o); }), {"round", kHeldRound}));
  // Held-out rows are predicted or counted.
  const auto in_round =
      std::count_if(all.begin(), all.end(), [](const Observation& o) { return o.round == kHeldRound; });
  int left_out = 0;
  for (const auto& [reason, n] : plain.report.unlowered) left_out += n;
  EXPECT_EQ(plain.report.held_rows + left_out, in_round);
}

TEST(Holdout, IsCheckedAgainstWhatThereIs) {
  const std::vector<Observation> all = numbered({inference(), training()});
  Predictor predictor(walls());
  const std::vector<const ironlaw_hardware*> chips = hardware();
  const ValidationInputs in{all, facts().rounds, chips, predictor, nullptr, {}, {}};
  EXPECT_EQ(parse_holdout("hardware=h100", in).text(), "hardware=H100-SXM-80GB");
  EXPECT_EQ(parse_holdout("round=training-v4.0", in).text(), "round=training-v4.0");
  EXPECT_EQ(parse_holdout("source=mlperf-inference", in).value, "mlperf-inference");
  expect_contains(message_of([&] { parse_holdout("round", in); }), {"no '='", "round=..."});
  expect_contains(message_of([&] { parse_holdout("hardwar=h100", in); }),
                  {"hardwar", "Did you mean hardware?"});
  expect_contains(message_of([&] { parse_holdout("model=llama-2-7b", in); }), {"llama-2-7b"});
  expect_contains(message_of([&] {
                    validate({"hardware", "H100-SXM-80GB"}, in);
                  }),
                  {"nothing is left to fit"});
  expect_contains(message_of([&] { validate({"model", "resnet-50"}, in); }), {"no held-out row"});
}

}  // namespace
}  // namespace ironlaw::test
