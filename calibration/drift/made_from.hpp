// What predictions are made from, so that a later look can say which of it changed.
#pragma once

#include <filesystem>
#include <span>

#include "calibration/drift/golden.hpp"
#include "ironlaw/abi.h"

namespace ironlaw {

// Walls (no analysis: it changes no prediction), targets and models as they are loaded, and the tables below
// `facts`. The fit is left empty. Throws Error when a table cannot be read.
MadeFrom made_from(std::span<const ironlaw_wall* const> walls,
                   std::span<const ironlaw_hardware* const> hardware, const std::filesystem::path& facts);

// The marks of a fit: the hash of the data it was made from, its options, and what it says of itself.
Marks fit_marks(const std::string& data_hash, const std::string& options, const std::string& origin);

}  // namespace ironlaw
