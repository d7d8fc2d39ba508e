#include "tests/cli/run.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace ironlaw::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result run(const std::vector<std::string>& words, const Environment& environment, const std::string& out) {
  const TemporaryFolder folder;
  const std::string out_file = out.empty() ? (folder.path() / "out").string() : out;
  const std::string err_file = (folder.path() / "err").string();

  Environment all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!text.starts_with("IRONLAW_")) all[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  all["IRONLAW_DB"] = (folder.path() / "none.sqlite").string();
  for (const auto& [name, value] : environment) all[name] = value;
  std::vector<std::string> variables;
  variables.reserve(all.size());
  for (const auto& [name, value] : all) variables.push_back(std::string(name).append("=").append(value));
  std::vector<std::string> arguments = {IRONLAW_EXECUTABLE};
  arguments.insert(arguments.end(), words.begin(), words.end());

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  pid_t child = 0;
  const int error = posix_spawn(&child, IRONLAW_EXECUTABLE, &actions, nullptr, pointers_to(arguments).data(),
                                pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " IRONLAW_EXECUTABLE);
  int status = 0;
  waitpid(child, &status, 0);

  constexpr int kSignal = 128;
  Result result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignal + WTERMSIG(status);
  if (out.empty()) result.out = read_file(out_file);
  result.err = read_file(err_file);
  return result;
}

Result run(const std::string& words, const Environment& environment) {
  std::istringstream stream(words);
  std::vector<std::string> split;
  for (std::string word; stream >> word;) split.push_back(word);
  return run(split, environment);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "ironlaw_cli_XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const fs::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << text;
  // Whatever the umask says: the plugin host refuses what a group may change.
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  return file.string();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace ironlaw::test
