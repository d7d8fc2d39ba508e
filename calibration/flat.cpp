#include "calibration/flat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace ironlaw {
namespace {

// What rows are taken to be; the words of ParameterSet::novelty.
struct Pretence {
  const char* novelty;
  bool model, device, family;
};
constexpr Pretence kPretences[] = {{"new model", true, false, false},
                                   {"new device", false, true, false},
                                   {"new family", false, true, true},
                                   {"new model and device", true, true, false},
                                   {"new model and family", true, true, true}};
constexpr int kShareSteps = 20;

using Members = std::map<std::string, std::set<std::string>>;

// Which devices, families and models stand behind a level.
struct Kin {
  Members devices_of_family, families_of_vendor, devices_of_vendor, models_of_class;

  void add(const ScopeKey& key) {
    devices_of_family[key.family].insert(key.device);
    families_of_vendor[key.vendor].insert(key.family);
    devices_of_vendor[key.vendor].insert(key.device);
    if (is_named(key.model)) models_of_class[key.workload].insert(key.model);
  }
  static bool is_named(const std::string& model) { return !model.empty() && model != kUnknownModel; }

  // Whether nothing would be known of this level if one of what is pretended new were.
  bool rests_on_one(const Effect& e, const Pretence& as) const {
    const auto is_one = [&](const Members& members) {
      const auto found = members.find(e.level);
      return found != members.end() && found->second.size() == 1;
    };
    switch (e.scope) {
      case IRONLAW_SCOPE_CLASS:
        return as.model && is_one(models_of_class);
      case IRONLAW_SCOPE_FAMILY:
        return as.family;
      case IRONLAW_SCOPE_VENDOR:
        return (as.family && is_one(families_of_vendor)) || (as.device && is_one(devices_of_vendor));
      case IRONLAW_SCOPE_DEVICE:
        return as.device;
      default:
        return e.scope == kModelScope && as.model;
    }
  }
};

// What is new of a row, as one level; empty where it is nothing.
std::string level_of(const ScopeKey& key, const Pretence& as, const Kin& kin) {
  if (as.model && !Kin::is_named(key.model)) return "";
  // Without its only device, a family would be new too.
  if (as.device && !as.family && kin.devices_of_family.at(key.family).size() < 2) return "";
  return fmt::format("{}|{}", as.model ? key.model : "",
                     as.family   ? key.family
                     : as.device ? key.device
                                 : "");
}

// Mean errors of a cell's log rates: of the two fits.
struct CellErrors {
  double own = 0, flat = 0;
  int rows = 0;
};
using LevelErrors = std::map<std::string, std::map<std::string, CellErrors>>;  // by level and cell

// The share with the least mean absolute error, each level counting once.
double best_share(const LevelErrors& levels) {
  double best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int step = 0; step <= kShareSteps; ++step) {
    const double share = static_cast<double>(step) / kShareSteps;
    double sum = 0;
    for (const auto& [level, cells] : levels)
      for (const auto& [cell, e] : cells)
        sum += std::abs((1 - share) * e.own + share * e.flat) / e.rows / static_cast<double>(cells.size());
    if (sum >= least) continue;
    least = sum;
    best = share;
  }
  return best;
}

// What 90% of those errors lie within, each level counting once.
double error90(const LevelErrors& levels, double share) {
  std::vector<std::pair<double, double>> errors;  // and their weights
  for (const auto& [level, cells] : levels)
    for (const auto& [cell, e] : cells)
      errors.emplace_back(std::abs((1 - share) * e.own + share * e.flat) / e.rows,
                          1.0 / static_cast<double>(cells.size()));
  std::sort(errors.begin(), errors.end());
  double left = 0.9 * static_cast<double>(levels.size());
  for (const auto& [error, weight] : errors)
    if ((left -= weight) <= 0) return error;
  return errors.back().first;
}

// Sets the shares and errors of `to`.
void stack(const Fit& fit, const Fit& flat, const std::vector<Row>& rows, std::span<const std::size_t> fitted,
           RowModel& model, const ParameterSet& set, ParameterSet& to) {
  Kin kin;
  for (const std::size_t r : fitted)
    for (int slot = 0; slot < rows[r].lowered.n_slots; ++slot)
      kin.add(rows[r].lowered.slots[static_cast<std::size_t>(slot)].key);
  for (const Pretence& as : kPretences) {
    std::vector<double> theta;
    for (const Effect& e : set.effects()) {
      const int known = kin.rests_on_one(e, as) ? -1 : fit.parameters.find(e.parameter, e.scope, e.level);
      theta.push_back(known < 0 ? 0 : fit.parameters.effects()[static_cast<std::size_t>(known)].value);
    }
    std::vector<double> log_rates;
    model.evaluate(theta.data(), fitted, log_rates);
    std::map<std::string, LevelErrors> errors;  // by software
    for (std::size_t i = 0; i < fitted.size(); ++i) {
      const Row& row = rows[fitted[i]];
      const ScopeKey& key = row.lowered.slots[0].key;
      const std::string level = level_of(key, as, kin);
      if (level.empty()) continue;
      CellErrors& e = errors[key.software][level][row.cell];
      const double observed = std::log(row.observation.value);
      e.own += log_rates[fitted[i]] - observed;
      e.flat += std::log(flat.predicted[i]) - observed;
      ++e.rows;
    }
    for (const auto& [software, levels] : errors) {
      if (levels.size() < 2) continue;
      const std::string name = fmt::format("{}, {}", software, as.novelty);
      const double share = best_share(levels);
      to.flat_shares[name] = share;
      to.novelty_errors[name] = error90(levels, share);
    }
  }
}

}  // namespace

void add_flat(Fit& fit, const Fit& flat, const std::vector<Row>& rows, std::span<const std::size_t> fitted,
              RowModel& model, const ParameterSet& set) {
  stack(fit, flat, rows, fitted, model, set, fit.parameters);
  fit.flat_noise = flat.noise;
  fit.parameters.flat_noise = flat.parameters.noise;
  const std::size_t own = fit.parameters.effects().size();
  const std::size_t more = flat.parameters.effects().size();
  const std::size_t all = own + more;
  std::vector<double> covariance(all * all, 0.0);
  for (std::size_t i = 0; i < own; ++i)
    std::copy_n(&fit.parameters.covariance[i * own], own, &covariance[i * all]);
  for (std::size_t i = 0; i < more; ++i)
    std::copy_n(&flat.parameters.covariance[i * more], more, &covariance[(own + i) * all + own]);
  fit.parameters.covariance = std::move(covariance);
  for (Effect e : flat.parameters.effects()) {
    e.scope = kFlatScope;
    fit.parameters.add(e);
  }
}

Fit flat_of(const Fit& fit) {
  Fit flat;
  flat.noise = fit.flat_noise;
  flat.parameters.noise = fit.parameters.flat_noise;
  const auto& effects = fit.parameters.effects();
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < effects.size(); ++i)
    if (effects[i].scope == kFlatScope) indices.push_back(i);
  for (const std::size_t i : indices) {
    Effect e = effects[i];
    e.scope = ironlaw_scope{};
    flat.parameters.add(e);
    for (const std::size_t j : indices)
      flat.parameters.covariance.push_back(fit.parameters.covariance[i * effects.size() + j]);
  }
  return flat;
}

}  // namespace ironlaw
