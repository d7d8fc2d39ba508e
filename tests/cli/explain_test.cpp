// ironlaw walls and explain: the taxonomy on a page, and every wall worked through.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

constexpr int kWalls = 22;
constexpr std::size_t kPageWidth = 100, kSheetLines = 80;

Json json_of(const std::string& words) {
  const Result r = run(words + " --format json");
  EXPECT_EQ(r.code, 0) << words << ": " << r.err;
  Json json = Json::parse(r.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << words << ": " << r.out;
  return json;
}

std::string text_of(const std::string& words) {
  const Result r = run(words);
  EXPECT_EQ(r.code, 0) << words << ": " << r.err;
  return r.out;
}

std::string refused(const std::string& words) {
  const Result r = run(words);
  EXPECT_EQ(r.code, 1) << words << ": " << r.err;
  EXPECT_EQ(r.out, "") << words;
  return r.err;
}

const Json& named(const Json& list, const std::string& name, const char* key = "name") {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Json& entry) { return entry[key] == name; });
  if (found == list.end()) throw std::runtime_error("no " + name + " in " + list.dump());
  return *found;
}

// Words with single blanks between them: what wrapping does not change.
std::string unwrapped(const std::string& text) {
  std::istringstream stream(text);
  std::string result;
  for (std::string word; stream >> word;) result += word + " ";
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A case that each wall holds for.
std::string case_of(int wall) {
  const std::map<int, std::string> other = {{7, "--phase serve --set arrival_rate=2/s"},
                                            {8, "--phase prefill"},
                                            {9, "--phase prefill"},
                                            {11, "--phase train"},
                                            {14, "--gpus 2 --tp 2"},
                                            {15, "--phase train"},
                                            {16, "--phase offline"},
                                            {19, "--phase train"}};
  const auto found = other.find(wall);
  const std::string options = found == other.end() ? "--phase decode --batch 64" : found->second;
  const bool is_training = contains(options, "train");
  return " llama-3.1-8b h100 --params textbook " + options + (is_training ? " --gpus 8" : "");
}

// ---- walls ---------------------------------------------------------------------------------------------

TEST(WallPages, TaxonomyHasSixDomainsOnAPage) {
  std::map<std::string, int> domains;
  const Json walls = json_of("walls");
  ASSERT_EQ(walls.size(), static_cast<std::size_t>(kWalls));
  const std::string page = text_of("walls");
  for (int n = 1; n <= kWalls; ++n) {
    const Json& wall = walls[static_cast<std::size_t>(n - 1)];
    EXPECT_EQ(wall["number"], n);
    ++domains[wall["domain"]];
    EXPECT_TRUE(contains(unwrapped(page), std::to_string(n) + " " + wall["title"].get<std::string>() + " " +
                                              wall["term"].get<std::string>()))
        << n;
  }
  const std::map<std::string, int> wanted = {{"node", 7},  {"data", 3},       {"algorithm", 3},
                                             {"fleet", 3}, {"operations", 4}, {"analysis", 2}};
  EXPECT_EQ(domains, wanted);
  for (const std::string& line : lines_of(page)) EXPECT_LE(line.size(), kPageWidth) << line;
  EXPECT_FALSE(contains(page, "Not loaded")) << page;
  EXPECT_FALSE(contains(page, "of your own")) << page;
}

TEST(WallPages, CheatSheetIsOnePageOfEquations) {
  const std::string sheet = text_of("walls --cheatsheet");
  const std::vector<std::string> lines = lines_of(sheet);
  EXPECT_LE(lines.size(), kSheetLines);
  for (const std::string& line : lines) EXPECT_LE(line.size(), kPageWidth) << line;
  const Json equations = json_of("walls --cheatsheet");
  ASSERT_EQ(equations.size(), static_cast<std::size_t>(kWalls));
  for (const Json& wall : equations)
    EXPECT_TRUE(contains(unwrapped(sheet), unwrapped(wall["equation"].get<std::string>()))) << wall;
  EXPECT_TRUE(contains(refused("walls memory --cheatsheet"), "leave out memory"));
}

TEST(WallPages, OneWallShowsSettingsAndWhatItHoldsFor) {
  const std::string power = text_of("walls sustainability");
  EXPECT_TRUE(contains(unwrapped(power), "pue [1] 1 or more power of the facility")) << power;
  EXPECT_TRUE(contains(unwrapped(power), "Set; usually 1.12 (")) << power;
  const Json pue = named(named(json_of("walls 18")[0]["functions"], "facility")["inputs"], "pue");
  EXPECT_EQ(pue["setting"]["value"], 1.12);
  EXPECT_FALSE(pue["setting"]["source"].get<std::string>().empty());

  const Json topology = named(named(json_of("walls 10")[0]["functions"], "network")["inputs"], "topology");
  EXPECT_EQ(topology["setting"]["value"], "fat_tree");
  EXPECT_EQ(topology["setting"]["choices"].size(), 6U);
  EXPECT_TRUE(contains(unwrapped(text_of("walls 10")), "fat_tree, rail, dragonfly, ring"));

  EXPECT_TRUE(contains(text_of("walls 19"), "Holds for train, because checkpoints are written in training."));
  const Json checkpoint = json_of("walls 19")[0]["functions"][0];
  EXPECT_EQ(checkpoint["phases"], Json({"train"}));
  EXPECT_EQ(checkpoint["kinds"].size(), 3U);
  EXPECT_TRUE(contains(text_of("walls 4"), "of decoder models, because"));

  for (const char* analysis : {"21", "synthesis"}) {
    EXPECT_TRUE(contains(text_of(std::string("walls ") + analysis), "An analysis: it has no ports"));
    EXPECT_TRUE(json_of(std::string("walls ") + analysis)[0]["functions"].empty());
  }
}

// ---- explain -------------------------------------------------------------------------------------------

TEST(Explain, EveryWallWithoutACase) {
  const Json walls = json_of("walls");
  for (const Json& wall : walls) {
    const std::string number = std::to_string(wall["number"].get<int>());
    const std::string text = text_of("explain " + number);
    SCOPED_TRACE(text);
    for (const char* key : {"statement", "equation", "sources"})
      EXPECT_TRUE(contains(unwrapped(text), unwrapped(wall[key].get<std::string>()))) << key;
    EXPECT_FALSE(contains(text, "WRONG"));
    for (const Json& function : wall["functions"]) {
      EXPECT_TRUE(contains(text, function["name"].get<std::string>() + ": once a"));
      ASSERT_FALSE(function["example"].is_null()) << function["name"];
      EXPECT_TRUE(contains(unwrapped(text), unwrapped(function["example"]["text"].get<std::string>())));
      EXPECT_EQ(function["example"]["inputs"].size(), function["inputs"].size());
      ASSERT_FALSE(function["example"]["outputs"].empty()) << function["name"];
      for (const Json& output : function["example"]["outputs"]) {
        if (!output["value"].is_number()) continue;
        const auto value = output["value"].get<double>();
        EXPECT_NEAR(output["computed"].get<double>(), value, 1e-3 * std::abs(value)) << output;
      }
    }
  }
}

TEST(Explain, EveryWallWithACase) {
  for (int n = 1; n <= kWalls - 2; ++n) {
    const std::string words = "explain " + std::to_string(n) + case_of(n);
    SCOPED_TRACE(words);
    const Json json = json_of(words);
    EXPECT_EQ(json["case"]["model"], "llama-3.1-8b");
    int holding = 0;
    for (const Json& function : json["functions"]) {
      EXPECT_NE(function["holds"].get<bool>(), function["rows"].empty()) << function["name"];
      EXPECT_EQ(function["holds"].get<bool>(), function["refused"].is_null()) << function["name"];
      holding += function["holds"].get<bool>() ? 1 : 0;
      for (const Json& row : function["rows"]) {
        EXPECT_EQ(function["level"] == "operator", !row["operators"].empty());
        for (const Json& input : row["inputs"]) EXPECT_NE(input["from"]["text"], "") << input;
        for (const Json& output : row["outputs"])  // a number, or one for each operator, or the reason
          EXPECT_TRUE(!output["value"].is_null() || output["varies"].get<bool>() ||
                      !output["unknown"].empty() || output["role"] == "account")
              << output;
      }
    }
    EXPECT_GT(holding, 0);
    const std::string text = text_of(words);
    EXPECT_TRUE(contains(text, "This case worked through\nLlama 3.1 8B on H100-SXM-80GB: "));
    EXPECT_TRUE(contains(text, "The time, "));
  }
}

TEST(Explain, LedgerIsThatOfSolve) {
  const std::string words = " llama-2-70b h100 --gpus 8 --tp 8 --batch 8 --params textbook";
  const Json ledger = json_of("solve" + words)["ledger"];
  for (const char* wall : {"compute", "memory", "communication"}) {
    const Json entry = named(ledger, wall);
    const Json explained = json_of("explain " + std::string(wall) + words)["ledger"];
    EXPECT_TRUE(explained["in_time"].get<bool>());
    EXPECT_EQ(explained["seconds"], entry["seconds"]);
    EXPECT_EQ(explained["elasticity"], entry["elasticity"]);
  }
  EXPECT_FALSE(json_of("explain capital" + words)["ledger"]["in_time"].get<bool>());
}

// Every operator's bytes over a bandwidth of 1 TB/s, and their sum.
TEST(Explain, OperatorsAddUpToTheirStep) {
  const Json json =
      json_of("explain memory llama-3.1-8b h100 --params textbook --batch 64 --set memory_bandwidth=1TB/s");
  const Json& row = named(json["functions"], "traffic")["rows"][0];
  EXPECT_EQ(row["step"], "decode");
  EXPECT_EQ(named(row["inputs"], "memory_bandwidth")["value"], 1'000'000'000'000);
  double sum = 0;
  for (const Json& op : row["operators"]) {
    const auto bytes = op["inputs"]["operator_bytes"].get<double>();
    const auto seconds = op["outputs"]["memory_time"].get<double>();
    EXPECT_NEAR(seconds, bytes / 1e12, 1e-12 * seconds);
    sum += op["count"].get<double>() * seconds;
  }
  EXPECT_NEAR(named(row["outputs"], "memory_time")["sum"].get<double>(), sum, 1e-12 * sum);
  for (std::size_t k = 1; k < row["operators"].size(); ++k)
    EXPECT_GE(row["operators"][k - 1]["seconds"], row["operators"][k]["seconds"]);
}

// A wall shows first the operators that it is about.
TEST(Explain, CommunicationShowsCollectives) {
  const std::string text = text_of("explain 14 llama-2-70b h100 --gpus 8 --tp 8 --params textbook");
  EXPECT_TRUE(contains(text, "operator           layer all-reduce")) << text;
  for (const std::string& line : lines_of(text))
    EXPECT_TRUE(line.size() <= kPageWidth || contains(line, "github:")) << line;
}

TEST(Explain, SaysWhereNumbersComeFrom) {
  const Json json = json_of(
      "explain 18 llama-3.1-8b h100 --params textbook --batch 8 --set pue=1.3 --set peak_bf16=500TFLOP/s");
  const auto from = [&](const char* function, const char* input) {
    return named(named(json["functions"], function)["rows"][0]["inputs"], input)["from"];
  };
  EXPECT_EQ(from("facility", "pue")["source"], "given");
  EXPECT_EQ(from("facility", "pue")["text"], "--set pue");
  EXPECT_EQ(from("device_power", "peak_flops")["source"], "given");
  EXPECT_EQ(from("device_power", "power")["source"], "datasheet");
  EXPECT_TRUE(contains(from("device_power", "power")["text"], "NVIDIA"));
  EXPECT_EQ(from("device_power", "memory_bandwidth")["source"], "datasheet");
  EXPECT_EQ(from("facility", "network_power")["source"], "usual");
  EXPECT_EQ(from("facility", "device_power")["source"], "wall");
  EXPECT_EQ(from("facility", "device_power")["text"], "wall 18 sustainability");
  EXPECT_EQ(from("facility", "devices")["source"], "host");

  const Json host = named(json_of("explain 3" + case_of(3))["functions"], "host");
  EXPECT_EQ(host["rows"][0]["inputs"][0]["from"]["source"], "parameter");
  EXPECT_TRUE(contains(host["rows"][0]["inputs"][0]["from"]["text"], "textbook"));
  const Json forced = json_of("explain 3" + case_of(3) + " --set host_time=1ms");
  EXPECT_EQ(named(forced["functions"], "host")["rows"][0]["outputs"][0]["given"], "--set host_time");

  const Json lengths = named(json_of("explain 4" + case_of(4) + " --input-len 100")["functions"], "lengths");
  EXPECT_EQ(named(lengths["rows"][0]["inputs"], "input_len")["from"]["text"], "--input-len");
}

TEST(Explain, TakesAPlan) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml",
                                        "workload: {model: llama-3.1-8b, phase: decode, batch: 8}\n"
                                        "hardware: {name: h100}\n"
                                        "operations: {pue: 1.3}\n");
  const Json json = json_of("explain 18 " + plan + " --params textbook");
  EXPECT_EQ(json["case"]["batch"], 8);
  const Json pue = named(named(json["functions"], "facility")["rows"][0]["inputs"], "pue");
  EXPECT_EQ(pue["value"], 1.3);
  EXPECT_EQ(pue["from"]["source"], "given");
  EXPECT_TRUE(contains(pue["from"]["text"], "operations.pue")) << pue;
}

TEST(Explain, UnknownIsUnknown) {
  const std::string words = "explain 18" + case_of(18);
  const Json footprint = named(json_of(words)["functions"], "footprint");
  const Json carbon = named(footprint["rows"][0]["outputs"], "run_carbon");
  EXPECT_TRUE(carbon["value"].is_null());
  EXPECT_EQ(carbon["unknown"], Json({"carbon_intensity"}));
  EXPECT_TRUE(contains(unwrapped(text_of(words)), "Unknown without carbon_intensity"));
  const Json known = named(json_of(words + " --set carbon_intensity=100gCO2e/kWh")["functions"], "footprint");
  EXPECT_GT(named(known["rows"][0]["outputs"], "run_carbon")["value"].get<double>(), 0);
}

// Textbook decode at a batch of one is all memory: twice the bandwidth is half the time.
TEST(Explain, AnalysesWorkOnTheCase) {
  const std::string words = " llama-3.1-8b h100 --params textbook --batch 1";
  const Json sensitivity = json_of("explain 21" + words);
  const Json bandwidth = named(sensitivity["findings"], "memory_bandwidth", "input");
  EXPECT_NEAR(bandwidth["value"].get<double>(), -1, 1e-9);
  EXPECT_TRUE(contains(text_of("explain sensitivity" + words), "memory_bandwidth"));

  const Json synthesis = json_of("explain 22" + words);
  EXPECT_NEAR(synthesis["output"]["target"].get<double>(), 0.8 * synthesis["output"]["value"].get<double>(),
              1e-12);
  const Json needed = named(synthesis["findings"], "memory_bandwidth", "input");
  EXPECT_NEAR(needed["value"].get<double>() / needed["given"].get<double>(), 1 / 0.8, 1e-6);
  EXPECT_TRUE(contains(text_of("explain synthesis" + words), "no value of it alone meets the target"));
}

TEST(Explain, ServiceIsExplainedAtItsLoad) {
  const Json json = json_of("explain 7" + case_of(7));
  const Json& row = named(json["functions"], "tail")["rows"][0];
  const auto in = [&](const char* name) { return named(row["inputs"], name)["value"].get<double>(); };
  const auto utilisation = named(row["outputs"], "service_utilisation")["value"].get<double>();
  EXPECT_NEAR(utilisation, in("arrival_rate") / in("request_capacity"), 1e-12);
  // Both kinds of step run.
  const Json memory = json_of("explain 2 llama-3.1-8b h100 --params textbook --phase offline");
  const Json& rows = named(memory["functions"], "traffic")["rows"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["step"], "prefill");
  EXPECT_EQ(rows[1]["step"], "decode");
}

TEST(Explain, RefusesAWallThatDoesNotHold) {
  const std::string decode = " llama-3.1-8b h100 --params textbook --phase decode";
  EXPECT_TRUE(contains(refused("explain 19" + decode),
                       "Wall 19 (checkpoint) does not hold for decode of llama-3.1-8b: it is for train, "
                       "because checkpoints are written in training."));
  EXPECT_TRUE(contains(refused("explain tail-latency" + decode), "requests arrive at random"));
  EXPECT_TRUE(contains(refused("explain 9" + decode), "does not hold for decode"));
  // A part of a wall that does not hold is said to be so, and the rest is worked through.
  EXPECT_TRUE(contains(text_of("explain 5 llama-3.1-8b h100 --params textbook --phase prefill"),
                       "Not for this case: it is for decode, offline, serve of decoder models"));
  EXPECT_TRUE(contains(text_of("explain capital resnet h100 --params textbook"),
                       "Not for this case: it is for every phase of decoder and encoder models, because a"));
}

TEST(Explain, InfeasibleIsExplainedAndSaidToBeSo) {
  const Result r = run("explain 2 llama-2-70b h100 --gpus 1 --params textbook");
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.out, "memory_headroom")) << r.out;
  EXPECT_TRUE(contains(r.err, "does not fit")) << r.err;
}

TEST(Explain, BadInputIsRefused) {
  EXPECT_TRUE(contains(refused("explain"), "Usage: ironlaw explain WALL"));
  EXPECT_TRUE(contains(refused("explain 23"), "wall 23 is not loaded"));
  EXPECT_TRUE(contains(refused("explain memry"), "memory"));
  EXPECT_TRUE(contains(refused("explain 2 llama-3.1-8b"), "HARDWARE"));
  EXPECT_TRUE(contains(refused("explain 2 --batch 4"), "--batch describes a case"));
  EXPECT_TRUE(contains(refused("explain 2 llama-3.1-8b h100 --params textbook --set pued=1"), "pue"));
  EXPECT_TRUE(contains(refused("explain 2 llama-3.1-8b h100 a100"), "a100"));
}

}  // namespace
}  // namespace ironlaw::test
