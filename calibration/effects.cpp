#include "calibration/effects.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace ironlaw {
namespace {

constexpr std::uint32_t kNone = ~0U;

}  // namespace

void add_effects(const std::vector<Row>& rows, double spread, bool hierarchy, ParameterSet& set) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> generations;  // by parameter, software
  for (const Row& row : rows)
    for (const ParameterPort& p : row.lowered.pipeline->parameters()) {
      const ironlaw_port& port = *p.port;
      set.add({port.name, ironlaw_scope{}, "", port.prior_sd});
      if (!hierarchy) continue;
      for (int slot = 0; slot < row.lowered.n_slots; ++slot) {
        const ScopeKey& key = row.lowered.slots[static_cast<std::size_t>(slot)].key;
        for (const ironlaw_scope scope : kScopes) {
          if (!varies_by(port, scope)) continue;
          if (scope == kModelScope && (key.model.empty() || key.model == kUnknownModel)) continue;
          if (scope == kFrameworkScope && key.framework.empty()) continue;
          if (scope == IRONLAW_SCOPE_GENERATION)
            generations[{port.name, key.software}].insert(key.level(scope));
          else
            set.add({port.name, scope, key.level(scope), spread});
        }
      }
    }
  // A walk starts at the first generation, which needs no increment of its own.
  for (const auto& [walk, levels] : generations)
    for (auto level = std::next(levels.begin()); level != levels.end(); ++level)
      set.add({walk.first, IRONLAW_SCOPE_GENERATION, *level, spread});
  std::map<std::pair<std::string, int>, bool> scopes;
  for (const Effect& e : set.effects())
    if (e.scope) scopes[{e.parameter, static_cast<int>(e.scope)}] = true;
  for (const auto& [key, unused] : scopes)
    set.set_spread(key.first, static_cast<ironlaw_scope>(key.second), spread);
}

EffectsOfRows::EffectsOfRows(const std::vector<Row>& rows, const ParameterSet& set)
    : n_theta_(set.effects().size()) {
  std::set<std::string> generations;
  for (const Row& row : rows) generations.insert(row.lowered.slots[0].key.level(IRONLAW_SCOPE_GENERATION));
  const auto rank_of = [&](const std::string& generation) {
    return static_cast<std::size_t>(std::distance(generations.begin(), generations.find(generation)));
  };
  // Parameters whose generations walk, by software.
  std::map<std::pair<std::string, std::string>, std::uint32_t> walkers;
  for (const Row& row : rows) {
    std::set<std::uint32_t> entries;
    std::set<std::uint32_t> walking;
    const std::string& software = row.lowered.slots[0].key.software;
    for (const ParameterPort& p : row.lowered.pipeline->parameters()) {
      const ironlaw_port& port = *p.port;
      for (int slot = 0; slot < row.lowered.n_slots; ++slot)
        for (const Term& t : set.terms(port, row.lowered.slots[static_cast<std::size_t>(slot)].key))
          if (set.effects()[static_cast<std::size_t>(t.effect)].scope != IRONLAW_SCOPE_GENERATION)
            entries.insert(static_cast<std::uint32_t>(t.effect));
      if (!(port.scopes & IRONLAW_SCOPE_GENERATION)) continue;
      const auto [walker, is_new] =
          walkers.try_emplace({port.name, software}, static_cast<std::uint32_t>(walkers.size()));
      if (is_new) {
        std::vector<std::uint32_t> steps;
        for (const std::string& g : generations) {
          const int t = g.starts_with(software + " ") ? set.find(port.name, IRONLAW_SCOPE_GENERATION, g) : -1;
          steps.push_back(t < 0 ? kNone : static_cast<std::uint32_t>(t));
        }
        steps_.push_back(std::move(steps));
      }
      walking.insert(walker->second);
    }
    entries_.emplace_back(entries.begin(), entries.end());
    walkers_.emplace_back(walking.begin(), walking.end());
    rank_.push_back(rank_of(row.lowered.slots[0].key.level(IRONLAW_SCOPE_GENERATION)));
  }
}

std::vector<std::uint32_t> EffectsOfRows::of(std::span<const std::size_t> rows) const {
  std::vector<char> is_in(n_theta_, 0);
  std::vector<std::set<std::size_t>> ranks(steps_.size());
  for (const std::size_t row : rows) {
    for (const std::uint32_t t : entries_[row]) is_in[t] = 1;
    for (const std::uint32_t w : walkers_[row]) ranks[w].insert(rank_[row]);
  }
  for (std::size_t w = 0; w < steps_.size(); ++w) {
    if (ranks[w].empty()) continue;
    for (auto rank = std::next(ranks[w].begin()); rank != ranks[w].end(); ++rank)
      if (steps_[w][*rank] != kNone) is_in[steps_[w][*rank]] = 1;
  }
  std::vector<std::uint32_t> result;
  for (std::uint32_t t = 0; t < n_theta_; ++t)
    if (is_in[t]) result.push_back(t);
  return result;
}

}  // namespace ironlaw
