#include "framework/conformance/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <exception>
#include <optional>

#include "framework/base/error.hpp"
#include "framework/conformance/channel.hpp"
#include "framework/conformance/checks.hpp"
#include "framework/conformance/process_state.hpp"
#include "framework/plugin/plugin_file.hpp"

namespace ironlaw::conformance {
namespace {

constexpr const char* kConstructors = "constructors";

void prepare_process(int descriptor) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // whoever stops the parent wants this stopped
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
#if !defined(__SANITIZE_ADDRESS__)  // which reserves terabytes
  constexpr rlim_t kMostMemory = rlim_t{8} << 30;
  const rlimit memory{kMostMemory, kMostMemory};
  setrlimit(RLIMIT_AS, &memory);
#endif
}

// Loads the candidate, each stage of which is a check.
class Loader {
 public:
  Loader(const ChildTask& task, Channel& channel) : task_(task), channel_(channel) {}

  const ironlaw_plugin* load(bool allows_unsafe) {
    const PluginFile file = load_plugin_file(task_.file, allows_unsafe, [&](const char* stage) {
      pass();
      stage_ = stage;
      channel_.begin(stage);
      // What comes before is ours. The entry belongs to the constructors: both run while the host starts.
      if (std::string_view(stage) == "load") before_.emplace(Look{ProcessState::now(), bytes_printed()});
      if (std::string_view(stage) == "table") look_again();
    });
    if (file.table) {
      pass();
      report_constructors();
      return file.table;
    }
    Findings findings;
    findings.fail(file.reason);
    tell(findings.result(file.stage));
    return nullptr;
  }

 private:
  struct Look {
    ProcessState state;
    std::size_t printed;
  };

  void pass() {
    if (!stage_.empty()) tell({stage_, Verdict::passed, {}});
  }
  void tell(const CheckResult& result) {
    if (task_.first_check <= check_index(result.check)) channel_.result(result);
  }
  void look_again() { after_.emplace(Look{ProcessState::now(), bytes_printed()}); }

  void report_constructors() {
    channel_.begin(kConstructors);
    Findings findings;
    for (const std::string& change : after_->state.changes_since(before_->state))
      findings.fail(fmt::format("loading it changes {}", change));
    if (after_->printed > before_->printed)
      findings.fail(fmt::format("loading it prints {} bytes", after_->printed - before_->printed));
    tell(findings.result(kConstructors));
  }

  const ChildTask& task_;
  Channel& channel_;
  std::string stage_;
  std::optional<Look> before_, after_;
};

void run_checks(const ChildTask& task, Subject& subject, Channel& channel) {
  for (std::size_t i = 0; i < checks().size(); ++i) {
    const Check& check = checks()[i];
    if (!check.run || i < task.first_check) continue;
    channel.begin(check.id);
    Findings findings;
    try {
      check.run(subject, findings);
    } catch (const std::exception& e) {
      findings.fail(fmt::format("it ended in: {}", e.what()));
    }
    channel.result(findings.result(check.id));
  }
}

}  // namespace

int run_child(const ChildTask& task, const SearchPath& search) {
  prepare_process(task.descriptor);
  Channel channel(task.descriptor);
  const ironlaw_plugin* const plugin = Loader(task, channel).load(search.allows_unsafe);
  if (!plugin) {
    channel.done();
    return 0;
  }
  channel.identity({plugin->id, plugin->version, fmt::format("{}.{}", plugin->abi_major, plugin->abi_minor),
                    plugin->build});
  channel.at("loading the installed plugins");
  Subject subject(task.file, *plugin, search, task.is_quick,
                  [&](const std::string& what) { channel.at(what); });
  run_checks(task, subject, channel);
  for (const Nearest& nearest : subject.nearest()) channel.nearest(nearest);
  channel.done();
  return 0;
}

}  // namespace ironlaw::conformance
