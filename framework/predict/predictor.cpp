#include "framework/predict/predictor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "framework/predict/fitted_range.hpp"
#include "framework/predict/service.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

// Quantiles at 75% and 95%, between which and their negatives 50% and 90% lie.
constexpr double kNormal50 = 0.6744897501960817, kNormal90 = 1.6448536269514722;
constexpr double kStudent50 = 0.7406970841, kStudent90 = 2.1318467863;  // four degrees of freedom

double half_width(const LogVariance& v, double normal, double student) {
  return std::sqrt(normal * normal * v.parameters + student * student * (v.unseen + v.noise + v.outside));
}

bool rule_mentions(const Rule& rule, int wall) {
  const auto has = [wall](const auto& list) {
    return std::any_of(list.begin(), list.end(), [wall](const auto& x) { return x.wall == wall; });
  };
  return has(rule.bounds) || has(rule.replica_addends) || has(rule.scaling_addends) ||
         has(rule.run_addends) || has(rule.run_factors) || rule.overlap_wall == wall ||
         std::any_of(rule.bounds.begin(), rule.bounds.end(), [&](const Bound& b) { return has(b.factors); });
}

bool takes_time(const Pipeline& pipeline, int wall) {
  for (const ironlaw_level level : {IRONLAW_LEVEL_OPERATOR, IRONLAW_LEVEL_STEP, IRONLAW_LEVEL_RUN})
    if (rule_mentions(pipeline.rule(level), wall)) return true;
  return false;
}

bool binds(const Pipeline& pipeline, std::string_view term) {
  const auto walls = pipeline.walls();
  return std::any_of(walls.begin(), walls.end(), [&](const ironlaw_wall* w) { return term == w->term; });
}

const char* describe(const Case& c) {
  switch (c.scenario.task) {
    case Task::train:
      return "one optimizer step";
    case Task::prefill:
      return c.scenario.model->kind == ModelKind::decoder ? "all prompts" : "the whole batch";
    case Task::decode:
      return "one decode step (a token for every request)";
    case Task::offline:
    case Task::serve:
      return "one cycle that serves all running requests";
  }
  return "";
}

// What counts as done: tokens for language models, samples for the rest.
void set_throughput(Prediction& p, const Evaluator& evaluator, std::size_t row) {
  const Case& c = p.resolved;
  const bool is_decoder = c.scenario.model->kind == ModelKind::decoder;
  const char* const rate = is_decoder ? q::token_rate.name : q::request_rate.name;
  p.throughput =
      evaluator.table(IRONLAW_LEVEL_RESULT).column(c.pipeline->column(IRONLAW_LEVEL_RESULT, rate))[row];
  p.throughput_unit = is_decoder ? "tokens/s" : "samples/s";
}

void set_iron_law(Prediction& p) {
  const Case& c = p.resolved;
  IronLaw& law = p.iron_law;
  law.flops = p.outcome.useful_flops;
  law.n = c.scenario.split.devices();
  law.peak = c.peak;
  p.peak_seconds = p.outcome.peak_time;
  if (p.outcome.replica_time > 0) law.mfu = p.outcome.peak_time / p.outcome.replica_time;
  if (binds(*c.pipeline, "eta_scaling")) law.eta_scaling = p.outcome.replica_time / p.outcome.step_time;
  if (binds(*c.pipeline, "goodput")) law.goodput = p.outcome.step_time / p.outcome.time;
}

double input_of(const Case& c, const char* name) {
  const int input = c.pipeline->input(name);
  return input < 0 ? std::numeric_limits<double>::quiet_NaN() : c.inputs[static_cast<std::size_t>(input)];
}

// Of the step that leaves the least.
std::optional<MemoryUse> memory_of(const Case& c, const Evaluator& evaluator, std::size_t row) {
  const Pipeline& pipeline = *c.pipeline;
  const auto step = [&](const char* name) { return pipeline.column(IRONLAW_LEVEL_STEP, name); };
  const auto scenario = [&](const char* name, double otherwise) {
    const int column = pipeline.column(IRONLAW_LEVEL_SCENARIO, name);
    return column < 0 ? otherwise : evaluator.table(IRONLAW_LEVEL_SCENARIO).column(column)[row];
  };
  const int headroom = step(q::memory_headroom.name);
  const double capacity = input_of(c, q::memory_capacity.name);
  if (headroom < 0 || std::isnan(capacity)) return std::nullopt;
  const Table& table = evaluator.table(IRONLAW_LEVEL_STEP);
  const auto [first, last] = evaluator.steps_of(row);
  const double* const all = table.column(headroom);
  const auto tightest = static_cast<std::size_t>(std::min_element(all + first, all + last) - all);
  const auto at = [&](const char* name) { return step(name) < 0 ? 0 : table.column(step(name))[tightest]; };
  MemoryUse use;
  use.weights = scenario(q::resident_weight_bytes.name, scenario(q::weight_bytes.name, 0));
  use.kv = at(q::kv_bytes.name);
  use.activations = at(q::activation_bytes.name);
  use.states = at(q::state_bytes.name);
  use.capacity = capacity;
  use.reserve = capacity - scenario(q::usable_memory.name, capacity);
  return use;
}

// In GB, but a small device's in MB or kB.
std::string size_text(double bytes) {
  constexpr double kKilo = 1e3, kMega = 1e6, kGiga = 1e9, kLeast = 0.1;
  if (bytes >= kLeast * kGiga) return fmt::format("{:.1f} GB", bytes / kGiga);
  return bytes >= kLeast * kMega ? fmt::format("{:.1f} MB", bytes / kMega)
                                 : fmt::format("{:.1f} kB", bytes / kKilo);
}

std::string over_memory(const Prediction& p) {
  const Scenario& s = p.resolved.scenario;
  std::string text = fmt::format("{} does not fit on {} {}: each lacks {}", s.model->id, s.split.devices(),
                                 s.hardware->id, size_text(-p.outcome.memory_headroom));
  if (p.memory) {
    const MemoryUse& m = *p.memory;
    text += fmt::format(", beyond its {} less what the runtime keeps of them (weights {}",
                        size_text(m.capacity), size_text(m.weights));
    for (const auto& [name, bytes] : {std::pair{"KV cache", m.kv},
                                      {"activations", m.activations},
                                      {"gradients and optimizer", m.states},
                                      {"runtime", m.reserve}})
      if (bytes > 0) text += fmt::format(", {} {}", name, size_text(bytes));
    text += ")";
  }
  if (s.task == Task::train)
    return text + ". Use more devices (--tp, --pp), a higher --zero stage or --recompute full.";
  if (!is_transformer(s.model->kind)) return text + ". Use a smaller batch or a narrower precision.";
  return text + ". Use more devices (--tp, --pp), a smaller batch or context, or a narrower precision.";
}

void set_feasible(Prediction& p) {
  if (p.outcome.memory_headroom < 0) {
    p.feasible = false;
    p.infeasible_because = over_memory(p);
  }
  for (const Violation& v : p.violations) {
    p.feasible = false;
    if (!p.infeasible_because.empty()) p.infeasible_because += " ";
    p.infeasible_because += fmt::format("Wall {} {}: {} ({}) is {:.4g}; it must not be negative.", v.number,
                                        v.wall, v.name, v.meaning, v.value);
  }
}

}  // namespace

const Pipeline& Predictor::pipeline(const ironlaw_hardware& hardware) {
  auto& slot = pipelines_[&hardware];
  if (!slot) slot = std::make_unique<Pipeline>(walls_, &hardware, source_columns());
  return *slot;
}

Prediction Predictor::predict(const Scenario& scenario, const ParameterSet& parameters, Depth depth) {
  Prediction p;
  p.resolved = prepare(scenario, pipeline(*scenario.hardware));
  const Pipeline& pipe = *p.resolved.pipeline;
  const CaseParameters values = resolve_parameters(p.resolved, parameters);
  // A service is evaluated beside the same machine at its limit.
  std::optional<Service> service;
  if (scenario.task == Task::serve) {
    service = settle_service(p.resolved, values, evaluator_);
    p.resolved = service->loaded;
  }
  const std::array<const Case*, 2> cases = {service ? &service->capacity : &p.resolved, &p.resolved};
  const std::array<const CaseParameters*, 2> both_values = {&values, &values};
  const std::size_t n = service ? 2 : 1;
  const std::size_t row = n - 1;
  std::array<Outcome, 2> outcomes;
  const auto evaluate = [&](std::span<double> gradients, std::span<double> shares, const Wanted& wanted) {
    evaluator_.evaluate(std::span(cases).first(n), std::span(both_values).first(n),
                        std::span(outcomes).first(n), gradients, shares, wanted);
    return outcomes[row];
  };

  // The waterfall first, so that the evaluator ends with everything on.
  const std::size_t n_walls = pipe.walls().size();
  std::vector<double> running(n_walls);
  WallMask on = 0;
  for (std::size_t w = 0; w < n_walls && depth == Depth::full; ++w) {
    on |= WallMask{1} << w;
    if (takes_time(pipe, static_cast<int>(w))) running[w] = evaluate({}, {}, {.mask = on}).time;
  }
  const std::size_t stride = Evaluator::gradient_stride(pipe);
  std::vector<double> gradients(parameters.is_textbook() ? 0 : n * stride);
  std::vector<double> all_shares(n * n_walls);
  p.outcome = evaluate(gradients, all_shares, {.results = true});
  const std::span<const double> shares = std::span(all_shares).last(n_walls);
  const std::span<const double> gradient = std::span(gradients).last(std::min(gradients.size(), stride));
  p.time_is = describe(p.resolved);
  p.accounts = accounts_of(p.resolved, evaluator_, row);
  p.violations = violations_of(p.resolved, evaluator_, row);
  p.memory = memory_of(p.resolved, evaluator_, row);
  set_throughput(p, evaluator_, row);
  set_iron_law(p);
  set_feasible(p);

  double before = p.peak_seconds;
  for (std::size_t w = 0; w < n_walls && depth == Depth::full; ++w) {
    LedgerEntry entry{static_cast<int>(pipe.walls()[w]->number), pipe.walls()[w]->id, 0,
                      shares[w] / p.outcome.time, takes_time(pipe, static_cast<int>(w))};
    if (entry.in_time) {
      entry.seconds = running[w] - before;
      before = running[w];
    }
    if (entry.in_time && (!p.binding || entry.elasticity > p.ledger[*p.binding].elasticity))
      p.binding = p.ledger.size();
    p.ledger.push_back(std::move(entry));
  }

  if (!parameters.is_textbook()) {
    p.gradient.assign(gradient.begin(), gradient.end());
    p.variance = log_variance(p.resolved, p.gradient, parameters);
    const double factor = std::exp(p.variance->half90());
    p.interval90 = Interval{p.outcome.time / factor, p.outcome.time * factor};
  }
  return p;
}

std::string noise_group(const Scenario& s) {
  if (!s.measured.empty()) return fmt::format("{} alone", s.measured);
  const bool is_served = s.served || s.task == Task::serve;
  return fmt::format("{} {}", name_of(s.model->kind),
                     s.task == Task::train ? "training"
                     : is_served           ? "serving"
                                           : "inference");
}

double LogVariance::half50() const {
  return half_width(*this, kNormal50, kStudent50);
}
double LogVariance::half90() const {
  return half_width(*this, kNormal90, kStudent90);
}

namespace {

// How a log time, or a difference of two, follows what is uncertain.
class Uncertainty {
 public:
  explicit Uncertainty(const ParameterSet& parameters)
      : parameters_(parameters), theta_(parameters.effects().size(), 0.0) {}

  void add(const Case& c, std::span<const double> gradient, double sign) {
    const auto& ports = c.pipeline->parameters();
    for (int slot = 0; slot < c.n_slots; ++slot)
      for (std::size_t i = 0; i < ports.size(); ++i) {
        const double slope = sign * gradient[static_cast<std::size_t>(slot) * ports.size() + i];
        if (slope == 0) continue;
        const ScopeKey& key = c.slots[static_cast<std::size_t>(slot)].key;
        for (const Unseen& u : parameters_.unseen(*ports[i].port, key)) {
          Unknown& unknown = unknowns_[{ports[i].port->name, static_cast<int>(u.scope), u.level}];
          unknown.slope += slope;
          unknown.variance = u.variance;
        }
        for (const Term& t : parameters_.terms(*ports[i].port, key))
          theta_[static_cast<std::size_t>(t.effect)] += t.share * slope;
      }
    double flat = 0;
    for (int slot = 0; slot < c.n_slots; ++slot)
      flat = std::max(flat, parameters_.flat_share(c.slots[static_cast<std::size_t>(slot)].key));
    const std::string group = noise_group(c.scenario);
    double noise = noise_of(group, parameters_.noise);
    // What both fits get wrong about a configuration is largely the same.
    if (flat > 0) noise = (1 - flat) * noise + flat * noise_of(group, parameters_.flat_noise);
    noise_ += noise * noise;
    outside_ += noise * noise * distance_outside(c, parameters_.ranges);
  }

  LogVariance variance() const {
    LogVariance v;
    v.noise = noise_;
    v.outside = outside_;
    for (const auto& [which, u] : unknowns_) v.unseen += u.slope * u.slope * u.variance;
    const std::size_t n = theta_.size();
    for (std::size_t a = 0; a < n; ++a) {
      if (theta_[a] == 0) continue;
      if (parameters_.covariance.empty()) {
        v.parameters += theta_[a] * theta_[a] * std::pow(parameters_.effects()[a].prior_sd, 2);
        continue;
      }
      for (std::size_t b = 0; b < n; ++b)
        v.parameters += theta_[a] * parameters_.covariance[a * n + b] * theta_[b];
    }
    return v;
  }

 private:
  // A kind of workload that was never fitted is not known better than the worst of those that were.
  static double noise_of(const std::string& group, const std::map<std::string, double>& noises) {
    if (const auto found = noises.find(group); found != noises.end()) return found->second;
    double most = 0;
    for (const auto& [other, sd] : noises) most = std::max(most, sd);
    return most;
  }

  // An unseen level is one unknown, however many steps or cases depend on it.
  struct Unknown {
    double slope = 0, variance = 0;
  };
  const ParameterSet& parameters_;
  std::vector<double> theta_;
  std::map<std::tuple<std::string, int, std::string>, Unknown> unknowns_;
  double noise_ = 0, outside_ = 0;
};

}  // namespace

LogVariance log_variance(const Case& c, std::span<const double> gradient, const ParameterSet& parameters) {
  Uncertainty all(parameters);
  all.add(c, gradient, 1);
  LogVariance v = all.variance();
  // Errors of what is new are larger than the spreads of single parameters make them: of whole devices and
  // models the physics misses different things.
  double error = 0;
  for (int slot = 0; slot < c.n_slots; ++slot)
    error = std::max(error, parameters.novelty_error(c.slots[static_cast<std::size_t>(slot)].key));
  v.unseen = std::max(v.unseen, std::pow(error / kStudent90, 2) - v.noise - v.outside);
  return v;
}

LogVariance log_variance_of_ratio(const Prediction& a, const Prediction& b, const ParameterSet& parameters) {
  Uncertainty all(parameters);
  all.add(a.resolved, a.gradient, 1);
  all.add(b.resolved, b.gradient, -1);
  return all.variance();
}

}  // namespace ironlaw
