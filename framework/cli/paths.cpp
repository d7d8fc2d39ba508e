#include "framework/cli/paths.hpp"

#include <cstdlib>
#include <system_error>

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

// The folder that bin, lib and share are in.
fs::path root() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
}

fs::path share() {
  return root() / "share" / "ironlaw";
}

// What a variable says; an empty one says nothing.
fs::path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

// A folder of the installation, or of the source tree for a build folder.
fs::path installed_or(const char* folder, const char* source) {
  fs::path installed = share() / folder;
  std::error_code error;
  return fs::is_directory(installed, error) ? installed : fs::path(source);
}

}  // namespace

fs::path database_path() {
  fs::path given = from_environment("IRONLAW_DB");
  return given.empty() ? share() / "ironlaw.sqlite" : given;
}

fs::path facts_dir() {
  if (fs::path given = from_environment("IRONLAW_DATA"); !given.empty()) return given;
  return installed_or("datasets", IRONLAW_SOURCE_FACTS_DIR);
}

fs::path templates_dir() {
  return installed_or("templates", IRONLAW_SOURCE_TEMPLATES_DIR);
}

fs::path kernels_dir() {
  const fs::path usual = root() / "lib" / "ironlaw" / "probe";
  std::error_code error;
  return fs::is_directory(usual, error) ? usual : root() / IRONLAW_LIBDIR / "ironlaw" / "probe";
}

}  // namespace ironlaw
