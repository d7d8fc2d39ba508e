// A scenario as one function: exact derivatives, their inverse, and what walls 21 and 22 say of it.
#include "framework/predict/system.hpp"

#include <cmath>
#include <limits>

#include "framework/predict/requirements.hpp"
#include "framework/predict/search.hpp"
#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;

const ParameterSet kTextbook = ParameterSet::textbook();
const ParameterSet kPrior = ParameterSet::prior();  // every efficiency below 1, every latency above 0

Scenario train_on_64() {
  Scenario s = scenario("llama-3.1-70b", "h100", Task::train, 512, Precision::bf16,
                        {.tensor = 8, .pipeline = 2, .data = 4});
  s.given["training_tokens"] = {1e12, "test"};
  return s;
}
Scenario serve(double arrivals) {
  Scenario s = scenario("llama-3.1-8b", "h100", Task::serve, 0, Precision::bf16);
  s.given["arrival_rate"] = {arrivals, "test"};
  s.given["service_cv"] = {0.8, "test"};  // 1 is a kink: two families of distributions meet there
  return s;
}

struct Named {
  std::string name;
  Scenario scenario;
};
std::vector<Named> scenarios() {
  std::vector<Named> all = {
      {"train", train_on_64()},
      {"prefill", scenario("llama-3.1-8b", "h100", Task::prefill, 4)},
      {"decode", scenario("llama-3.1-70b", "h100", Task::decode, 32, Precision::fp16, {.tensor = 8})},
      {"decode of one", scenario("llama-3.1-8b", "a100", Task::decode, 1)},
      {"offline", scenario("llama-3.1-8b", "h100", Task::offline, 0)},
      {"serve", serve(8)},
      {"serve, mostly idle", serve(0.3)},
      {"serve, at its limit", serve(1000)},
      {"convnet", scenario("resnet-50", "a100", Task::train, 256)},
      {"encoder", scenario("bert-large", "a100", Task::prefill, 16)},
      {"experts",
       scenario("mixtral-8x7b", "h100", Task::decode, 64, Precision::bf16, {.tensor = 4, .expert = 4})}};
  for (Named& n : all)
    if (is_transformer(n.scenario.model->kind))
      n.scenario.input_len = n.scenario.task == Task::train ? 8010.5 : 1000.5;
  return all;
}

// Inputs and outputs at the scenario itself.
struct Point {
  explicit Point(ScenarioSystem& system)
      : table(system.table()), out(table.n_outputs), jacobian(std::size_t{table.n_outputs} * table.n_inputs) {
    for (std::uint32_t i = 0; i < table.n_inputs; ++i) at.push_back(table.inputs[i]->value);
    system.differentiate(at.data(), out.data(), jacobian.data());
  }
  double slope(std::uint32_t output, std::uint32_t input) const {
    return jacobian[std::size_t{output} * table.n_inputs + input];
  }
  double elasticity(std::uint32_t output, std::uint32_t input) const {
    return slope(output, input) * at[input] / out[output];
  }
  const ironlaw_system& table;
  std::vector<double> at, out, jacobian;
};

std::vector<double> outputs_at(ScenarioSystem& system, std::vector<double> at, std::uint32_t input,
                               double x) {
  at[input] = x;
  std::vector<double> out(system.table().n_outputs);
  system.evaluate(at.data(), out.data());
  return out;
}
double output_at(ScenarioSystem& system, const char* output, const char* input, double x) {
  const Point p(system);
  return outputs_at(system, p.at, system.input(input), x)[system.output(output)];
}

// Every output by every input of every scenario, against differences of whole solves (in a service with its
// load settled anew). Shapes of matrix products change in steps across which derivatives follow the trend, so
// they are held.
void expect_exact_derivatives(const Named& named, const ParameterSet& parameters, int& checked) {
  Scenario s = named.scenario;
  s.given["shape_efficiency"] = {0.9, "test"};
  ScenarioSystem system(predictor(), s, parameters);
  const Point p(system);
  constexpr double kStep = 1e-6;
  for (std::uint32_t i = 0; i < p.table.n_inputs; ++i) {
    const ironlaw_variable& v = *p.table.inputs[i];
    if ((v.flags & IRONLAW_VARIABLE_DISCRETE) != 0 || v.value == 0) continue;
    // One-sided at the ends of a range: an efficiency of 1, one request.
    const double low = v.value * (1 - kStep) < v.min ? v.value : v.value * (1 - kStep);
    const double high = v.value * (1 + kStep) > v.max ? v.value : v.value * (1 + kStep);
    std::vector<double> below;
    double from = low;
    try {
      below = outputs_at(system, p.at, i, low);
    } catch (const Error&) {
      from = v.value;
      below = p.out;
    }
    const std::vector<double> above = outputs_at(system, p.at, i, high);
    const bool is_central = from < v.value && high > v.value;
    for (std::uint32_t o = 0; o < p.table.n_outputs; ++o) {
      if (std::isnan(p.out[o]) || p.out[o] == 0) continue;
      const double difference = (above[o] - below[o]) / (high - from) * v.value / p.out[o];
      const double exact = p.elasticity(o, i);
      EXPECT_NEAR(exact, difference, (is_central ? 1e-7 : 1e-5) * (10 + std::abs(exact)))
          << named.name << ": " << p.table.outputs[o]->name << " by " << v.name << " at " << v.value;
      ++checked;
    }
  }
}

TEST(System, DerivativesAreExact) {
  int checked = 0;
  for (const Named& named : scenarios())
    for (const ParameterSet* set : {&kTextbook, &kPrior}) expect_exact_derivatives(named, *set, checked);
  EXPECT_GT(checked, 50'000);
}

// Dimensions: were all seconds longer, times would be, and rates smaller, by as much. So the elasticities of
// a time by all that is measured in seconds, less those by all that is measured per second, add up to 1;
// those of a rate to -1, of a cost or a share to 0. A missing or a doubled derivative breaks it.
TEST(System, ElasticitiesHaveTheDimensionOfTime) {
  const auto power_of_time = [](std::string_view unit) {
    return unit == "s" ? 1 : unit.ends_with("/s") ? -1 : 0;
  };
  const auto power_of = [&](const ironlaw_variable& v) {
    return std::string_view(v.name) == "maintenance_share" ? -1 : power_of_time(v.unit);  // a share a year
  };
  int checked = 0;
  for (const Named& named : scenarios())
    for (const ParameterSet* set : {&kTextbook, &kPrior}) {
      ScenarioSystem system(predictor(), named.scenario, *set);
      const Point p(system);
      for (const char* name : {"time", "token_rate", "request_rate", "mfu", "eta_scaling", "run_time", "itl",
                               "ttft", "run_cost", "run_energy", "cost_per_million_tokens"}) {
        std::uint32_t output = 0;
        try {
          output = system.output(name);
        } catch (const Error&) {
          continue;  // a training step has no latency
        }
        if (std::isnan(p.out[output])) continue;
        double sum = 0;
        for (std::uint32_t i = 0; i < p.table.n_inputs; ++i)
          sum += power_of(*p.table.inputs[i]) * p.elasticity(output, i);
        EXPECT_NEAR(sum, power_of_time(p.table.outputs[output]->unit), 1e-6) << named.name << ": " << name;
        ++checked;
      }
    }
  EXPECT_GT(checked, 150);
}

// Nothing but arithmetic and memory traffic on one device: the two shares of the time.
TEST(System, TextbookDecodeFollowsPeakAndBandwidthOnly) {
  ScenarioSystem system(predictor(), scenario("llama-3.1-8b", "a100", Task::decode, 1), kTextbook);
  const Point p(system);
  const std::uint32_t time = system.output("time");
  EXPECT_NEAR(
      p.elasticity(time, system.input("peak_flops")) + p.elasticity(time, system.input("memory_bandwidth")),
      -1, 1e-12);
  EXPECT_LT(p.elasticity(time, system.input("memory_bandwidth")), -0.99);
  EXPECT_EQ(p.elasticity(time, system.input("memory_capacity")), 0);
}

// An input that is moved is a scenario that is asked anew.
TEST(System, EvaluateIsASolveOfTheMovedScenario) {
  for (const Named& named : scenarios()) {
    if (named.scenario.model->kind != ModelKind::decoder || named.name == "serve, at its limit") continue;
    ScenarioSystem system(predictor(), named.scenario, kTextbook);
    Scenario moved = named.scenario;
    moved.input_len = *moved.input_len * 1.3;
    EXPECT_NEAR(
        output_at(system, "time", "input_len", *moved.input_len) /
            ScenarioSystem(predictor(), moved, kTextbook).table().outputs[system.output("time")]->value,
        1, 1e-12)
        << named.name;
    Scenario faster = named.scenario;
    faster.given["memory_bandwidth"] = {5e12, "test"};
    faster.given["peak_flops"] = {2e15, "test"};
    const Point p(system);
    std::vector<double> at = p.at;
    at[system.input("memory_bandwidth")] = 5e12;
    std::vector<double> out(p.table.n_outputs);
    at[system.input("peak_flops")] = 2e15;
    system.evaluate(at.data(), out.data());
    EXPECT_NEAR(
        out[system.output("time")] /
            ScenarioSystem(predictor(), faster, kTextbook).table().outputs[system.output("time")]->value,
        1, 1e-12)
        << named.name;
  }
}

TEST(System, SettingsThatAreOffAreNoInputs) {
  ScenarioSystem system(predictor(), train_on_64(), kTextbook);
  EXPECT_FALSE(system.has_input("sample_bytes"));
  EXPECT_TRUE(system.has_input("training_tokens"));
  EXPECT_FALSE(system.has_input("devices_per_node"));  // counts have no slope
  EXPECT_EQ(system.kind(system.input("memory_bandwidth")), InputKind::hardware);
  EXPECT_EQ(system.kind(system.input("price")), InputKind::hardware);  // the datasheet has it
  EXPECT_EQ(system.kind(system.input("pue")), InputKind::setting);
  EXPECT_EQ(system.kind(system.input("input_len")), InputKind::workload);
  EXPECT_EQ(system.kind(system.input("stream_efficiency")), InputKind::parameter);
  EXPECT_EQ(system.kind(system.input("devices")), InputKind::devices);
}

TEST(System, UnknownNamesAndRangesAreRefused) {
  ScenarioSystem system(predictor(), scenario("llama-3.1-8b", "h100", Task::decode), kTextbook);
  EXPECT_THAT(message_of([&] { system.output("itm"); }), ::testing::HasSubstr("Did you mean itl"));
  EXPECT_THAT(message_of([&] { system.input("memory_bandwith"); }), ::testing::HasSubstr("memory_bandwidth"));
  EXPECT_THAT(message_of([&] { output_at(system, "time", "stream_efficiency", 1.5); }),
              ::testing::HasSubstr("allowed is 0 to 1"));
  EXPECT_THAT(system.unknown_behind(system.output("run_carbon")), ::testing::ElementsAre("carbon_intensity"));
  EXPECT_EQ(system.output("goodput"), system.output("useful_time_share"));  // the Iron Law's term
  EXPECT_FALSE(system.is_more_better(system.output("itl")));
  EXPECT_TRUE(system.is_more_better(system.output("throughput")));
  EXPECT_TRUE(system.is_more_better(system.output("least_headroom")));
}

// ---- wall 21 -------------------------------------------------------------------------------------------

TEST(Sensitivity, RanksAndDrawsBothEnds) {
  for (const Named& named : scenarios()) {
    ScenarioSystem system(predictor(), named.scenario, kPrior);
    const auto found = analyse(host().find_wall("sensitivity"), system, {"time", "", 0, 0, 0.1});
    const Point p(system);
    const std::uint32_t time = system.output("time");
    ASSERT_FALSE(found.empty()) << named.name;
    for (std::size_t f = 0; f < found.size(); ++f) {
      const std::uint32_t input = system.input(found[f].input);
      EXPECT_NE(found[f].value, 0);
      EXPECT_DOUBLE_EQ(found[f].value, p.elasticity(time, input));
      EXPECT_NE(found[f].kind, InputKind::devices);
      if (f > 0) {
        EXPECT_LE(std::abs(found[f].value), std::abs(found[f - 1].value));
      }
      if (!std::isnan(found[f].high)) {
        EXPECT_DOUBLE_EQ(found[f].high, outputs_at(system, p.at, input, p.at[input] * 1.1)[time]);
      }
      if (!std::isnan(found[f].low)) {
        EXPECT_DOUBLE_EQ(found[f].low, outputs_at(system, p.at, input, p.at[input] * 0.9)[time]);
      }
    }
  }
}

TEST(Sensitivity, WhatIsUnknownOrNoAnalysisIsRefused) {
  ScenarioSystem system(predictor(), scenario("llama-3.1-8b", "h100", Task::decode), kTextbook);
  EXPECT_THAT(message_of([&] {
                analyse(host().find_wall("sensitivity"), system, {"run_carbon", "", 0, 0, 0});
              }),
              ::testing::HasSubstr("zero or unknown"));
  EXPECT_THAT(message_of([&] {
                analyse(host().find_wall("memory"), system, {"time", "", 0, 0, 0});
              }),
              ::testing::HasSubstr("no analysis"));
}

// ---- wall 22 -------------------------------------------------------------------------------------------

Finding required(ScenarioSystem& system, const char* output, const char* input, double target, int sense) {
  const auto found = analyse(host().find_wall("synthesis"), system, {output, input, target, sense, 0});
  EXPECT_EQ(found.size(), 1U);
  return found.at(0);
}

// What comes out with 1.7 times (or 0.6 times) an input is met by 1.7 (or 0.6) times of it.
TEST(Synthesis, IsTheInverseOfSolving) {
  struct What {
    const char* output;
    const char* input;
    int sense;
  };
  int checked = 0;
  for (const Named& named : scenarios())
    for (const ParameterSet* set : {&kTextbook, &kPrior})
      for (const What& w : {What{"time", "memory_bandwidth", -1}, What{"time", "peak_flops", -1},
                            What{"throughput", "memory_bandwidth", 1}, What{"mfu", "memory_bandwidth", 1}}) {
        if (named.scenario.task == Task::serve) continue;  // its rate is what arrives; see below
        ScenarioSystem system(predictor(), named.scenario, *set);
        for (const double times : {1.7, 0.6}) {
          const double x = times * system.table().inputs[system.input(w.input)]->value;
          const double target = output_at(system, w.output, w.input, x);
          const double now = system.table().outputs[system.output(w.output)]->value;
          if (std::abs(target / now - 1) < 1e-6) continue;  // it does not move it
          const Finding f = required(system, w.output, w.input, target, w.sense);
          EXPECT_NEAR(f.value / x, 1, 1e-9) << named.name << ": " << w.output << " by " << w.input << f.text;
          ++checked;
        }
      }
  EXPECT_GT(checked, 60);

  ScenarioSystem service(predictor(), serve(8), kTextbook);
  const double x = 1.7 * service.table().inputs[service.input("memory_bandwidth")]->value;
  const double target = output_at(service, "request_time_p99", "memory_bandwidth", x);
  EXPECT_NEAR(required(service, "request_time_p99", "memory_bandwidth", target, -1).value / x, 1, 1e-9);
}

// By hand: what must be held, no more.
TEST(Synthesis, TheLeastMemoryLeavesNothing) {
  ScenarioSystem system(predictor(), scenario("llama-3.1-70b", "h100", Task::decode), kTextbook);
  const double least = required(system, "least_headroom", "memory_capacity", 0, 1).value;
  EXPECT_GT(least, 141e9);  // 70.6e9 weights of two bytes
  EXPECT_LT(least, 142e9);
  EXPECT_NEAR(output_at(system, "least_headroom", "memory_capacity", least), 0, 1);
  EXPECT_LT(output_at(system, "least_headroom", "memory_capacity", least - 1e6), 0);
}

TEST(Synthesis, ACountMustFitAndBeTheLeast) {
  const Scenario one = scenario("llama-3.1-70b", "h100", Task::decode);
  ScenarioSystem system(predictor(), one, kTextbook);
  const double now = system.table().outputs[system.output("itl")]->value;
  // One device would be fast enough if it had the memory; two are the least that have it.
  EXPECT_EQ(required(system, "itl", "devices", now * 1.01, -1).value, 2);
  const Finding eight = required(system, "itl", "devices", now / 5, -1);
  ASSERT_FALSE(std::isnan(eight.value));
  EXPECT_LE(output_at(system, "itl", "devices", eight.value), now / 5);
  // From eight down it finds the same.
  Scenario more = one;
  more.split.tensor = 8;
  ScenarioSystem large(predictor(), more, kTextbook);
  EXPECT_EQ(required(large, "itl", "devices", now * 1.01, -1).value, 2);
  const Finding none = required(system, "itl", "devices", now / 1e4, -1);
  EXPECT_TRUE(std::isnan(none.value));
  EXPECT_THAT(none.text, ::testing::HasSubstr("no number of devices"));
}

TEST(Synthesis, SaysWhyNothingWillDo) {
  ScenarioSystem system(predictor(), scenario("llama-3.1-8b", "h100", Task::decode, 32), kTextbook);
  const double now = system.table().outputs[system.output("itl")]->value;
  const ironlaw_wall& wall = host().find_wall("synthesis");
  const auto all =
      requirements_of(wall, system, {"itl", now / 3, -1}, usual_requirements(), predictor(), kTextbook);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_NEAR(all[0].required / all[0].present, 3, 1e-9);  // all of it is bytes over bandwidth
  EXPECT_TRUE(std::isnan(all[1].required));
  EXPECT_THAT(all[1].text, ::testing::AllOf(::testing::HasSubstr("wall 2 memory binds"),
                                            ::testing::HasSubstr("without limit")));
  EXPECT_EQ(all[2].text, "the least that it fits into");
  EXPECT_LT(all[2].required, all[2].present);
  EXPECT_FALSE(all[3].has_effect);  // one device sends nothing
  EXPECT_TRUE(std::isnan(all[3].required));

  // A target that is met: how far it may go down.
  const auto slack =
      requirements_of(wall, system, {"itl", now * 2, -1}, {"memory_bandwidth"}, predictor(), kTextbook);
  EXPECT_LT(slack[0].required, slack[0].present);
  EXPECT_THAT(message_of([&] {
                requirements_of(wall, system, {"itl", now, -1}, {"memory_bandwith"}, predictor(), kTextbook);
              }),
              ::testing::HasSubstr("memory_bandwidth"));
}

// The wall's own faults: a question without a target or a side.
TEST(Synthesis, NeedsATargetAndASide) {
  ScenarioSystem system(predictor(), scenario("llama-3.1-8b", "h100", Task::decode), kTextbook);
  const ironlaw_wall& wall = host().find_wall("synthesis");
  EXPECT_THAT(message_of([&] {
                analyse(wall, system, {"itl", "", 1, 0, 0});
              }),
              ::testing::HasSubstr("least or a most"));
  EXPECT_THAT(message_of([&] {
                analyse(wall, system, {"itl", "", std::numeric_limits<double>::quiet_NaN(), 1, 0});
              }),
              ::testing::HasSubstr("no target"));
}

TEST(SpreadFastest, KeepsWhatMadeItFit) {
  const Scenario s = train_on_64();
  for (const int devices : {16, 32, 64, 128}) {
    const Scenario spread = spread_fastest(s, devices, predictor(), kTextbook);
    EXPECT_EQ(spread.split.devices(), devices);
    EXPECT_TRUE(textbook(spread).feasible) << devices;
  }
  EXPECT_EQ(spread_fastest(s, 16, predictor(), kTextbook).recompute, Recompute::full);
  EXPECT_THAT(message_of([&] { spread_fastest(s, 2, predictor(), kTextbook); }),
              ::testing::HasSubstr("does not fit on 2"));
}

}  // namespace
}  // namespace ironlaw
