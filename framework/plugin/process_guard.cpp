#include "framework/plugin/process_guard.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <clocale>

namespace ironlaw {
namespace {

std::string c_locale() {
  const char* const name = std::setlocale(LC_ALL, nullptr);
  return name ? name : "C";
}

}  // namespace

ProcessGuard::ProcessGuard() : c_locale_(c_locale()), folder_(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  std::fegetenv(&floating_point_);
}

ProcessGuard::~ProcessGuard() {
  std::fesetenv(&floating_point_);
  if (std::locale() != cxx_locale_) std::locale::global(cxx_locale_);  // sets C's too, unless it has no name
  if (c_locale() != c_locale_) std::setlocale(LC_ALL, c_locale_.c_str());
  if (folder_ < 0) return;
  // Where the folder cannot be entered any more, nothing here can mend it.
  [[maybe_unused]] const int ignored = fchdir(folder_);
  close(folder_);
}

}  // namespace ironlaw
