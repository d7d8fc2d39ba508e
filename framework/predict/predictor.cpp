#include "framework/predict/predictor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

// Quantiles at 75% and 95%, between which and their negatives 50% and 90% lie.
constexpr double kNormal50 = 0.6744897501960817, kNormal90 = 1.6448536269514722;
constexpr double kStudent50 = 0.7406970841, kStudent90 = 2.1318467863;  // four degrees of freedom

double half_width(const LogVariance& v, double normal, double student) {
  return std::sqrt(normal * normal * (v.parameters + v.unseen) + student * student * v.noise);
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
      return "one cycle that serves all running requests";
  }
  return "";
}

// What counts as done: tokens for language models, samples for the rest.
void set_throughput(Prediction& p) {
  const Case& c = p.resolved;
  const bool is_decoder = c.scenario.model->kind == ModelKind::decoder;
  const double requests = p.outcome.requests * c.replicas;
  const double tokens = c.scenario.task == Task::decode    ? 1
                        : c.scenario.task == Task::offline ? c.output_len
                                                           : c.input_len;
  p.throughput = requests * (is_decoder ? tokens : 1) / p.outcome.time;
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

void set_feasible(Prediction& p) {
  const double headroom = p.outcome.memory_headroom;
  p.feasible = !(headroom < 0);
  if (p.feasible) return;
  const auto& sources = p.resolved.sources;
  const auto scenario = scenario_sources();
  double weights = 0;
  double capacity = 0;
  for (std::size_t i = 0; i < scenario.size(); ++i) {
    if (std::string_view(scenario[i].name) == "weight_bytes") weights = sources[i];
    if (std::string_view(scenario[i].name) == "memory_capacity") capacity = sources[i];
  }
  p.infeasible_because = fmt::format(
      "{} does not fit on {} {}: each lacks {:.1f} GB, beyond its {:.1f} GB less what the runtime keeps of "
      "them "
      "(weights alone are {:.1f} GB). Use more devices (--tp, --pp), a smaller batch or context, or a "
      "narrower "
      "precision.",
      p.resolved.scenario.model->id, p.resolved.scenario.split.devices(), p.resolved.scenario.hardware->id,
      -headroom / 1e9, capacity / 1e9, weights / 1e9);
}

}  // namespace

const Pipeline& Predictor::pipeline(const ironlaw_hardware& hardware) {
  auto& slot = pipelines_[&hardware];
  if (!slot) slot = std::make_unique<Pipeline>(walls_, &hardware, source_columns());
  return *slot;
}

Prediction Predictor::predict(const Scenario& scenario, const ParameterSet& parameters) {
  Prediction p;
  p.resolved = prepare(scenario, pipeline(*scenario.hardware));
  const Pipeline& pipe = *p.resolved.pipeline;
  const CaseParameters values = resolve_parameters(p.resolved, parameters);
  const Case* const the_case = &p.resolved;
  const CaseParameters* const the_values = &values;
  const auto evaluate = [&](std::span<double> gradient, std::span<double> shares, WallMask mask) {
    Outcome out;
    evaluator_.evaluate({&the_case, 1}, {&the_values, 1}, {&out, 1}, gradient, shares, mask);
    return out;
  };

  std::vector<double> gradient(parameters.is_textbook() ? 0 : Evaluator::gradient_stride(pipe));
  std::vector<double> shares(pipe.walls().size());
  p.outcome = evaluate(gradient, shares, kAllWalls);
  p.time_is = describe(p.resolved);
  set_throughput(p);
  set_iron_law(p);
  set_feasible(p);

  WallMask on = 0;
  double before = p.peak_seconds;
  for (std::size_t w = 0; w < pipe.walls().size(); ++w) {
    LedgerEntry entry{static_cast<int>(pipe.walls()[w]->number), pipe.walls()[w]->id, 0,
                      shares[w] / p.outcome.time, takes_time(pipe, static_cast<int>(w))};
    on |= WallMask{1} << w;
    if (entry.in_time) {
      const double time = evaluate({}, {}, on).time;
      entry.seconds = time - before;
      before = time;
    }
    if (entry.in_time && (!p.binding || entry.elasticity > p.ledger[*p.binding].elasticity))
      p.binding = p.ledger.size();
    p.ledger.push_back(std::move(entry));
  }

  if (!parameters.is_textbook()) {
    p.variance = log_variance(p.resolved, gradient, parameters);
    const double factor = std::exp(p.variance->half90());
    p.interval90 = Interval{p.outcome.time / factor, p.outcome.time * factor};
  }
  return p;
}

std::string noise_group(const Scenario& s) {
  return fmt::format("{} {}", name_of(s.model->kind), s.task == Task::train ? "training" : "inference");
}

double LogVariance::half50() const {
  return half_width(*this, kNormal50, kStudent50);
}
double LogVariance::half90() const {
  return half_width(*this, kNormal90, kStudent90);
}

LogVariance log_variance(const Case& c, std::span<const double> gradient, const ParameterSet& parameters) {
  const auto& ports = c.pipeline->parameters();
  const std::size_t n = parameters.effects().size();
  std::vector<double> theta_gradient(n, 0.0);
  // An unseen level is one unknown, however many steps of the case depend on it.
  struct Unknown {
    double gradient = 0, variance = 0;
  };
  std::map<std::tuple<std::size_t, int, std::string>, Unknown> unknowns;
  for (int slot = 0; slot < c.n_slots; ++slot)
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::size_t seed = static_cast<std::size_t>(slot) * ports.size() + i;
      if (gradient[seed] == 0) continue;
      const ScopeKey& key = c.slots[static_cast<std::size_t>(slot)].key;
      for (const Unseen& u : parameters.unseen(*ports[i].port, key)) {
        Unknown& unknown = unknowns[{i, static_cast<int>(u.scope), u.level}];
        unknown.gradient += gradient[seed];
        unknown.variance = u.variance;
      }
      for (const int t : parameters.terms(*ports[i].port, key))
        theta_gradient[static_cast<std::size_t>(t)] += gradient[seed];
    }
  LogVariance v;
  for (const auto& [which, u] : unknowns) v.unseen += u.gradient * u.gradient * u.variance;
  for (std::size_t a = 0; a < n; ++a) {
    if (theta_gradient[a] == 0) continue;
    if (parameters.covariance.empty()) {
      v.parameters += theta_gradient[a] * theta_gradient[a] * std::pow(parameters.effects()[a].prior_sd, 2);
      continue;
    }
    for (std::size_t b = 0; b < n; ++b)
      v.parameters += theta_gradient[a] * parameters.covariance[a * n + b] * theta_gradient[b];
  }
  // A kind of workload that was never fitted is not known better than the worst of those that were.
  double noise = 0;
  if (const auto found = parameters.noise.find(noise_group(c.scenario)); found != parameters.noise.end())
    noise = found->second;
  else
    for (const auto& [group, sd] : parameters.noise) noise = std::max(noise, sd);
  v.noise = noise * noise;
  return v;
}

}  // namespace ironlaw
