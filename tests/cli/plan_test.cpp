// Plans end to end: what they answer, the limits that they state, and everything a plan can get wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

const std::string kPlans = IRONLAW_FACTS_DIR "/plans/";
const std::string kHead =
    "workload: {model: llama-3.1-8b, phase: decode, input_len: 1000, output_len: 100, precision: bf16}\n"
    "hardware: {name: h100}\n";
const std::string kService =
    "workload: {model: llama-3.1-8b, phase: serve, input_len: 1000, output_len: 100, precision: bf16}\n"
    "hardware: {name: h100}\n"
    "serving: {arrival_rate: 2/s}\n";

std::vector<std::string> words(const std::string& plan, const std::vector<std::string>& more) {
  std::vector<std::string> all = {"solve", plan, "--params", "textbook"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Result solve_file(const std::string& path, const std::vector<std::string>& more = {}) {
  return run(words(path, more));
}
Result solve(const std::string& text, const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  return solve_file(folder.write("plan.yaml", text), more);
}
Json answer(const std::string& text, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--format", "json"});
  const Result r = solve(text, more);
  EXPECT_TRUE(r.code == 0 || r.code == 2 || r.code == 3) << r.err;
  return Json::parse(r.out, nullptr, false);
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The same scenario as words gives the same answer, notes apart.
TEST(Plan, SaysWhatTheOptionsSay) {
  Json plan = answer(
      "workload: {model: llama-3.1-70b, phase: decode, batch: 32, input_len: 2000, output_len: 500,\n"
      "           precision: fp8, kv_precision: fp16}\n"
      "hardware: {name: H100-SXM-80GB, memory_bandwidth: 4 TB/s}\n"
      "fleet: {gpus: 8, oversubscription: 2}\n"
      "parallelism: {tp: 4, dp: 2}\n"
      "serving: {launch_mode: eager}\n"
      "operations: {pue: 1.3}\n"
      "parameters: {bandwidth_efficiency: 80%}\n");
  const Result r =
      run("solve llama-3.1-70b H100-SXM-80GB --phase decode --batch 32 --input-len 2000 --output-len 500 "
          "--precision fp8 --kv-precision fp16 --gpus 8 --tp 4 --dp 2 --set memory_bandwidth=4TB/s --set "
          "oversubscription=2 --set launch_mode=eager --set pue=1.3 --set bandwidth_efficiency=80% --params "
          "textbook --format json");
  ASSERT_EQ(r.code, 0) << r.err;
  const Json options = Json::parse(r.out);
  for (const char* key : {"model", "hardware", "batch", "tp", "dp", "time_s", "iron_law", "ledger", "memory"})
    EXPECT_EQ(plan[key], options[key]) << key;
  EXPECT_NE(plan["time_s"], answer("workload: {model: llama-3.1-70b, batch: 32}\nhardware: {name: h100}\n"
                                   "parallelism: {tp: 4, dp: 2}\n")["time_s"]);
}

TEST(Plan, OptionsGoOnTop) {
  const std::string plan = kHead + "parallelism: {tp: 2}\nserving: {launch_mode: eager}\n";
  EXPECT_EQ(answer(plan)["tp"], 2);
  const Json changed = answer(plan, {"--tp", "4", "--batch", "8", "--set", "launch_mode=graph"});
  EXPECT_EQ(changed["tp"], 4);
  EXPECT_EQ(changed["batch"], 8);
  EXPECT_EQ(changed["time_s"], answer(kHead + "parallelism: {tp: 4}\n", {"--batch", "8"})["time_s"]);
  EXPECT_NE(changed["time_s"], answer(plan, {"--tp", "4", "--batch", "8"})["time_s"]);
}

TEST(Plan, EmptyBlocksCommentsAndAnchorsAreFine) {
  const Result r = solve(
      "# a comment\nname: Test\nworkload: {model: &m llama-3.1-8b, draft: *m, phase: decode}\n"
      "hardware: {name: h200}\nfleet:\nconstraints:\nparams: textbook\n");
  EXPECT_EQ(r.code, 0) << r.err;
}

struct Example {
  const char* file;
  int code;
};
constexpr Example kExamples[] = {{"training-llama-405b", 0}, {"serving-llama-70b", 0},
                                 {"chatbot-llama-8b", 0},    {"offline-mixtral", 0},
                                 {"does-not-fit", 2},        {"misses-its-limits", 3}};

TEST(Plan, ExamplesAnswerAsTheySay) {
  for (const Example& example : kExamples) {
    const std::string path = kPlans + example.file + ".yaml";
    const Result r = solve_file(path, {"--format", "json"});
    EXPECT_EQ(r.code, example.code) << example.file << ": " << r.err;
    EXPECT_EQ(r.err.empty(), example.code == 0) << r.err;
    const Json json = Json::parse(r.out, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << example.file;
    EXPECT_EQ(json["feasible"], example.code != 2);
    EXPECT_EQ(json["violations"].is_null(), example.code == 2);
    if (example.code != 2) {
      EXPECT_EQ(json["violations"].empty(), example.code == 0);
    }
    for (const char* format : {"text", "csv"}) EXPECT_EQ(solve_file(path, {"--format", format}).code, r.code);
  }
  // No example is left out.
  for (const auto& entry : std::filesystem::directory_iterator(kPlans))
    EXPECT_TRUE(std::any_of(std::begin(kExamples), std::end(kExamples), [&](const Example& example) {
      return entry.path().filename() == std::string(example.file) + ".yaml";
    })) << entry.path();
}

TEST(Plan, WhatDoesNotFitFitsAsItsCommentSays) {
  EXPECT_EQ(solve_file(kPlans + "does-not-fit.yaml", {"--precision", "fp8"}).code, 0);
}

TEST(Limits, AreHeldAgainstTheResults) {
  const double itl = answer(kHead)["time_s"];
  const auto with = [&](const char* kind, double value) {
    std::ostringstream text;
    text.precision(17);
    text << kHead << "constraints: {assert: [{metric: time, " << kind << ": " << value << " s}]}\n";
    return solve(text.str(), {"--format", "json"});
  };
  EXPECT_EQ(with("max", itl).code, 0);
  EXPECT_EQ(with("min", itl).code, 0);
  EXPECT_EQ(with("min", itl * 0.999).code, 0);
  const Result over = with("max", itl * 0.999);
  EXPECT_EQ(over.code, 3);
  EXPECT_TRUE(contains(over.err, "time is ")) << over.err;
  EXPECT_TRUE(contains(over.err, "at most")) << over.err;
  EXPECT_TRUE(contains(over.err, "constraints.assert[0].max")) << over.err;
  const Json violation = Json::parse(over.out)["violations"][0];
  EXPECT_EQ(violation["metric"], "time");
  EXPECT_EQ(violation["kind"], "max");
  EXPECT_EQ(violation["unit"], "s");
  EXPECT_NEAR(violation["limit"].get<double>() / (itl * 0.999), 1, 1e-12);
  EXPECT_EQ(violation["actual"], itl);
  const Result under = with("min", itl * 1.001);
  EXPECT_EQ(under.code, 3);
  EXPECT_TRUE(contains(under.err, "at least")) << under.err;
}

TEST(Limits, AllThatAreBrokenAreListed) {
  const Result r = solve(kService +
                             "constraints:\n  assert:\n"
                             "    - {metric: itl, max: 1 ms}\n"
                             "    - {metric: mfu, max: 1, min: 0}\n"
                             "    - {metric: least_headroom, max: 1 GB}\n"
                             "    - {metric: throughput, min: 1e6/s}\n",
                         {"--format", "json"});
  EXPECT_EQ(r.code, 3);
  std::vector<std::string> broken;
  const Json json = Json::parse(r.out);
  for (const Json& violation : json["violations"]) broken.push_back(violation["metric"]);
  EXPECT_EQ(broken, (std::vector<std::string>{"itl", "least_headroom", "throughput"}));
  EXPECT_TRUE(contains(r.err, "3 stated limits are broken")) << r.err;
  for (const std::string& metric : broken) EXPECT_TRUE(contains(r.err, "\n  " + metric + " is ")) << r.err;
}

// Two limits that look alike when rounded are told apart.
TEST(Limits, ANarrowMissIsShownInFull) {
  const Result r = solve(kHead + "constraints: {assert: [{metric: devices, max: 1}]}\n");
  EXPECT_EQ(r.code, 1);  // an input and no output
  const double time = answer(kHead)["time_s"];
  std::ostringstream limit;
  limit.precision(12);
  limit << time * (1 - 1e-7);
  const Result narrow =
      solve(kHead + "constraints: {assert: [{metric: time, max: " + limit.str() + " s}]}\n");
  EXPECT_EQ(narrow.code, 3);
  std::ostringstream actual;
  actual.precision(12);
  actual << time;
  EXPECT_TRUE(contains(narrow.err, actual.str())) << narrow.err << actual.str();
}

TEST(Limits, UnknownResultsCannotBeHeld) {
  const std::string limit = "constraints: {assert: [{metric: run_carbon, max: 1 kg}]}\n";
  const Result r = solve(kService + limit);
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out, "");
  EXPECT_TRUE(contains(r.err, "run_carbon is unknown here")) << r.err;
  EXPECT_TRUE(contains(r.err, "carbon_intensity")) << r.err;
  EXPECT_EQ(solve(kService + "operations: {place: poland}\n" + limit).code, 0);
}

// What is wrong, and what its message must say.
struct Bad {
  std::string text;
  std::vector<std::string> said;
};

TEST(Plan, BadInputIsRefusedInOneSentence) {
  const auto limit = [](const std::string& text) {
    return kHead + "constraints: {assert: [" + text + "]}\n";
  };
  const std::vector<Bad> cases = {
      {"", {"empty plan"}},
      {"# nothing but a comment\n", {"empty plan"}},
      {"~\n", {"empty plan"}},
      {"just text\n", {"must be a mapping", "a value"}},
      {"[1, 2]\n", {"must be a mapping", "a list"}},
      {"workload: {model: llama-3.1-8b\n", {"plan.yaml:", "no YAML"}},
      {"workload:\n\tmodel: x\n", {"plan.yaml:2", "no YAML"}},
      {kHead + "---\n" + kHead, {"2 documents"}},
      {kHead + "fleeet: {gpus: 8}\n", {"fleeet (", ":3)", "unknown", "Did you mean fleet"}},
      {kHead + "fleet: {topologyy: ring}\n",
       {"fleet.topologyy (", ":3)", "unknown", "Did you mean topology"}},
      {kHead + "parallelism: {tpp: 2}\n", {"parallelism.tpp", "unknown", "Did you mean tp"}},
      {kHead + "fleet: {tp: 2}\n", {"fleet.tp", "wrong place", "belongs in parallelism"}},
      {kHead + "tp: 2\n", {"tp (", "belongs in parallelism"}},
      {kHead + "fleet: {arrival_rate: 2/s}\n", {"fleet.arrival_rate", "wrong block", "hardware or serving"}},
      {kHead + "hardware: {name: h200}\n", {"hardware (", ":3)", "given twice", "line 2"}},
      {kHead + "fleet: {gpus: 2, gpus: 4}\n", {"fleet.gpus", "given twice"}},
      {kHead + "fleet: {devices_per_node: 4}\noperations: {devices_per_node: 8}\n",
       {"operations.devices_per_node", "given twice", "fleet.devices_per_node"}},
      {kHead + "fleet: 8\n", {"fleet (", "a value", "must be a mapping"}},
      {kHead + "fleet: [gpus]\n", {"fleet (", "a list", "must be a mapping"}},
      {kHead + "fleet: {gpus: [8]}\n", {"fleet.gpus", ":3)", "a list", "one value"}},
      {kHead + "fleet: {gpus: {n: 8}}\n", {"fleet.gpus", "a mapping", "one value"}},
      {kHead + "fleet: {gpus: }\n", {"fleet.gpus", "no value"}},
      {kHead + "fleet: {gpus: ''}\n", {"fleet.gpus", "no value"}},
      {kHead + "fleet: {gpus: eight}\n", {"fleet.gpus", "'eight'", "whole number"}},
      {kHead + "fleet: {gpus: true}\n", {"fleet.gpus", "'true'"}},
      {kHead + "fleet: {gpus: .nan}\n", {"fleet.gpus", "'.nan'"}},
      {kHead + "fleet: {gpus: -1}\n", {"fleet.gpus", "'-1'"}},
      {kHead + "fleet: {topology: rign}\n", {"fleet.topology", "rign", "Did you mean ring"}},
      {kHead + "fleet: {oversubscription: 0.5}\n", {"fleet.oversubscription", "allowed is 1 to"}},
      {kHead + "serving: {arrival_rate: 2}\n", {"serving.arrival_rate", "no unit"}},
      {kHead + "serving: {arrival_rate: 2 GB}\n", {"serving.arrival_rate", "GB"}},
      {kHead + "parameters: {batch: 3}\n", {"parameters.batch", "belongs in workload"}},
      {kHead + "parameters: {devices: 3}\n", {"parameters.devices", "--gpus"}},
      {kHead + "? [a, b]\n: 1\n", {"a key that is a list"}},
      {kHead + "\"fle\\net\": {gpus: 8}\n", {"control character"}},
      {kHead + "name: \"a\\nb\"\n", {"name", "control character"}},
      {kHead + "name: " + std::string(2000, 'x') + "\n", {"name", "longer than 1000"}},
      {kHead + "name: [a]\n", {"name", "one value"}},
      {kHead + "generation: 2025\n", {"generation", "2025-09"}},
      {kHead + "fleet: *unknown\n", {"no YAML"}},
      {kHead + "fleet: {<<: {gpus: 8}}\n", {"fleet.<<", "a mapping", "one value"}},
      {kHead + std::string(5000, '['), {"no YAML"}},
      {kHead + "constraints: [{metric: itl, max: 1 s}]\n", {"constraints (", "must be a mapping"}},
      {kHead + "constraints: {asert: []}\n", {"constraints.asert", "Did you mean assert"}},
      {kHead + "constraints: {assert: {metric: itl}}\n", {"constraints.assert (", "must be a list"}},
      {limit("itl"), {"constraints.assert[0]", "must be a mapping"}},
      {limit("{metric: itl}"), {"constraints.assert[0]", "max, min or both"}},
      {limit("{max: 50 ms}"), {"constraints.assert[0]", "no metric"}},
      {limit("{metric: itl, maxx: 50 ms}"), {"constraints.assert[0].maxx", "Did you mean max"}},
      {limit("{metric: itll, max: 50 ms}"), {"constraints.assert[0].metric", "'itll'", "Did you mean itl"}},
      {limit("{metric: itl, max: 50}"), {"constraints.assert[0].max", "no unit"}},
      {limit("{metric: itl, max: 50 GB}"), {"constraints.assert[0].max", "GB"}},
      {limit("{metric: itl, max: soon}"), {"constraints.assert[0].max", "'soon'"}},
      {limit("{metric: itl, max: 1 ms, min: 2 ms}"), {"constraints.assert[0].max", "below its min of 2 ms"}},
      {"hardware: {name: h100}\n", {"model is missing"}},
      {"workload: {model: llama-3.1-8b}\n", {"hardware is missing"}},
      {"workload: {model: lamma-3.1-8b}\nhardware: {name: h100}\n", {"Did you mean llama-3.1-8b"}},
      {"workload: {model: llama-3.1-8b, phase: decod}\nhardware: {name: h100}\n",
       {"workload.phase", ":1)", "Did you mean decode"}},
      {"workload: {modle: llama-3.1-8b}\nhardware: {name: h100}\n", {"workload.modle", "Did you mean model"}},
      {kHead + "operations: {place: atlantis}\n", {"atlantis"}},
      {kHead + "operations: {year: 2024}\n", {"operations.year", "without a place"}},
      {kHead + "operations: {place: poland, year: soon}\n", {"operations.year", "'soon'"}},
      {kHead + "operations: {rental: nowhere}\n", {"nowhere", "AWS us-east-1 (on-demand)"}},
      {kHead + "operations: {rental: spot reserved}\n", {"operations.rental", "name one"}},
  };
  for (const Bad& bad : cases) {
    const Result r = solve(bad.text, {"--format", "json"});
    EXPECT_EQ(r.code, 1) << bad.text << r.err;
    EXPECT_EQ(r.out, "") << bad.text;
    EXPECT_TRUE(r.err.starts_with("ironlaw: ")) << bad.text << r.err;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << bad.text << r.err;
    EXPECT_FALSE(contains(r.err, "bug")) << bad.text << r.err;
    for (const std::string& part : bad.said) EXPECT_TRUE(contains(r.err, part)) << part << "\n" << r.err;
  }
}

TEST(Plan, ItsParametersAreOneOfTwoSets) {
  const TemporaryFolder folder;
  const Result r = run({"solve", folder.write("plan.yaml", kHead + "params: fited\n")});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.err, "params (") && contains(r.err, "calibrated, textbook")) << r.err;
  EXPECT_EQ(run({"solve", folder.write("textbook.yaml", kHead + "params: textbook\n")}).code, 0);
}

TEST(Plan, FilesThatAreNone) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& path, const std::string& part) {
    const Result r = solve_file(path);
    EXPECT_EQ(r.code, 1) << path;
    EXPECT_EQ(r.out, "");
    EXPECT_TRUE(contains(r.err, part)) << r.err;
  };
  refused((folder.path() / "none.yaml").string(), "There is no plan");
  std::filesystem::create_directory(folder.path() / "folder.yaml");
  refused((folder.path() / "folder.yaml").string(), "is a folder");
  std::filesystem::create_symlink("/dev/null", folder.path() / "device.yaml");
  refused((folder.path() / "device.yaml").string(), "no regular file");
  refused(folder.write("large.yaml", std::string(1'000'001, '#')), "larger than 1000000 bytes");
  refused(folder.write("binary.yaml", std::string("a: \0", 4)), "NUL");
  refused(folder.write("plan.txt", kHead), "ends in .yaml");
  EXPECT_TRUE(contains(run({"solve", "a.yaml", "b.yaml", "c.yaml"}).err, "c.yaml"));
}

// However a plan is cut short, it is answered or refused.
TEST(Plan, NoPartOfAPlanCrashes) {
  const std::string text = read(kPlans + "serving-llama-70b.yaml");
  ASSERT_GT(text.size(), 100U);
  for (std::size_t length = 0; length < text.size(); length += 5) {
    const Result r = solve(text.substr(0, length));
    EXPECT_TRUE(r.code >= 0 && r.code <= 3) << length << r.err;
    EXPECT_FALSE(contains(r.err, "bug")) << length << r.err;
  }
}

}  // namespace
}  // namespace ironlaw::test
