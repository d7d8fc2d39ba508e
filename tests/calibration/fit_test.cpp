// The fit, on worlds whose truth is known.
#include "calibration/fit.hpp"

#include "calibration/row_model.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

using Scopes = std::pair<std::string, ironlaw_scope>;
const Scopes kMatmulByDevice{"matmul_efficiency", IRONLAW_SCOPE_DEVICE};
const Scopes kConvolutionByDevice{"convolution_efficiency", IRONLAW_SCOPE_DEVICE};
const Scopes kStreamByDevice{"stream_efficiency", IRONLAW_SCOPE_DEVICE};
const Scopes kMatmulByFamily{"matmul_efficiency", IRONLAW_SCOPE_FAMILY};

// Two suites, two rounds each, five workloads, `n_devices` clones of real chips in families of three; some
// cells have several submitters.
std::vector<Observation> simulated_observations(Clones& clones, int n_devices,
                                                std::vector<const ironlaw_hardware*>& chips) {
  const char* const originals[] = {"H100-SXM-80GB", "A100-SXM-80GB", "H200-SXM-141GB", "MI300X", "L40S"};
  std::vector<Observation> result;
  for (int d = 0; d < n_devices; ++d) {
    const std::string id = fmt::format("chip-{}", d);
    const char* of = originals[d % 5];
    chips.push_back(clones.add(of, id, fmt::format("family-{}", d / 3), fmt::format("vendor-{}", d / 12)));
    // Three counts of a convnet, the only workload with two parameters that vary by chip.
    for (int w = 0; w < 7; ++w)
      for (int late = 0; late < 2; ++late)
        for (int submitter = 0; submitter <= (d + w + late) % 3; ++submitter) {
          const auto common = [&](Observation& o) {
            o.device = o.device_raw = id;
            o.submitter = fmt::format("s{}", submitter);
            o.accelerators = w == 5 ? 2 : w == 6 ? 4 : 8;
            o.precision = late && w < 3 ? "bf16" : "fp16";
            o.value = 1 + submitter;  // until the truth is known; no repeats
          };
          if (w != 4)
            result.push_back(inference([&](Observation& o) {
              o.round = late ? "inference-v4.1" : "inference-v4.0";
              o.published = late ? "2024-08-28" : "2024-03-27";
              o.model = w == 0 ? "gpt-j-6b" : w == 1 ? "bert-large" : w == 2 ? "llama-3.1-8b" : "resnet-50";
              o.batch = w == 2 ? 64 : 256;
              common(o);
            }));
          else
            result.push_back(training([&](Observation& o) {
              o.round = late ? "training-v4.1" : "training-v4.0";
              o.published = late ? "2024-11-13" : "2024-06-12";
              o.global_batch = 1600;
              common(o);
            }));
        }
  }
  return result;
}

struct World {
  World(int n_devices, const TrueSpreads& spreads, const std::map<std::string, Noise>& noise,
        std::uint64_t seed) {
    rows = lowered(simulated_observations(clones, n_devices, chips), chips, predictor);
    Normal normal(seed);
    truth = draw_truth(rows, spreads, 0.5, normal);
    const auto exact = predict_rates(rows, truth);
    std::map<std::string, double> cells;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      Observation& o = rows[r].observation;
      const Noise& sd = noise.at(noise_group(rows[r].scenario));
      if (!cells.contains(rows[r].cell)) cells[rows[r].cell] = sd.discrepancy * normal();
      o.value = exact[r].rate * std::exp(cells[rows[r].cell] + sd.within * normal());
    }
  }
  Clones clones;
  std::vector<const ironlaw_hardware*> chips;
  Predictor predictor{walls()};
  std::vector<Row> rows;
  ParameterSet truth;
};

// The sd of the levels, over two nested scopes together.
double spread_of(const Fit& fit, const Scopes& inner, const Scopes& outer) {
  return std::hypot(fit.parameters.spread(inner.first, inner.second),
                    fit.parameters.spread(outer.first, outer.second));
}
double drawn_spread(const ParameterSet& truth, const Scopes& key) {
  double sum = 0;
  int n = 0;
  for (const Effect& e : truth.effects())
    if (e.parameter == key.first && e.scope == key.second) {
      sum += e.value * e.value;
      ++n;
    }
  return std::sqrt(sum / n);
}
void expect_within_factor(double found, double truth, double factor, const char* what) {
  EXPECT_GT(found, truth / factor) << what;
  EXPECT_LT(found, truth * factor) << what;
}

TEST(SimulatedTruth, IsFoundAgain) {
  const TrueSpreads spreads = {{kMatmulByDevice, 0.6},
                               {kStreamByDevice, 0.6},
                               {kMatmulByFamily, 0.05},
                               {{"stream_efficiency", IRONLAW_SCOPE_FAMILY}, 0.05}};
  const std::map<std::string, Noise> noise = {{"decoder inference", {0.10, 0.04}},
                                              {"encoder inference", {0.08, 0.02}},
                                              {"convnet inference", {0.05, 0.03}},
                                              {"encoder training", {0.06, 0.02}}};
  const World world(30, spreads, noise, 20240612);
  // Every fourth cell is held out.
  std::vector<Row> fitted;
  std::vector<Row> held;
  std::map<std::string, std::size_t> cells;
  for (const Row& row : world.rows)
    (cells.try_emplace(row.cell, cells.size()).first->second % 4 == 3 ? held : fitted).push_back(row);
  ASSERT_GT(held.size(), 150u);
  const auto textbook = predict_rates(held, ParameterSet::textbook());

  FitOptions options;
  options.rounds = 12;
  const Fit fit = fit_parameters(fitted, options);
  EXPECT_TRUE(fit.converged);
  EXPECT_EQ(fit.rows, static_cast<int>(fitted.size()));
  EXPECT_EQ(fit.cells + static_cast<int>(cells.size()) / 4, static_cast<int>(cells.size()));

  // Spreads: those that are there, and those that are hardly there, which begin at 0.2.
  expect_within_factor(spread_of(fit, kMatmulByDevice, kMatmulByFamily),
                       drawn_spread(world.truth, kMatmulByDevice), 1.5, "matmul");
  expect_within_factor(spread_of(fit, kStreamByDevice, {"stream_efficiency", IRONLAW_SCOPE_FAMILY}),
                       drawn_spread(world.truth, kStreamByDevice), 2, "stream");
  EXPECT_LT(fit.parameters.spread("matmul_efficiency", IRONLAW_SCOPE_FAMILY), 0.18);
  EXPECT_LT(fit.parameters.spread("convolution_efficiency", IRONLAW_SCOPE_DEVICE), 0.18);
  ASSERT_EQ(fit.noise.size(), noise.size());
  for (const auto& [group, truth] : noise) {
    expect_within_factor(fit.noise.at(group).discrepancy, truth.discrepancy, 1.3, group.c_str());
    expect_within_factor(fit.noise.at(group).within, truth.within, 1.3, group.c_str());
    EXPECT_EQ(fit.parameters.noise.at(group), fit.noise.at(group).total());
  }

  // Device effects themselves, as far as they are told apart.
  int near = 0;
  int devices = 0;
  for (const Effect& e : world.truth.effects()) {
    if (e.parameter != kMatmulByDevice.first || e.scope != kMatmulByDevice.second) continue;
    const int at = fit.parameters.find(e.parameter, e.scope, e.level);
    ASSERT_GE(at, 0);
    const Effect& f = fit.parameters.effects()[static_cast<std::size_t>(at)];
    near += std::abs(f.value - e.value) < 2 * f.sd;
    ++devices;
  }
  EXPECT_GE(near, devices * 8 / 10) << "of " << devices;

  // Intervals, on what was held out.
  const auto predictions = predict_rates(held, fit.parameters);
  int in50 = 0;
  int in90 = 0;
  for (std::size_t r = 0; r < held.size(); ++r) {
    const double error = std::abs(std::log(predictions[r].rate / held[r].observation.value));
    in50 += error <= predictions[r].variance.half50();
    in90 += error <= predictions[r].variance.half90();
  }
  const auto share = [&](int n) { return n / static_cast<double>(held.size()); };
  EXPECT_GT(share(in50), 0.40);
  EXPECT_LT(share(in50), 0.65);
  EXPECT_GT(share(in90), 0.80);
  EXPECT_LT(share(in90), 0.98);
  std::printf("%zu held-out rows: %.0f%% in the 50%% interval, %.0f%% in the 90%%\n", held.size(),
              100 * share(in50), 100 * share(in90));

  // Nothing crosses a network here: the prior stays.
  for (const char* name : {"network_efficiency", "network_latency"}) {
    const int at = fit.parameters.find(name, ironlaw_scope{}, "");
    ASSERT_GE(at, 0) << name;
    const Effect& e = fit.parameters.effects()[static_cast<std::size_t>(at)];
    EXPECT_EQ(e.value, 0) << name;
    EXPECT_NEAR(e.sd, e.prior_sd, 1e-12) << name;
    EXPECT_FALSE(is_determined(e)) << name;
  }
  const int matmul = fit.parameters.find("matmul_efficiency", ironlaw_scope{}, "");
  EXPECT_TRUE(is_determined(fit.parameters.effects()[static_cast<std::size_t>(matmul)]));

  // The textbook does not learn.
  const auto later = predict_rates(held, ParameterSet::textbook());
  for (std::size_t r = 0; r < held.size(); ++r) {
    EXPECT_EQ(later[r].rate, textbook[r].rate);
    EXPECT_EQ(later[r].variance.parameters + later[r].variance.unseen + later[r].variance.noise, 0);
  }
  const Case& c = held[0].lowered;
  const CaseParameters plain = resolve_parameters(c, ParameterSet::textbook());
  for (std::size_t p = 0; p < c.pipeline->parameters().size(); ++p) {
    EXPECT_EQ(plain.value[p], c.pipeline->parameters()[p].port->neutral);
    EXPECT_EQ(plain.slope[p], 0);
  }
}

Fit small_fit() {
  const World world(4, {{kMatmulByDevice, 0.3}},
                    {{"decoder inference", {0.1, 0.05}},
                     {"encoder inference", {0.1, 0.05}},
                     {"convnet inference", {0.1, 0.05}},
                     {"encoder training", {0.1, 0.05}}},
                    3);
  FitOptions options;
  options.rounds = 3;
  return fit_parameters(world.rows, options);
}

TEST(Fit, IsTheSameToTheBitEachTime) {
  const Fit a = small_fit();
  const Fit b = small_fit();
  ASSERT_EQ(a.parameters.effects().size(), b.parameters.effects().size());
  for (std::size_t i = 0; i < a.parameters.effects().size(); ++i) {
    EXPECT_EQ(a.parameters.effects()[i].level, b.parameters.effects()[i].level);
    EXPECT_EQ(a.parameters.effects()[i].value, b.parameters.effects()[i].value);
    EXPECT_EQ(a.parameters.effects()[i].sd, b.parameters.effects()[i].sd);
  }
  EXPECT_EQ(a.predicted, b.predicted);
  EXPECT_EQ(a.parameters.covariance, b.parameters.covariance);
  EXPECT_EQ(a.parameters.spreads(), b.parameters.spreads());
  EXPECT_EQ(a.parameters.noise, b.parameters.noise);
  EXPECT_EQ(a.cost, b.cost);
}

TEST(Fit, PredictsItsOwnRowsAsItSays) {
  const World world(2, {},
                    {{"decoder inference", {0.1, 0.05}},
                     {"encoder inference", {0.1, 0.05}},
                     {"convnet inference", {0.1, 0.05}},
                     {"encoder training", {0.1, 0.05}}},
                    5);
  FitOptions options;
  options.rounds = 2;
  options.estimate_spreads = false;
  const Fit fit = fit_parameters(world.rows, options);
  const auto predictions = predict_rates(world.rows, fit.parameters);
  ASSERT_EQ(fit.predicted.size(), predictions.size());
  for (std::size_t r = 0; r < predictions.size(); ++r)
    EXPECT_NEAR(predictions[r].rate, fit.predicted[r], 1e-12 * fit.predicted[r]);
  for (const auto& [key, sd] : fit.parameters.spreads()) EXPECT_EQ(sd, 0.2) << key.first;
  // Rates a hundred times too high pull each cell no harder than Huber's loss lets them.
  std::vector<Row> odd = world.rows;
  odd[0].observation.value *= 100;
  const Fit robust = fit_parameters(odd, options);
  for (std::size_t r = 1; r < odd.size(); ++r)
    if (odd[r].cell != odd[0].cell) {
      EXPECT_NEAR(std::log(robust.predicted[r] / fit.predicted[r]), 0, 0.15);
    }
}

TEST(Fit, OfNothingIsAnError) {
  EXPECT_NE(message_of([] { fit_parameters({}, {}); }).find("no observation"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::test
