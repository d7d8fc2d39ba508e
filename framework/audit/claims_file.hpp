// The table of claims, datasets/claims.csv.
#pragma once

#include <vector>

#include "datasets/csv.hpp"
#include "framework/audit/claim.hpp"

namespace ironlaw {

// Throws Error with file, line and column for a metric, phase, precision or status that is not known, a value
// that is not above zero, a ratio without a baseline (or a baseline without a ratio), or an id given twice.
// Whether names are in the catalogue is not looked at: an audit says so.
std::vector<Claim> read_claims(const CsvTable& table);

// The claim of this id, loosely; throws Error with suggestions.
const Claim& find_claim(const std::vector<Claim>& claims, const std::string& id);

}  // namespace ironlaw
