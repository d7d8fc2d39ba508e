#include "framework/plugin/plugin_host.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "framework/base/error.hpp"
#include "framework/plugin/plugin_file.hpp"
#include "tests/plugin/scratch.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

PluginHost load(std::vector<SearchDirectory> directories, bool allows_unsafe = false) {
  return PluginHost(SearchPath{std::move(directories), allows_unsafe});
}

// "stage: reason" of each failure, by file name.
std::map<std::string, std::string> reasons(const PluginHost& host) {
  std::map<std::string, std::string> result;
  for (const PluginFailure& f : host.failures())
    result[f.path.filename().string()] = f.stage + ": " + f.reason;
  return result;
}

// A copy of one of the real targets.
void copy_target(const fs::path& folder, const char* name = "l40s.hardware.so") {
  fs::copy_file(fs::path(PLUGIN_DIR) / "l40s.hardware.so", folder / name);
}

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { old_.empty() ? unsetenv(name_) : setenv(name_, old_.c_str(), 1); }

 private:
  const char* name_;
  std::string old_;
};

// Whether the tests themselves are as open as the files they make unsafe.
bool anybody_may_change_the_tests() {
  struct stat status;
  return stat("/proc/self/exe", &status) != 0 || (status.st_mode & (S_IWOTH | S_IWGRP)) != 0;
}

TEST(PluginHost, TellsOfEachBrokenPluginWhatIsWrong) {
  const PluginHost host = load({{HOSTILE_DIR}});
  const std::map<std::string, std::string> expected = {
      {"bad_range.wall.so",
       "table: wall bad_range: function 1 ((unnamed)): input operator_bytes: its range [2, 1] is not one"},
      {"bad_unit.hardware.so",
       "table: hardware Bad-Unit: spec memory_bandwidth: it is in GB/s and must be in B/s"},
      {"entry_throws.wall.so", "entry: no licence found"},
      {"million_ports.wall.so",
       "table: wall million_ports: function 1 (f): it says that it has 1000000 inputs; 64 are the most"},
      {"misnamed.wall.so", "table: it holds 0 walls and 1 hardware targets, which its name does not say"},
      {"missing_symbol.wall.so", "entry: it has no symbol ironlaw_plugin_entry_v1"},
      {"newer_minor.wall.so", "entry: it was built for ABI 1.3, and this host speaks 1.0"},
      {"port_twice.wall.so", "table: wall port_twice: function 1 (f): input traffic is declared twice"},
      {"refuses.wall.so", "entry: it refuses this host (ABI 1.0)"},
      {"twin_b.hardware.so", "names: hardware Twin-1 is already provided by " +
                                 (fs::path(HOSTILE_DIR) / "twin_a.hardware.so").string()},
      {"wrong_abi.wall.so", "entry: it was built for ABI 7, and this host speaks 1"}};
  auto found = reasons(host);
  // The loader's own words, which differ between versions of it.
  EXPECT_NE(found["unresolved.wall.so"].find("load: "), std::string::npos);
  EXPECT_NE(found["unresolved.wall.so"].find("ironlaw_test_nobody_defines_this"), std::string::npos)
      << found["unresolved.wall.so"];
  found.erase("unresolved.wall.so");
  EXPECT_EQ(found, expected);
  // And the rest works.
  ASSERT_EQ(host.walls().size(), 2u);
  EXPECT_STREQ(host.walls()[0]->id, "throws");
  EXPECT_STREQ(host.walls()[1]->id, "nan");
  ASSERT_EQ(host.hardware().size(), 1u);
  EXPECT_STREQ(host.hardware()[0]->id, "Twin-1");
}

TEST(PluginHost, AWallThatThrowsReturnsItsMessage) {
  const PluginHost host = load({{HOSTILE_DIR}});
  const ironlaw_function& f = *host.find_wall("throws").functions[0];
  const double in[] = {1, 2};
  double out[2], jac[2];
  const double* ins[] = {in};
  double* outs[] = {out};
  double* jacs[] = {jac};
  ironlaw_error error{};
  EXPECT_EQ(f.eval(ins, outs, 2, &error), IRONLAW_FAILED);
  EXPECT_STREQ(error.message, "traffic is negative");
  error = {};
  EXPECT_EQ(f.eval_grad(ins, outs, jacs, 2, &error), IRONLAW_FAILED);
  EXPECT_STREQ(error.message, "traffic is negative");
}

TEST(PluginHost, ReportsFilesThatAreNoPlugins) {
  const Scratch scratch;
  std::ofstream(scratch.path() / "text.wall.so") << "This is not a plugin.\n";
  const std::ofstream empty(scratch.path() / "empty.hardware.so");
  std::ofstream(scratch.path() / "README.md") << "Left alone.\n";
  copy_target(scratch.path(), "other.so");
  fs::create_directory(scratch.path() / "folder.wall.so");
  fs::create_symlink("/nowhere", scratch.path() / "dangling.wall.so");
  copy_target(scratch.path());
  const PluginHost host = load({{scratch.path()}});
  const std::map<std::string, std::string> expected = {
      {"dangling.wall.so", "safety: its permissions cannot be read"},
      {"empty.hardware.so", "file: is empty"},
      {"folder.wall.so", "file: is not a regular file"},
      {"other.so", "search: its name ends neither in .wall.so nor in .hardware.so"},
      {"text.wall.so", "file: is not an ELF file"}};
  EXPECT_EQ(reasons(host), expected);
  EXPECT_EQ(host.hardware().size(), 1u);
}

TEST(PluginHost, ReportsNamedFoldersOnly) {
  const Scratch scratch;
  const fs::path nowhere = scratch.path() / "nowhere";
  const PluginHost host = load({{nowhere}, {scratch.path() / "implied", false}, {"some/where"}});
  const std::map<std::string, std::string> expected = {{"nowhere", "search: there is no such folder"},
                                                       {"where", "search: it is not an absolute path"}};
  EXPECT_EQ(reasons(host), expected);
}

TEST(PluginHost, EarlierFoldersHideLaterOnes) {
  const Scratch scratch;
  copy_target(scratch.path(), "mine.hardware.so");
  const fs::path original = fs::path(PLUGIN_DIR) / "l40s.hardware.so";
  const PluginHost host = load({{scratch.path()}, {PLUGIN_DIR}});
  EXPECT_TRUE(host.failures().empty());
  ASSERT_EQ(host.shadowed().size(), 1u);
  EXPECT_EQ(host.shadowed()[0].path, original);
  EXPECT_EQ(host.shadowed()[0].by, scratch.path() / "mine.hardware.so");
  EXPECT_EQ(host.shadowed()[0].name, "hardware L40S");
  EXPECT_EQ(host.plugins()[0].path, scratch.path() / "mine.hardware.so");
  EXPECT_EQ(host.plugins()[0].directory, scratch.path());
}

TEST(PluginHost, VisitsAFolderOfTwoNamesOnce) {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "real");
  copy_target(scratch.path() / "real");
  fs::create_directory_symlink("real", scratch.path() / "link");
  const PluginHost host =
      load({{scratch.path() / "real"}, {scratch.path() / "link"}, {scratch.path() / "real"}});
  EXPECT_EQ(host.plugins().size(), 1u);
  EXPECT_TRUE(host.shadowed().empty());
}

TEST(PluginHost, RefusesWhatOthersMayChange) {
  if (anybody_may_change_the_tests()) GTEST_SKIP() << "the test executable itself is open to others";
  const Scratch scratch;
  copy_target(scratch.path());
  const fs::path file = scratch.path() / "l40s.hardware.so";
  const auto first_reason = [&](bool allows_unsafe = false) {
    const PluginHost host = load({{scratch.path()}}, allows_unsafe);
    return host.failures().empty() ? "" : host.failures()[0].stage + ": " + host.failures()[0].reason;
  };
  EXPECT_EQ(first_reason(), "");
  chmod(scratch.path().c_str(), 0777);
  EXPECT_EQ(first_reason(),
            "safety: everybody may write to it; change that, or set IRONLAW_ALLOW_UNSAFE_PLUGINS=1");
  chmod(scratch.path().c_str(), 0770);
  EXPECT_NE(first_reason().find("safety: group "), std::string::npos) << first_reason();
  EXPECT_EQ(first_reason(true), "");
  chmod(scratch.path().c_str(), 0755);
  chmod(file.c_str(), 0666);
  EXPECT_NE(first_reason().find("safety: everybody"), std::string::npos) << first_reason();
  chmod(file.c_str(), 0644);
  EXPECT_EQ(first_reason(), "");
  if (geteuid() == 0 && chown(file.c_str(), 12345, 12345) == 0) {
    EXPECT_NE(first_reason().find("safety: it belongs to user 12345"), std::string::npos) << first_reason();
  }
}

// Who may rename a folder may put another one in its place.
TEST(PluginHost, RefusesWhatLiesBelowAFolderThatOthersMayChange) {
  if (anybody_may_change_the_tests()) GTEST_SKIP() << "the test executable itself is open to others";
  const Scratch scratch;
  const fs::path open = scratch.path() / "open";
  const fs::path plugins = open / "mine" / "plugins";
  fs::create_directories(plugins);
  for (const fs::path& folder : {plugins, plugins.parent_path(), open})
    fs::permissions(folder, fs::perms::owner_all);
  copy_target(plugins);
  const auto first_reason = [&](const fs::path& folder, bool allows_unsafe = false) {
    const PluginHost host = load({{folder}}, allows_unsafe);
    return host.failures().empty() ? "" : host.failures()[0].stage + ": " + host.failures()[0].reason;
  };
  EXPECT_EQ(first_reason(plugins), "");
  chmod(open.c_str(), 0777);
  const std::string wanted =
      "safety: everybody may write to its parent folder " + fs::canonical(open).string();
  EXPECT_EQ(first_reason(plugins).substr(0, wanted.size()), wanted);
  EXPECT_EQ(first_reason(plugins, true), "");
  // What a link leads to counts, not where the link lies.
  fs::create_directory_symlink(plugins, scratch.path() / "link");
  EXPECT_EQ(first_reason(scratch.path() / "link").substr(0, wanted.size()), wanted);
  chmod(open.c_str(), 01777);  // as /tmp
  EXPECT_EQ(first_reason(plugins), "");
  // A file of one's own that is a link into such a folder.
  chmod(open.c_str(), 0777);
  const fs::path home = scratch.path() / "home";
  fs::create_directory(home);
  fs::permissions(home, fs::perms::owner_all);
  fs::create_symlink(plugins / "l40s.hardware.so", home / "l40s.hardware.so");
  EXPECT_EQ(first_reason(home).substr(0, wanted.size()), wanted);
}

TEST(PluginHost, LeavesAPluginOut) {
  PluginHost host = load({{PLUGIN_DIR}});
  const std::size_t before = host.hardware().size();
  const LoadedPlugin& first = host.plugins().front();
  const fs::path path = first.path;
  const std::uint32_t walls = first.table->n_walls;
  const std::size_t all_walls = host.walls().size();
  const ironlaw_plugin& table = *first.table;
  host.leave_out(table, "fit", "it does not fit");
  EXPECT_EQ(host.walls().size() + walls, all_walls);
  EXPECT_EQ(host.hardware().size() + table.n_hardware, before);
  ASSERT_EQ(host.failures().size(), 1u);
  EXPECT_EQ(host.failures()[0].path, path);
  EXPECT_EQ(host.failures()[0].stage, "fit");
}

TEST(PluginHost, TakesACandidateBeforeTheOthers) {
  const Scratch scratch;
  copy_target(scratch.path(), "mine.hardware.so");
  const fs::path mine = scratch.path() / "mine.hardware.so";
  const PluginFile file = load_plugin_file(mine, false);
  ASSERT_NE(file.table, nullptr) << file.stage << ": " << file.reason;
  const LoadedPlugin candidate{mine, {}, file.table};
  const PluginHost host(SearchPath{{{scratch.path()}, {PLUGIN_DIR}}, false}, candidate);
  EXPECT_EQ(host.plugins().front().table, file.table);
  EXPECT_TRUE(host.failures().empty());
  ASSERT_EQ(host.shadowed().size(), 1u);  // the installed one; its own folder has it once
  EXPECT_EQ(host.shadowed()[0].by, mine);
}

TEST(PluginHost, TablesOutliveTheHost) {
  const ironlaw_hardware* kept = nullptr;
  {
    const PluginHost host = load({{PLUGIN_DIR}});
    kept = &host.find_hardware("h100");
  }
  EXPECT_STREQ(kept->id, "H100-SXM-80GB");
}

TEST(PluginHost, FindsByLooseNames) {
  const PluginHost host = load({{PLUGIN_DIR}});
  const std::map<std::string, std::string> expected = {
      {"h100", "H100-SXM-80GB"},  {"H200 SXM", "H200-SXM-141GB"},
      {"b200", "B200-SXM-180GB"}, {"a100", "A100-SXM-80GB"},
      {"l40s", "L40S"},           {"mi300", "MI300X"},
      {"mi325x", "MI325X"},       {"v5p", "TPU-v5p"}};
  for (const auto& [given, id] : expected) EXPECT_EQ(host.find_hardware(given).id, id) << given;
  const auto message = [&](const char* name) {
    try {
      host.find_hardware(name);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("found");
  };
  const std::string ambiguous = message("mi3");
  EXPECT_TRUE(ambiguous.starts_with("hardware 'mi3' is ambiguous: it could be ")) << ambiguous;
  for (const char* candidate : {"MI300X", "MI325X"})
    EXPECT_NE(ambiguous.find(candidate), std::string::npos) << ambiguous;
  const std::string unknown = message("h1000");
  EXPECT_NE(unknown.find("'h1000' is not known. Did you mean H100-"), std::string::npos) << unknown;
  EXPECT_TRUE(std::is_sorted(host.hardware().begin(), host.hardware().end(),
                             [](const auto* a, const auto* b) { return std::string_view(a->id) < b->id; }));

  const PluginHost walls = load({{HOSTILE_DIR}});
  EXPECT_STREQ(walls.find_wall("121").id, "nan");
  EXPECT_STREQ(walls.find_wall("Throws").id, "throws");
  EXPECT_THROW(walls.find_wall("99"), Error);
  EXPECT_THROW(walls.find_wall("memory"), Error);
  EXPECT_THROW(load({}).find_hardware("h100"), Error);
}

TEST(SearchPath, TakesTheVariableFirstAndThenTheExecutablesSurroundings) {
  const Variable path("IRONLAW_PLUGIN_PATH", "/a/b::relative:/c");
  const Variable unsafe("IRONLAW_ALLOW_UNSAFE_PLUGINS", "1");
  const SearchPath search = search_path();
  ASSERT_GE(search.directories.size(), 4u);
  EXPECT_EQ(search.directories[0].path, "/a/b");
  EXPECT_EQ(search.directories[1].path, "relative");
  EXPECT_EQ(search.directories[2].path, "/c");
  EXPECT_TRUE(search.directories[2].is_named);
  EXPECT_FALSE(search.directories[3].is_named);
  EXPECT_TRUE(
      fs::equivalent(search.directories[3].path, PLUGIN_DIR));  // the tests lie in bin/, as ironlaw does
  EXPECT_TRUE(search.allows_unsafe);
}

}  // namespace
}  // namespace ironlaw
