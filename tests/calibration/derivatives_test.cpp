// The rates of real rows and their exact derivatives, against evaluations one by one and differences.
#include "calibration/row_model.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

constexpr std::size_t kEvery = 40;
constexpr double kStep = 1e-5;

// Every kEvery-th row of the real facts, at a point away from the prior.
struct Sample {
  explicit Sample(const std::vector<const ironlaw_hardware*>& chips) {
    std::vector<Row> all = lowered(facts().observations, chips, predictor);
    for (std::size_t i = 0; i < all.size(); i += kEvery) rows.push_back(std::move(all[i]));
    Normal normal(7);
    TrueSpreads spreads;
    for (const ParameterPort& p : rows[0].lowered.pipeline->parameters())
      for (const ironlaw_scope scope : kScopes) spreads[{p.port->name, scope}] = 0.3;
    set = draw_truth(rows, spreads, 0.5, normal);
    for (const Effect& e : set.effects()) theta.push_back(e.value);
  }
  Predictor predictor{walls()};
  std::vector<Row> rows;
  ParameterSet set;
  std::vector<double> theta;
};

double slope_of(const RowModel& model, const std::vector<double>& jacobian, std::size_t row, std::size_t t) {
  const std::span<const std::uint32_t> columns = model.columns(row);
  const auto found = std::lower_bound(columns.begin(), columns.end(), t);
  if (found == columns.end() || *found != t) return 0;
  return model.slopes(jacobian, row)[static_cast<std::size_t>(found - columns.begin())];
}

// Compares what `is_exact` allows.
template <class IsExact>
void compare_with_differences(const Sample& sample, const IsExact& is_exact) {
  const std::vector<Row>& rows = sample.rows;
  const std::vector<double>& theta = sample.theta;
  std::set<std::string> suites;
  for (const Row& row : rows) suites.insert(row.observation.suite);
  ASSERT_EQ(suites, (std::set<std::string>{"inference", "training"}));

  RowModel model(rows, sample.set);
  std::vector<double> at;
  std::vector<double> above;
  std::vector<double> below;
  std::vector<double> jacobian;
  model.evaluate(theta.data(), at, &jacobian);
  int compared = 0;
  int kinks = 0;
  int moving = 0;
  for (std::size_t t = 0; t < theta.size(); ++t) {
    const Effect& effect = sample.set.effects()[t];
    if (!is_exact(effect.parameter)) continue;
    std::vector<double> moved = theta;
    moved[t] = theta[t] + kStep;
    model.evaluate(moved.data(), above, nullptr);
    moved[t] = theta[t] - kStep;
    model.evaluate(moved.data(), below, nullptr);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double right = (above[r] - at[r]) / kStep;
      const double left = (at[r] - below[r]) / kStep;
      const double exact = slope_of(model, jacobian, r, t);
      if (std::abs(right - left) > 1e-3) {  // min and max: the two sides differ
        ++kinks;
        continue;
      }
      ++compared;
      moving += std::abs(exact) > 1e-6;
      EXPECT_NEAR(exact, (right + left) / 2, 1e-6 * std::abs(exact) + 2e-9)
          << rows[r].cell << " " << effect.parameter << " " << effect.level;
    }
  }
  EXPECT_GT(moving, compared / 20);
  EXPECT_LE(kinks, compared / 200);
}

// Shape functions change in steps with the running batch, and declare no derivative.
TEST(Derivatives, AgreeWithDifferencesOfBothSuites) {
  Clones clones;
  std::vector<const ironlaw_hardware*> chips;
  for (const ironlaw_hardware* h : hardware()) {
    ironlaw_hardware* chip = clones.add(h->id, h->id, h->family, h->vendor);
    chip->shape = nullptr;
    chips.push_back(chip);
  }
  compare_with_differences(Sample(chips), [](const std::string&) { return true; });
}

TEST(Derivatives, AgreeWithShapesWhereTheBatchIsFixed) {
  const Sample sample(hardware());
  const Pipeline& pipeline = *sample.rows[0].lowered.pipeline;
  std::set<std::string> move_the_batch;
  for (const Import& import : pipeline.stage(IRONLAW_LEVEL_SCENARIO).imports)
    if (import.parameter >= 0)
      move_the_batch.insert(pipeline.parameters()[static_cast<std::size_t>(import.parameter)].port->name);
  EXPECT_LT(move_the_batch.size(), pipeline.parameters().size() / 2);
  compare_with_differences(sample, [&](const std::string& p) { return !move_the_batch.contains(p); });
}

TEST(Derivatives, BlocksAndPredictionsAgreeWithRowsAlone) {
  const Sample sample(hardware());
  const auto& [predictor, rows, set, theta] = sample;
  RowModel model(rows, set);
  std::vector<double> together;
  model.evaluate(theta.data(), together, nullptr);
  const auto predictions = predict_rates(rows, set);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::vector<Row> one{rows[r]};
    RowModel alone(one, set);
    std::vector<double> rate;
    std::vector<double> jacobian;
    alone.evaluate(theta.data(), rate, &jacobian);
    EXPECT_EQ(rate[0], together[r]) << rows[r].cell;
    EXPECT_NEAR(predictions[r].rate, std::exp(together[r]), 1e-12 * predictions[r].rate);
  }
}

}  // namespace
}  // namespace ironlaw::test
