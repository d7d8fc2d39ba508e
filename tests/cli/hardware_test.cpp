// ironlaw hardware: lists, filters and sorts, and what is known of one target.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

// The names in a list, in its order.
std::vector<std::string> names_of(const std::vector<std::string>& options) {
  std::vector<std::string> words = {"hardware", "--format", "csv", "--columns", "year"};
  words.insert(words.end(), options.begin(), options.end());
  const Result r = run(words);
  EXPECT_EQ(r.code, 0) << r.err;
  std::vector<std::string> names;
  std::istringstream lines(r.out);
  for (std::string line; std::getline(lines, line);) names.push_back(line.substr(0, line.find(',')));
  if (!names.empty()) names.erase(names.begin());
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(HardwareList, FiltersByFigures) {
  const auto fast = names_of({"--where", "memory_bandwidth >= 3 TB/s"});
  EXPECT_TRUE(has(fast, "H100-SXM-80GB"));
  EXPECT_FALSE(has(fast, "A100-SXM-80GB"));
  const auto both =
      names_of({"--where", "memory_bandwidth >= 3 TB/s", "--where", "memory_bandwidth < 4000 GB/s"});
  EXPECT_TRUE(has(both, "H100-SXM-80GB"));
  EXPECT_FALSE(has(both, "H200-SXM-141GB"));
  EXPECT_TRUE(has(names_of({"--where", "ridge_bf16=295.3"}), "H100-SXM-80GB"));
  EXPECT_TRUE(has(names_of({"--where", "ridge_bf16 > 200 FLOP/B"}), "H100-SXM-80GB"));
  EXPECT_TRUE(has(names_of({"--where", "peak_16bit > 900 TFLOPS"}), "H100-SXM-80GB"));
  EXPECT_TRUE(has(names_of({"--where", "power <= 700 W"}), "H100-SXM-80GB"));
}

TEST(HardwareList, FiltersByTextAndYear) {
  const auto amd = names_of({"--vendor", "amd"});
  EXPECT_TRUE(has(amd, "MI300X"));
  EXPECT_FALSE(has(amd, "H100-SXM-80GB"));
  const auto two = names_of({"--family", "hopper", "--family", "ampere"});
  EXPECT_TRUE(has(two, "H100-SXM-80GB") && has(two, "A100-SXM-80GB"));
  EXPECT_FALSE(has(two, "MI300X"));
  EXPECT_TRUE(has(names_of({"--kind", "tpu"}), "TPU-v5p"));
  EXPECT_TRUE(has(names_of({"--year", "2022"}), "H100-SXM-80GB"));
  EXPECT_FALSE(has(names_of({"--year", "2023.."}), "H100-SXM-80GB"));
  EXPECT_TRUE(has(names_of({"--year", "..2022"}), "H100-SXM-80GB"));
  EXPECT_FALSE(has(names_of({"--year", "2020..2021"}), "H100-SXM-80GB"));
}

TEST(HardwareList, AnUnknownFigureMeetsNoCondition) {
  const Result all = run("hardware --vendor google --columns power,year");
  EXPECT_TRUE(contains(all.out, "TPU-v5p")) << all.out;
  const Result text = run({"hardware", "--vendor", "google", "--where", "power > 0 W"});
  EXPECT_EQ(text.code, 0);
  EXPECT_FALSE(contains(text.out, "TPU-v5p")) << text.out;
  EXPECT_TRUE(contains(text.out, "more left out: nobody has published")) << text.out;
  const Result csv = run({"hardware", "--vendor", "google", "--where", "power > 0 W", "--format", "csv"});
  EXPECT_TRUE(contains(csv.err, "more left out")) << csv.err;
}

TEST(HardwareList, SortsUnknownOnesLast) {
  const auto order = [](const std::vector<std::string>& options) {
    std::vector<double> values;
    std::vector<std::string> words = {"hardware", "--format", "csv", "--columns", "power", "--sort", "power"};
    words.insert(words.end(), options.begin(), options.end());
    std::istringstream lines(run(words).out);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "name,power");
    while (std::getline(lines, line)) {
      const std::string value = line.substr(line.find(',') + 1);
      values.push_back(value.empty() ? -1 : std::stod(value));
    }
    return values;
  };
  const auto up = order({}), down = order({"--descending"});
  EXPECT_EQ(up.back(), -1);
  EXPECT_EQ(down.back(), -1);
  std::vector<double> known(up.begin(), std::find(up.begin(), up.end(), -1));
  EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
  known.assign(down.begin(), std::find(down.begin(), down.end(), -1));
  EXPECT_TRUE(std::is_sorted(known.rbegin(), known.rend()));
}

TEST(HardwareList, RefusesWhatItDoesNotUnderstand) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> bad = {
      {{"--where", "powr > 3 W"}, "Did you mean power"},
      {{"--where", "power > 3 GB"}, "measures B"},
      {{"--where", "power > 3"}, "no unit"},
      {{"--where", "power > much"}, "number"},
      {{"--where", "power"}, "memory_bandwidth >= 3 TB/s"},
      {{"--where", "> 3 W"}, "memory_bandwidth >= 3 TB/s"},
      {{"--where", ""}, "--where"},
      {{"--year", "2024..2020"}, "--year"},
      {{"--year", ".."}, "--year"},
      {{"--year", "soon"}, "--year"},
      {{"--vendor", "nvida"}, "NVIDIA"},
      {{"--family", "hoper"}, "hopper"},
      {{"--kind", "gup"}, "gpu"},
      {{"--sort", "vendor"}, "--sort"},
      {{"--sort", "bandwidth"}, "memory_bandwidth, scaleup_bandwidth"},
      {{"--descending"}, "--sort"},
      {{"--columns", "power,foo"}, "'foo'"},
      {{"--columns", "power,"}, "empty"},
      {{"h100", "--sort", "power"}, "--sort"},
      {{"h100", "--format", "csv"}, "--format"}};
  for (const auto& [options, part] : bad) {
    std::vector<std::string> words = {"hardware"};
    words.insert(words.end(), options.begin(), options.end());
    const Result r = run(words);
    EXPECT_EQ(r.code, 1) << part;
    EXPECT_EQ(r.out, "") << part;
    EXPECT_TRUE(contains(r.err, part)) << part << ": " << r.err;
  }
}

TEST(HardwareDossier, SaysWhatIsMissingWithoutADatabase) {
  const Result r = run("hardware h100 --format json");
  ASSERT_EQ(r.code, 0) << r.err;
  const Json h100 = Json::parse(r.out)[0];
  EXPECT_TRUE(h100["fit"]["missing"].is_string());
  EXPECT_TRUE(h100["data"]["missing"].is_string());
  EXPECT_TRUE(h100["fit"]["fitted"].empty());
  ASSERT_GE(h100["relatives"].size(), 3U);
  EXPECT_EQ(h100["relatives"][0]["family"], "hopper");
  double previous = 0;
  for (const Json& relative : h100["relatives"]) {
    EXPECT_NE(relative["name"], "H100-SXM-80GB");
    EXPECT_GE(relative["log_distance"].get<double>(), previous);
    previous = relative["log_distance"];
  }
  ASSERT_FALSE(h100["rental_prices"].empty());
  for (const Json& price : h100["rental_prices"]) {
    EXPECT_GT(price["usd_per_hour"].get<double>(), 0);
    EXPECT_FALSE(price["source"].get<std::string>().empty());
  }
}

TEST(HardwareDossier, CountsWhatWasObserved) {
  const TemporaryFolder folder;
  const Environment database = {{"IRONLAW_DB", (folder.path() / "a.sqlite").string()},
                                {"IRONLAW_DATA", IRONLAW_FACTS_DIR}};
  ASSERT_EQ(run("db build", database).code, 0);
  const Result r = run("hardware h100 --format json", database);
  const Json data = Json::parse(r.out)[0]["data"];
  EXPECT_TRUE(data["missing"].is_null());
  std::int64_t rows = 0;
  for (const Json& o : data["observations"]) {
    rows += o["rows"].get<std::int64_t>();
    EXPECT_EQ(o["in_fit"], 0);  // there is no fit
  }
  const Result count = run(
      {"db", "query", "SELECT count(*) FROM observation WHERE device = 'H100-SXM-80GB'", "--format", "csv"},
      database);
  EXPECT_TRUE(contains(count.out, std::string("\n").append(std::to_string(rows)).append("\n"))) << count.out;
  EXPECT_TRUE(contains(Json::parse(r.out)[0]["fit"]["missing"].get<std::string>(), "holds no fit"));
}

}  // namespace
}  // namespace ironlaw::test
