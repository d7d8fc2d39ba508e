#include "calibration/validation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "calibration/baselines.hpp"
#include "datasets/hash.hpp"
#include "framework/base/device_names.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

constexpr const char* kGroups[] = {"seen", "new_device", "new_model", "new_both"};

// A held-out row with the predictions of the model and of each baseline.
struct Held {
  Row row;
  std::string group;
  RatePrediction model;
  std::map<std::string, double> baselines;
};

std::optional<double> quantile(std::vector<double> values, double q) {
  if (values.empty()) return {};
  const auto k = static_cast<std::size_t>(std::floor(q * static_cast<double>(values.size() - 1) + 0.5));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k), values.end());
  return values[k];
}

template <class Select, class Rate>
Metrics measure(const std::string& group, const std::vector<Held>& held, const Select& selected,
                const Rate& rate, bool has_interval) {
  Metrics m;
  m.group = group;
  std::set<std::string> cells;
  std::vector<double> errors;
  double log_sum = 0;
  double in50 = 0;
  double in90 = 0;
  for (const Held& h : held) {
    if (!selected(h)) continue;
    const double log_error = std::log(rate(h) / h.row.observation.value);
    errors.push_back(std::abs(std::expm1(log_error)));
    log_sum += log_error;
    in50 += std::abs(log_error) <= h.model.variance.half50();
    in90 += std::abs(log_error) <= h.model.variance.half90();
    cells.insert(h.row.cell);
  }
  m.n = static_cast<int>(errors.size());
  m.cells = static_cast<int>(cells.size());
  if (errors.empty()) return m;
  const double n = static_cast<double>(errors.size());
  double sum = 0;
  for (const double e : errors) sum += e;
  m.mean_ape = sum / n;
  m.median_ape = quantile(errors, 0.5);
  m.p90_ape = quantile(errors, 0.9);
  m.bias = std::expm1(log_sum / n);
  if (has_interval) {
    m.coverage50 = in50 / n;
    m.coverage90 = in90 / n;
  }
  return m;
}

template <class Rate>
std::vector<Metrics> measure_groups(const std::vector<Held>& held, const Rate& rate, bool has_interval) {
  std::vector<Metrics> result;
  for (const char* group : kGroups)
    result.push_back(measure(
        group, held, [&](const Held& h) { return h.group == group; }, rate, has_interval));
  result.push_back(measure(
      "all", held, [](const Held&) { return true; }, rate, has_interval));
  return result;
}

template <class Key>
std::vector<Metrics> measure_by(const std::vector<Held>& held, const Key& key) {
  std::set<std::string> keys;
  for (const Held& h : held) keys.insert(key(h));
  std::vector<Metrics> result;
  result.reserve(keys.size());
  for (const std::string& k : keys)
    result.push_back(measure(
        k, held, [&](const Held& h) { return key(h) == k; }, [](const Held& h) { return h.model.rate; },
        true));
  return result;
}

// Folds are made before precisions are known, so they keep together what differs only in precision.
std::size_t fold_of(const Observation& o, std::size_t folds) {
  Fnv1a hash;
  hash.add(fmt::format("{}|{}|{}|{}|{}", o.round, o.device, o.accelerators.value_or(0), o.model, o.scenario));
  return std::stoull(hash.text(), nullptr, 16) % folds;
}

bool is_held(const Observation& o, const HoldOut& h) {
  if (h.key == "round") return o.round == h.value;
  if (h.key == "hardware") return o.device == h.value;
  if (h.key == "model") return o.model == h.value;
  if (h.key == "submitter") return o.submitter == h.value;
  if (h.key == "source") return o.source == h.value;
  const auto slash = h.value.find('/');
  return fold_of(o, std::stoul(h.value.substr(slash + 1))) == std::stoul(h.value.substr(0, slash)) - 1;
}

// Model FLOPs behind one unit of the observed rate, and the rate with textbook parameters.
struct Plain {
  std::vector<double> unit_flops, textbook;
};
Plain plain_predictions(const std::vector<Row>& rows) {
  const ParameterSet textbook = ParameterSet::textbook();
  Evaluator evaluator;
  Plain plain;
  for (const Row& row : rows) {
    const Case* const c = &row.lowered;
    const CaseParameters values = resolve_parameters(*c, textbook);
    const CaseParameters* const v = &values;
    Outcome out;
    evaluator.evaluate({&c, 1}, {&v, 1}, {&out, 1});
    const double units = row.units * out.requests * c->replicas;
    plain.unit_flops.push_back(out.useful_flops / units);
    plain.textbook.push_back(units / out.time);
  }
  return plain;
}

// What was seen in the fitted rows of the same suite.
class Seen {
 public:
  explicit Seen(const std::vector<Row>& fitted) {
    for (const Row& row : fitted) {
      devices_.insert({row.observation.suite, row.observation.device});
      models_.insert({row.observation.suite, row.observation.model});
    }
  }
  const char* group(const Row& row) const {
    const bool device = devices_.contains({row.observation.suite, row.observation.device});
    const bool model = models_.contains({row.observation.suite, row.observation.model});
    return device ? (model ? "seen" : "new_model") : (model ? "new_device" : "new_both");
  }

 private:
  std::set<std::pair<std::string, std::string>> devices_, models_;
};

// Fits without the held-out rows, or takes the stored fit that was made so.
Fit fit_split(const HoldOut& holdout, const ValidationInputs& in, const std::vector<Row>& fitted,
              Validation& v) {
  if (in.store) {
    if (std::optional<Fit> stored = load_fit(*in.store, holdout.text(), in.identity)) {
      v.reused = true;
      return std::move(*stored);
    }
  }
  return fit_parameters(fitted, in.options);
}

// Predicts the rows of one hold-out and adds them to `held`.
void predict_split(const HoldOut& holdout, const ValidationInputs& in, Validation& v,
                   std::vector<Held>& held) {
  std::string before;  // fitted rows were published before this date
  if (holdout.key == "round") {
    for (const Round& r : in.rounds)
      if (r.id == holdout.value) before = r.published;
    // Without a date there is no past, and the fit would see the future.
    if (before.empty())
      throw Error(fmt::format("{}: when that round was published is not known.", holdout.text()));
  }

  std::vector<Observation> fit_observations;
  std::vector<Observation> held_observations;
  for (const Observation& o : in.observations) {
    if (is_held(o, holdout))
      held_observations.push_back(o);
    else if (before.empty() || o.published < before)
      fit_observations.push_back(o);
  }
  Unlowered unlowered_fit;
  std::vector<Row> fitted = select_rows(fit_observations, in.hardware, unlowered_fit);
  std::vector<Row> rows = select_rows(held_observations, in.hardware, v.unlowered);
  const PrecisionRule rule = learn_precisions(fitted);
  lower_rows(fitted, rule, in.predictor, unlowered_fit);
  lower_rows(rows, rule, in.predictor, v.unlowered);
  if (fitted.empty()) throw Error(fmt::format("{}: nothing is left to fit.", holdout.text()));
  if (rows.empty()) throw Error(fmt::format("{}: no held-out row can be predicted.", holdout.text()));

  const Fit fit = fit_split(holdout, in, fitted, v);
  v.fitted_rows += fit.rows;
  v.fitted_cells += fit.cells;
  const std::vector<RatePrediction> predictions = predict_rates(rows, fit.parameters);
  const Plain fitted_plain = plain_predictions(fitted);
  const Plain plain = plain_predictions(rows);
  const RidgeBaseline ridge(fitted);
  const PeakBaseline peak(fitted, fitted_plain.unit_flops);
  const Seen seen(fitted);
  std::vector<FitResidual> residuals;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Observation& o = rows[r].observation;
    residuals.push_back({o.id, predictions[r].rate, o.value, std::log(predictions[r].rate / o.value), true});
    ++v.precision_basis[rows[r].precision_basis];
    held.push_back({rows[r],
                    seen.group(rows[r]),
                    predictions[r],
                    {{"textbook", plain.textbook[r]},
                     {"ridge", std::exp(ridge.log_rate(rows[r]))},
                     {"peak", std::exp(peak.log_rate(rows[r], plain.unit_flops[r]))}}});
  }
  if (in.store && !v.reused) save_fit(*in.store, holdout.text(), in.identity, fit, fitted, residuals);
}

void summarise(const std::vector<Held>& held, Validation& v) {
  const auto model_rate = [](const Held& h) { return h.model.rate; };
  v.groups = measure_groups(held, model_rate, true);
  for (const char* name : {"textbook", "ridge", "peak"})
    v.baselines[name] = measure_groups(
        held, [name](const Held& h) { return h.baselines.at(name); }, false);
  v.by_model = measure_by(held, [](const Held& h) { return h.row.observation.model; });
  v.by_device = measure_by(held, [](const Held& h) { return h.row.observation.device; });
  v.by_suite = measure_by(held, [](const Held& h) { return h.row.observation.suite; });
  v.held_rows = v.groups.back().n;
  v.held_cells = v.groups.back().cells;
}

}  // namespace

HoldOut parse_holdout(const std::string& text, const ValidationInputs& in) {
  const auto equals = text.find('=');
  const std::vector<std::string> keys = {"round", "hardware", "model", "submitter", "source"};
  if (equals == std::string::npos)
    throw Error(fmt::format("holdout '{}' has no '='; write {}=...", text, fmt::join(keys, "=..., ")));
  HoldOut h{text.substr(0, equals), text.substr(equals + 1)};
  if (std::find(keys.begin(), keys.end(), h.key) == keys.end())
    throw Error(fmt::format("holdout '{}': one can hold out {}.{}", h.key, fmt::join(keys, ", "),
                            did_you_mean(h.key, keys)));
  std::set<std::string> known;
  for (const Observation& o : in.observations) {
    if (h.key == "round") known.insert(o.round);
    if (h.key == "hardware" && !o.device.empty()) known.insert(o.device);
    if (h.key == "model" && !o.model.empty()) known.insert(o.model);
    if (h.key == "submitter") known.insert(o.submitter);
    if (h.key == "source") known.insert(o.source);
  }
  const std::vector<std::string> names(known.begin(), known.end());
  const auto match = h.key == "hardware" ? match_device : match_name;
  h.value = names[match("holdout " + h.key, h.value, names)];
  return h;
}

Validation validate(const HoldOut& holdout, const ValidationInputs& in) {
  Validation v;
  v.holdout = holdout.text();
  std::vector<Held> held;
  predict_split(holdout, in, v, held);
  summarise(held, v);
  return v;
}

Validation validate_folds(int folds, const ValidationInputs& in) {
  if (folds < 2 || folds > 50) throw Error(fmt::format("folds is {}; it must be 2 to 50.", folds));
  Validation v;
  v.holdout = fmt::format("{} folds of cells", folds);
  std::vector<Held> held;
  ValidationInputs alone = in;
  alone.store = nullptr;  // a fold is made again each time; the store keeps the splits that mean something
  for (int fold = 1; fold <= folds; ++fold)
    predict_split({"fold", fmt::format("{}/{}", fold, folds)}, alone, v, held);
  v.fitted_rows /= folds;
  v.fitted_cells /= folds;
  summarise(held, v);
  return v;
}

}  // namespace ironlaw
