// Forcing a quantity to the value that it has anyway changes nothing.
#include <cmath>
#include <set>

#include "tests/predict/every_case.hpp"

namespace ironlaw {
namespace {

using testing::textbook;

// What may be given in a case, with the value that it has.
std::map<std::string, double> present_values(const Prediction& p) {
  const Pipeline& pipeline = *p.resolved.pipeline;
  const Evaluator& evaluator = testing::predictor().evaluator();
  std::map<std::string, double> result;
  const CaseParameters parameters = resolve_parameters(p.resolved, ParameterSet::textbook());
  for (std::size_t i = 0; i < pipeline.parameters().size(); ++i)
    result[pipeline.parameters()[i].port->name] = parameters.value[i];
  for (std::size_t i = 0; i < pipeline.inputs().size(); ++i)
    if (pipeline.inputs()[i].setting) result[pipeline.inputs()[i].name] = p.resolved.inputs[i];
  for (const char* name : {"peak_flops", "memory_bandwidth", "memory_capacity", "scaleup_bandwidth",
                           "network_bandwidth", "stored_weight_bytes", "kv_bytes_per_token"})
    result[name] = testing::input(p, name);
  // Columns of which the case has one row: those of a step only where there is one step.
  for (const ironlaw_level level :
       {IRONLAW_LEVEL_SCENARIO, IRONLAW_LEVEL_STEP, IRONLAW_LEVEL_RUN, IRONLAW_LEVEL_RESULT}) {
    const auto [first, last] = evaluator.steps_of(testing::row_of(p));
    const bool is_step = level == IRONLAW_LEVEL_STEP;
    if (is_step && last - first != 1) continue;
    for (const Call& call : pipeline.stage(level).calls)
      for (std::size_t o = 0; o < call.out.size(); ++o)
        result[call.function->outputs[o]->name] =
            evaluator.table(level).column(call.out[o])[is_step ? first : testing::row_of(p)];
  }
  return result;
}

TEST(Given, TheValueItHasAnywayChangesNothing) {
  std::set<std::string> forced;
  std::size_t turn = 0;
  testing::for_every_case([&](const Prediction& p) {
    const Scenario& s = p.resolved.scenario;
    if (s.task == Task::serve) return;  // its load is settled anew, to its tolerance only
    for (const auto& [name, value] : present_values(p)) {
      // Each name in some scenarios of every kind is enough.
      if (++turn % 17 != 0 || std::isnan(value) || std::isinf(value)) continue;
      SCOPED_TRACE(name);
      const Prediction q = textbook(testing::given(s, name.c_str(), value));
      EXPECT_NEAR(q.outcome.time / p.outcome.time, 1, 1e-12);
      EXPECT_NEAR(q.outcome.memory_headroom, p.outcome.memory_headroom, 1e-12 * p.memory->capacity);
      ASSERT_EQ(q.accounts.size(), p.accounts.size());
      for (std::size_t a = 0; a < p.accounts.size(); ++a) {
        const double x = p.accounts[a].value, y = q.accounts[a].value;
        EXPECT_TRUE((std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= 1e-12 * std::abs(x))
            << p.accounts[a].name << ": " << x << " and " << y;
      }
      forced.insert(name);
    }
  });
  EXPECT_GT(forced.size(), 150u);
}

}  // namespace
}  // namespace ironlaw
