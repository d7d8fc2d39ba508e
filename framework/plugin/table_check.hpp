// Whether what a plugin hands out can be used at all.
#pragma once

#include <string>

#include "ironlaw/abi.h"

namespace ironlaw {

// Empty when the table keeps the contract of abi.h, else the first thing that is wrong, with its place
// ("wall memory, function traffic, input bytes: ..."): sizes, nulls, names, counts, units of the figures that
// walls know, ranges, roles, priors. Counts are checked before the arrays behind them are touched. A pointer
// to nowhere cannot be told from a good one and crashes.
std::string table_defect(const ironlaw_plugin* plugin);

}  // namespace ironlaw
