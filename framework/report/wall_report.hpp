// The walls on pages: the taxonomy, the cheat sheet, and one wall with its ports.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "framework/report/json.hpp"
#include "ironlaw/abi.h"

namespace ironlaw {

using Heading = std::string (*)(std::string_view);
using Walls = std::span<const ironlaw_wall* const>;  // by number

inline constexpr std::uint32_t kTaxonomy = 22;  // walls of the taxonomy; higher numbers are one's own

// Number, title, domain, term and statement of every wall, by domain; those of one's own below.
std::string taxonomy_text(Walls walls, Heading heading);
// Number, title, term and equation of the taxonomy's walls and of one's own: a page to print.
std::string cheat_sheet_text(Walls walls, Heading heading);
Json cheat_sheet_json(Walls walls);

// What a wall says: title and statement.
std::string wall_opening(const ironlaw_wall& wall, Heading heading);
// Domain, term, equation and sources, as rows of a page.
std::string wall_facts(const ironlaw_wall& wall);
// Both, and every function: what it reads (ranges, settings, parameters), makes and holds for.
std::string wall_text(const ironlaw_wall& wall, Heading heading);
Json wall_json(const ironlaw_wall& wall);

// Without a case: how each function of a wall works, by the example worked by hand that a test runs.
std::string examples_text(const ironlaw_wall& wall, Heading heading);

}  // namespace ironlaw
