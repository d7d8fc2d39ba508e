// ironlaw schema: it describes exactly what a plan may hold.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

const std::string kPlans = IRONLAW_FACTS_DIR "/plans/";

const Json& schema() {
  static const Json json = Json::parse(run("schema").out);
  return json;
}

// What of a plan the schema does not allow; empty when all is well. As much of a validator as plans need.
std::string mismatch(const YAML::Node& node, const Json& rule, const std::string& path) {
  if (rule.contains("enum")) {
    for (const Json& value : rule["enum"])
      if (value == node.Scalar()) return "";
    return path + " is none of the enum";
  }
  const Json type = rule.contains("anyOf") && !rule.contains("type") ? Json("string") : rule["type"];
  if (type == "array") {
    if (!node.IsSequence()) return path + " is no array";
    for (const YAML::Node& item : node)
      if (std::string bad = mismatch(item, rule["items"], path + "[]"); !bad.empty()) return bad;
    return "";
  }
  if (type != "object") {
    double number = 0;
    const bool is_number = YAML::convert<double>::decode(node, number);
    if (!node.IsScalar()) return path + " is no scalar";
    if (type == "number" && !is_number) return path + " is no number";
    if (is_number && rule.contains("minimum") && number < rule["minimum"]) return path + " is too small";
    if (is_number && rule.contains("maximum") && number > rule["maximum"]) return path + " is too large";
    return "";
  }
  if (!node.IsMap()) return path + " is no object";
  for (const Json& key : rule.value("required", Json::array()))
    if (!node[key.get<std::string>()]) return path + " lacks " + key.get<std::string>();
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    if (!rule["properties"].contains(key)) return path + "." + key + " is not in the schema";
    if (std::string bad = mismatch(entry.second, rule["properties"][key], path + "." + key); !bad.empty())
      return bad;
  }
  return "";
}

TEST(Schema, IsOneObjectOnStdout) {
  const Result r = run("schema plan");
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.err, "");
  EXPECT_EQ(r.out, run("schema").out);
  EXPECT_EQ(schema()["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_FALSE(schema()["additionalProperties"].get<bool>());
  EXPECT_EQ(run("schema modle").code, 1);
}

TEST(Schema, AllowsTheExamples) {
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPlans)) {
    EXPECT_EQ(mismatch(YAML::LoadFile(entry.path().string()), schema(), "plan"), "") << entry.path();
    ++checked;
  }
  EXPECT_GE(checked, 6);
  EXPECT_NE(mismatch(YAML::Load("{workload: {model: a}, hardware: {name: b}, fleet: {topologyy: ring}}"),
                     schema(), "plan"),
            "");
  EXPECT_NE(
      mismatch(YAML::Load("{workload: {model: a, phase: decod}, hardware: {name: b}}"), schema(), "plan"),
      "");
  EXPECT_NE(mismatch(YAML::Load("{workload: {model: a}}"), schema(), "plan"), "");
}

// A new option must be given a place in plans.
TEST(Schema, HasEveryOptionOfASolve) {
  std::set<std::string> keys;
  for (const auto& [name, rule] : schema()["properties"].items()) {
    keys.insert(name);
    if (rule.contains("properties"))
      for (const auto& [key, unused] : rule["properties"].items()) keys.insert(key);
  }
  std::istringstream help(run("solve --help").out);
  int options = 0;
  for (std::string line; std::getline(help, line);) {
    if (!line.starts_with("  --")) continue;
    std::string key = line.substr(4, line.find(' ', 4) - 4);
    if (key == "set" || key == "explain" || key == "format" || key == "verbose" || key == "help") continue;
    std::replace(key.begin(), key.end(), '-', '_');
    EXPECT_TRUE(keys.contains(key)) << key;
    ++options;
  }
  EXPECT_GE(options, 20);
}

// What the walls read from users is in the block of their domain, and what is fitted in `parameters`.
TEST(Schema, HasWhatEveryWallReads) {
  const std::map<std::string, std::string> block_of = {{"node", "serving"},
                                                       {"data", "fleet"},
                                                       {"algorithm", "workload"},
                                                       {"fleet", "fleet"},
                                                       {"operations", "operations"}};
  int walls_with_settings = 0;
  for (const Json& wall : Json::parse(run("walls --format json").out)) {
    if (!block_of.contains(wall["domain"])) continue;
    const std::string owner = "wall " + wall["number"].dump() + " " + wall["name"].get<std::string>();
    const std::string block = schema()["properties"][block_of.at(wall["domain"])].dump();
    walls_with_settings += contains(block, owner) ? 1 : 0;
    for (const Json& function : wall["functions"])
      for (const Json& port : function["inputs"]) {
        if (port["parameter"].is_null()) continue;
        EXPECT_TRUE(schema()["properties"]["parameters"]["properties"].contains(port["name"])) << port;
      }
  }
  EXPECT_GE(walls_with_settings, 16);  // all but 1 and 2, which have parameters only
}

// The defaults are what a plan may write, and writing them changes nothing.
TEST(Schema, DefaultsAreWhatIsAssumed) {
  const std::string head = "workload:\n  model: llama-3.1-8b\n  phase: serve\n  precision: bf16\n";
  std::map<std::string, std::string> blocks = {{"workload", head}, {"hardware", "hardware:\n  name: h100\n"}};
  std::set<std::string> written;
  int defaults = 0;
  for (const auto& [block, rule] : schema()["properties"].items()) {
    if (!rule.contains("properties")) continue;
    std::string& text = blocks.try_emplace(block, block + ":\n").first->second;
    for (const auto& [key, value] : rule["properties"].items()) {
      if (!value.contains("default") || key == "arrival_rate" || !written.insert(key).second) continue;
      const Json& usual = value["default"];
      text += "  " + key + ": " + (usual.is_string() ? usual.get<std::string>() : usual.dump()) + "\n";
      ++defaults;
    }
  }
  std::string all;
  for (const auto& [block, text] : blocks) all += text;
  const TemporaryFolder folder;
  const auto solve = [&](const std::string& name, const std::string& text) {
    const Result r = run({"solve", folder.write(name, text), "--params", "textbook", "--set",
                          "arrival_rate=3/s", "--format", "json"});
    EXPECT_EQ(r.code, 0) << r.err << text;
    return Json::parse(r.out, nullptr, false);
  };
  EXPECT_GT(defaults, 80);
  const Json plain = solve("plain.yaml", head + "hardware:\n  name: h100\n");
  const Json explicit_defaults = solve("all.yaml", all);
  for (const char* key : {"time_s", "throughput", "iron_law", "ledger", "memory"})
    EXPECT_EQ(plain[key], explicit_defaults[key]) << key;
}

}  // namespace
}  // namespace ironlaw::test
