// The process that loads a candidate and runs the checks; it may crash, hang or be ended by the candidate.
#pragma once

#include <filesystem>

#include "framework/plugin/plugin_host.hpp"

namespace ironlaw::conformance {

struct ChildTask {
  std::filesystem::path file;
  int descriptor = 0;           // of the pipe to the parent
  std::size_t first_check = 0;  // index into checks(): those before it have been run by an earlier child
  bool is_quick = false;
};

// Loads the file and runs the checks from `first_check` on, telling the channel. stdout and stderr must be a
// regular file, so that what the candidate prints is seen. Returns the process's exit code, which says
// nothing: what counts has been told.
int run_child(const ChildTask& task, const SearchPath& search);

}  // namespace ironlaw::conformance
