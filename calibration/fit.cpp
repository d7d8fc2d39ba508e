#include "calibration/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/effects.hpp"
#include "calibration/fitter.hpp"
#include "calibration/flat.hpp"
#include "calibration/operator_rows.hpp"

namespace ironlaw {
double Noise::total() const {
  return std::sqrt(discrepancy * discrepancy + within * within);
}

std::string text_of(const FitOptions& o) {
  return fmt::format("rounds {}, settled {}, spreads {}, hierarchy {}", o.rounds, o.settled,
                     o.estimate_spreads, o.hierarchy);
}

std::vector<Outlier> find_outliers(const std::vector<Row>& rows, const Fit& fit) {
  std::vector<Outlier> result;
  const std::vector<RatePrediction> predictions = predict_rates(rows, fit.parameters);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto noise = fit.noise.find(noise_group(rows[r].scenario));
    if (noise == fit.noise.end()) continue;
    const double scales =
        std::abs(std::log(predictions[r].rate / rows[r].observation.value)) / noise->second.total();
    if (scales > kOutlier) result.push_back({&rows[r], predictions[r].rate, scales});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Outlier& a, const Outlier& b) { return a.scales > b.scales; });
  return result;
}

namespace {

FitOptions flat_options(FitOptions options) {
  options.hierarchy = false;
  return options;
}

}  // namespace

// What fits of parts of the same rows share, of one kind.
struct Refitter::Shared {
  Shared(const std::vector<Row>& rows_, const FitOptions& options_, unsigned threads)
      : rows(rows_), options(options_) {
    add_effects(rows, 0, options.hierarchy, set);
    model = std::make_unique<RowModel>(rows, set, threads);
    effects = std::make_unique<EffectsOfRows>(rows, set);
  }
  Fitter fitter(std::span<const std::size_t> fitted) const {
    return {rows, *model, set, options, {fitted.begin(), fitted.end()}, effects->of(fitted)};
  }
  void linearise_at(const Fit& start);

  const std::vector<Row>& rows;
  FitOptions options;
  ParameterSet set;
  std::unique_ptr<RowModel> model;
  std::unique_ptr<EffectsOfRows> effects;
  Linearisation at;
};

Refitter::Refitter(const std::vector<Row>& rows, const FitOptions& options, unsigned threads)
    : shared_(std::make_unique<Shared>(rows, options, threads)) {
  if (options.hierarchy) flat_ = std::make_unique<Shared>(rows, flat_options(options), threads);
}
Refitter::~Refitter() = default;

Fit Refitter::fit_from_afar() {
  std::vector<std::size_t> all(shared_->rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Fit fit = shared_->fitter(all).from_afar();
  if (flat_) add_flat(fit, flat_->fitter(all).from_afar(), shared_->rows, all, *shared_->model, shared_->set);
  return fit;
}

Fit Refitter::refit(std::span<const std::size_t> rows, const Fit& start) {
  Fit fit = shared_->fitter(rows).from(start, shared_->at);
  if (flat_) {
    const Fit flat = flat_->fitter(rows).from(flat_of(start), flat_->at);
    add_flat(fit, flat, shared_->rows, rows, *shared_->model, shared_->set);
  }
  return fit;
}

void Refitter::linearise_at(const Fit& start) {
  shared_->linearise_at(start);
  if (flat_) flat_->linearise_at(flat_of(start));
}

void Refitter::Shared::linearise_at(const Fit& start) {
  std::vector<double> theta;
  theta.reserve(set.effects().size());
  for (const Effect& e : set.effects()) {
    const int known = start.parameters.find(e.parameter, e.scope, e.level);
    theta.push_back(known < 0 ? 0 : start.parameters.effects()[static_cast<std::size_t>(known)].value);
  }
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<double> log_rates;
  at = {};
  model->evaluate_near(theta.data(), all, at, log_rates);
}

Fit fit_parameters(const std::vector<Row>& rows, const FitOptions& options) {
  Fit fit = Refitter(rows, options).fit_from_afar();
  // Theta is settled to a small share of its errors; what is stored of the rows is exact.
  const std::vector<RatePrediction> predictions = predict_rates(rows, fit.parameters);
  for (std::size_t r = 0; r < rows.size(); ++r) fit.predicted[r] = predictions[r].rate;
  return fit;
}

std::vector<RatePrediction> predict_rates(std::span<const Row* const> rows, const ParameterSet& parameters) {
  Evaluator evaluator;
  std::vector<RatePrediction> predictions;
  predictions.reserve(rows.size());
  for (const Row* const row : rows) {
    const Case* const c = &row->lowered;
    const CaseParameters values = resolve_parameters(*c, parameters);
    const CaseParameters* const v = &values;
    std::vector<double> gradient(Evaluator::gradient_stride(*c->pipeline));
    double rate = 0;
    if (row->operators.empty()) {
      Outcome out;
      evaluator.evaluate({&c, 1}, {&v, 1}, {&out, 1}, gradient);
      rate = row->units * observed_rate(*row, out);
    } else {
      const std::size_t parameter_count = c->pipeline->parameters().size();
      rate = 1 / time_of_operators(*row, values, evaluator, std::span(gradient).first(parameter_count));
    }
    predictions.push_back({rate, log_variance(*c, gradient, parameters)});
  }
  return predictions;
}

std::vector<RatePrediction> predict_rates(const std::vector<Row>& rows, const ParameterSet& parameters) {
  return predict_rates(pointers_to(rows), parameters);
}

std::vector<const Row*> pointers_to(const std::vector<Row>& rows) {
  std::vector<const Row*> all;
  all.reserve(rows.size());
  for (const Row& row : rows) all.push_back(&row);
  return all;
}

}  // namespace ironlaw
