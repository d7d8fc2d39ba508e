// ironlaw db: builds, leaves alone, imports, queries.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

class Db : public ::testing::Test {
 protected:
  Result db(const std::vector<std::string>& words) const {
    std::vector<std::string> all = {"db"};
    all.insert(all.end(), words.begin(), words.end());
    return run(all, environment_);
  }
  TemporaryFolder folder_;
  std::string path_ = (folder_.path() / "new folder" / "facts.sqlite").string();
  Environment environment_ = {{"IRONLAW_DB", path_}, {"IRONLAW_DATA", IRONLAW_FACTS_DIR}};
};

TEST_F(Db, IsBuiltOnceAndQueried) {
  const Result first = db({"build"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(contains(first.out, "database is built: " + path_)) << first.out;
  EXPECT_TRUE(contains(first.out, "Rows not loaded")) << first.out;
  const Result second = db({"build"});
  EXPECT_EQ(second.code, 0);
  EXPECT_EQ(second.out, "database is current: " + path_ + "\n");
  EXPECT_TRUE(contains(db({"build", "--force"}).out, "database is built"));

  const std::string sql = "SELECT id, year, NULL AS blank FROM device WHERE id LIKE 'H100-SXM-8%'";
  const Json json = Json::parse(db({"query", sql, "--format", "json"}).out);
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0]["id"], "H100-SXM-80GB");
  EXPECT_EQ(json[0]["year"], 2022);
  EXPECT_TRUE(json[0]["blank"].is_null());
  EXPECT_EQ(db({"query", sql, "--format", "csv"}).out, "id,year,blank\nH100-SXM-80GB,2022,\n");
  EXPECT_TRUE(contains(db({"query", sql}).out, "H100-SXM-80GB  2022"));

  for (const char* bad :
       {"DELETE FROM device", "SELECT 1; SELECT 2", "", "SELEC 1", "SELECT * FROM devices"}) {
    const Result r = db({"query", bad});
    EXPECT_EQ(r.code, 1) << bad;
    EXPECT_EQ(r.out, "") << bad;
  }

  const std::string text = folder_.write("notes.csv", "a,b\n1,2\n");
  const Result import = db({"import", text});
  EXPECT_EQ(import.code, 1);
  EXPECT_TRUE(contains(import.err, "notes.csv")) << import.err;
  EXPECT_EQ(db({"import", (folder_.path() / "missing.csv").string()}).code, 1);
  EXPECT_TRUE(contains(db({"build"}).out, "database is current"));
}

TEST_F(Db, TellsWhatEachAcceleratorWasTakenFor) {
  ASSERT_EQ(db({"build"}).code, 0);
  const Json json = Json::parse(db({"devices", "--format", "json"}).out);
  std::map<std::string, Json> by_name;
  std::int64_t closed = 0, without = 0;
  for (const Json& device : json["devices"]) {
    by_name[device["suite"].get<std::string>() + " " + device["name"].get<std::string>()] = device;
    closed += device["closed_rows"].get<std::int64_t>();
    if (device["target"].is_null()) without += device["closed_rows"].get<std::int64_t>();
  }
  EXPECT_EQ(json["closed_rows"], closed);
  EXPECT_EQ(json["closed_rows_without_target"], without);
  EXPECT_GT(closed, 8000);
  EXPECT_EQ(by_name["training H100-SXM"]["target"], "H100-SXM-80GB");
  // The submitter's own words tell a 500 W board from the plain one.
  EXPECT_EQ(by_name["training NVIDIA A100-SXM4-80GB (500W)"]["target"], "A100-SXM-80GB-CTS");
  // Which board of two is not stated: no target, and the reason.
  EXPECT_TRUE(by_name["training V100"]["target"].is_null());
  EXPECT_TRUE(contains(by_name["training V100"]["reason"], "16 or 32 GB"));

  const Result text = db({"devices", "--unmapped"});
  EXPECT_TRUE(contains(text.out, "16 or 32 GB")) << text.out;
  EXPECT_FALSE(contains(text.out, "\nMI325X ")) << text.out;
  EXPECT_TRUE(contains(text.out, " closed rows have no target (")) << text.out;
  EXPECT_EQ(db({"devices", "extra"}).code, 1);
}

TEST_F(Db, ReportsWhatIsMissing) {
  EXPECT_EQ(db({"devices"}).code, 1);
  EXPECT_EQ(db({"query", "SELECT 1"}).code, 1);
  const Result facts = db({"build", "--facts", (folder_.path() / "missing").string()});
  EXPECT_EQ(facts.code, 1);
  EXPECT_TRUE(contains(facts.err, "missing")) << facts.err;
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(contains(db({"biuld"}).err, "Did you mean build"));
  EXPECT_EQ(db({}).code, 1);
  EXPECT_EQ(db({"import"}).code, 1);
}

// Small checkouts of both kinds, by the names that the page uses.
void write_checkouts(const std::filesystem::path& folder) {
  const auto write = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  };
  const std::string system =
      R"({"division": "closed", "status": "available", "system_name": "One", "system_type": "datacenter",
          "number_of_nodes": 1, "accelerator_model_name": "NVIDIA H100-SXM-80GB", "accelerators_per_node": 8})";
  for (const std::string root : {"inference_results_v5.1", "clone-of-inference"}) {
    write(root + "/closed/Acme/systems/one.json", system);
    write(root + "/closed/Acme/results/one/llama2-70b-99/Offline/performance/run_1/mlperf_log_summary.txt",
          "SUT name : x\nScenario : Offline\nTokens per second: 25000\nResult is : VALID\n");
  }
  write("training_results_v5.0/Acme/systems/one.json", system);
  write("training_results_v5.0/Acme/results/one/llama2_70b_lora/result_0.txt",
        R"(:::MLLOG {"key": "global_batch_size", "time_ms": 0, "value": 8, "metadata": {}}
:::MLLOG {"key": "run_start", "time_ms": 1000, "value": null, "metadata": {}}
:::MLLOG {"key": "tracked_stats", "time_ms": 9000, "value": {"train_step_time": 0.5}, "metadata": {"step": 1}}
:::MLLOG {"key": "run_stop", "time_ms": 99000, "value": null, "metadata": {"status": "success"}}
)");
}

// Every command of docs/your-data.md works as it stands there.
TEST_F(Db, ThePageOnYourDataIsTrue) {
  write_checkouts(folder_.path());
  std::ifstream page(IRONLAW_FACTS_DIR "/../docs/your-data.md");
  const std::string program = std::filesystem::path(IRONLAW_EXECUTABLE).parent_path().string();
  bool is_command = false;
  int commands = 0;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      is_command = line == "```sh" || line == "```console";  // console: needs a checkout
      continue;
    }
    if (!is_command) continue;
    ++commands;
    const std::string log = (folder_.path() / "log").string();
    const std::string shell = "cd '" + folder_.path().string() + "' && export PATH='" + program +
                              "':$PATH IRONLAW_DB='" + path_ + "' IRONLAW_DATA='" + IRONLAW_FACTS_DIR +
                              "' && ( " + line + " ) 2> '" + log + "' > '" + log + ".out'";
    EXPECT_EQ(std::system(shell.c_str()), 0) << line << ": " << std::ifstream(log).rdbuf();
  }
  EXPECT_EQ(commands, 13);
  const auto count = [&](const std::string& where) {
    return db({"query", "SELECT count(*) FROM " + where, "--format", "csv"}).out;
  };
  EXPECT_TRUE(contains(count("observation WHERE suite = 'own'"), "\n3\n"));
  EXPECT_TRUE(contains(count("operator_measurement WHERE source = 'own'"), "\n3\n"));
  EXPECT_TRUE(contains(
      count("observation WHERE submitter = 'Acme' AND platform = 'one' AND suite = 'inference'"), "\n1\n"));
  // 8 samples in half a second
  EXPECT_TRUE(
      contains(count("observation WHERE submitter = 'Acme' AND suite = 'training' AND value = 16"), "\n1\n"));
}

TEST_F(Db, SaysWhatItHolds) {
  ASSERT_EQ(db({"build"}).code, 0);
  const Json json = Json::parse(db({"stats", "--format", "json"}).out);
  EXPECT_GT(json["tables"]["operator_measurement"].get<int>(), 100'000);
  EXPECT_LT(json["facts_bytes"].get<int>(), 20'000'000);  // what the repository may hold
  for (const char* by : {"source", "suite", "device", "model", "year"}) {
    std::int64_t rows = 0;
    const Json counts = json["rows"]["observation"][by];
    for (const auto& [name, count] : counts.items()) rows += count.get<std::int64_t>();
    EXPECT_EQ(rows, json["tables"]["observation"].get<std::int64_t>()) << by;
  }
  EXPECT_FALSE(json["not_loaded"].empty());
  const Result text = db({"stats"});
  for (const char* part : {"observation by suite", "operator_measurement by operation",
                           "others (--all names them)", "Rows of the facts that were not loaded"})
    EXPECT_TRUE(contains(text.out, part)) << text.out;
  EXPECT_FALSE(contains(db({"stats", "--all"}).out, "--all names them"));
  EXPECT_TRUE(contains(db({"template", "opertors"}).err, "Did you mean operators"));
}

TEST_F(Db, LeavesOtherFilesAlone) {
  environment_["IRONLAW_DB"] = folder_.write("precious.txt", "not a database\n");
  EXPECT_EQ(db({"build"}).code, 1);
  EXPECT_EQ(db({"query", "SELECT 1"}).code, 1);
  EXPECT_EQ(std::filesystem::file_size(environment_["IRONLAW_DB"]), 15U);
}

}  // namespace
}  // namespace ironlaw::test
