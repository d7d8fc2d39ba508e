#include "framework/audit/condition_search.hpp"

#include <algorithm>
#include <numeric>

namespace ironlaw {
namespace {

bool excludes(const std::vector<Change>& changes, const ChangeSet& set, std::size_t next) {
  return std::any_of(set.begin(), set.end(),
                     [&](std::size_t i) { return changes[i].dimension == changes[next].dimension; });
}

// Appends all sets of `size` changes that begin with `begin`.
void extend(const std::vector<Change>& changes, const ChangeSet& begin, std::size_t size,
            std::vector<ChangeSet>& sets) {
  if (begin.size() == size) {
    sets.push_back(begin);
    return;
  }
  for (std::size_t next = begin.empty() ? 0 : begin.back() + 1; next < changes.size(); ++next) {
    if (excludes(changes, begin, next)) continue;
    ChangeSet longer = begin;
    longer.push_back(next);
    extend(changes, longer, size, sets);
  }
}

}  // namespace

std::vector<ChangeSet> change_sets(const std::vector<Change>& changes, std::size_t most) {
  const auto size_of = [&](const ChangeSet& set) {
    return std::accumulate(set.begin(), set.end(), 0.0,
                           [&](double sum, std::size_t i) { return sum + changes[i].size; });
  };
  std::vector<ChangeSet> all;
  for (std::size_t size = 1; size <= most; ++size) {
    std::vector<ChangeSet> sets;
    extend(changes, {}, size, sets);
    std::stable_sort(sets.begin(), sets.end(),
                     [&](const ChangeSet& a, const ChangeSet& b) { return size_of(a) < size_of(b); });
    all.insert(all.end(), sets.begin(), sets.end());
  }
  return all;
}

Conditions with_changes(Conditions conditions, const std::vector<Change>& changes, const ChangeSet& set) {
  for (const std::size_t i : set) changes[i].apply(conditions);
  return conditions;
}

}  // namespace ironlaw
