// The whole validation on a small world: what starts where, what the numbers are, what is said of bad groups.
#include "calibration/study.hpp"

#include "calibration/goals.hpp"
#include "tests/calibration/holdout.hpp"

namespace ironlaw::test {
namespace {

// Few submitters of both suites, three devices, three models: fitted in a moment.
std::vector<Observation> small_facts() {
  const std::set<std::string> devices = {"H100-SXM-80GB", "A100-SXM-80GB", "L40S"};
  const std::set<std::string> models = {"gpt-j-6b", "bert-large", "llama-2-70b-lora"};
  const std::set<std::string> submitters = {"NVIDIA", "Dell", "Supermicro"};
  std::vector<Observation> result;
  for (const Observation& o : facts().observations)
    if (o.published >= "2022-09-01" && submitters.contains(o.submitter) && devices.contains(o.device) &&
        models.contains(o.model))
      result.push_back(o);
  return result;
}

std::unique_ptr<Study> study_of(const std::vector<Observation>& observations, const StudyOptions& options) {
  static const std::vector<const ironlaw_hardware*> chips = hardware();
  static std::vector<std::unique_ptr<Predictor>> kept;  // pipelines outlive the study's rows
  kept.push_back(std::make_unique<Predictor>(walls()));
  const ValidationInputs in{observations, facts().rounds, chips, *kept.back(), nullptr, {}, {}};
  return run_study(in, {}, options);
}

TEST(Study, ARoundNeverDependsOnItsFuture) {
  const std::vector<Observation> all = small_facts();
  std::vector<Observation> absurd = all;
  for (Observation& o : absurd)
    if (o.published >= "2024-08-28") o.value *= 1e3;
  StudyOptions options;
  options.keys = {"round"};
  options.enough_rows = 20;
  const auto plain = study_of(all, options);
  const auto later = study_of(absurd, options);
  ASSERT_EQ(plain->rows.size(), later->rows.size());
  int before = 0;
  for (std::size_t i = 0; i < plain->rows.size(); ++i) {
    const Observation& o = plain->rows[i].row->observation;
    if (o.published > "2024-08-28") continue;  // fitted with what changed
    ++before;
    EXPECT_EQ(plain->rows[i].rate, later->rows[i].rate) << o.round;
    EXPECT_EQ(plain->rows[i].rivals, later->rows[i].rivals) << o.round;
    EXPECT_EQ(plain->rows[i].variance.half90(), later->rows[i].variance.half90()) << o.round;
  }
  EXPECT_GT(before, 20);
  for (const HeldRow& h : plain->rows)
    EXPECT_EQ(plain->holdouts[h.holdout].holdout.value, h.row->observation.round);
}

TEST(Study, AWarmStartFindsWhatAFitFromNothingFinds) {
  StudyOptions options;
  options.cold = 3;
  options.enough_rows = 20;
  const auto study = study_of(small_facts(), options);
  int checked = 0;
  for (const StudiedHoldOut& h : study->holdouts) {
    if (!h.cold) continue;
    ++checked;
    // A row that few fitted ones speak for may end in another of the optima that Student's t and unsettled
    // spreads allow (here LoRA, of which only two other models know something); how far is what --cold shows.
    EXPECT_LT(h.cold->in_sds, 1.5) << h.holdout.text();
    EXPECT_LT(h.cold->median, 0.2) << h.holdout.text();
    EXPECT_NEAR(h.cold->median_ape_warm, h.cold->median_ape_cold, 0.1) << h.holdout.text();
  }
  EXPECT_EQ(checked, 3);
  // Each row once for its device, its model, its submitter.
  for (const char* key : {"hardware", "model", "submitter"}) {
    std::set<std::int64_t> ids;
    const auto rows = study->select(key, [](const HeldRow&) { return true; });
    for (const HeldRow* h : rows) ids.insert(h->row->observation.id);
    EXPECT_EQ(ids.size(), rows.size()) << key;
    EXPECT_GT(rows.size(), 100u) << key;
  }
  for (const HeldRow& h : study->rows) {
    const std::string& key = study->holdouts[h.holdout].holdout.key;
    const std::string group = h.group;
    if (key == "hardware") {
      EXPECT_TRUE(group == "new_device" || group == "new_both") << group;
    }
    if (key == "model") {
      EXPECT_TRUE(group == "new_model" || group == "new_both") << group;
    }
    EXPECT_GT(h.insight.share, 0);
    EXPECT_LE(h.insight.share, 1 + 1e-9);
    EXPECT_FALSE(h.insight.parameter.empty());
  }
  // Goals are about rounds of these suites; the others have no row here.
  int with_rows = 0;
  for (const Goal& goal : goals()) with_rows += reached(goal, *study).has_value();
  EXPECT_GE(with_rows, 2);
  EXPECT_LT(with_rows, static_cast<int>(goals().size()));
}

TEST(Refitter, DoesNotDependOnWhatWasFittedBefore) {
  Predictor predictor(walls());
  const std::vector<Row> rows = lowered(small_facts(), hardware(), predictor);
  const Fit full = fit_parameters(rows, {});
  std::vector<std::size_t> few;
  std::vector<std::size_t> others;
  for (std::size_t r = 0; r < rows.size(); ++r) (r % 3 ? few : others).push_back(r);
  Refitter fresh(rows, {}, 1);
  fresh.linearise_at(full);
  const Fit first = fresh.refit(few, full);
  Refitter used(rows, {}, 1);
  used.linearise_at(full);
  used.refit(others, full);
  const Fit second = used.refit(few, full);
  EXPECT_EQ(first.parameters.covariance, second.parameters.covariance);
  EXPECT_EQ(first.predicted, second.predicted);
  EXPECT_EQ(first.rows, static_cast<int>(few.size()));
  // Theta is that of the rows alone: what a fit of them has.
  std::vector<Row> alone;
  for (const std::size_t r : few) alone.push_back(rows[r]);
  const Fit cold = fit_parameters(alone, {});
  EXPECT_EQ(first.parameters.effects().size(), cold.parameters.effects().size());
  for (const Effect& e : cold.parameters.effects())
    EXPECT_GE(first.parameters.find(e.parameter, e.scope, e.level), 0) << e.parameter << " " << e.level;
}

// Two runs of 100 and 200 samples/s with 1,000 samples a step: 10 s and 5 s. We said 110 and 150, the peer 12
// s, 4 s and, of a run that nobody held out, 7 s.
TEST(Peers, AreComparedOnTheRowsThatBothPredict) {
  Study study;
  study.holdouts.resize(2);
  study.holdouts[0].holdout = {"source", "table"};
  study.holdouts[1].holdout = {"hardware", "A100-SXM-80GB"};
  for (const double rate : {100.0, 200.0}) {
    Row row;
    row.observation.suite = std::string("published-training");
    row.observation.device = std::string("A100-SXM-80GB");
    row.observation.global_batch = 1000;
    row.observation.value = rate;
    row.cell = fmt::format("{}", rate);
    study.pool.push_back(row);
  }
  const auto held = [&](std::size_t row, std::size_t holdout, double rate) {
    HeldRow h;
    h.row = &study.pool[row];
    h.holdout = holdout;
    h.rate = rate;
    study.rows.push_back(h);
  };
  held(0, 0, 110);
  held(1, 0, 150);
  held(0, 1, 1);  // held out for another reason: it is not what is compared
  const auto peer = [](double measured, std::optional<double> predicted) {
    PeerRecord p;
    p.source = std::string("cases");
    p.peer = std::string("other");
    p.device = std::string("A100-SXM-80GB");
    p.quantity = std::string("step_time_s");
    p.measured = measured;
    p.predicted = predicted;
    return p;
  };
  const auto all = compare_with_peers(study, {peer(10, 12), peer(5.001, 4), peer(7, 7), peer(5, {})});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].peer, "other");
  EXPECT_EQ(all[0].predictable, 3);
  EXPECT_EQ(all[0].answered, 2);
  // Times: theirs 12 / 10 and 4 / 5.001; ours 100 / 110 and 200 / 150.
  EXPECT_NEAR(*all[0].theirs.mean_ape, (0.2 + (1 - 4 / 5.001)) / 2, 1e-12);
  EXPECT_NEAR(*all[0].ours.mean_ape, ((1 - 100.0 / 110) + (200.0 / 150 - 1)) / 2, 1e-12);
}

TEST(Study, QuickTakesTheHoldOutsOfTheGoals) {
  std::vector<Observation> observations = small_facts();
  int tables = 0;
  for (const Observation& o : facts().all)
    if (o.source == "megatron-sc21-tab1") {
      observations.push_back(o);
      ++tables;
    }
  ASSERT_GT(tables, 5);
  StudyOptions options;
  options.keys = {"round"};
  options.enough_rows = 20;
  options.with_goals = true;
  const auto study = study_of(observations, options);
  std::set<std::string> others;
  for (const StudiedHoldOut& h : study->holdouts)
    if (h.holdout.key != "round") others.insert(h.holdout.text());
  EXPECT_EQ(others, std::set<std::string>{"source=megatron-sc21-tab1"});
  for (const Goal& g : goals())
    if (std::string_view(g.source) == "megatron-sc21") {
      ASSERT_TRUE(reached(g, *study));
      EXPECT_EQ(reached(g, *study)->n, tables / 2);  // FLOP/s and step times of the same runs
    }
}

// Cells a: 10%, 30%; b: 20%; c: 50%. Any resample of three cells has its median among these.
TEST(Metrics, TheBootstrapDrawsCells) {
  const std::string a = "a";
  const std::string b = "b";
  const std::string c = "c";
  std::vector<Scored> rows = {{&a, std::log1p(0.10), 1, 1},
                              {&a, std::log1p(0.30), 1, 1},
                              {&b, std::log1p(0.20), 1, 1},
                              {&c, std::log1p(0.50), 1, 1}};
  Metrics m = measure("x", rows, true);
  EXPECT_NEAR(*m.median_ape, 0.30, 1e-12);  // the nearest rank of four: 1.5 up, so the third
  bootstrap_median(rows, m);
  EXPECT_GE(*m.median_low, 0.10);
  EXPECT_LE(*m.median_low, 0.20 + 1e-12);
  EXPECT_NEAR(*m.median_high, 0.50, 1e-12);  // c is drawn twice or thrice in 7 of 27 resamples
  // One cell says nothing of the scatter between cells.
  Metrics one = measure("x", std::span(rows).first(2), true);
  bootstrap_median(std::span(rows).first(2), one);
  EXPECT_FALSE(one.median_low);
}

// Half-widths of Student's t with four degrees of freedom: 0.7407 and 2.1318 scales at 50% and 90%; 1.5332 at
// 80%.
TEST(Metrics, CoverageAtAnyContent) {
  const std::string cell = "a";
  const auto row = [&](double error) { return Scored{&cell, error, 0.7407, 2.1318}; };
  EXPECT_EQ(coverage_at(std::vector<Scored>{row(1.52)}, 0.8), 1);
  EXPECT_EQ(coverage_at(std::vector<Scored>{row(1.55)}, 0.8), 0);
  EXPECT_EQ(coverage_at(std::vector<Scored>{row(0.73), row(-0.75)}, 0.5), 0.5);
}

TEST(Suspicion, SeesWhatGrowsWithTheDevices) {
  std::vector<Row> rows(8);
  const Insight insight{"14 communication", 0.5, "network_efficiency", 0.4, {"vendor"}, {"split"}};
  std::vector<Missed> missed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].observation = training([&](Observation& o) { o.accelerators = std::int64_t{8} << i; });
    missed.push_back({&rows[i], &insight, 0.2 * static_cast<double>(i)});  // exp(0.2) - 1 = 22% a doubling
  }
  const std::vector<std::string> clauses = suspect(missed);
  const auto has = [&](const std::string& text) {
    return std::any_of(clauses.begin(), clauses.end(),
                       [&](const std::string& c) { return c.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(has("wall 14 communication takes 50% of the time in 100%"));
  EXPECT_TRUE(has("network_efficiency moves most of them, inherited for a new vendor"));
  EXPECT_TRUE(has("+22% with each doubling"));
  EXPECT_TRUE(has("split not stated"));
}

TEST(Outliers, AreListedAndStay) {
  Predictor predictor(walls());
  std::vector<Row> rows = lowered(small_facts(), hardware(), predictor);
  rows[5].observation.value *= 50;
  const Fit fit = fit_parameters(rows, {});
  EXPECT_EQ(fit.rows, static_cast<int>(rows.size()));
  const std::vector<Outlier> outliers = find_outliers(rows, fit);
  ASSERT_FALSE(outliers.empty());
  EXPECT_EQ(outliers[0].row, &rows[5]);
  for (const Outlier& o : outliers) EXPECT_GT(o.scales, kOutlier);
}

}  // namespace
}  // namespace ironlaw::test
