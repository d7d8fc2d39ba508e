// Base units as the SDK writes them.
#pragma once

#include <string>
#include <string_view>

namespace ironlaw::conformance {

// Is this text a unit of the SDK's dimensions: "1", or a product of base symbols over others ("B/s",
// "FLOP/B", "USD/s")? Prefixes ("GB/s") and other units ("W", "h") are none.
bool is_base_unit(std::string_view unit);

// "B, FLOP, J, USD, kgCO2e, L, s": for messages.
std::string base_units_text();

}  // namespace ironlaw::conformance
