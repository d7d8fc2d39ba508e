// What happens when stdout does not take the results.
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cstdlib>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

TEST(Streams, AFullDiskIsAFailure) {
  for (const char* command : {"--help", "hardware", "models", "walls", "solve"}) {
    std::vector<std::string> words = {command};
    if (words[0] == "solve") words = {"solve", "llama-3.1-8b", "h100", "--params", "textbook"};
    const Result r = run(words, {}, "/dev/full");
    EXPECT_EQ(r.code, 1) << command;
    EXPECT_TRUE(contains(r.err, "cannot be written")) << r.err;
  }
}

// The exit code of a shell's command line.
int shell(const std::string& line) {
  const int status = std::system(("bash -c '" + line + "'").c_str());  // NOLINT(concurrency-mt-unsafe)
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const std::string kProgram = std::string(IRONLAW_EXECUTABLE) + " models --format json 2>/dev/null ";

TEST(Streams, AReaderWhoLeavesIsAFailureAndNoCrash) {
  // The program begins when nobody reads any more.
  EXPECT_EQ(shell("(sleep 0.3; " + kProgram + ") | true; exit ${PIPESTATUS[0]}"), 1);
}

TEST(Streams, AClosedStdoutIsAFailure) {
  EXPECT_EQ(shell(kProgram + ">&-"), 1);
}

}  // namespace
}  // namespace ironlaw::test
