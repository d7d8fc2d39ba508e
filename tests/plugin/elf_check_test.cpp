#include "framework/plugin/elf_check.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "framework/plugin/plugin_host.hpp"
#include "tests/plugin/scratch.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string good() {
  return read(fs::path(PLUGIN_DIR) / "h100_sxm_80gb.hardware.so");
}

// How a process of its own fares that loads all plugins of a folder: its exit status, or 128 + signal.
int load_elsewhere(const fs::path& folder) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a damaged file may also keep the loader busy for ever
    if (!freopen("/dev/null", "w", stderr)) _exit(3);
    const PluginHost host(SearchPath{{{folder}}, true});
    _exit(host.failures().empty() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(ElfCheck, TakesWhatTheBuildMade) {
  int n = 0;
  for (const char* folder : {PLUGIN_DIR, HOSTILE_DIR})
    for (const auto& file : fs::directory_iterator(folder)) {
      if (file.is_directory()) continue;
      EXPECT_EQ(elf_defect(file.path()), "") << file.path();
      ++n;
    }
  EXPECT_GE(n, 8);
}

TEST(ElfCheck, SaysWhatAFileIsInstead) {
  const Scratch scratch;
  const fs::path file = scratch.path() / "x.wall.so";
  const auto defect = [&](std::string_view bytes) {
    write(file, bytes);
    return elf_defect(file);
  };
  EXPECT_EQ(defect(""), "is empty");
  EXPECT_EQ(defect("#!/bin/sh\nexit 1\n"), "is not an ELF file");
  EXPECT_EQ(defect("\x7f"
                   "ELF"),
            "is not an ELF file");
  std::string other = good();
  other[18] = 40;  // e_machine: 32-bit ARM
  EXPECT_EQ(defect(other), "is not built for this machine");
  other = good();
  other[16] = 2;  // e_type: an executable at fixed addresses
  EXPECT_EQ(defect(other), "is not a shared object");
  EXPECT_EQ(elf_defect(scratch.path()), "is not a regular file");
  EXPECT_EQ(elf_defect(scratch.path() / "nothing"), "is not a regular file");
  EXPECT_EQ(elf_defect("/dev/zero"), "is not a regular file");
}

TEST(ElfCheck, RefusesEveryTruncation) {
  const Scratch scratch;
  const std::string whole = good();
  const fs::path file = scratch.path() / "x.hardware.so";
  for (int i = 0; i < 64; ++i) {
    const std::size_t length = i == 63 ? whole.size() - 1 : whole.size() * static_cast<std::size_t>(i) / 64;
    write(file, std::string_view(whole).substr(0, length));
    EXPECT_NE(elf_defect(file), "") << length << " of " << whole.size() << " bytes";
    if (i % 16 == 15) {
      EXPECT_EQ(load_elsewhere(scratch.path()), 1) << length;
    }
  }
}

// Random damage can leave the structure whole and still crash the loader; most of it is caught.
TEST(ElfCheck, CatchesMostDamage) {
  const std::string whole = good();
  std::mt19937 random(7);
  int loaded = 0, refused = 0, crashed = 0;
  for (int i = 0; i < 64; ++i) {
    std::string bytes = whole;
    // 1 to 64 bytes; half of the files in the first two pages, where most of the structure is.
    const std::size_t reach = i % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 8192);
    for (int k = 0; k < 1 << i % 7; ++k) bytes[random() % reach] = static_cast<char>(random());
    const Scratch scratch;
    write(scratch.path() / "x.hardware.so", bytes);
    const int outcome = load_elsewhere(scratch.path());
    (outcome == 0 ? loaded : outcome == 1 ? refused : crashed)++;
  }
  RecordProperty("loaded", loaded);
  RecordProperty("refused", refused);
  RecordProperty("crashed", crashed);
  std::printf("64 damaged files: %d loaded, %d refused, %d crashed the loader\n", loaded, refused, crashed);
  EXPECT_LE(crashed, 8);
}

}  // namespace
}  // namespace ironlaw
