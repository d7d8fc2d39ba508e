// ironlaw db: builds, leaves alone, imports, queries.
#include <gtest/gtest.h>

#include <filesystem>

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

TEST_F(Db, LeavesOtherFilesAlone) {
  environment_["IRONLAW_DB"] = folder_.write("precious.txt", "not a database\n");
  EXPECT_EQ(db({"build"}).code, 1);
  EXPECT_EQ(db({"query", "SELECT 1"}).code, 1);
  EXPECT_EQ(std::filesystem::file_size(environment_["IRONLAW_DB"]), 15U);
}

}  // namespace
}  // namespace ironlaw::test
