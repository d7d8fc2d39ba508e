#include "framework/conformance/process_state.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

#include "framework/plugin/process_guard.hpp"

namespace ironlaw::conformance {
namespace {

// What is seen of something that is done and undone.
std::string seen(const std::function<void()>& act, const std::function<void()>& undo) {
  const ProcessState before = ProcessState::now();
  act();
  const std::vector<std::string> changes = ProcessState::now().changes_since(before);
  undo();
  EXPECT_TRUE(ProcessState::now().changes_since(before).empty());
  return changes.size() == 1 ? changes[0] : std::to_string(changes.size()) + " changes";
}

TEST(ProcessState, SeesNothingWhereNothingHappens) {
  const ProcessState before = ProcessState::now();
  EXPECT_TRUE(ProcessState::now().changes_since(before).empty());
}

TEST(ProcessState, SeesEachKindOfChange) {
  EXPECT_EQ(seen([] { setenv("IRONLAW_TEST_SEEN", "1", 1); }, [] { unsetenv("IRONLAW_TEST_SEEN"); }),
            "the environment variables: new is IRONLAW_TEST_SEEN=1");
  EXPECT_EQ(
      seen([] { std::setlocale(LC_ALL, "C.UTF-8"); }, [] { std::setlocale(LC_ALL, "C"); }).substr(0, 11),
      "the locale:");
  EXPECT_EQ(seen([] { std::fesetround(FE_UPWARD); }, [] { std::fesetround(FE_TONEAREST); }).substr(0, 31),
            "the floating-point environment:");
  EXPECT_EQ(seen([] { std::signal(SIGUSR1, SIG_IGN); }, [] { std::signal(SIGUSR1, SIG_DFL); }),
            "signal handling: new is SIGUSR1 ignored");
  int file = -1;
  EXPECT_EQ(seen([&] { file = open("/dev/null", O_RDONLY); }, [&] { close(file); }).substr(0, 15),
            "the open files:");
  mode_t mask = 0;
  EXPECT_EQ(seen([&] { mask = umask(0125); }, [&] { umask(mask); }).substr(0, 10), "the umask:");
  std::mutex mutex;
  std::condition_variable condition;
  bool is_over = false;
  std::thread thread;
  EXPECT_EQ(seen(
                [&] {
                  thread = std::thread([&] {
                    std::unique_lock lock(mutex);
                    condition.wait(lock, [&] { return is_over; });
                  });
                },
                [&] {
                  {
                    const std::lock_guard lock(mutex);
                    is_over = true;
                  }
                  condition.notify_one();
                  thread.join();
                })
                .substr(0, 12),
            "the threads:");
}

TEST(ProcessGuard, PutsBackWhatALibraryMayChange) {
  const ProcessState before = ProcessState::now();
  {
    const ProcessGuard guard;
    std::setlocale(LC_ALL, "C.UTF-8");
    std::fesetround(FE_DOWNWARD);
    ASSERT_EQ(chdir("/"), 0);
    EXPECT_FALSE(ProcessState::now().changes_since(before).empty());
  }
  EXPECT_EQ(ProcessState::now().changes_since(before), std::vector<std::string>{});
}

}  // namespace
}  // namespace ironlaw::conformance
