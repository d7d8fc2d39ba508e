// What is known beforehand of the software behind a row: which generation, whose, and how long the model has
// been run where results are compared.
#include "calibration/software.hpp"

#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

// Days since the first round, from what is left of the tuning.
constexpr double kTuningTime = 365.2425 / 2;

Row row_of(const Observation& o) {
  Row row;
  row.observation = o;
  return row;
}

std::vector<Row> described(const std::vector<Observation>& observations) {
  std::vector<Row> rows;
  rows.reserve(observations.size());
  for (const Observation& o : observations) rows.push_back(row_of(o));
  set_software(observations, rows);
  return rows;
}

Observation benchmark(const char* suite, const char* round, const char* published, const char* model) {
  Observation o;
  o.suite = suite;
  o.round = round;
  o.published = published;
  o.model = model;
  return o;
}

Observation table(const char* source, const char* software, const char* published) {
  Observation o;
  o.suite = std::string("published-training");
  o.source = source;
  o.software = software;
  o.published = published;
  return o;
}

double age(const Row& row) {
  const auto found = row.scenario.given.find("tuning_left");
  return found == row.scenario.given.end() ? NAN : -kTuningTime * std::log(found->second.value);
}

TEST(Software, AgesFromTheFirstRoundOfTheModelInItsSuite) {
  const std::vector<Row> rows = described({
      benchmark("inference", "inference-v4.0", "2024-03-27", "llama-2-70b"),
      benchmark("inference", "inference-v4.1", "2024-08-28", "llama-2-70b"),
      benchmark("training", "training-v4.0", "2024-06-12", "llama-2-70b"),
      benchmark("inference", "inference-v4.1", "2024-08-28", "mixtral-8x7b"),
  });
  EXPECT_EQ(age(rows[0]), 0);
  EXPECT_NEAR(age(rows[1]), 154, 1e-9);  // 4 of March, 30, 31, 30, 31, 28: 27 March to 28 August
  EXPECT_EQ(age(rows[2]), 0);            // trained by other kernels
  EXPECT_EQ(age(rows[3]), 0);
  EXPECT_EQ(rows[1].scenario.given.at("tuning_left").by, "first round 2024-03-27");
}

TEST(Software, BenchmarksThatAreOlderThanTheDataHaveTheirOwnDate) {
  const std::vector<Row> rows =
      described({benchmark("inference", "inference-v2.0", "2022-04-06", "bert-large"),
                 benchmark("inference", "inference-v2.0", "2022-04-06", "3d-unet"),
                 benchmark("training", "training-v0.7", "2020-07-29", "bert-large")});
  EXPECT_NEAR(age(rows[0]), 532, 1e-9);  // since October 21, 2020: 71 + 365 + 96 days
  EXPECT_EQ(age(rows[1]), 0);            // a new data set
  EXPECT_EQ(age(rows[2]), 0);            // new in that round
}

TEST(Software, ATableRunsItsOwnOnTheGenerationBefore) {
  const std::vector<Row> rows = described({
      benchmark("training", "training-v2.0", "2022-06-29", "bert-large"),
      benchmark("training", "training-v2.1", "2022-11-09", "bert-large"),
      benchmark("inference", "inference-v2.1", "2022-09-08", "bert-large"),
      table("vtrain", "Megatron-DeepSpeed", "2022-10-31"),
      table("mt-nlg", "", "2023-12-31"),
      table("megatron-sc21", "", "2021-12-31"),
  });
  const auto generation = [&](std::size_t i) { return rows[i].scenario.generation; };
  EXPECT_EQ(generation(1), "2022-11");
  EXPECT_EQ(generation(2), "2022-09");
  EXPECT_EQ(generation(3), "2022-06");
  EXPECT_EQ(generation(4), "2022-11");
  EXPECT_EQ(generation(5), "2021-12");  // before all that are known
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(rows[i].scenario.framework, "");
  EXPECT_EQ(rows[3].scenario.framework, "Megatron-DeepSpeed");
  EXPECT_EQ(rows[4].scenario.framework, "mt-nlg");
  for (std::size_t i = 3; i < 6; ++i) EXPECT_TRUE(std::isnan(age(rows[i]))) << i;
}

TEST(Software, NeverDependsOnARate) {
  std::vector<Observation> observations = facts().all;
  const std::vector<Row> rows = described(observations);
  for (Observation& o : observations) o.value *= 3;
  const std::vector<Row> scaled = described(observations);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].scenario, scaled[i].scenario);
    if (!rows[i].observation.round.empty()) {
      ASSERT_GE(age(rows[i]), 0);
    }
  }
}

// With nothing else changed, a model's first round is slower than its third, and that is all that age does.
TEST(Software, ATunedModelIsFaster) {
  std::vector<Row> rows = lowered({inference()}, hardware(), predictor());
  ASSERT_EQ(rows.size(), 1u);
  const auto rate = [&](double left) {
    rows[0].scenario.given["tuning_left"].value = left;
    rows[0].lowered = prepare(rows[0].scenario, predictor().pipeline(*rows[0].hardware));
    return predict_rates(rows, ParameterSet::prior())[0].rate;
  };
  EXPECT_LT(rate(1), rate(0.4));
  EXPECT_LT(rate(0.4), rate(0));
  const double tuned = rate(0);
  rows[0].scenario.given.erase("tuning_left");
  rows[0].lowered = prepare(rows[0].scenario, predictor().pipeline(*rows[0].hardware));
  EXPECT_EQ(predict_rates(rows, ParameterSet::prior())[0].rate, tuned);  // nothing said
}

}  // namespace
}  // namespace ironlaw::test
