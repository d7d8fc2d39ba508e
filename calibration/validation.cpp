#include "calibration/validation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "calibration/baselines.hpp"
#include "calibration/published_rows.hpp"
#include "datasets/hash.hpp"
#include "framework/base/device_names.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

// A held-out row with the predictions of the model and of each baseline.
struct Held {
  Row row;
  std::string group;
  RatePrediction model;
  std::map<std::string, double> baselines;
};

template <class Select, class Rate>
Metrics measure_held(const std::string& group, const std::vector<Held>& held, const Select& selected,
                     const Rate& rate, bool has_interval) {
  std::vector<Scored> rows;
  for (const Held& h : held)
    if (selected(h))
      rows.push_back({&h.row.cell, std::log(rate(h) / h.row.observation.value), h.model.variance.half50(),
                      h.model.variance.half90()});
  return measure(group, rows, has_interval);
}

template <class Rate>
std::vector<Metrics> measure_groups(const std::vector<Held>& held, const Rate& rate, bool has_interval) {
  std::vector<Metrics> result;
  for (const char* group : kSeenGroups)
    result.push_back(measure_held(
        group, held, [&](const Held& h) { return h.group == group; }, rate, has_interval));
  result.push_back(measure_held(
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
    result.push_back(measure_held(
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

FitIdentity identity_of(const ValidationInputs& in) {
  FitIdentity identity = in.identity;
  identity.fit = text_of(in.options);
  return identity;
}

// Fits without the held-out rows, or takes the stored fit that was made so.
Fit fit_split(const HoldOut& holdout, const ValidationInputs& in, const std::vector<Row>& fitted,
              Validation& v) {
  if (in.store) {
    if (std::optional<Fit> stored = load_fit(*in.store, holdout.text(), identity_of(in))) {
      v.reused = true;
      return std::move(*stored);
    }
  }
  return fit_parameters(fitted, in.options);
}

// Predicts the rows of one hold-out and adds them to `held`.
void predict_split(const HoldOut& holdout, const ValidationInputs& in, Validation& v,
                   std::vector<Held>& held) {
  const std::string before = published_before(holdout, in.rounds);  // all that is fitted

  std::vector<Observation> fit_observations;
  std::vector<Observation> held_observations;
  std::set<std::string> setups;
  for (const Observation& o : in.observations)
    if (is_held(o, holdout)) {
      held_observations.push_back(o);
      setups.insert(setup_of(o));
    }
  const bool is_source = holdout.key == "source";
  for (const Observation& o : in.observations) {
    if (is_held(o, holdout) || (!before.empty() && o.published >= before)) continue;
    if (is_source && setups.contains(setup_of(o))) continue;
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
  Evaluator evaluator;
  std::vector<double> fitted_flops;
  fitted_flops.reserve(fitted.size());
  for (const Row& row : fitted) fitted_flops.push_back(predict_plainly(row, evaluator).unit_flops);
  const RidgeBaseline ridge(pointers_to(fitted));
  const PeakBaseline peak(pointers_to(fitted), fitted_flops);
  Seen seen;
  for (const Row& row : fitted) seen.add(row.observation);
  std::vector<FitResidual> residuals;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Observation& o = rows[r].observation;
    const PlainPrediction plain = predict_plainly(rows[r], evaluator);
    residuals.push_back({o.id, predictions[r].rate, o.value, std::log(predictions[r].rate / o.value), true});
    ++v.precision_basis[rows[r].precision_basis];
    held.push_back({rows[r],
                    seen.group(o),
                    predictions[r],
                    {{"textbook", plain.textbook},
                     {"ridge", std::exp(ridge.log_rate(rows[r]))},
                     {"peak", std::exp(peak.log_rate(rows[r], plain.unit_flops))}}});
  }
  if (in.store && !v.reused) save_fit(*in.store, holdout.text(), identity_of(in), fit, fitted, residuals);
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

std::string shape_of(const Observation& o) {
  if (!o.model.empty() || o.shape.empty()) return {};
  return fmt::format("{} {},seq={}", o.source, o.shape, o.sequence_length);
}

bool is_held(const Observation& o, const HoldOut& h) {
  if (h.key == "round") return o.round == h.value;
  if (h.key == "hardware") return o.device == h.value;
  if (h.key == "model") return o.model == h.value;
  if (h.key == "submitter") return o.submitter == h.value;
  if (h.key == "source") return o.source == h.value;
  if (h.key == "shape") return shape_of(o) == h.value;
  const auto slash = h.value.find('/');
  return fold_of(o, std::stoul(h.value.substr(slash + 1))) == std::stoul(h.value.substr(0, slash)) - 1;
}

std::string published_before(const HoldOut& holdout, const std::vector<Round>& rounds) {
  if (holdout.key != "round") return {};
  for (const Round& r : rounds)
    if (r.id == holdout.value && !r.published.empty()) return r.published;
  throw Error(fmt::format("{}: when that round was published is not known.", holdout.text()));
}

void Seen::add(const Observation& fitted) {
  devices_.insert({fitted.suite, fitted.device});
  models_.insert({fitted.suite, fitted.model});
}

const char* Seen::group(const Observation& held) const {
  const bool device = devices_.contains({held.suite, held.device});
  const bool model = models_.contains({held.suite, held.model});
  return kSeenGroups[(device ? 0 : 1) + (model ? 0 : 2)];
}

PlainPrediction predict_plainly(const Row& row, Evaluator& evaluator) {
  const Case* const c = &row.lowered;
  const CaseParameters values = resolve_parameters(*c, ParameterSet::textbook());
  const CaseParameters* const v = &values;
  Outcome out;
  evaluator.evaluate({&c, 1}, {&v, 1}, {&out, 1});
  const double units = row.units * out.requests * c->replicas;
  return {out.useful_flops / units, units / out.time};
}

HoldOut parse_holdout(const std::string& text, const ValidationInputs& in) {
  const auto equals = text.find('=');
  const std::vector<std::string> keys = {"round", "hardware", "model", "submitter", "source", "shape"};
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
    if (h.key == "shape" && !shape_of(o).empty()) known.insert(shape_of(o));
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
