// What a library could change for the whole process: looked at before and after its code has run.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ironlaw::conformance {

// One look. Each aspect ("locale", "signal handlers", "open files", ...) is a list of facts.
class ProcessState {
 public:
  // Of now. Takes no part in what it looks at: it opens nothing that stays open.
  static ProcessState now();

  // What differs from an earlier look: "locale: it was C, it is now C.UTF-8"; "threads: one more".
  std::vector<std::string> changes_since(const ProcessState& before) const;

 private:
  std::map<std::string, std::vector<std::string>> aspects_;
};

// [B] What has been written to stdout and stderr, which must be a regular file, so far.
std::size_t bytes_printed();

// [B] Allocated with malloc and not freed; 0 where the C library does not tell.
std::size_t bytes_allocated();

}  // namespace ironlaw::conformance
