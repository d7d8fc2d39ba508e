#include "framework/audit/reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/predict/search.hpp"
#include "framework/predict/split.hpp"
#include "ironlaw/hardware.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr int kMostDoublings = 12;  // of one request a replica, under a limit on latency
// A training step where nobody states one: that of large language models, and of the rest.
constexpr double kTokensOfStep = 4 * 1048576.0;
constexpr int kSamplesOfDevice = 32;

Reading known(double value) {
  return {value, std::nullopt, std::nullopt, "", false};
}
Reading unknown(std::string why) {
  return {0, std::nullopt, std::nullopt, std::move(why), true};
}

// A training step's samples, whole micro-batches on every replica whatever the split is.
void set_training_batch(Scenario& s, double stated, int devices) {
  const bool is_decoder = s.model->kind == ModelKind::decoder;
  s.micro_batch = is_decoder ? 1 : kSamplesOfDevice;
  const double usual = is_decoder ? kTokensOfStep / s.input_len.value_or(s.model->train_len)
                                  : double(kSamplesOfDevice) * devices;
  const double unit = double(s.micro_batch) * devices;
  s.batch = std::max(1.0, std::round((stated > 0 ? stated : usual) / unit)) * unit;
}

std::optional<double> account(const Prediction& p, std::string_view name, std::vector<std::string>& unknown) {
  for (const Account& a : p.accounts)
    if (a.name == name) {
      unknown = a.unknown;
      return a.value;
    }
  return std::nullopt;
}

double itl_of(const Prediction& p) {
  std::vector<std::string> unused;
  return account(p, q::itl.name, unused).value_or(std::numeric_limits<double>::quiet_NaN());
}

// Without the advice behind it, which is for those who ask `solve`.
std::string first_sentence(const std::string& text) {
  const std::size_t end = text.find(". ");
  return end == std::string::npos ? text : text.substr(0, end + 1);
}

// What a prediction of this device cannot be without.
std::vector<std::string> figures_missing(const ironlaw_hardware& hardware) {
  std::vector<std::string> names;
  for (const char* name : {spec::memory_bandwidth.quantity, spec::memory_capacity.quantity})
    if (std::isnan(figure(hardware, name))) names.emplace_back(name);
  return names;
}

}  // namespace

// ---- figures of datasheets -----------------------------------------------------------------------------

Reading Reader::side_figure(Which which, const Conditions& c) const {
  const ironlaw_hardware& h = hardware(which);
  const SideConditions& side = side_of(which, c);
  std::string quantity;
  double value = 0;
  switch (subject_.claim.metric) {
    case Metric::bandwidth:
    case Metric::bandwidth_ratio:
      quantity = spec::memory_bandwidth.quantity;
      value = figure(h, quantity);
      break;
    case Metric::capacity:
    case Metric::capacity_ratio:
      quantity = spec::memory_capacity.quantity;
      value = figure(h, quantity);
      break;
    default:
      quantity = fmt::format("{} {} peak", side.is_sparse ? "sparse" : "dense", name_of(side.precision));
      value = side.is_sparse ? sparse_peak(h, side.precision) : dense_peak(h, side.precision);
  }
  if (std::isnan(value))
    return unknown(fmt::format("The datasheet of {} in the catalogue has no {}.", h.id, quantity));
  return known(value * side.devices);
}

Reading Reader::figure_reading(const Conditions& c) const {
  Reading product = side_figure(Which::product, c);
  if (!subject_.baseline || !product.has_value()) return product;
  Reading baseline = side_figure(Which::baseline, c);
  if (!baseline.has_value()) return baseline;
  product.value /= baseline.value;
  return product;
}

// ---- predictions ---------------------------------------------------------------------------------------

Scenario Reader::within_latency(const Scenario& scenario, double latency, const ParameterSet& parameters) {
  std::optional<Scenario> best;
  if (scenario.batch > 0) {  // stated: it must do with the limit
    const Prediction p = predictor_.predict(scenario, parameters, Depth::numbers);
    if (!p.feasible || itl_of(p) <= latency) return scenario;
    throw Error(fmt::format("{} needs {:.4g} ms a token at batch {}, more than the {:.4g} ms allowed.",
                            scenario.hardware->id, itl_of(p) * 1e3, scenario.batch, latency * 1e3),
                ExitCode::infeasible);
  }
  for (int doublings = 0; doublings <= kMostDoublings; ++doublings) {
    Scenario s = scenario;
    s.batch = std::ldexp(scenario.split.data, doublings);
    const Prediction p = predictor_.predict(s, parameters, Depth::numbers);
    if (!p.feasible || !(itl_of(p) <= latency)) break;
    best = s;
  }
  if (!best)
    throw Error(fmt::format("{} needs more than {:.4g} ms a token even for one request at a time.",
                            scenario.hardware->id, latency * 1e3),
                ExitCode::infeasible);
  return *best;
}

Scenario Reader::scenario(Which which, const Conditions& c, const ParameterSet& parameters) {
  const SideConditions& side = side_of(which, c);
  Scenario s;
  s.model = c.model;
  s.hardware = &hardware(which);
  s.task = c.task;
  s.batch = side.batch;
  s.input_len = c.input_len;
  s.output_len = c.output_len;
  s.precision = side.precision;
  s.beams = 1;
  s.generation = side.generation;
  s.is_benchmark = true;
  if (side.is_sparse) {
    const double peak = sparse_peak(*s.hardware, side.precision);
    if (std::isnan(peak))
      throw Error(fmt::format("The datasheet of {} in the catalogue has no sparse {} peak.", s.hardware->id,
                              name_of(side.precision)));
    s.given[q::peak_flops.name] = {peak, "sparsity"};
  }
  if (c.task == Task::train) set_training_batch(s, side.batch, side.devices);
  if (c.is_fastest_split) {
    s = spread_fastest(s, side.devices, predictor_, parameters);
  } else {
    // A batch that is stated is spread over no more replicas than it has requests.
    Scenario spread = s;
    if (s.batch > 0 && is_closed_loop(s.task) && s.model->kind == ModelKind::decoder)
      spread.task = Task::decode;
    s.split = default_split(spread, side.devices);
  }
  return c.latency && c.task == Task::offline ? within_latency(s, *c.latency, parameters) : s;
}

Reader::Side Reader::predicted(Which which, const Conditions& c, const ParameterSet& parameters) {
  Side result;
  const ironlaw_hardware& h = hardware(which);
  if (const auto missing = figures_missing(h); !missing.empty()) {
    result.refused =
        fmt::format("The datasheet of {} in the catalogue has no {}.", h.id, fmt::join(missing, ", "));
    result.is_unknown = true;
    return result;
  }
  try {
    result.prediction = predictor_.predict(scenario(which, c, parameters), parameters, Depth::numbers);
    if (!result.prediction.feasible) result.refused = first_sentence(result.prediction.infeasible_because);
    if (!std::isfinite(result.prediction.outcome.time)) {
      result.refused = fmt::format("The walls cannot say how long it takes on {}.", h.id);
      result.is_unknown = true;
    }
  } catch (const Error& e) {
    result.refused = first_sentence(e.what());
    result.is_unknown = e.code() != ExitCode::infeasible;
  }
  return result;
}

const Reader::Side& Reader::side(Which which, const Conditions& c, bool is_textbook) {
  const Key key{which,       is_textbook,  c.model,  side_of(which, c), c.is_fastest_split,
                c.input_len, c.output_len, c.latency};
  const auto found = sides_.find(key);
  if (found != sides_.end()) return found->second;
  static const ParameterSet textbook = ParameterSet::textbook();
  return sides_.emplace(key, predicted(which, c, is_textbook ? textbook : parameters_)).first->second;
}

// The side's own part of the metric: work a second, dollar or joule, or one over a time.
Reading Reader::measure(Which which, const Side& side) const {
  if (!side.refused.empty()) return {0, std::nullopt, std::nullopt, side.refused, side.is_unknown};
  const Prediction& p = side.prediction;
  const ironlaw_hardware& h = hardware(which);
  switch (subject_.claim.metric) {
    case Metric::latency_ratio:
      return known(1 / p.outcome.time);
    case Metric::user_token_rate:
      return known(p.throughput / p.resolved.scenario.batch);
    case Metric::mfu:
      return known(p.iron_law.mfu.value_or(0) * p.iron_law.eta_scaling.value_or(1));
    case Metric::energy_ratio: {
      std::vector<std::string> missing;
      auto energy = account(p, "energy_per_token", missing);
      if (!energy) energy = account(p, "energy_per_request", missing);
      if (!energy || std::isnan(*energy))
        return unknown(fmt::format("The energy of {} is unknown: needs {}.", h.id, fmt::join(missing, ", ")));
      return known(1 / *energy);
    }
    case Metric::cost_ratio:
      for (const RentalPrice& listed : prices_)
        if (listed.device == h.id) {
          const RentalPrice& price = find_rental(prices_, h.id);
          return known(p.throughput / (price.usd_per_second * p.resolved.scenario.split.devices()));
        }
      return unknown(fmt::format("Nobody's rental price of {} is in rental_prices.csv.", h.id));
    default:
      return known(p.throughput);
  }
}

Reading Reader::predicted_reading(const Conditions& c, double least) {
  const Side& product = side(Which::product, c);
  Reading result = measure(Which::product, product);
  if (!result.has_value()) return result;
  double half = 0;
  if (!subject_.baseline) {
    if (product.prediction.variance) half = product.prediction.variance->half90();
  } else {
    const Side& baseline = side(Which::baseline, c);
    Reading below = measure(Which::baseline, baseline);
    if (!below.has_value()) return below;
    result.value /= below.value;
    if (!parameters_.is_textbook() && result.value >= least)
      half = log_variance_of_ratio(product.prediction, baseline.prediction, parameters_).half90();
  }
  if (!parameters_.is_textbook() && result.value >= least) {
    result.interval90 = Interval{result.value / std::exp(half), result.value * std::exp(half)};
    if (const Reading perfect = limit(c); perfect.has_value()) result.limit = perfect.value;
  }
  return result;
}

Reading Reader::read(const Conditions& conditions, double least) {
  return facts_of(subject_.claim.metric).is_figure ? figure_reading(conditions)
                                                   : predicted_reading(conditions, least);
}

Reading Reader::limit(const Conditions& c) {
  if (facts_of(subject_.claim.metric).is_figure) return figure_reading(c);
  Reading result = measure(Which::product, side(Which::product, c, true));
  if (!result.has_value() || !subject_.baseline) return result;
  const Side& baseline = side(Which::baseline, c);
  Reading below = measure(Which::baseline, baseline);
  if (!below.has_value()) return below;
  const double half = baseline.prediction.variance ? baseline.prediction.variance->half90() : 0;
  result.value *= std::exp(half) / below.value;
  return result;
}

Conditions Reader::on_enough_devices(const Conditions& conditions) {
  const Claim& claim = subject_.claim;
  if (facts_of(claim.metric).is_figure || claim.product.devices ||
      (claim.baseline && claim.baseline->devices))
    return conditions;
  // The smallest replica that holds it first; then whatever the search for a split finds.
  for (const bool is_fastest_split : {conditions.is_fastest_split, true}) {
    Conditions c = conditions;
    c.is_fastest_split = is_fastest_split;
    for (; c.product.devices <= kMostDevicesTried;
         c.product.devices = c.baseline.devices = 2 * c.product.devices) {
      const bool fits = side(Which::product, c).refused.empty() &&
                        (!subject_.baseline || side(Which::baseline, c).refused.empty());
      if (fits) return c;
    }
  }
  return conditions;
}

Comparison Reader::raced(const Conditions& c) {
  std::vector<Scenario> scenarios = {scenario(Which::product, c, parameters_)};
  if (subject_.baseline) scenarios.push_back(scenario(Which::baseline, c, parameters_));
  return race(scenarios, predictor_, parameters_);
}

}  // namespace ironlaw
