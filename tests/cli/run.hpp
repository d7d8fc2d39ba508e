// Runs the program as a user does, and tells what came of it.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ironlaw::test {

using Json = nlohmann::json;

struct Result {
  int code = -1;  // exit code; 128 + n when signal n ended it
  std::string out, err;
};

using Environment = std::map<std::string, std::string>;

// Runs `ironlaw` with these words. Without further variables it finds no database and only the plugins of the
// build. `out` is a file to write stdout to instead of returning it.
Result run(const std::vector<std::string>& words, const Environment& environment = {},
           const std::string& out = "");

// The same, with a command line split at blanks.
Result run(const std::string& words, const Environment& environment = {});

// A folder of its own that is gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  // Writes a file into it and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

bool contains(const std::string& text, const std::string& part);

}  // namespace ironlaw::test
