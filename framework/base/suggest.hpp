// Loose matching of names that people type.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw {

// Lower case, letters and digits only: "H100-SXM 80GB" -> "h100sxm80gb".
std::string normalised(std::string_view name);

// The up to `most` candidates nearest to `given` by edit distance on normalised names, nearest first;
// those farther than half the length of `given` are left out.
std::vector<std::string> nearest(std::string_view given, std::span<const std::string> candidates,
                                 std::size_t most = 3);

// " Did you mean a, b?" or an empty string.
std::string did_you_mean(std::string_view given, std::span<const std::string> candidates);

// The index of the candidate that `given` means: an exact normalised match, else the only candidate that
// begins with it, else the only one that contains it. Throws Error that names `what` ("hardware"), the
// given text and suggestions when there is none or more than one.
std::size_t match_name(std::string_view what, std::string_view given,
                       std::span<const std::string> candidates);

}  // namespace ironlaw
