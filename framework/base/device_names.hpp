// What people call hardware: "h100" is the SXM board of 80 GB.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ironlaw {

// A nickname, normalised, and the id that it stands for.
using Nickname = std::pair<std::string_view, std::string_view>;

// All of them, sorted: where a name alone would fit several boards and the field means one of them.
std::span<const Nickname> device_nicknames();

// The index of the id that `given` means, the first of these rules that applies: an exact normalised match;
// a nickname whose id is among `ids`; else as match_name, the only id that begins with it or that contains
// it. So a further target never changes what a nickname or a full id means. Throws Error as match_name does;
// `what` is what is looked for: "hardware".
std::size_t match_device(std::string_view what, std::string_view given, std::span<const std::string> ids);

}  // namespace ironlaw
