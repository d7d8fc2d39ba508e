// The search for the fewest conditions under which a claim holds.
#pragma once

#include <functional>
#include <vector>

#include "framework/audit/conditions.hpp"

namespace ironlaw {

// Indices of changes, in the order of the grid. At most one of a dimension.
using ChangeSet = std::vector<std::size_t>;

// All sets of one to `most` changes: fewest changes first, among equals the smaller sum of sizes, then the
// order of the grid. The same grid gives the same order.
std::vector<ChangeSet> change_sets(const std::vector<Change>& changes, std::size_t most);

Conditions with_changes(Conditions conditions, const std::vector<Change>& changes, const ChangeSet& set);

}  // namespace ironlaw
