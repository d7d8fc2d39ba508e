// The numbers of a report by hand, and the baselines beside it.
#include "calibration/baselines.hpp"
#include "tests/calibration/holdout.hpp"

namespace ironlaw::test {
namespace {

const HoldOut kHoldout{"round", "inference-v5.0"};

// Five rows of the held-out round: two submitters in one cell, and three other cells.
std::vector<Observation> small_world() {
  std::vector<Observation> result;
  for (const int devices : {1, 2, 4, 8})
    for (const char* model : {"gpt-j-6b", "llama-2-70b"})
      result.push_back(inference([&](Observation& o) {
        o.accelerators = devices;
        o.model = model;
        o.value = 2500 * devices * (o.model == "gpt-j-6b" ? 0.6 : 1);
      }));
  for (const int row : {0, 1, 2, 3, 4})
    result.push_back(inference([&](Observation& o) {
      o.round = "inference-v5.0";
      o.published = "2025-04-02";
      o.submitter = fmt::format("submitter {}", row);
      o.accelerators = row < 2 ? 8 : row;
      o.model = "gpt-j-6b";
      o.value = 1000;
    }));
  return numbered(result);
}

// The same rows with these log(predicted / observed).
std::vector<Observation> with_errors(std::vector<Observation> all, const Answer& answer,
                                     const std::vector<double>& log_errors) {
  std::size_t row = 0;
  for (Observation& o : all)
    if (answer.predicted.contains(o.id)) o.value = answer.predicted.at(o.id) / std::exp(log_errors[row++]);
  EXPECT_EQ(row, log_errors.size());
  return all;
}

TEST(Metrics, AreThoseOfAHandCalculation) {
  const std::vector<Observation> all = small_world();
  const Answer first = ask(all, kHoldout);
  ASSERT_EQ(first.predicted.size(), 5u);
  const std::vector<double> errors = {0.10, -0.20, 0.05, -0.40, 0.30};  // predicted / observed - 1
  std::vector<double> logs(errors.size());
  std::transform(errors.begin(), errors.end(), logs.begin(), [](double e) { return std::log1p(e); });
  const Answer a = ask(with_errors(all, first, logs), kHoldout);
  for (const char* group : {"seen", "all"}) {
    const Metrics& m = group_of(a.report.groups, group);
    EXPECT_EQ(m.n, 5);
    EXPECT_EQ(m.cells, 4);
    EXPECT_NEAR(*m.median_ape, 0.20, 1e-12);
    EXPECT_NEAR(*m.mean_ape, 0.21, 1e-12);
    EXPECT_NEAR(*m.p90_ape, 0.40, 1e-12);  // the nearest rank
    EXPECT_NEAR(*m.bias, std::pow(1.10 * 0.80 * 1.05 * 0.60 * 1.30, 0.2) - 1, 1e-12);
  }
  for (const char* group : {"new_device", "new_model", "new_both"}) {
    const Metrics& m = group_of(a.report.groups, group);
    EXPECT_EQ(m.n, 0);
    EXPECT_EQ(m.cells, 0);
    EXPECT_FALSE(m.median_ape || m.mean_ape || m.p90_ape || m.bias || m.coverage50 || m.coverage90);
  }
  EXPECT_EQ(a.report.groups.size(), 5u);
  for (const auto& [name, groups] : a.report.baselines)
    for (const Metrics& m : groups) EXPECT_FALSE(m.coverage50 || m.coverage90) << name;
  EXPECT_EQ(a.report.precision_basis, (std::map<std::string, int>{{"stated", 5}}));
}

TEST(Metrics, CoverageCountsWhatIsInside) {
  const std::vector<Observation> all = small_world();
  const Answer first = ask(all, kHoldout);
  // The same fit, made step by step.
  std::vector<Observation> past;
  std::vector<Observation> future;
  for (const Observation& o : all) (o.round == kHoldout.value ? future : past).push_back(o);
  Predictor predictor(walls());
  const std::vector<Row> fitted = lowered(past, hardware(), predictor);
  const std::vector<Row> held = lowered(future, hardware(), predictor);
  FitOptions options;
  options.rounds = 2;
  const auto predictions = predict_rates(held, fit_parameters(fitted, options).parameters);
  ASSERT_EQ(predictions.size(), 5u);
  for (std::size_t r = 0; r < held.size(); ++r)
    EXPECT_EQ(predictions[r].rate, first.predicted.at(held[r].observation.id));

  const auto half50 = [&](std::size_t r) { return predictions[r].variance.half50(); };
  const auto half90 = [&](std::size_t r) { return predictions[r].variance.half90(); };
  ASSERT_GT(half50(0), 0);
  ASSERT_GT(half90(0), half50(0));
  const Answer a = ask(
      with_errors(all, first, {0, 0.99 * half50(1), -1.01 * half50(2), -0.99 * half90(3), 1.01 * half90(4)}),
      kHoldout);
  EXPECT_NEAR(*group_of(a.report.groups, "seen").coverage50, 0.4, 1e-12);
  EXPECT_NEAR(*group_of(a.report.groups, "seen").coverage90, 0.8, 1e-12);
  EXPECT_NEAR(*group_of(a.report.by_model, "gpt-j-6b").coverage90, 0.8, 1e-12);
}

TEST(Metrics, IntervalsAreThoseOfTheirDistributions) {
  LogVariance normal{0.04, 0, 0};
  EXPECT_NEAR(normal.half50(), 0.674490 * 0.2, 1e-6);
  EXPECT_NEAR(normal.half90(), 1.644854 * 0.2, 1e-6);
  LogVariance student{0, 0, 0.04};
  EXPECT_NEAR(student.half50(), 0.740697 * 0.2, 1e-6);
  EXPECT_NEAR(student.half90(), 2.131847 * 0.2, 1e-6);
  LogVariance unseen{0, 0.03, 0.01};
  EXPECT_NEAR(unseen.half90(), 2.131847 * 0.2, 1e-6);
}

// --- baselines ---------------------------------------------------------------------------------------------

Row row_of(const char* device, const char* model, Precision precision, int devices, double log_rate,
           const std::string& cell, const char* published = "2024-03-27") {
  Row row;
  row.observation = inference([&](Observation& o) {
    o.device = device;
    o.model = model;
    o.accelerators = devices;
    o.published = published;
    o.value = std::exp(log_rate);
  });
  row.scenario.precision = precision;
  row.cell = cell;
  return row;
}

// Rows of a world that is a ridge regression, with noise.
std::vector<Row> linear_world(double noise) {
  Normal normal(11);
  std::vector<Row> rows;
  for (int d = 0; d < 4; ++d)
    for (int m = 0; m < 3; ++m)
      for (int n : {1, 8}) {
        const double log_rate = 5 + 0.7 * d - 0.9 * m + std::log(n) + noise * normal();
        rows.push_back(row_of(fmt::format("d{}", d).c_str(), fmt::format("m{}", m).c_str(),
                              d % 2 ? Precision::fp8 : Precision::fp16, n, log_rate,
                              fmt::format("{}|{}|{}", d, m, n), m ? "2024-03-27" : "2023-09-11"));
      }
  return rows;
}

RidgeBaseline ridge_of(const std::vector<Row>& rows) {
  return RidgeBaseline(pointers_to(rows));
}

TEST(Ridge, AnUnseenLevelContributesNothing) {
  const std::vector<Row> rows = linear_world(0.1);
  const RidgeBaseline ridge(pointers_to(rows));
  const Row seen = row_of("d1", "m1", Precision::fp8, 8, 0, "x");
  const auto without_device = [](const char* id) { return row_of(id, "m1", Precision::fp8, 8, 0, "x"); };
  EXPECT_NE(ridge.log_rate(seen), ridge.log_rate(without_device("new")));
  EXPECT_EQ(ridge.log_rate(without_device("new")), ridge.log_rate(without_device("another")));
  EXPECT_NE(ridge.log_rate(seen), ridge.log_rate(row_of("d1", "new", Precision::fp8, 8, 0, "x")));
  EXPECT_EQ(ridge.log_rate(row_of("d1", "m1", Precision::int4, 8, 0, "x")),
            ridge.log_rate(row_of("d1", "m1", Precision::fp4, 8, 0, "x")));
  // A model of the other suite is another level.
  Row other = seen;
  other.observation.suite = "training";
  EXPECT_EQ(ridge.log_rate(other), ridge.log_rate(row_of("d1", "new", Precision::fp8, 8, 0, "x")));
}

// At the minimum, penalty x weight of a level = the sum of the residuals of its rows.
TEST(Ridge, IsTheMinimumOfItsOwnPenalty) {
  const std::vector<Row> rows = linear_world(0.3);
  const RidgeBaseline ridge(pointers_to(rows));
  for (int d = 0; d < 4; ++d) {
    const std::string device = fmt::format("d{}", d);
    const double weight = ridge.log_rate(row_of(device.c_str(), "m1", Precision::fp8, 8, 0, "x")) -
                          ridge.log_rate(row_of("new", "m1", Precision::fp8, 8, 0, "x"));
    double residuals = 0;
    for (const Row& row : rows)
      if (row.observation.device == device)
        residuals += std::log(row.observation.value) - ridge.log_rate(row);
    EXPECT_NEAR(ridge.penalty() * weight, residuals, 1e-9) << device;
  }
}

TEST(Ridge, ChoosesItsPenaltyInsideTheFittedRows) {
  const double clean = ridge_of(linear_world(0)).penalty();
  const double noisy = ridge_of(linear_world(3)).penalty();
  EXPECT_LT(clean, noisy);
  // By whole cells, whatever the order of rows.
  std::vector<Row> rows = linear_world(0.5);
  const RidgeBaseline forward(pointers_to(rows));
  std::reverse(rows.begin(), rows.end());
  const RidgeBaseline backward(pointers_to(rows));
  EXPECT_EQ(forward.penalty(), backward.penalty());
  const Row asked = row_of("d2", "m2", Precision::fp16, 3, 0, "x");
  EXPECT_NEAR(forward.log_rate(asked), backward.log_rate(asked), 1e-9);
}

TEST(Peak, ScalesByThePeakThatTheMedianRowReaches) {
  const auto row = [](const char* suite, double devices, double peak, double rate) {
    Row r = row_of("d", "m", Precision::fp16, static_cast<int>(devices), std::log(rate), "c");
    r.observation.suite = suite;
    r.lowered.peak = peak;
    return r;
  };
  // Shares of the peak 0.2, 0.5 and 0.4 with 10, 10 and 20 FLOPs a unit; training 0.3.
  const std::vector<Row> fitted = {row("inference", 2, 100, 4), row("inference", 1, 100, 5),
                                   row("inference", 4, 50, 4), row("training", 1, 100, 3)};
  const PeakBaseline peak(pointers_to(fitted), {10, 10, 20, 10});
  EXPECT_NEAR(std::exp(peak.log_rate(row("inference", 8, 200, 1), 5)), 0.4 * 8 * 200 / 5, 1e-9);
  EXPECT_NEAR(std::exp(peak.log_rate(row("training", 8, 200, 1), 5)), 0.3 * 8 * 200 / 5, 1e-9);
  // A suite that was not fitted: all of the peak.
  EXPECT_NEAR(std::exp(peak.log_rate(row("other", 8, 200, 1), 5)), 8 * 200.0 / 5, 1e-9);
}

}  // namespace
}  // namespace ironlaw::test
