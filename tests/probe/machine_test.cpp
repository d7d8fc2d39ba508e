// Machines as their /proc and /sys tell them, from fixture files.
#include "framework/probe/machine.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "framework/base/error.hpp"

namespace ironlaw::test {
namespace {

std::filesystem::path fixture(const char* name) {
  return std::filesystem::path(MACHINES_DIR) / name;
}

TEST(Machine, AnIntelServerInAContainer) {
  const Machine m = read_machine(fixture("xeon"), 4);
  EXPECT_EQ(m.cpu, "Intel(R) Xeon(R) Platinum 8480C CPU @ 2.00GHz");
  EXPECT_EQ(m.vendor, "Intel");
  EXPECT_EQ(m.stepping, "family 6, model 143, stepping 8");
  EXPECT_EQ(m.sockets, 2);
  EXPECT_EQ(m.cores, 2);
  EXPECT_EQ(m.threads, 4);
  EXPECT_EQ(m.frequency, 3.8e9);
  ASSERT_EQ(m.caches.size(), 3U);
  EXPECT_EQ(m.caches[1].bytes, 2048 * 1024);
  EXPECT_EQ(m.caches[2].level, 3);
  EXPECT_EQ(m.caches[2].threads, 2);
  EXPECT_EQ(m.last_level_cache(), 2LL * 105 * 1024 * 1024);  // one a socket
  ASSERT_TRUE(m.cpu_quota.has_value());
  EXPECT_DOUBLE_EQ(*m.cpu_quota, 1.5);
  EXPECT_EQ(m.usable_threads, 2);
  EXPECT_EQ(m.memory_bytes, 8LL << 30);  // the container's limit
  EXPECT_FALSE(m.is_virtual);
  EXPECT_DOUBLE_EQ(m.load, 3.25);
  EXPECT_EQ(m.kernel, "Linux version 6.1.0-13-amd64");
}

TEST(Machine, AnArmBoardThatTellsLittle) {
  const Machine m = read_machine(fixture("arm"), 0);
  EXPECT_EQ(m.cpu, "Arm 0xd08");
  EXPECT_EQ(m.vendor, "Arm");
  EXPECT_EQ(m.threads, 2);
  EXPECT_EQ(m.cores, 2);
  EXPECT_EQ(m.sockets, 1);
  EXPECT_EQ(m.usable_threads, 2);
  EXPECT_TRUE(m.caches.empty());
  EXPECT_EQ(m.last_level_cache(), 0);
  EXPECT_FALSE(m.cpu_quota.has_value());
  EXPECT_EQ(m.frequency, 0);
  EXPECT_EQ(m.memory_bytes, 3884224LL * 1024);
}

TEST(Machine, AffinityLimitsTheThreads) {
  EXPECT_EQ(read_machine(fixture("arm"), 1).usable_threads, 1);
}

TEST(Machine, IdentityIsOfTheMachineNotOfItsState) {
  const Machine m = read_machine(fixture("xeon"), 4);
  const std::string identity = m.identity();
  EXPECT_EQ(identity.size(), 16U);
  Machine other = m;
  other.kernel = "Linux version 7";
  other.load = 0;
  other.available_bytes = 1;
  other.compiler = "another";
  other.frequency = 1e9;
  EXPECT_EQ(other.identity(), identity);
  other.memory_bytes += 1 << 20;  // what a kernel keeps to itself
  EXPECT_EQ(other.identity(), identity);
  for (const auto change : {+[](Machine& x) { x.cpu += " II"; }, +[](Machine& x) { x.threads = 8; },
                            +[](Machine& x) { x.memory_bytes *= 2; }, +[](Machine& x) { x.cpu_quota = 2; },
                            +[](Machine& x) { x.caches.pop_back(); }}) {
    other = m;
    change(other);
    EXPECT_NE(other.identity(), identity);
  }
}

TEST(Machine, WithoutProcItSaysSo) {
  try {
    read_machine("/nowhere", 1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("/nowhere/proc/cpuinfo"), std::string::npos) << e.what();
  }
}

TEST(Machine, ThisOneHasThreads) {
  const Machine m = this_machine();
  EXPECT_GE(m.usable_threads, 1);
  EXPECT_LE(m.usable_threads, m.threads);
  EXPECT_GT(m.memory_bytes, 0);
}

}  // namespace
}  // namespace ironlaw::test
