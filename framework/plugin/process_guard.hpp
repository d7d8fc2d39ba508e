// What a library may change for the whole process while it is loaded, and gets back as it was.
#pragma once

#include <cfenv>
#include <filesystem>
#include <locale>
#include <string>

namespace ironlaw {

// Puts the locale (C's and C++'s), the floating-point environment (rounding, flushing to zero, traps) and the
// working directory back to what they were when it was made.
class ProcessGuard {
 public:
  ProcessGuard();
  ProcessGuard(const ProcessGuard&) = delete;
  ProcessGuard& operator=(const ProcessGuard&) = delete;
  ~ProcessGuard();

 private:
  std::locale cxx_locale_;
  std::string c_locale_;
  std::fenv_t floating_point_;
  int folder_;  // a descriptor; -1 when there is none
};

}  // namespace ironlaw
