// Runs a candidate in a process of its own, waits for it no longer than it may take, and says how it ended.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "framework/conformance/result.hpp"

namespace ironlaw::conformance {

struct SupervisorOptions {
  std::filesystem::path file;
  double seconds = 10;  // the most that one step of a check may take
  // The words behind this executable's name that make it a child (child.hpp). The pipe is the descriptor, the
  // checks begin at the index.
  std::function<std::vector<std::string>(int descriptor, std::size_t first_check)> child_words;
};

// The candidate is never loaded here. When it crashes, hangs or ends its process, that is what the check that
// was being run finds, and another child goes on behind it; a candidate that does so while it is loaded has
// no other checks. Throws Error when no child can be started.
Report supervise(const SupervisorOptions& options);

}  // namespace ironlaw::conformance
