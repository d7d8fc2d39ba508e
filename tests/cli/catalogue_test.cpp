// ironlaw hardware, models, walls and plugin, and what every command has in common.
#include <gtest/gtest.h>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

Json json_of(const std::string& words) {
  const Result r = run(words + " --format json");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.err, "");
  return Json::parse(r.out);
}

const Json* named(const Json& list, const std::string& name) {
  for (const Json& entry : list)
    if (entry["name"] == name) return &entry;
  return nullptr;
}

TEST(Commands, HelpAndVersion) {
  for (const char* words : {"--help", "-h", "help"}) {
    const Result r = run(words);
    EXPECT_EQ(r.code, 0);
    for (const char* command :
         {"solve", "hardware", "models", "walls", "explain", "plugin", "db", "calibrate", "validate"})
      EXPECT_TRUE(contains(r.out, std::string("\n  ") + command)) << command;
  }
  EXPECT_TRUE(run("--version").out.starts_with("ironlaw 0."));
  for (const char* words : {"solve", "hardware", "models", "walls", "explain", "plugin", "db", "db build",
                            "db import", "db query"})
    for (const char* flag : {" --help", " -h"}) {
      const Result r = run(std::string(words) + flag);
      EXPECT_EQ(r.code, 0) << words << ": " << r.err;
      EXPECT_TRUE(r.out.starts_with(std::string("usage: ironlaw ") + words)) << r.out;
    }
}

TEST(Commands, UnknownOnesGetSuggestions) {
  const Result r = run("sovle llama-3.1-8b h100");
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.err, "Did you mean solve")) << r.err;
  EXPECT_EQ(run("").code, 1);
  EXPECT_EQ(run("--verbos").code, 1);
  EXPECT_EQ(run(std::vector<std::string>{""}).code, 1);
}

TEST(Commands, VerboseSpeaksOnStderr) {
  const Result r = run("hardware --verbose --format json");
  EXPECT_EQ(r.code, 0);
  EXPECT_TRUE(contains(r.err, "plugins are loaded")) << r.err;
  EXPECT_TRUE(Json::accept(r.out));
}

TEST(Hardware, ListsAndShows) {
  const Json all = json_of("hardware");
  ASSERT_GE(all.size(), 8U);
  for (const Json& h : all)
    for (const Json& spec : h["specs"]) {
      EXPECT_TRUE(spec["value"].is_number()) << h["name"];
      EXPECT_FALSE(spec["source"].get<std::string>().empty()) << h["name"] << spec["quantity"];
      EXPECT_TRUE(spec["sparse"].is_boolean() && spec["unverified"].is_boolean());
    }
  const Json h100 = json_of("hardware h100");
  ASSERT_EQ(h100.size(), 1U);
  EXPECT_EQ(h100[0]["name"], "H100-SXM-80GB");
  EXPECT_NEAR(h100[0]["ridge_points"]["bf16"].get<double>(), 989.4e12 / 3.35e12, 1e-6);
  const Result text = run("hardware h100");
  for (const char* part : {"memory_bandwidth", "3.35 TB/s", "SPARSE", "UNVERIFIED", "Ridge points", "[1]"})
    EXPECT_TRUE(contains(text.out, part)) << part;
  EXPECT_EQ(run("hardware").code, 0);
  EXPECT_EQ(run("hardware h100 a100").code, 1);
  EXPECT_TRUE(contains(run("hardware h100x").err, "H100-SXM-80GB"));
}

TEST(Models, ListsAndShows) {
  const Json all = json_of("models");
  const Json* llama = named(all, "llama-2-70b");
  ASSERT_NE(llama, nullptr);
  // By hand: 69 billion weights of two bytes.
  EXPECT_NEAR((*llama)["weight_bytes_fp16"].get<double>(), 138e9, 0.5e9);
  EXPECT_EQ((*llama)["shape"]["layers"], 80);
  EXPECT_TRUE(json_of("models resnet")[0]["shape"].is_null());
  EXPECT_TRUE(contains(run("models llama-2-70b").out, "138 GB"));
  EXPECT_EQ(run("models nothing-like-it").code, 1);
  EXPECT_EQ(run("models").code, 0);
}

TEST(Walls, ListsAndShows) {
  const Json all = json_of("walls");
  ASSERT_GE(all.size(), 6U);
  for (const Json& wall : all) {
    EXPECT_TRUE(wall["number"].is_number_integer());
    for (const char* key : {"name", "title", "domain", "term", "statement", "equation", "sources"})
      EXPECT_FALSE(wall[key].get<std::string>().empty()) << key;
  }
  for (const char* name : {"2", "memory", "mem"})
    EXPECT_EQ(json_of(std::string("walls ") + name)[0]["number"], 2);
  bool has_parameter = false;
  const Json software = json_of("walls 3");
  for (const Json& function : software[0]["functions"])
    for (const Json& port : function["inputs"])
      if (!port["parameter"].is_null()) {
        has_parameter = true;
        EXPECT_TRUE(port["parameter"]["prior_mean"].is_number());
        EXPECT_TRUE(port["parameter"]["scopes"].is_array());
      }
  EXPECT_TRUE(has_parameter);
  EXPECT_TRUE(contains(run("walls 2").out, "/ bandwidth"));
  EXPECT_EQ(run("walls 99").code, 1);
  EXPECT_EQ(run("walls memry").code, 1);
}

TEST(Plugins, AreListedWithWhatFailed) {
  const TemporaryFolder folder;
  folder.write("x.wall.so", "not a library\n");
  const Result r = run("plugin list --format json", {{"IRONLAW_PLUGIN_PATH", folder.path().string()}});
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.err, "");
  const Json json = Json::parse(r.out);
  const Json* memory = named(json, "memory");
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ((*memory)["state"], "loaded");
  EXPECT_EQ((*memory)["kind"], "wall");
  const Json* failed = named(json, "x.wall.so");
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ((*failed)["state"], "failed");
  EXPECT_FALSE((*failed)["reason"].get<std::string>().empty());
  const Result text = run("plugin list", {{"IRONLAW_PLUGIN_PATH", folder.path().string()}});
  EXPECT_TRUE(contains(text.out, "1 cannot be used"));
  EXPECT_EQ(run("plugin lsit").code, 1);
  EXPECT_EQ(run("plugin").code, 1);
}

}  // namespace
}  // namespace ironlaw::test
