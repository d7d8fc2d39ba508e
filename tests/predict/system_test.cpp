// A scenario as one function: exact derivatives, their inverse, and what walls 21 and 22 say of it.
#include "framework/predict/system.hpp"

#include <cmath>
#include <limits>

#include "tests/predict/scenarios.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;

// Efficiencies below 1 and latencies above 0, so that every parameter matters and may move both ways.
Scenario with_losses(Scenario s) {
  for (const auto& [name, value] : {std::pair{"matmul_efficiency", 0.7},
                                    {"attention_efficiency", 0.5},
                                    {"convolution_efficiency", 0.4},
                                    {"stream_efficiency", 0.85},
                                    {"overlap_deficit", 0.2},
                                    {"launch_latency", 2e-6},
                                    {"step_overhead", 2e-4},
                                    {"scaleup_efficiency", 0.8},
                                    {"network_efficiency", 0.7},
                                    {"scaleup_latency", 1e-6},
                                    {"network_latency", 5e-6},
                                    {"overlap_share", 0.6},
                                    {"memory_reserve", 0.1}})
    s.given[name] = {value, "test"};
  return s;
}

Scenario train_on_64() {
  Scenario s = scenario("llama-3.1-70b", "h100", Task::train, 512, Precision::bf16,
                        {.tensor = 8, .pipeline = 2, .data = 4});
  s.given["training_tokens"] = {1e12, "test"};
  return s;
}
Scenario serve() {
  Scenario s = scenario("llama-3.1-8b", "h100", Task::serve, 0, Precision::bf16);
  s.given["arrival_rate"] = {8, "test"};
  return s;
}
std::vector<std::pair<std::string, Scenario>> cases() {
  std::vector<std::pair<std::string, Scenario>> all = {
      {"train", train_on_64()},
      {"prefill", scenario("llama-3.1-8b", "h100", Task::prefill, 4)},
      {"decode", scenario("llama-3.1-70b", "h100", Task::decode, 32, Precision::fp16, {.tensor = 8})},
      {"offline", scenario("llama-3.1-8b", "h100", Task::offline, 0)},
      {"serve", serve()},
      {"convnet", scenario("resnet-50", "a100", Task::train, 256)},
      {"encoder", scenario("bert-large", "a100", Task::prefill, 16)},
      {"experts",
       scenario("mixtral-8x7b", "h100", Task::decode, 64, Precision::bf16, {.tensor = 4, .expert = 4})}};
  std::vector<std::pair<std::string, Scenario>> result;
  for (auto& [name, s] : all) {
    if (s.model->kind != ModelKind::convnet) s.input_len = s.task == Task::train ? 8010.5 : 1000.5;
    result.emplace_back(name, s);
    result.emplace_back(name + " with losses", with_losses(s));
  }
  for (auto& [name, s] : result) s.given["shape_efficiency"] = {0.9, "test"};
  return result;
}

TEST(Debug, All) {
  for (const auto& [name, s] : cases()) {
    try {
      ScenarioSystem system(predictor(), s, ParameterSet::textbook());
      const ironlaw_system& t = system.table();
      std::vector<double> at, out(t.n_outputs), jac(t.n_outputs * t.n_inputs), up(t.n_outputs),
          down(t.n_outputs);
      for (unsigned i = 0; i < t.n_inputs; ++i) at.push_back(t.inputs[i]->value);
      system.differentiate(at.data(), out.data(), jac.data());
      int bad = 0, good = 0;
      for (unsigned i = 0; i < t.n_inputs; ++i) {
        if (t.inputs[i]->flags & IRONLAW_PORT_DISCRETE || at[i] == 0) continue;
        double h = at[i] != 0 ? 1e-6 * std::abs(at[i]) : 1e-9;
        auto x = at;
        std::string mode;
        try {
          x[i] = at[i] + h;
          system.evaluate(x.data(), up.data());
          mode += "+";
        } catch (const Error&) {
        }
        try {
          x[i] = at[i] - h;
          system.evaluate(x.data(), down.data());
          mode += "-";
        } catch (const Error&) {
        }
        for (unsigned o = 0; o < t.n_outputs; ++o) {
          if (std::isnan(out[o])) continue;
          double fd = mode == "+-"  ? (up[o] - down[o]) / (2 * h)
                      : mode == "+" ? (up[o] - out[o]) / h
                                    : (out[o] - down[o]) / h;
          double an = jac[o * t.n_inputs + i];
          double scale = at[i] != 0 ? std::abs(at[i] / out[o]) : 1 / std::max(std::abs(fd), std::abs(an));
          double err = std::abs(fd - an) * scale;
          if (!(err < (mode == "+-" ? 1e-6 : 1e-4)) && fd != an) {
            ++bad;
            printf("%s: d %s / d %s = %g at %g: exact %.6g, fd %.6g (elasticity error %.3g) %s\n",
                   name.c_str(), t.outputs[o]->name, t.inputs[i]->name, out[o], at[i], an * scale, fd * scale,
                   err, mode.c_str());
          } else
            ++good;
        }
      }
      printf("%s: %u inputs, %u outputs, bad %d good %d\n", name.c_str(), t.n_inputs, t.n_outputs, bad, good);
    } catch (const std::exception& e) {
      printf("%s: %s\n", name.c_str(), e.what());
    }
  }
}

}  // namespace
}  // namespace ironlaw
