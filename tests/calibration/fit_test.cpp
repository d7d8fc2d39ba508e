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
    for (int w = 0; w < 5; ++w)
      for (int late = 0; late < 2; ++late)
        for (int submitter = 0; submitter <= (d + w + late) % 3; ++submitter) {
          const auto common = [&](Observation& o) {
            o.device = o.device_raw = id;
            o.accelerators = w == 4 ? 16 : 8;
            o.submitter = fmt::format("s{}", submitter);
            o.precision = late && w != 3 ? "bf16" : "fp16";
            o.value = 1 + submitter;  // until the truth is known; no repeats
          };
          if (w < 4)
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
              o.model = d % 2 ? "resnet-50" : "bert-large";
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
      const Noise& sd = noise.at(o.suite);
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

[[maybe_unused]] double spread_of(const Fit& fit, const Scopes& key) {
  return fit.parameters.spread(key.first, key.second);
}

TEST(SimulatedTruth, SpreadsAndNoiseAreFoundAgainAndIntervalsCover) {
  const TrueSpreads spreads = {
      {kMatmulByDevice, 0.6}, {kConvolutionByDevice, 0.5}, {kStreamByDevice, 0.5}, {kMatmulByFamily, 0.05}};
  const std::map<std::string, Noise> noise = {{"inference", {0.10, 0.04}}, {"training", {0.05, 0.02}}};
  World world(30, spreads, noise, 20240612);
  // Every fourth cell is held out.
  std::vector<Row> fitted;
  std::vector<Row> held;
  std::map<std::string, std::size_t> cells;
  for (const Row& row : world.rows)
    (cells.try_emplace(row.cell, cells.size()).first->second % 4 == 3 ? held : fitted).push_back(row);

  FitOptions options;
  options.rounds = 12;
  const Fit fit = fit_parameters(fitted, options);
  std::printf("%zu rows, %d cells, %zu parameters, %d evaluations\n", fitted.size(), fit.cells,
              fit.parameters.effects().size(), fit.evaluations);
  for (const auto& [key, sd] : fit.parameters.spreads())
    std::printf("  %s by %s: %.3f\n", key.first.c_str(), name_of(static_cast<ironlaw_scope>(key.second)), sd);
  for (const auto& [suite, n] : fit.noise)
    std::printf("  %s %.4f %.4f\n", suite.c_str(), n.discrepancy, n.within);
  const auto predictions = predict_rates(held, fit.parameters);
  double in50 = 0, in90 = 0;
  for (std::size_t r = 0; r < held.size(); ++r) {
    const double e = std::abs(std::log(predictions[r].rate / held[r].observation.value));
    in50 += e <= predictions[r].variance.half50();
    in90 += e <= predictions[r].variance.half90();
  }
  std::printf("%zu held: %.3f %.3f\n", held.size(), in50 / static_cast<double>(held.size()), in90 / static_cast<double>(held.size()));
  for (std::size_t i = 0; i < fit.parameters.effects().size(); ++i) {
    const Effect& e = fit.parameters.effects()[i];
    if (e.scope == 0)
      std::printf("  %s: true %.3f fitted %.3f +- %.3f prior %.3f\n", e.parameter.c_str(),
                  world.truth.effects()[static_cast<std::size_t>(world.truth.find(e.parameter, e.scope, ""))].value,
                  e.value, e.sd, e.prior_sd);
  }
}

}  // namespace
}  // namespace ironlaw::test
