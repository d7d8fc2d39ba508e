#include "framework/conformance/process_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cfenv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <locale>
#include <new>

#include "framework/base/fp_control.hpp"

namespace ironlaw::conformance {
namespace {

namespace fs = std::filesystem;
using Facts = std::vector<std::string>;

Facts locale_facts() {
  const char* const c_name = std::setlocale(LC_ALL, nullptr);
  return {c_name ? c_name : "", "C++ " + std::locale().name()};
}

Facts floating_point_facts() {
  return {fmt::format("control {:#x}", fp_control()), fmt::format("rounding {:#x}", std::fegetround())};
}

Facts signal_facts() {
  Facts facts;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_DFL) continue;
    const char* const name = sigabbrev_np(number);
    facts.push_back(fmt::format("SIG{} {}", name ? name : std::to_string(number).c_str(),
                                action.sa_handler == SIG_IGN ? "ignored" : "handled"));
  }
  sigset_t blocked;
  sigemptyset(&blocked);
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  for (int number = 1; number < NSIG; ++number)
    if (sigismember(&blocked, number) == 1) facts.push_back(fmt::format("signal {} blocked", number));
  return facts;
}

Facts handler_facts() {
  const auto address = [](auto* handler) { return fmt::format("{}", reinterpret_cast<void*>(handler)); };
  return {"terminate " + address(std::get_terminate()), "new " + address(std::get_new_handler())};
}

Facts environment_facts() {
  Facts facts;
  for (char** entry = environ; entry && *entry; ++entry) facts.emplace_back(*entry);
  return facts;
}

// The names in a folder of /proc, with what they lead to; not the folder's own descriptor.
Facts open_file_facts() {
  Facts facts;
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it("/proc/self/fd", error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  for (const fs::path& entry : entries) {
    const fs::path target = fs::read_symlink(entry, error);
    if (!error) facts.push_back(fmt::format("{} ({})", entry.filename().string(), target.string()));
  }
  return facts;
}

Facts thread_facts() {
  Facts facts;
  std::error_code error;
  for (fs::directory_iterator it("/proc/self/task", error), end; !error && it != end; it.increment(error))
    facts.push_back("thread " + it->path().filename().string());
  return facts;
}

Facts limit_facts() {
  Facts facts;
  for (const auto& [name, which] : {std::pair{"open files", RLIMIT_NOFILE},
                                    {"stack", RLIMIT_STACK},
                                    {"address space", RLIMIT_AS},
                                    {"processor time", RLIMIT_CPU}}) {
    rlimit limit{};
    getrlimit(which, &limit);
    facts.push_back(fmt::format("{} {}", name, limit.rlim_cur));
  }
  itimerval timer{};
  getitimer(ITIMER_REAL, &timer);
  if (timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0) facts.emplace_back("an alarm is set");
  return facts;
}

Facts umask_facts() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Umask:")) return {line};
  return {};
}

Facts folder_facts() {
  std::error_code error;
  return {fs::current_path(error).string()};
}

std::string listed(const Facts& facts) {
  constexpr std::size_t kMost = 4;
  const Facts shown(facts.begin(),
                    facts.begin() + static_cast<std::ptrdiff_t>(std::min(facts.size(), kMost)));
  return fmt::format("{}{}", fmt::join(shown, ", "), facts.size() > kMost ? ", ..." : "");
}

}  // namespace

ProcessState ProcessState::now() {
  ProcessState state;
  const auto look = [&](const char* aspect, Facts facts) {
    std::sort(facts.begin(), facts.end());
    state.aspects_[aspect] = std::move(facts);
  };
  look("the locale", locale_facts());
  look("the floating-point environment", floating_point_facts());
  look("signal handling", signal_facts());
  look("the handlers of C++", handler_facts());
  look("the environment variables", environment_facts());
  look("the open files", open_file_facts());
  look("the threads", thread_facts());
  look("the limits and timers", limit_facts());
  look("the umask", umask_facts());
  look("the working directory", folder_facts());
  return state;
}

std::vector<std::string> ProcessState::changes_since(const ProcessState& before) const {
  std::vector<std::string> changes;
  for (const auto& [aspect, facts] : aspects_) {
    const Facts& old = before.aspects_.at(aspect);
    Facts gone;
    Facts come;
    std::set_difference(old.begin(), old.end(), facts.begin(), facts.end(), std::back_inserter(gone));
    std::set_difference(facts.begin(), facts.end(), old.begin(), old.end(), std::back_inserter(come));
    if (gone.empty() && come.empty()) continue;
    std::string text = aspect;
    if (!gone.empty()) text += fmt::format(": gone is {}", listed(gone));
    if (!come.empty()) text += fmt::format("{} new is {}", gone.empty() ? ":" : ";", listed(come));
    changes.push_back(std::move(text));
  }
  return changes;
}

std::size_t bytes_printed() {
  std::fflush(stdout);
  std::fflush(stderr);
  std::size_t bytes = 0;
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    if (fstat(stream, &status) == 0 && S_ISREG(status.st_mode))
      bytes = std::max(bytes, static_cast<std::size_t>(status.st_size));
  }
  return bytes;
}

std::size_t bytes_allocated() {
  return mallinfo2().uordblks;
}

}  // namespace ironlaw::conformance
