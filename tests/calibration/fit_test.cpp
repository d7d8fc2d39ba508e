// The fit, on worlds whose truth is known.
#include "calibration/fit.hpp"
#include "calibration/flat.hpp"

#include "calibration/row_model.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

using Scopes = std::pair<std::string, ironlaw_scope>;
const Scopes kMatmulByDevice{"matmul_efficiency", IRONLAW_SCOPE_DEVICE};
const Scopes kConvolutionByDevice{"convolution_efficiency", IRONLAW_SCOPE_DEVICE};
const Scopes kStreamByDevice{"stream_efficiency", IRONLAW_SCOPE_DEVICE};
const Scopes kStreamByFamily{"stream_efficiency", IRONLAW_SCOPE_FAMILY};
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
const std::map<std::string, Noise> kTrueNoise = {{"decoder inference", {0.10, 0.04}},
                                                 {"encoder inference", {0.08, 0.02}},
                                                 {"convnet inference", {0.05, 0.03}},
                                                 {"encoder training", {0.06, 0.02}}};

// What several worlds, drawn from the same spreads with seeds 1, 2, 3, ..., say together. One world has few
// families and few cells of a kind: its own estimates scatter by tens of percent however good the fit is.
struct Tally {
  int worlds = 0;
  std::map<std::string, double> log_ratio;  // sums of log(found / true)
  std::map<std::string, double> absent;     // sums of spreads whose truth is zero
  int held = 0, in50 = 0, in90 = 0;
  int devices = 0, near = 0;  // effects of devices, and those within two standard errors

  double ratio(const std::string& what) const { return std::exp(log_ratio.at(what) / worlds); }
  void add(const World& world);
};

void expect_prior_stays(const Fit& fit, const char* parameter) {
  const int at = fit.parameters.find(parameter, ironlaw_scope{}, "");
  ASSERT_GE(at, 0) << parameter;
  const Effect& e = fit.parameters.effects()[static_cast<std::size_t>(at)];
  EXPECT_EQ(e.value, 0) << parameter;
  EXPECT_NEAR(e.sd, e.prior_sd, 1e-12) << parameter;
  EXPECT_FALSE(is_determined(e)) << parameter;
}

void Tally::add(const World& world) {
  // Every fourth cell is held out.
  std::vector<Row> fitted;
  std::vector<Row> out;
  std::map<std::string, std::size_t> cells;
  for (const Row& row : world.rows)
    (cells.try_emplace(row.cell, cells.size()).first->second % 4 == 3 ? out : fitted).push_back(row);
  const auto textbook = predict_rates(out, ParameterSet::textbook());

  FitOptions options;
  options.rounds = 12;
  const Fit fit = fit_parameters(fitted, options);
  EXPECT_TRUE(fit.converged);
  EXPECT_EQ(fit.rows, static_cast<int>(fitted.size()));
  EXPECT_EQ(static_cast<std::size_t>(fit.cells) + cells.size() / 4, cells.size());

  ++worlds;
  log_ratio["matmul"] +=
      std::log(spread_of(fit, kMatmulByDevice, kMatmulByFamily) / drawn_spread(world.truth, kMatmulByDevice));
  log_ratio["stream"] +=
      std::log(spread_of(fit, kStreamByDevice, kStreamByFamily) / drawn_spread(world.truth, kStreamByDevice));
  for (const Scopes& key : {kMatmulByFamily, kStreamByFamily, kConvolutionByDevice})
    absent[key.first] += fit.parameters.spread(key.first, key.second);
  EXPECT_EQ(fit.noise.size(), kTrueNoise.size());
  for (const auto& [group, truth] : kTrueNoise) {
    const Noise& found = fit.noise.at(group);
    log_ratio[group + ", discrepancy"] += std::log(found.discrepancy / truth.discrepancy);
    log_ratio[group + ", within"] += std::log(found.within / truth.within);
    EXPECT_EQ(fit.parameters.noise.at(group), found.total());
  }
  for (const Effect& e : world.truth.effects()) {
    if (e.parameter != kMatmulByDevice.first || e.scope != kMatmulByDevice.second) continue;
    const int at = fit.parameters.find(e.parameter, e.scope, e.level);
    ASSERT_GE(at, 0);
    const Effect& f = fit.parameters.effects()[static_cast<std::size_t>(at)];
    near += std::abs(f.value - e.value) < 2 * f.sd;
    ++devices;
  }
  const auto predictions = predict_rates(out, fit.parameters);
  for (std::size_t r = 0; r < out.size(); ++r) {
    const double error = std::abs(std::log(predictions[r].rate / out[r].observation.value));
    ++held;
    in50 += error <= predictions[r].variance.half50();
    in90 += error <= predictions[r].variance.half90();
  }

  // Nothing crosses a network here.
  expect_prior_stays(fit, "network_efficiency");
  expect_prior_stays(fit, "network_latency");
  const int matmul = fit.parameters.find("matmul_efficiency", ironlaw_scope{}, "");
  EXPECT_TRUE(is_determined(fit.parameters.effects()[static_cast<std::size_t>(matmul)]));

  // The textbook does not learn.
  const auto later = predict_rates(out, ParameterSet::textbook());
  for (std::size_t r = 0; r < out.size(); ++r) {
    EXPECT_EQ(later[r].rate, textbook[r].rate);
    EXPECT_EQ(later[r].variance.parameters + later[r].variance.unseen + later[r].variance.noise, 0);
  }
}

TEST(SimulatedTruth, IsFoundAgain) {
  const TrueSpreads spreads = {{kMatmulByDevice, 0.6}, {kStreamByDevice, 0.6}};
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) tally.add(World(30, spreads, kTrueNoise, seed));

  for (const auto& [group, truth] : kTrueNoise)
    for (const std::string& part : {group + ", discrepancy", group + ", within"}) {
      // The discrepancy of a group of few cells goes in part to parameters that only these decide.
      EXPECT_GT(tally.ratio(part), 1 / 1.35) << part;
      EXPECT_LT(tally.ratio(part), 1.3) << part;
    }
  // Products decide most rates here, streams few: the less the rates say, the nearer a spread stays to the
  // 0.2 where it begins.
  EXPECT_GT(tally.ratio("matmul"), 1 / 1.5);
  EXPECT_LT(tally.ratio("matmul"), 1.5);
  EXPECT_GT(tally.ratio("stream"), 1 / 2.2);
  EXPECT_LT(tally.ratio("stream"), 1.5);
  for (const auto& [parameter, sum] : tally.absent) EXPECT_LT(sum / tally.worlds, 0.25) << parameter;

  const auto share = [](int n, int of) { return n / static_cast<double>(of); };
  EXPECT_GT(share(tally.near, tally.devices), 0.75);
  EXPECT_GT(share(tally.in50, tally.held), 0.45);
  EXPECT_LT(share(tally.in50, tally.held), 0.65);
  // Above 0.9: the noise here is normal, and the intervals are made for heavier tails.
  EXPECT_GT(share(tally.in90, tally.held), 0.80);
  EXPECT_LT(share(tally.in90, tally.held), 0.98);

  for (const auto& [what, sum] : tally.log_ratio)
    std::printf("%-30s %.2f of the truth\n", what.c_str(), std::exp(sum / tally.worlds));
  std::printf("%d held-out rows: %.1f%% in the 50%% interval, %.1f%% in the 90%%\n", tally.held,
              100 * share(tally.in50, tally.held), 100 * share(tally.in90, tally.held));
  std::printf("%.0f%% of %d device effects within two standard errors\n",
              100 * share(tally.near, tally.devices), tally.devices);
}

TEST(SimulatedTruth, TextbookParametersAreTheirNeutralValues) {
  const World world(2, {}, kTrueNoise, 1);
  for (const Row& row : world.rows) {
    const Case& c = row.lowered;
    const CaseParameters plain = resolve_parameters(c, ParameterSet::textbook());
    for (std::size_t p = 0; p < c.pipeline->parameters().size(); ++p) {
      EXPECT_EQ(plain.value[p], c.pipeline->parameters()[p].port->neutral);
      EXPECT_EQ(plain.slope[p], 0);
    }
  }
}

const std::map<std::string, Noise> kSmallNoise = {{"decoder inference", {0.1, 0.05}},
                                                  {"encoder inference", {0.1, 0.05}},
                                                  {"convnet inference", {0.1, 0.05}},
                                                  {"encoder training", {0.1, 0.05}}};

Fit small_fit() {
  const World world(4, {{kMatmulByDevice, 0.3}}, kSmallNoise, 3);
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

TEST(Fit, LevelsDoNotSpreadByMoreThanThePriorsDoubt) {
  const Fit fit = small_fit();
  std::map<std::string, double> doubts;
  for (const Effect& e : fit.parameters.effects())
    if (!e.scope) doubts[e.parameter] = e.prior_sd;
  ASSERT_FALSE(fit.parameters.spreads().empty());
  for (const auto& [key, sd] : fit.parameters.spreads()) {
    constexpr double kLeastSpread = 0.01;
    EXPECT_LE(sd, std::max(kLeastSpread, doubts.at(key.first)) * (1 + 1e-9)) << key.first;
  }
}

TEST(Fit, HasTheFlatFitOfTheSameRowsInIt) {
  const World world(2, {{kMatmulByDevice, 0.3}}, kSmallNoise, 3);
  FitOptions options;
  options.rounds = 3;
  const Fit fit = fit_parameters(world.rows, options);
  options.hierarchy = false;
  const Fit alone = fit_parameters(world.rows, options);
  const Fit part = flat_of(fit);
  ASSERT_EQ(part.parameters.effects().size(), alone.parameters.effects().size());
  for (std::size_t i = 0; i < alone.parameters.effects().size(); ++i) {
    EXPECT_EQ(part.parameters.effects()[i].parameter, alone.parameters.effects()[i].parameter);
    EXPECT_EQ(part.parameters.effects()[i].value, alone.parameters.effects()[i].value);
  }
  EXPECT_EQ(part.parameters.covariance, alone.parameters.covariance);
  EXPECT_EQ(part.parameters.noise, alone.parameters.noise);
  EXPECT_TRUE(alone.parameters.flat_shares.empty());
  ASSERT_FALSE(fit.parameters.flat_shares.empty());
  for (const auto& [novelty, share] : fit.parameters.flat_shares) {
    EXPECT_GE(share, 0) << novelty;
    EXPECT_LE(share, 1) << novelty;
    EXPECT_GT(fit.parameters.novelty_errors.at(novelty), 0) << novelty;
  }
}

TEST(Fit, PredictsItsOwnRowsAsItSays) {
  const World world(2, {}, kSmallNoise, 5);
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
