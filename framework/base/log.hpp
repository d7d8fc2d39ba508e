// What is said beside the results: notes and warnings, on stderr, one line each.
#pragma once

#include <string_view>

namespace ironlaw {

// Also shows what detail() says.
void set_verbose(bool verbose);

void warn(std::string_view message);
void detail(std::string_view message);  // shown with --verbose only

}  // namespace ironlaw
