// What `plugin check` found, for people and for scripts.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "framework/conformance/result.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

// A line for each check with its verdict and why, the comparison with the catalogue's nearest device, and the
// sum of it. `bold` emphasises headings.
std::string conformance_text(const conformance::Report& report,
                             const std::function<std::string(std::string_view)>& bold);

// {"file", "conforms", "plugin", "checks": [{"check", "promise", "verdict", "remarks"}], "nearest": [..]}
Json conformance_json(const conformance::Report& report);

}  // namespace ironlaw
