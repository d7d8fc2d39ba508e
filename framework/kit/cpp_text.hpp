// Values as C++ source that reads back to the same value.
#pragma once

#include <string>
#include <string_view>

namespace ironlaw {

// A string literal, quotes included.
std::string cpp_string(std::string_view text);

// A number above zero with a prefix of hardware.hpp where that is shorter: "500 * tera", "64 * gibi", "0.35".
std::string cpp_number(double value);

}  // namespace ironlaw
