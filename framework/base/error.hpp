// The one exception of the host: something a user can act on, with the exit code it ends in.
#pragma once

#include <stdexcept>
#include <string>

namespace ironlaw {

// Process exit codes. A script may rely on them.
enum class ExitCode : int {
  ok = 0,
  bad_input = 1,       // unknown name, wrong unit, impossible split, unreadable file
  infeasible = 2,      // understood, and physically impossible (does not fit)
  limit_violated = 3,  // possible, but a limit that the user stated is broken
};

// what() is one or more complete sentences: the field, what was given, what is allowed.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ExitCode code = ExitCode::bad_input)
      : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace ironlaw
