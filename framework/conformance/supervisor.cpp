#include "framework/conformance/supervisor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include "framework/base/error.hpp"
#include "framework/conformance/checks.hpp"

namespace ironlaw::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kChildDescriptor = 3;  // where the child finds the pipe
constexpr int kMostDeaths = 4;       // children that are started again behind the check that ended them
constexpr double kMostSteps = 60;    // the whole run may take as long as this many steps

// A descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return number_; }
  void reset(int number = -1) {
    if (number_ >= 0) close(number_);
    number_ = number;
  }

 private:
  int number_;
};

// How a child ended.
struct End {
  bool is_done = false;   // it said so
  double late_after = 0;  // [s] that it was given; 0: it ended by itself
  int status = 0;         // of waitpid
};

std::string how(const End& end) {
  if (end.late_after > 0) return fmt::format("took longer than {:g} s", end.late_after);
  if (WIFSIGNALED(end.status)) {
    const int number = WTERMSIG(end.status);
    const char* const name = sigabbrev_np(number);
    const char* const meaning = sigdescr_np(number);
    return fmt::format("crashed with SIG{} ({})", name ? name : "?", meaning ? meaning : "unknown");
  }
  return fmt::format("ended the process with exit code {}", WEXITSTATUS(end.status));
}

// One child, from its start to its end.
class Child {
 public:
  Child(const SupervisorOptions& options, std::size_t first_check) : seconds_(options.seconds) {
    output_.reset(memfd_create("ironlaw-plugin-check", MFD_CLOEXEC));
    int ends[2];
    if (output_.get() < 0 || pipe2(ends, O_CLOEXEC) != 0)
      throw Error(fmt::format("No pipe to a child process: {}.", std::strerror(errno)));
    pipe_.reset(ends[0]);
    const Descriptor writer(ends[1]);
    fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
    start(options.child_words(kChildDescriptor, first_check), writer.get());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ > 0) end();
  }

  // Hands each line to `take` as it comes, until the child ends or takes too long.
  template <class Take>
  End run(const Take& take, Clock::time_point last_moment) {
    End end_of_it;
    auto deadline = next_deadline();
    while (true) {
      const bool has_ended = waitpid(process_, &end_of_it.status, WNOHANG) == process_;
      if (has_ended) process_ = -1;
      if (read_lines(take, end_of_it.is_done)) deadline = next_deadline();
      if (has_ended) return end_of_it;
      if (Clock::now() > std::min(deadline, last_moment)) {
        end_of_it.late_after = Clock::now() > deadline ? seconds_ : kMostSteps * seconds_;
        end();
        return end_of_it;
      }
      pollfd waiting{pipe_.get(), POLLIN, 0};
      constexpr int kPatience = 20;  // ms: how soon the end of a child is seen
      if (is_closed_)
        poll(nullptr, 0, kPatience);
      else
        poll(&waiting, 1, kPatience);
    }
  }

  // The last line that was printed: what the C++ library says before it aborts, say.
  std::string last_words() const {
    constexpr off_t kMost = 2000;
    const off_t size = lseek(output_.get(), 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, kMost)), '\0');
    const ssize_t n = pread(output_.get(), text.data(), text.size(), std::max<off_t>(0, size - kMost));
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    text.erase(0, text.rfind('\n') + 1);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return text;
  }

 private:
  Clock::time_point next_deadline() const {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
  }

  void start(std::vector<std::string> words, int writer) {
    std::vector<char*> pointers;
    words.insert(words.begin(), "ironlaw");
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    // dup2 onto itself would keep the descriptor from the child.
    const Descriptor aside(fcntl(writer, F_DUPFD_CLOEXEC, kChildDescriptor + 1));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output_.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_.get(), STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, aside.get(), kChildDescriptor);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int error =
        posix_spawn(&process_, "/proc/self/exe", &actions, &attributes, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw Error(fmt::format("No child process: {}.", std::strerror(error)));
  }

  // With all that it has started in its group.
  void end() {
    kill(-process_, SIGKILL);
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
  }

  // True when at least one whole line came.
  template <class Take>
  bool read_lines(const Take& take, bool& is_done) {
    char bytes[4096];
    bool has_line = false;
    while (!is_closed_) {
      const ssize_t n = read(pipe_.get(), bytes, sizeof bytes);
      if (n < 0) break;
      is_closed_ = n == 0;
      rest_.append(bytes, static_cast<std::size_t>(n));
    }
    for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      const auto line = nlohmann::json::parse(rest_.substr(0, end), nullptr, false);
      rest_.erase(0, end + 1);
      has_line = true;
      if (!line.is_object()) continue;  // the candidate wrote into the pipe
      is_done |= line.contains("done");
      take(line);
    }
    return has_line;
  }

  double seconds_;
  Descriptor output_, pipe_;
  bool is_closed_ = false;
  pid_t process_ = -1;
  std::string rest_;
};

// Puts a report together from what children tell.
class Collector {
 public:
  explicit Collector(Report& report) : report_(report), has_(checks().size(), false) {}

  void take(const nlohmann::json& line) try {
    if (line.contains("begin")) {
      current_ = line["begin"].get<std::string>();
      at_.clear();
    } else if (line.contains("at")) {
      at_ = line["at"].get<std::string>();
    } else if (line.contains("result")) {
      add(line["result"].get<CheckResult>());
    } else if (line.contains("identity")) {
      report_.identity = line["identity"].get<Identity>();
    } else if (line.contains("nearest")) {
      report_.nearest.push_back(line["nearest"].get<Nearest>());
    }
  } catch (const nlohmann::json::exception&) {
    return;  // the candidate wrote into the pipe
  }

  void add(CheckResult result) {
    const std::size_t index = check_index(result.check);
    if (has_[index]) return;
    has_[index] = true;
    report_.checks.push_back(std::move(result));
  }

  // A child ended before it was done. Returns where the next one begins; nothing when there is no use.
  std::optional<std::size_t> died(const std::string& how, const std::string& last_words) {
    std::string text = how;
    if (!at_.empty()) text += fmt::format(" ({})", at_);
    if (!last_words.empty()) text += fmt::format("; the last that it printed: {}", last_words);
    std::size_t index = current_.empty() ? 0 : check_index(current_);
    while (index < has_.size() && has_[index]) ++index;  // between two checks
    if (index == has_.size()) return std::nullopt;
    add({checks()[index].id, Verdict::failed, {std::move(text)}});
    const bool is_loaded = !report_.identity.id.empty();
    return is_loaded && index + 1 < checks().size() ? std::optional(index + 1) : std::nullopt;
  }

  // What no child came to.
  void finish() {
    const bool is_loaded = !report_.identity.id.empty();
    for (std::size_t i = 0; i < has_.size(); ++i)
      if (!has_[i])
        add({checks()[i].id,
             Verdict::skipped,
             {is_loaded ? "the run ended before" : "it could not be loaded"}});
    std::sort(report_.checks.begin(), report_.checks.end(), [](const CheckResult& a, const CheckResult& b) {
      return check_index(a.check) < check_index(b.check);
    });
  }

 private:
  Report& report_;
  std::vector<bool> has_;
  std::string current_, at_;
};

}  // namespace

Report supervise(const SupervisorOptions& options) {
  Report report;
  report.file = options.file.string();
  Collector collector(report);
  const auto last_moment = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(kMostSteps * options.seconds));
  std::optional<std::size_t> next = 0;
  for (int deaths = 0; next && deaths <= kMostDeaths; ++deaths) {
    Child child(options, *next);
    const End end = child.run([&](const nlohmann::json& line) { collector.take(line); }, last_moment);
    if (end.is_done) break;
    next = collector.died(how(end), child.last_words());
    if (Clock::now() > last_moment) break;
  }
  collector.finish();
  return report;
}

}  // namespace ironlaw::conformance
