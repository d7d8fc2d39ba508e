// Several processes and one database.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "datasets/file_lock.hpp"
#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

constexpr int kBuilt = 10;
constexpr int kCurrent = 20;

// Builds in a child process, which ends with kBuilt, kCurrent or 1.
pid_t build_in_child(const std::string& db, const BuildInputs& in, bool force = false) {
  const pid_t child = fork();
  if (child != 0) return child;
  int code = 1;
  try {
    code = build_database(db, in, {.force = force}).built ? kBuilt : kCurrent;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  _exit(code);
}

int status_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Concurrency, OneOfSeveralBuildersBuildsAndTheOthersFindItCurrent) {
  const Directory dir;
  write_facts(dir);
  const auto in = inputs(dir);
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) children.push_back(build_in_child(dir / "a.db", in));
  int built = 0;
  int current = 0;
  for (const pid_t child : children) {
    const int status = status_of(child);
    built += status == kBuilt;
    current += status == kCurrent;
  }
  EXPECT_EQ(built, 1);
  EXPECT_EQ(current, 5);
  EXPECT_EQ(Store(dir / "a.db").observations().size(), 2u);
}

TEST(Concurrency, WaitsForALockOnlyAsLongAsItSays) {
  const Directory dir;
  write_facts(dir);
  const FileLock held(dir / "a.db", 0);
  expect_contains(message_of([&] { build_database(dir / "a.db", inputs(dir), {.lock_timeout_s = 0.1}); }),
                  {"a.db", "another process", "0.1 s"});
  EXPECT_FALSE(fs::exists(dir / "a.db"));
}

TEST(Concurrency, ReadersSeeWholeDatabasesWhileOthersBuild) {
  const Directory dir;
  write_facts(dir);
  const auto in = inputs(dir);
  build_database(dir / "a.db", in);
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) children.push_back(build_in_child(dir / "a.db", in, true));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Store(dir / "a.db").observations().size(), 2u);
  for (const pid_t child : children) EXPECT_EQ(status_of(child), kBuilt);
}

TEST(Concurrency, AKilledBuilderLeavesTheOldDatabaseAndNoLock) {
  const Directory dir;
  BuildInputs in;
  in.facts_dir = IRONLAW_FACTS_DIR;
  build_database(dir / "a.db", in);
  const std::string before = read(dir / "a.db");
  for (const int delay_ms : {20, 60, 120}) {
    in.models = {
        {"m", "transformer", static_cast<double>(delay_ms), "test"}};  // so that there is something to build
    const pid_t child = build_in_child(dir / "a.db", in);
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    kill(child, SIGKILL);
    if (status_of(child) == kBuilt) continue;  // it was faster
    EXPECT_EQ(read(dir / "a.db") == before, true) << delay_ms;
  }
  EXPECT_TRUE(build_database(dir / "a.db", in, {.lock_timeout_s = 1}).built || is_current(dir / "a.db", in));
  EXPECT_FALSE(fs::exists(dir / "a.db.tmp"));
}

}  // namespace
}  // namespace ironlaw::test
