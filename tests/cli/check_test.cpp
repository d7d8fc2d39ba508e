// ironlaw plugin check: what it says of good plugins and of hostile ones, and what those do to other
// commands.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

namespace fs = std::filesystem;

const fs::path kRude = RUDE_DIR;
constexpr int kConforms = 0, kBadInput = 1, kFailed = 3;

struct Checked {
  int code = -1;
  Json report;
  std::string err;

  Json check(const std::string& id) const {
    for (const Json& c : report["checks"])
      if (c["check"] == id) return c;
    ADD_FAILURE() << "no check " << id;
    return {};
  }
  std::string verdict(const std::string& id) const { return check(id)["verdict"]; }
  std::string remarks(const std::string& id) const {
    std::string text;
    const Json one = check(id);
    for (const Json& r : one["remarks"]) text += r.get<std::string>() + "\n";
    return text;
  }
};

Checked check(const fs::path& file, const std::string& timeout = "10", const Environment& environment = {}) {
  const Result r = run(
      {"plugin", "check", file.string(), "--quick", "--timeout", timeout, "--format", "json"}, environment);
  Checked result{r.code, {}, r.err};
  if (!r.out.empty()) result.report = Json::parse(r.out);
  return result;
}

// The only failed checks, in their order.
std::vector<std::string> failed(const Checked& c) {
  std::vector<std::string> result;
  for (const Json& check : c.report["checks"])
    if (check["verdict"] == "failed") result.push_back(check["check"]);
  return result;
}

TEST(PluginCheck, GoodPluginsConform) {
  for (const char* name : {"h100_sxm_80gb.hardware.so", "tpu_v5p.hardware.so", "02_memory.wall.so",
                           "14_communication.wall.so", "21_sensitivity.wall.so", "22_synthesis.wall.so"}) {
    const Checked c = check(fs::path(PLUGIN_DIR) / name);
    EXPECT_EQ(c.code, kConforms) << name << ": " << c.report.dump(1);
    EXPECT_TRUE(c.report["conforms"].get<bool>());
    EXPECT_EQ(c.report["plugin"]["abi"], "1.0");
    for (const Json& one : c.report["checks"]) EXPECT_FALSE(one["promise"].get<std::string>().empty());
  }
}

TEST(PluginCheck, LooksAtWhatItSaysItLooksAt) {
  const Checked chip = check(fs::path(PLUGIN_DIR) / "l40s.hardware.so");
  EXPECT_TRUE(contains(chip.remarks("grid"), "120 of 120 workloads answered")) << chip.remarks("grid");
  EXPECT_TRUE(contains(chip.remarks("monotone"), "pairs of answers compared"));
  ASSERT_EQ(chip.report["nearest"].size(), 1u);
  EXPECT_EQ(chip.report["nearest"][0]["candidate"], "L40S");
  EXPECT_NE(chip.report["nearest"][0]["device"], "L40S");
  for (const Json& row : chip.report["nearest"][0]["rows"]) EXPECT_GT(row["candidate_s"].get<double>(), 0);

  const Checked wall = check(fs::path(PLUGIN_DIR) / "01_compute.wall.so");
  EXPECT_EQ(wall.verdict("examples"), "passed");
  EXPECT_TRUE(contains(wall.remarks("derivatives"), "derivatives compared"));
  EXPECT_EQ(wall.verdict("figures"), "skipped");
  const Checked analysis = check(fs::path(PLUGIN_DIR) / "21_sensitivity.wall.so");
  EXPECT_EQ(analysis.verdict("analysis"), "passed");
  EXPECT_TRUE(contains(analysis.remarks("analysis"), "findings"));
}

TEST(PluginCheck, IsReadable) {
  const Result r = run({"plugin", "check", (fs::path(PLUGIN_DIR) / "l40s.hardware.so").string(), "--quick"});
  EXPECT_EQ(r.code, kConforms);
  EXPECT_EQ(r.err, "");
  for (const char* part : {"passed", "skipped", "constructors", "nearest in the catalogue", "conforms: "})
    EXPECT_TRUE(contains(r.out, part)) << part << "\n" << r.out;
}

TEST(PluginCheck, BadInputIsNoFinding) {
  for (const std::string& words :
       {std::string("plugin check"), std::string("plugin check /nowhere.wall.so"),
        "plugin check " + std::string(PLUGIN_DIR), std::string("plugin check x --timeout never"),
        std::string("plugin check-child"), std::string("plugin chek x")}) {
    const Result r = run(words);
    EXPECT_EQ(r.code, kBadInput) << words;
    EXPECT_EQ(r.out, "") << words;
    EXPECT_FALSE(r.err.empty()) << words;
  }
}

// ---- each hostile plugin, and the check that must find it -------------------------------------------------
struct Hostile {
  const char* file;
  const char* check;
  const char* remark;
};

class FindsHostile : public ::testing::TestWithParam<Hostile> {};

TEST_P(FindsHostile, InTheCheckThatIsAboutIt) {
  const auto& [file, id, remark] = GetParam();
  const Checked c = check(kRude / file, "3");
  EXPECT_EQ(c.code, kFailed) << c.report.dump(1);
  EXPECT_EQ(c.verdict(id), "failed") << c.report.dump(1);
  EXPECT_TRUE(contains(c.remarks(id), remark)) << c.remarks(id);
  EXPECT_TRUE(contains(c.err, "does not conform")) << c.err;
}

constexpr Hostile kHostile[] = {
    {"aborts_in_eval.wall.so", "values", "crashed with SIGABRT"},
    {"aborts_in_eval.wall.so", "values", "the last that it printed: assertion failed: bytes > 0"},
    {"bad_status.wall.so", "values", "returned status 77"},
    {"beats_the_peak.wall.so", "values", "boost is 2"},
    {"beats_the_peak.wall.so", "grid", "a factor, which is in (0, 1]"},
    {"counts_calls.wall.so", "repeatable", "gives other results when it is called again"},
    {"cycle_0.wall.so", "ports", "which nothing provides"},
    {"exits_in_eval.wall.so", "values", "ended the process with exit code 0"},
    {"exits_on_load.wall.so", "load", "ended the process with exit code 0"},
    {"flushes_in_eval.wall.so", "side_effects", "changed the floating-point environment"},
    {"handles_signal.wall.so", "constructors", "SIGINT handled"},
    {"hangs_in_entry.wall.so", "entry", "took longer than 3 s"},
    {"hangs_in_eval.wall.so", "values", "took longer than 3 s (wall hangs_in_eval"},
    {"leaks_file.wall.so", "side_effects", "the open files"},
    {"leaves_rows.wall.so", "values", "left raw_copy of row 96 unwritten"},
    {"locale_in_eval.wall.so", "side_effects", "the locale"},
    {"locale_on_load.wall.so", "constructors", "the locale"},
    {"nan_slope.wall.so", "values", "d rude_copy / d operator_bytes is"},
    {"prints_in_eval.wall.so", "side_effects", "prints"},
    {"prints_on_load.wall.so", "constructors", "prints 18 bytes"},
    {"rounding_in_eval.wall.so", "side_effects", "changed the floating-point environment"},
    {"rounding_on_load.wall.so", "constructors", "the floating-point environment"},
    {"says_nothing.wall.so", "sources", "its sources are 'TODO'"},
    {"says_nothing.wall.so", "examples", "by hand rude_copy is 4, computed 3"},
    {"segfaults_in_entry.wall.so", "entry", "crashed with SIGSEGV"},
    {"segfaults_in_eval.wall.so", "values", "crashed with SIGSEGV"},
    {"sets_variable.wall.so", "constructors", "RUDE_WAS_HERE"},
    {"shares_scratch.wall.so", "threads", "from 4 threads at once"},
    {"starts_thread.wall.so", "constructors", "the threads"},
    {"throws_raw.wall.so", "values", "threw across the boundary: out of licences"},
    {"too_good.hardware.so", "figures", "is 10 times the dense peak_bf16"},
    {"too_good.hardware.so", "figures", "dream_bandwidth is in GB/s"},
    {"too_good.hardware.so", "figures", "memory_bandwidth is 3.35e+15 B/s"},
    {"too_good.hardware.so", "monotone", "twice the batch shortens the step"},
    {"writes_beyond.wall.so", "values", "wrote after the rows of output raw_copy"},
    {"writes_input.wall.so", "values", "changed its input operator_bytes"},
    {"wrong_slope.wall.so", "derivatives", "d rude_copy / d operator_bytes"},
    // Those that the host refuses too.
    {HOSTILE_DIR "/bad_range.wall.so", "table", "its range [2, 1] is not one"},
    {HOSTILE_DIR "/bad_unit.hardware.so", "table", "it is in GB/s and must be in B/s"},
    {HOSTILE_DIR "/entry_throws.wall.so", "entry", "no licence found"},
    {HOSTILE_DIR "/million_ports.wall.so", "table", "1000000 inputs"},
    {HOSTILE_DIR "/misnamed.wall.so", "table", "which its name does not say"},
    {HOSTILE_DIR "/missing_symbol.wall.so", "entry", "no symbol ironlaw_plugin_entry_v1"},
    {HOSTILE_DIR "/nan.wall.so", "values", "nan_time is nan"},
    {HOSTILE_DIR "/newer_minor.wall.so", "entry", "built for ABI 1.3"},
    {HOSTILE_DIR "/port_twice.wall.so", "table", "declared twice"},
    {HOSTILE_DIR "/refuses.wall.so", "entry", "it refuses this host"},
    {HOSTILE_DIR "/unresolved.wall.so", "load", "ironlaw_test_nobody_defines_this"},
    {HOSTILE_DIR "/wrong_abi.wall.so", "entry", "built for ABI 7"},
};

std::string name_of(const ::testing::TestParamInfo<Hostile>& info) {
  std::string name = fs::path(info.param.file).stem().stem().string() + "_" + info.param.check + "_" +
                     std::to_string(info.index);
  return name;
}
INSTANTIATE_TEST_SUITE_P(Plugin, FindsHostile, ::testing::ValuesIn(kHostile), name_of);

TEST(PluginCheckHostile, KeepsMemoryIsAWarning) {
  const Checked c = check(kRude / "keeps_memory.wall.so");
  EXPECT_EQ(c.verdict("side_effects"), "warning") << c.report.dump(1);
  EXPECT_TRUE(contains(c.remarks("side_effects"), "bytes of memory")) << c.remarks("side_effects");
}

TEST(PluginCheckHostile, ACrashIsAFindingAndNotTheEnd) {
  const Checked c = check(kRude / "segfaults_in_eval.wall.so", "3");
  // The checks before it have passed, and those behind it have been run, each in a process of its own.
  EXPECT_EQ(c.verdict("ports"), "passed");
  EXPECT_EQ(c.verdict("neutral"), "skipped");
  EXPECT_GT(failed(c).size(), 2u);
  for (const std::string& id : failed(c)) EXPECT_TRUE(contains(c.remarks(id), "SIGSEGV")) << c.remarks(id);
}

TEST(PluginCheckHostile, WhatCannotBeLoadedIsSkipped) {
  const Checked c = check(kRude / "exits_on_load.wall.so");
  EXPECT_EQ(failed(c), std::vector<std::string>{"load"});
  EXPECT_EQ(c.verdict("file"), "passed");
  EXPECT_EQ(c.verdict("grid"), "skipped");
  EXPECT_TRUE(contains(c.remarks("grid"), "could not be loaded"));
  EXPECT_TRUE(c.report["plugin"].is_null());
}

// ---- files that are no plugins ---------------------------------------------------------------------------
std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(PluginCheckHostile, FilesThatAreNoPlugins) {
  const TemporaryFolder folder;
  const std::string good = bytes_of(fs::path(PLUGIN_DIR) / "l40s.hardware.so");
  std::string magic = good;
  magic[1] = 'X';
  const std::pair<const char*, std::string> files[] = {
      {"magic.hardware.so", magic},
      {"truncated.hardware.so", good.substr(0, good.size() / 2)},
      {"empty.hardware.so", ""},
      {"text.wall.so", "This is not a plugin.\n"}};
  for (const auto& [name, bytes] : files)
    EXPECT_EQ(failed(check(folder.write(name, bytes))), std::vector<std::string>{"file"}) << name;
  EXPECT_EQ(failed(check(folder.write("name.so", good))), std::vector<std::string>{"search"});
}

// Damage that no check of the file finds crashes the loader or the code: in the child.
TEST(PluginCheckHostile, RandomDamageNeverEndsTheChecker) {
  const TemporaryFolder folder;
  const std::string good = bytes_of(fs::path(PLUGIN_DIR) / "l40s.hardware.so");
  std::mt19937 engine(4);  // NOLINT(bugprone-random-generator-seed): the same damage every day
  int found = 0;
  for (int i = 0; i < 40; ++i) {
    std::string bytes = good;
    // The headers and tables come first and are what a loader follows.
    for (int k = 0; k < 8; ++k) bytes[engine() % (bytes.size() / 2)] = static_cast<char>(engine());
    const Checked c = check(folder.write("damaged.hardware.so", bytes), "2");
    EXPECT_TRUE(c.code == kConforms || c.code == kFailed) << i << ": " << c.code << c.err;
    EXPECT_EQ(c.report["checks"].size(), 22u) << i;
    found += c.code == kFailed;
  }
  EXPECT_GT(found, 20);
}

// ---- safety ----------------------------------------------------------------------------------------------
TEST(PluginCheckHostile, WhatOthersMayChangeIsNotRun) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "open.wall.so";
  fs::copy_file(kRude / "exits_on_load.wall.so", file);
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  const Checked refused = check(file);
  EXPECT_EQ(failed(refused), std::vector<std::string>{"safety"}) << refused.report.dump(1);
  EXPECT_EQ(failed(check(file, "10", {{"IRONLAW_ALLOW_UNSAFE_PLUGINS", "1"}})),
            std::vector<std::string>{"load"});
}

// ---- the same plugins among the others: what they do to an answer
// ------------------------------------------- A folder that holds these and nothing else.
class Among {
 public:
  explicit Among(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      fs::copy_file(kRude / file, folder_.path() / file);
      fs::permissions(folder_.path() / file, fs::perms::owner_read | fs::perms::owner_write);
    }
  }
  Result run(const std::string& words) const {
    return test::run(words, {{"IRONLAW_PLUGIN_PATH", folder_.path().string()}});
  }

 private:
  TemporaryFolder folder_;
};

const std::string kSolve = "solve llama-3.1-8b h100 --batch 8 --params textbook --format json";

// The answer without its ledger, in which the wall has a line of zero seconds.
std::string numbers(const Result& r) {
  Json json = Json::parse(r.out, nullptr, false);
  EXPECT_TRUE(json.is_object()) << r.out << r.err;
  if (json.is_object()) json.erase("ledger");
  return json.dump();
}

TEST(HostileAmongOthers, RudenessChangesNoAnswer) {
  const std::string wanted = numbers(run(kSolve));
  for (const char* name : {"prints_in_eval", "prints_on_load", "locale_in_eval", "locale_on_load",
                           "rounding_on_load", "starts_thread", "leaks_file", "handles_signal",
                           "sets_variable", "keeps_memory", "wrong_slope", "says_nothing"}) {
    const Result r = Among({std::string(name) + ".wall.so"}).run(kSolve);
    EXPECT_EQ(r.code, 0) << name << r.err;
    EXPECT_EQ(numbers(r), wanted) << name;
  }
}

TEST(HostileAmongOthers, WhatWouldSpoilAnAnswerIsNamed) {
  const std::pair<const char*, const char*> expected[] = {
      {"rounding_in_eval", "wall 135 rounding_in_eval () changed the floating-point environment"},
      {"flushes_in_eval", "wall 136 flushes_in_eval () changed the floating-point environment"},
      {"bad_status", "wall 160 bad_status (f) returned status 77, which is none"},
      {"throws_raw", "wall 161 throws_raw (f) threw: out of licences"},
      {"beats_the_peak", "wall 149 beats_the_peak () returned 2 for boost, a factor, which is in (0, 1]"}};
  for (const auto& [name, message] : expected) {
    const Result r = Among({std::string(name) + ".wall.so"}).run(kSolve);
    EXPECT_EQ(r.code, kBadInput) << name;
    EXPECT_EQ(r.out, "") << name;
    EXPECT_TRUE(contains(r.err, message)) << r.err;
  }
  const Result slope = Among({"nan_slope.wall.so"}).run("sensitivity llama-3.1-8b h100 --params textbook");
  EXPECT_EQ(slope.code, kBadInput);
  EXPECT_TRUE(contains(slope.err, "wall 151 nan_slope ()")) << slope.err;
}

TEST(HostileAmongOthers, WhatNeverComesBackIsNamed) {
  const TemporaryFolder folder;
  const std::string name = "hangs_in_eval.wall.so";
  fs::copy_file(kRude / name, folder.path() / name);
  fs::permissions(folder.path() / name, fs::perms::owner_read | fs::perms::owner_write);
  const std::string err = (folder.path() / "err").string();
  const std::string line = "IRONLAW_PLUGIN_PATH=" + folder.path().string() + " timeout 25 " +
                           IRONLAW_EXECUTABLE + " solve llama-3.1-8b h100 --params textbook > /dev/null 2> " +
                           err;
  const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe)
  constexpr int kTimedOut = 124;
  EXPECT_EQ(WEXITSTATUS(status), kTimedOut);
  EXPECT_TRUE(contains(bytes_of(err), "hangs_in_eval () has not come back for 10 s or more"))
      << bytes_of(err);
}

TEST(HostileAmongOthers, NoneHidesAnother) {
  const auto names = [](const Result& r) {
    std::vector<std::string> result;
    for (const Json& p : Json::parse(r.out))
      if (p["state"] == "loaded") result.push_back(p["name"]);
    std::sort(result.begin(), result.end());
    return result;
  };
  const std::vector<std::string> installed = names(run("plugin list --format json"));
  const Among two({"cycle_0.wall.so", "cycle_1.wall.so"});
  const Result listed = two.run("plugin list --format json");
  EXPECT_EQ(names(listed), installed);
  EXPECT_TRUE(contains(listed.out, "a cycle: wall 152 cycle_egg () needs wall 153 cycle_hen ()"))
      << listed.out;
  const Result solved = two.run(kSolve);
  EXPECT_EQ(numbers(solved), numbers(run(kSolve)));
  EXPECT_TRUE(contains(solved.err, "cycle_0.wall.so is left out (fit)")) << solved.err;
  EXPECT_TRUE(contains(solved.err, "cycle_1.wall.so is left out (fit)")) << solved.err;
}

}  // namespace
}  // namespace ironlaw::test
