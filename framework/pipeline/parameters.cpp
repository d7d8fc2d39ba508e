#include "framework/pipeline/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

constexpr double kEdge = 1e-9;            // how near to 0 and 1 a fraction may be on the logit scale
constexpr double kDefaultSpread = 0.2;    // on the link scale, until calibration estimates it
constexpr double kDeterminedBelow = 0.9;  // posterior sd over prior sd

std::string index_key(const std::string& parameter, ironlaw_scope scope, const std::string& level) {
  return fmt::format("{}\n{}\n{}", parameter, static_cast<int>(scope), level);
}

bool is_of_software(const Effect& step, const std::string& software) {
  return step.level.starts_with(software + " ");
}

}  // namespace

bool varies_by(const ironlaw_port& port, ironlaw_scope scope) {
  const ironlaw_scope stated = scope == kModelScope       ? IRONLAW_SCOPE_CLASS
                               : scope == kFrameworkScope ? IRONLAW_SCOPE_GENERATION
                                                          : scope;
  return (port.scopes & static_cast<std::uint32_t>(stated)) != 0;
}

std::string ScopeKey::level(ironlaw_scope scope) const {
  if (scope == kModelScope) return model.empty() ? "" : fmt::format("{} {}", workload, model);
  if (scope == kFrameworkScope) return framework;
  switch (scope) {
    case IRONLAW_SCOPE_VENDOR:
      return vendor;
    case IRONLAW_SCOPE_FAMILY:
      return family;
    case IRONLAW_SCOPE_DEVICE:
      return device;
    case IRONLAW_SCOPE_CLASS:
      return workload;
    case IRONLAW_SCOPE_GENERATION:
      return fmt::format("{} {}", software, generation);
    case IRONLAW_SCOPE_PRECISION:
      return precision;
  }
  throw Error(fmt::format("scope {} is not known.", static_cast<int>(scope)));
}

const char* name_of(ironlaw_scope scope) {
  if (scope == kModelScope) return "model";
  if (scope == kFrameworkScope) return "framework";
  if (scope == kFlatScope) return "flat";
  switch (scope) {
    case IRONLAW_SCOPE_VENDOR:
      return "vendor";
    case IRONLAW_SCOPE_FAMILY:
      return "family";
    case IRONLAW_SCOPE_DEVICE:
      return "device";
    case IRONLAW_SCOPE_CLASS:
      return "class";
    case IRONLAW_SCOPE_GENERATION:
      return "generation";
    case IRONLAW_SCOPE_PRECISION:
      return "precision";
  }
  return "global";
}

ironlaw_scope parse_scope(std::string_view name) {
  if (name == "global") return ironlaw_scope{};
  if (name == name_of(kFlatScope)) return kFlatScope;
  std::vector<std::string> names;
  for (const ironlaw_scope scope : kScopes) {
    if (name == name_of(scope)) return scope;
    names.emplace_back(name_of(scope));
  }
  throw Error(fmt::format("scope '{}' is not known.{}", name, did_you_mean(name, names)));
}

double to_link(ironlaw_link link, double value) {
  switch (link) {
    case IRONLAW_LINK_LOG:
      return std::log(std::max(value, 1e-300));
    case IRONLAW_LINK_LOGIT: {
      const double p = std::clamp(value, kEdge, 1 - kEdge);
      return std::log(p / (1 - p));
    }
    case IRONLAW_LINK_IDENTITY:
      break;
  }
  return value;
}

double from_link(ironlaw_link link, double x) {
  switch (link) {
    case IRONLAW_LINK_LOG:
      return std::exp(x);
    case IRONLAW_LINK_LOGIT:
      return 1 / (1 + std::exp(-x));
    case IRONLAW_LINK_IDENTITY:
      break;
  }
  return x;
}

double link_slope(ironlaw_link link, double value) {
  switch (link) {
    case IRONLAW_LINK_LOG:
      return value;
    case IRONLAW_LINK_LOGIT:
      return value * (1 - value);
    case IRONLAW_LINK_IDENTITY:
      break;
  }
  return 1;
}

double within(const ironlaw_port& port, double value) {
  return std::clamp(value, port.min, port.max);
}

bool is_determined(const Effect& effect) {
  return effect.sd < kDeterminedBelow * effect.prior_sd;
}

ParameterSet ParameterSet::textbook() {
  ParameterSet set;
  set.textbook_ = true;
  set.origin = "textbook";
  return set;
}

ParameterSet ParameterSet::prior() {
  return {};
}

int ParameterSet::add(const Effect& effect) {
  const auto [found, is_new] = index_.try_emplace(index_key(effect.parameter, effect.scope, effect.level),
                                                  static_cast<int>(effects_.size()));
  if (is_new) {
    effects_.push_back(effect);
    levels_.insert({static_cast<int>(effect.scope), effect.level});
  }
  return found->second;
}

int ParameterSet::find(const std::string& parameter, ironlaw_scope scope, const std::string& level) const {
  const auto found = index_.find(index_key(parameter, scope, level));
  return found == index_.end() ? -1 : found->second;
}

double ParameterSet::spread(const std::string& parameter, ironlaw_scope scope) const {
  const auto found = spreads_.find({parameter, static_cast<int>(scope)});
  return found == spreads_.end() ? kDefaultSpread : found->second;
}

void ParameterSet::set_spread(const std::string& parameter, ironlaw_scope scope, double sd) {
  spreads_[{parameter, static_cast<int>(scope)}] = sd;
}

std::set<std::string> ParameterSet::generations(const std::string& software) const {
  std::set<std::string> result;
  for (const Effect& e : effects_)
    if (e.scope == IRONLAW_SCOPE_GENERATION && is_of_software(e, software))
      result.insert(e.level.substr(software.size() + 1));
  return result;
}

std::string ParameterSet::novelty(const ScopeKey& key) const {
  const auto is_fitted = [&](ironlaw_scope scope) {
    return levels_.contains({static_cast<int>(scope), key.level(scope)});
  };
  const bool is_of_new_model = !key.model.empty() && key.model != kUnknownModel && !is_fitted(kModelScope);
  const char* machine = is_fitted(IRONLAW_SCOPE_DEVICE)   ? ""
                        : is_fitted(IRONLAW_SCOPE_FAMILY) ? "device"
                                                          : "family";
  if (!*machine) return is_of_new_model ? "new model" : "";
  return fmt::format("new {}{}", is_of_new_model ? "model and " : "", machine);
}

double ParameterSet::flat_share(const ScopeKey& key) const {
  return of_novelty(flat_shares, key);
}

double ParameterSet::novelty_error(const ScopeKey& key) const {
  return of_novelty(novelty_errors, key);
}

double ParameterSet::of_novelty(const std::map<std::string, double>& values, const ScopeKey& key) const {
  if (values.empty()) return 0;
  const std::string what = novelty(key);
  if (what.empty()) return 0;
  const auto found = values.find(fmt::format("{}, {}", key.software, what));
  return found == values.end() ? 0 : found->second;
}

std::vector<Term> ParameterSet::terms(const ironlaw_port& port, const ScopeKey& key) const {
  std::vector<Term> result;
  const double flat = flat_share(key);
  const auto take = [&](int index, double share) {
    if (index >= 0 && share > 0) result.push_back({index, share});
  };
  take(find(port.name, ironlaw_scope{}, ""), 1 - flat);
  for (const ironlaw_scope scope : kScopes) {
    if (!varies_by(port, scope)) continue;
    if (scope != IRONLAW_SCOPE_GENERATION) {
      take(find(port.name, scope, key.level(scope)), 1 - flat);
      continue;
    }
    for (std::size_t i = 0; i < effects_.size(); ++i)
      if (effects_[i].scope == scope && effects_[i].parameter == port.name &&
          is_of_software(effects_[i], key.software) &&
          (key.generation.empty() || effects_[i].level <= key.level(scope)))
        take(static_cast<int>(i), 1 - flat);
  }
  take(flat > 0 ? find(port.name, kFlatScope, "") : -1, flat);
  return result;
}

std::vector<Unseen> ParameterSet::unseen(const ironlaw_port& port, const ScopeKey& key) const {
  std::vector<Unseen> result;
  if (textbook_) return result;
  const double own = std::pow(1 - flat_share(key), 2);
  if (find(port.name, ironlaw_scope{}, "") < 0)
    result.push_back({ironlaw_scope{}, "", port.prior_sd * port.prior_sd});
  for (const ironlaw_scope scope : kScopes) {
    if (!varies_by(port, scope) || (scope == kModelScope && key.model.empty()) ||
        (scope == kFrameworkScope && key.framework.empty()))
      continue;
    bool is_seen = find(port.name, scope, key.level(scope)) >= 0;
    // A generation between or before fitted ones rests on the walk; only a later one is new.
    if (scope == IRONLAW_SCOPE_GENERATION)
      is_seen = key.generation.empty() || std::any_of(effects_.begin(), effects_.end(), [&](const Effect& e) {
                  return e.scope == scope && e.parameter == port.name && is_of_software(e, key.software) &&
                         e.level >= key.level(scope);
                });
    if (!is_seen) result.push_back({scope, key.level(scope), own * std::pow(spread(port.name, scope), 2)});
  }
  return result;
}

Resolved ParameterSet::resolve(const ironlaw_port& port, const ScopeKey& key) const {
  if (textbook_) return {port.neutral, 0, 0};
  const auto link = static_cast<ironlaw_link>(port.link);
  double x = to_link(link, port.prior_mean);
  for (const Term& t : terms(port, key)) x += t.share * effects_[static_cast<std::size_t>(t.effect)].value;
  double variance = 0;
  for (const Unseen& u : unseen(port, key)) variance += u.variance;
  const double value = within(port, from_link(link, x));
  return {value, link_slope(link, value), variance};
}

double ParameterSet::variance(const ironlaw_port& port, const ScopeKey& key) const {
  const std::vector<Term> entries = terms(port, key);
  double sum = resolve(port, key).variance;
  for (const Term& a : entries)
    for (const Term& b : entries) {
      const auto i = static_cast<std::size_t>(a.effect);
      const auto j = static_cast<std::size_t>(b.effect);
      if (!covariance.empty())
        sum += a.share * b.share * covariance[i * effects_.size() + j];
      else if (i == j)
        sum += std::pow(a.share * effects_[i].prior_sd, 2);
    }
  return sum;
}

}  // namespace ironlaw
