#include "framework/cli/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ironlaw {
namespace {

int failure = 0;               // errno of the first write to stdout that failed
std::FILE* results = nullptr;  // what stdout was when the process began; null: stdout itself

// Results keep stdout to themselves: descriptor 1, which a plugin may print to, becomes stderr.
void separate_results() {
  const int own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (own < 0) return;
  results = fdopen(own, "w");
  if (!results)
    close(own);
  else
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

std::FILE* results_file() {
  return results ? results : stdout;
}

}  // namespace

void prepare_output() {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    // open() gives the lowest free number: this one.
    const int placeholder = open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY);
    if (stream == STDOUT_FILENO || placeholder < 0) failure = EBADF;
  }
  separate_results();
}

void print(std::string_view text) {
  if (failure != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), results_file()) != text.size()) failure = errno;
}

bool finish_output() {
  if (failure == 0 && std::fflush(results_file()) != 0) failure = errno;
  if (failure == 0) return true;
  std::fputs(
      fmt::format("ironlaw: The results cannot be written to stdout: {}.\n", std::strerror(failure)).c_str(),
      stderr);
  return false;
}

bool has_colour() {
  static const bool answer = [] {
    const char* terminal = std::getenv("TERM");
    return isatty(fileno(results_file())) == 1 && std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
           std::strcmp(terminal, "dumb") != 0;
  }();
  return answer;
}

std::string bold(std::string_view text) {
  return has_colour() ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

}  // namespace ironlaw
