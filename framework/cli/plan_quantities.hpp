// The quantities that a plan may set, and the blocks that each may stand in (the rule is in plan.hpp). Made
// from the loaded plugins, so that what a new wall brings is known here by itself.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "framework/cli/request.hpp"
#include "ironlaw/abi.h"

namespace ironlaw {

struct PlanQuantity {
  std::string unit, meaning;
  std::vector<std::string> owners;          // "wall 10 locality", "hardware TPU-v5p"; empty: the host
  const ironlaw_port* setting = nullptr;    // or null
  const ironlaw_port* parameter = nullptr;  // or null
  std::vector<std::string_view> blocks;
};

using PlanQuantities = std::map<std::string, PlanQuantity, std::less<>>;
PlanQuantities plan_quantities(const PluginHost& host);

// Throws Error for a quantity of a plan that stands in the wrong block (and says which is right), or that
// nobody knows (with suggestions).
void check_blocks(const Ask& ask, const PlanQuantities& quantities);

}  // namespace ironlaw
