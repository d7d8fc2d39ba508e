#include "calibration/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/effects.hpp"
#include "calibration/fitter.hpp"
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

Fit fit_parameters(const std::vector<Row>& rows, const FitOptions& options) {
  ParameterSet set;
  add_effects(rows, 0, options.hierarchy, set);
  RowModel model(rows, set);
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::uint32_t> free(set.effects().size());
  std::iota(free.begin(), free.end(), 0U);
  Fit fit = Fitter(rows, model, set, options, all, free).from_afar();
  // Theta is settled to a small share of its errors; what is stored of the rows is exact.
  const std::vector<RatePrediction> predictions = predict_rates(rows, fit.parameters);
  for (std::size_t r = 0; r < rows.size(); ++r) fit.predicted[r] = predictions[r].rate;
  return fit;
}

struct Refitter::Shared {
  const std::vector<Row>& rows;
  FitOptions options;
  ParameterSet set;
  std::unique_ptr<RowModel> model;
  std::unique_ptr<EffectsOfRows> effects;
  Linearisation at;
};

Refitter::Refitter(const std::vector<Row>& rows, const FitOptions& options, unsigned threads)
    : shared_(new Shared{rows, options, {}, {}, {}, {}}) {
  add_effects(rows, 0, options.hierarchy, shared_->set);
  shared_->model = std::make_unique<RowModel>(rows, shared_->set, threads);
  shared_->effects = std::make_unique<EffectsOfRows>(rows, shared_->set);
}
Refitter::~Refitter() = default;

Fit Refitter::refit(std::span<const std::size_t> rows, const Fit& start) {
  Shared& s = *shared_;
  Fitter fitter(s.rows, *s.model, s.set, s.options, {rows.begin(), rows.end()}, s.effects->of(rows));
  return fitter.from(start, s.at);
}

void Refitter::linearise_at(const Fit& start) {
  Shared& s = *shared_;
  std::vector<double> theta;
  theta.reserve(s.set.effects().size());
  for (const Effect& e : s.set.effects()) {
    const int known = start.parameters.find(e.parameter, e.scope, e.level);
    theta.push_back(known < 0 ? 0 : start.parameters.effects()[static_cast<std::size_t>(known)].value);
  }
  std::vector<std::size_t> all(s.rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<double> log_rates;
  s.at = {};
  s.model->evaluate_near(theta.data(), all, s.at, log_rates);
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
