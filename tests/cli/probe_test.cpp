// ironlaw probe: what it refuses. What it measures is tested on the library (tests/probe) and by the project
// that it writes (probe_project).
#include <gtest/gtest.h>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

TEST(Probe, RefusesBeforeItMeasures) {
  const TemporaryFolder folder;
  folder.write("a.txt", "mine");
  const std::vector<std::pair<std::vector<std::string>, std::string>> bad = {
      {{"probe", "--device", "gpu"}, "--device is 'gpu'"},
      {{"probe", "--threads", "0"}, "--threads"},
      {{"probe", "--threads", "100000"}, "--threads"},
      {{"probe", "--device", "cuda", "--threads", "1"}, "does not go with"},
      {{"probe", "--name", "a b"}, "--name is 'a b'"},
      {{"probe", "--name", ""}, "--name is ''"},
      {{"probe", "--out", folder.path().string()}, "does not exist or is empty"},
      {{"probe", "--format", "xml"}, "--format"},
      {{"probe", "--params", "best"}, "--params is 'best'"},
      {{"probe", "everything"}, "everything"}};
  for (const auto& [words, part] : bad) {
    const Result r = run(words);
    EXPECT_EQ(r.code, 1) << part;
    EXPECT_EQ(r.out, "");
    EXPECT_TRUE(contains(r.err, part)) << r.err;
  }
}

TEST(Probe, WithoutAnAcceleratorItSaysSo) {
  const Result r = run("probe --device cuda --quick --no-store");
  if (r.code == 0) GTEST_SKIP() << "there is one";
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out, "");
  // Built without the toolkit; with it and no driver or device.
  EXPECT_TRUE(contains(r.err, "toolkit was not there") || contains(r.err, "no CUDA device") ||
              contains(r.err, "cannot be loaded"))
      << r.err;
}

}  // namespace
}  // namespace ironlaw::test
