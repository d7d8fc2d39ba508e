#include "framework/cli/paths.hpp"

#include <cstdlib>
#include <system_error>

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

fs::path share() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path() / "share" / "ironlaw";
}

// What a variable says; an empty one says nothing.
fs::path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

}  // namespace

fs::path database_path() {
  fs::path given = from_environment("IRONLAW_DB");
  return given.empty() ? share() / "ironlaw.sqlite" : given;
}

fs::path facts_dir() {
  if (fs::path given = from_environment("IRONLAW_DATA"); !given.empty()) return given;
  fs::path installed = share() / "datasets";
  std::error_code error;
  return fs::is_directory(installed, error) ? installed : fs::path(IRONLAW_SOURCE_FACTS_DIR);
}

}  // namespace ironlaw
