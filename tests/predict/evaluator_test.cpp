// Blocks, derivatives, masks and steps of the evaluator.
#include "framework/predict/evaluator.hpp"

#include <cmath>

#include "ironlaw/wall.hpp"
#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using testing::case_of;
using testing::evaluate;
using ::testing::HasSubstr;
using testing::message_of;
using testing::scenario;

// Cases of every kind on the H100: one pipeline.
std::vector<Scenario> mixture() {
  std::vector<Scenario> list = {
      scenario("llama-3.1-8b", "h100", Task::decode),
      scenario("llama-3.1-8b", "h100", Task::decode, 64, Precision::fp8),
      scenario("llama-3.1-8b", "h100", Task::prefill, 4),
      scenario("llama-3.1-8b", "h100", Task::offline, 0),
      scenario("llama-3.1-8b", "h100", Task::offline, 200),
      scenario("llama-3.1-70b", "h100", Task::offline, 0, Precision::fp8, {.tensor = 4, .data = 2}),
      scenario("llama-3.1-70b", "h100", Task::decode, 40, Precision::fp16, {.tensor = 2, .pipeline = 4}),
      scenario("llama-3.1-70b", "h100", Task::train, 128, Precision::bf16,
               {.tensor = 8, .pipeline = 4, .data = 4, .interleave = 2}),
      scenario("llama-3.1-8b", "h100", Task::train, 16, Precision::bf16, {.data = 16}),
      scenario("llama-3.1-8b", "h100", Task::train, 8, Precision::bf16,
               {.tensor = 2, .data = 4, .context = 2}),
      scenario("mixtral-8x7b", "h100", Task::decode, 17, Precision::fp16, {.tensor = 2, .expert = 2}),
      scenario("mixtral-8x7b", "h100", Task::train, 32, Precision::bf16,
               {.tensor = 2, .data = 8, .expert = 8}),
      scenario("gpt-j-6b", "h100", Task::offline, 0),
      scenario("bert-large", "h100", Task::offline, 0),
      scenario("bert-large", "h100", Task::train, 64, Precision::fp16, {.data = 8}),
      scenario("resnet-50", "h100", Task::offline, 0, Precision::int8),
      scenario("resnet-50", "h100", Task::train, 4096, Precision::fp16, {.data = 16}),
  };
  list[12].beams = 4;
  list[16].micro_batch = 256;
  list[7].recompute = Recompute::full;
  for (Scenario& s : list) s.is_benchmark = true;  // no failures: the steps are all there is
  return list;
}

std::string described(const Case& c) {
  return testing::described(c.scenario);
}

TEST(Evaluator, ABlockGivesWhatItsCasesGiveAlone) {
  std::vector<Case> cases;
  for (const Scenario& s : mixture()) cases.push_back(case_of(s));
  for (const ParameterSet& set : {ParameterSet::textbook(), ParameterSet::prior()}) {
    std::vector<CaseParameters> values;
    std::vector<const Case*> all;
    std::vector<const CaseParameters*> their;
    values.reserve(cases.size());
    for (const Case& c : cases) values.push_back(resolve_parameters(c, set));
    for (std::size_t i = 0; i < cases.size(); ++i) {
      all.push_back(&cases[i]);
      their.push_back(&values[i]);
    }
    const std::size_t stride = Evaluator::gradient_stride(*cases[0].pipeline);
    const std::size_t n_walls = cases[0].pipeline->walls().size();
    std::vector<Outcome> outcomes(cases.size());
    std::vector<double> gradients(cases.size() * stride, NAN), shares(cases.size() * n_walls, NAN);
    Evaluator evaluator;
    evaluator.evaluate(all, their, outcomes, gradients, shares);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      SCOPED_TRACE(described(cases[i]));
      const auto alone = evaluate(evaluator, cases[i], values[i], true, true);
      EXPECT_EQ(outcomes[i].time, alone.outcome.time);
      EXPECT_EQ(outcomes[i].replica_time, alone.outcome.replica_time);
      EXPECT_EQ(outcomes[i].step_time, alone.outcome.step_time);
      EXPECT_EQ(outcomes[i].requests, alone.outcome.requests);
      EXPECT_EQ(outcomes[i].useful_flops, alone.outcome.useful_flops);
      EXPECT_EQ(outcomes[i].peak_time, alone.outcome.peak_time);
      EXPECT_EQ(outcomes[i].memory_headroom, alone.outcome.memory_headroom);
      EXPECT_EQ(outcomes[i].decode_step, alone.outcome.decode_step);
      EXPECT_EQ(outcomes[i].prefill_step, alone.outcome.prefill_step);
      for (std::size_t p = 0; p < stride; ++p) EXPECT_EQ(gradients[i * stride + p], alone.gradient[p]) << p;
      for (std::size_t w = 0; w < n_walls; ++w) EXPECT_EQ(shares[i * n_walls + w], alone.shares[w]) << w;
      // What is not asked for changes nothing.
      EXPECT_NEAR(evaluate(evaluator, cases[i], values[i]).outcome.time / alone.outcome.time, 1, 1e-14);
    }
  }
}

TEST(Evaluator, TimesFitTogether) {
  Evaluator evaluator;
  for (const Scenario& s : mixture()) {
    const Case c = case_of(s);
    SCOPED_TRACE(described(c));
    const Outcome out = evaluate(evaluator, c, resolve_parameters(c, ParameterSet::prior())).outcome;
    EXPECT_LE(out.replica_time, out.step_time);
    EXPECT_EQ(out.step_time, out.time);  // nothing fails in a benchmark
    EXPECT_GT(out.peak_time, 0);
    if (s.task != Task::offline) continue;
    // Prompts in steps of at most 8192 tokens; then a step a token.
    const double prompts = s.model->kind == ModelKind::decoder
                               ? std::min(out.requests, std::max(1.0, 8192 / c.input_len))
                               : out.requests;
    EXPECT_NEAR(out.time, out.requests / prompts * out.prefill_step + c.output_len * out.decode_step,
                1e-9 * out.time);
  }
}

TEST(Evaluator, MaskedWallsCostNothing) {
  Evaluator evaluator;
  Scenario s = scenario("llama-3.1-70b", "h100", Task::train, 128, Precision::bf16,
                        {.tensor = 8, .pipeline = 4, .data = 4});
  s.is_benchmark = true;
  const Case c = case_of(s);
  const CaseParameters values = resolve_parameters(c, ParameterSet::prior());
  const auto time = [&](WallMask mask) {
    return evaluate(evaluator, c, values, false, false, mask).outcome.time;
  };
  EXPECT_EQ(time(0), 0);
  const double all = time(kAllWalls);
  for (std::size_t w = 0; w < c.pipeline->walls().size(); ++w)
    EXPECT_LE(time(~(WallMask{1} << w)), all * (1 + 1e-12)) << c.pipeline->walls()[w]->id;
  // Without communication a replica waits for nothing.
  WallMask alone = kAllWalls;
  for (std::size_t w = 0; w < c.pipeline->walls().size(); ++w)
    if (c.pipeline->walls()[w]->number == 14) alone &= ~(WallMask{1} << w);
  EXPECT_NEAR(time(alone), evaluate(evaluator, c, values).outcome.replica_time, 1e-12 * all);
}

TEST(Evaluator, TheWorkOfATrainingStepIsSixTimesParametersTimesTokens) {
  Evaluator evaluator;
  const Case c = case_of(scenario("llama-3.1-8b", "h100", Task::train, 16, Precision::bf16, {.data = 8}));
  const Outcome out = evaluate(evaluator, c, resolve_parameters(c, ParameterSet::textbook())).outcome;
  // 16 x 8192 tokens; 7.50e9 parameters in products, and causal attention: 4 x 32 layers x 4096 x 8193 / 2 a
  // token, three times.
  const double tokens = 16 * 8192.0;
  const double products = 6 * active_matmul_parameters(*c.scenario.model) * tokens;
  const double attention = 3 * 4 * 32 * 4096.0 * (8192 + 1) / 2 * tokens;
  EXPECT_NEAR(out.useful_flops / (products + attention), 1, 1e-6);
}

// ---- derivatives -----------------------------------------------------------------------------------------
double log_time_per_request(Evaluator& evaluator, const Case& c, const CaseParameters& values) {
  const Outcome out = evaluate(evaluator, c, values).outcome;
  return std::log(out.time / (c.scenario.task == Task::offline ? out.requests : 1));
}

// Every entry of the gradient against a central difference on the link scale. Returns how many are not zero.
int expect_gradient_is_a_difference(Evaluator& evaluator, const Case& c, const ParameterSet& set) {
  const auto& ports = c.pipeline->parameters();
  const CaseParameters values = resolve_parameters(c, set);
  const std::vector<double> gradient = evaluate(evaluator, c, values, true).gradient;
  int moved = 0;
  for (std::size_t i = 0; i < values.value.size(); ++i) {
    const ironlaw_port& port = *ports[i % ports.size()].port;
    const auto link = static_cast<ironlaw_link>(port.link);
    const double h = 1e-5;
    CaseParameters above = values, below = values;
    above.value[i] = from_link(link, to_link(link, values.value[i]) + h);
    below.value[i] = from_link(link, to_link(link, values.value[i]) - h);
    const double difference =
        (log_time_per_request(evaluator, c, above) - log_time_per_request(evaluator, c, below)) / (2 * h);
    EXPECT_NEAR(gradient[i], difference, 1e-8 + 1e-6 * std::abs(difference)) << port.name << ", entry " << i;
    moved += difference != 0;
  }
  for (std::size_t i = values.value.size(); i < gradient.size(); ++i) EXPECT_EQ(gradient[i], 0) << i;
  return moved;
}

// The H100 without its tiles: its shape function changes in steps and has, on purpose, no derivative by the
// batch.
const ironlaw_hardware& smooth_h100() {
  static const ironlaw_hardware device = [] {
    ironlaw_hardware copy = testing::hardware("h100");
    copy.shape = nullptr;
    return copy;
  }();
  return device;
}

TEST(Gradient, EqualsCentralDifferences) {
  Evaluator evaluator;
  for (Scenario s : mixture()) {
    s.hardware = &smooth_h100();
    const Case c = case_of(s);
    SCOPED_TRACE(described(c));
    EXPECT_GT(expect_gradient_is_a_difference(evaluator, c, ParameterSet::prior()), 4);
  }
}

TEST(Gradient, OfAFixedBatchIsExactWithShapesToo) {
  Evaluator evaluator;
  for (const Scenario& s : mixture()) {
    if (s.task == Task::offline) continue;
    SCOPED_TRACE(testing::described(s));
    expect_gradient_is_a_difference(evaluator, case_of(s), ParameterSet::prior());
  }
}

TEST(Gradient, FollowsTheReserveThroughTheRunningBatch) {
  Scenario s = scenario("llama-3.1-70b", "h100", Task::offline, 0, Precision::fp16, {.tensor = 4});
  s.hardware = &smooth_h100();
  const Case c = case_of(s);
  Evaluator evaluator;
  const CaseParameters values = resolve_parameters(c, ParameterSet::prior());
  const auto result = evaluate(evaluator, c, values, true);
  EXPECT_LT(result.outcome.requests, 2048);  // memory decides
  const std::size_t n = c.pipeline->parameters().size();
  const auto reserve = static_cast<std::size_t>(c.pipeline->parameter("memory_reserve"));
  // The step that keeps the requests is the decode step; a larger reserve means fewer requests a cycle.
  EXPECT_EQ(result.gradient[reserve], 0);
  EXPECT_GT(result.gradient[n + reserve], 1e-3);
}

TEST(Gradient, OfTheTextbookIsZero) {
  Evaluator evaluator;
  const Case c = case_of(scenario("llama-3.1-8b", "h100", Task::offline, 0));
  for (const double g :
       evaluate(evaluator, c, resolve_parameters(c, ParameterSet::textbook()), true).gradient)
    EXPECT_EQ(g, 0);
}

// ---- walls of one's own ----------------------------------------------------------------------------------
constexpr q::Count kLoss{"test_loss", ""}, kGoodput{"test_goodput", ""}, kVerbosity{"test_verbosity", ""};
constexpr q::Time kDelay{"test_delay", ""}, kWait{"test_wait", ""};

struct Losses {  // of a run: a share of the time is lost, and something is waited for
  static constexpr Level kLevel = Level::run;
  static constexpr const char* kName = "losses";
  template <class T>
  struct In {
    T loss;
    Seconds<T> delay;
    static constexpr auto ports() {
      return std::tuple{parameter(kLoss, &In::loss, {IRONLAW_LINK_LOGIT, 0.5, 0.2, 0.3}, 0, 1),
                        parameter(kDelay, &In::delay, {IRONLAW_LINK_LOG, 3, 2, 0.3})};
    }
  };
  template <class T>
  struct Out {
    T goodput;
    Seconds<T> wait;
    static constexpr auto ports() {
      return std::tuple{factor(kGoodput, &Out::goodput, q::Time{"", ""}), addend(kWait, &Out::wait)};
    }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {T(1.0) - in.loss, in.delay};
  }
};
constexpr WallInfo kLossInfo{.number = 115,
                             .id = "losses",
                             .title = "Losses",
                             .domain = "operations",
                             .term = "goodput",
                             .statement = "",
                             .equation = "",
                             .sources = ""};

// Serving, batching, and what is built upon them.
bool is_about_requests(const ironlaw_wall& wall) {
  return wall.number == 4 || wall.number == 5 || wall.number == 7 || wall.number == 12;
}

std::vector<const ironlaw_wall*> walls_and(const ironlaw_wall& extra, bool without_requests = false) {
  std::vector<const ironlaw_wall*> result;
  for (const ironlaw_wall* wall : testing::walls())
    if (!without_requests || !is_about_requests(*wall)) result.push_back(wall);
  result.push_back(&extra);
  return result;
}

TEST(RunWalls, DivideAndAddAndTheSharesStillMakeUpTheTime) {
  Predictor with_losses(walls_and(detail::WallPlugin<kLossInfo, Losses>::kWall));
  const Scenario s = scenario("llama-3.1-8b", "h100", Task::train, 16, Precision::bf16, {.data = 8});
  const Prediction p = with_losses.predict(s, ParameterSet::textbook());
  const double without = testing::textbook(s).outcome.time;
  EXPECT_NEAR(p.outcome.time, 2 * without + 3, 1e-9 * without);
  ASSERT_TRUE(p.iron_law.goodput.has_value());
  EXPECT_NEAR(*p.iron_law.goodput, p.outcome.step_time / p.outcome.time, 1e-12);
  double elasticity = 0, seconds = p.peak_seconds;
  for (const LedgerEntry& entry : p.ledger) {
    elasticity += entry.elasticity;
    seconds += entry.seconds;
  }
  EXPECT_NEAR(elasticity, 1, 1e-9);
  EXPECT_NEAR(seconds, p.outcome.time, 1e-9 * p.outcome.time);
  EXPECT_EQ(p.ledger.back().name, "losses");
  EXPECT_NEAR(p.ledger.back().seconds, without + 3, 1e-9 * without);
  EXPECT_NEAR(p.ledger.back().elasticity, 3 / p.outcome.time, 1e-12);
}

TEST(RunWalls, HaveGradients) {
  Predictor with_losses(walls_and(detail::WallPlugin<kLossInfo, Losses>::kWall));
  Evaluator evaluator;
  for (const Scenario& s : {scenario("llama-3.1-8b", "h100", Task::train, 16, Precision::bf16, {.data = 8}),
                            scenario("llama-3.1-8b", "h100", Task::offline, 100)})
    expect_gradient_is_a_difference(evaluator, prepare(s, with_losses.pipeline(*s.hardware)),
                                    ParameterSet::prior());
}

// What walls 4 and 5 do, with a parameter: how many steps a scenario takes, and at which context, is fitted.
struct Verbose {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "verbose";
  template <class T>
  struct In {
    T input_len, output_len, running, verbosity;
    static constexpr auto ports() {
      return std::tuple{input(q::input_len, &In::input_len), input(q::output_len, &In::output_len),
                        input(q::configured_requests, &In::running),
                        parameter(kVerbosity, &In::verbosity, {IRONLAW_LINK_LOG, 1, 1.5, 0.3})};
    }
  };
  template <class T>
  struct Out {
    T mean_context, prefill_requests, prefill_steps, decode_steps, running;
    static constexpr auto ports() {
      return std::tuple{work(q::running_requests, &Out::running), work(q::mean_context, &Out::mean_context),
                        work(q::prefill_requests, &Out::prefill_requests),
                        work(q::prefill_steps, &Out::prefill_steps),
                        work(q::decode_steps, &Out::decode_steps)};
    }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T length = in.output_len * in.verbosity;
    return {in.input_len + length / 2.0, in.running / in.verbosity, in.verbosity * 3.0, length, in.running};
  }
};
constexpr WallInfo kVerboseInfo{.number = 104,
                                .id = "verbose",
                                .title = "Verbose",
                                .domain = "algorithm",
                                .term = "flops",
                                .statement = "",
                                .equation = "",
                                .sources = ""};

TEST(WorkWalls, MayMakeAnyLoadAndCountDependOnAParameter) {
  Predictor verbose(walls_and(detail::WallPlugin<kVerboseInfo, Verbose>::kWall, true));
  Evaluator evaluator;
  Scenario s = scenario("llama-3.1-8b", "h100", Task::offline, 100);
  s.hardware = &smooth_h100();
  const Case c = prepare(s, verbose.pipeline(*s.hardware));
  expect_gradient_is_a_difference(evaluator, c, ParameterSet::prior());
  const std::size_t n = c.pipeline->parameters().size();
  const auto verbosity = static_cast<std::size_t>(c.pipeline->parameter("test_verbosity"));
  const auto result = evaluate(evaluator, c, resolve_parameters(c, ParameterSet::prior()), true);
  EXPECT_GT(result.gradient[n + verbosity], 0.2);  // the share of decoding
}

TEST(Evaluator, NamesWhatNoWallProvidesEveryTime) {
  std::vector<const ironlaw_wall*> few;
  for (const ironlaw_wall* wall : testing::walls())
    if (!is_about_requests(*wall)) few.push_back(wall);
  Predictor predictor(few);
  const Scenario s = scenario("llama-3.1-8b", "h100", Task::decode);
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(message_of([&] { predictor.predict(s, ParameterSet::textbook()); }),
                HasSubstr("no wall provides 'running_requests'"));
}

TEST(Evaluator, NoCasesAreNoWork) {
  Evaluator evaluator;
  evaluator.evaluate({}, {}, {});
}

}  // namespace
}  // namespace ironlaw
