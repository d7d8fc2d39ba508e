// JSON for scripts: members keep their order, a number that is none is null.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ironlaw {

using Json = nlohmann::ordered_json;

// A count without ".0"; null for NaN and infinities.
Json json_number(double value);

// With its line feed. Text that is no UTF-8 (a plugin's) is mended.
std::string json_text(const Json& json);

}  // namespace ironlaw
