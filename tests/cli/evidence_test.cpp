// What answers rest on, as the program says it: with textbook parameters, and with a fit of few rows.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/run.hpp"
#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

int sum_of_counts(const Json& evidence) {
  int sum = 0;
  const Json& counts = evidence["counts"];
  for (const auto& [kind, n] : counts.items()) sum += n.get<int>();
  return sum;
}

TEST(EvidenceOf, ATextbookAnswerClaimsNoMeasurement) {
  const std::string words = "solve llama-3.1-8b h100 --batch 16 --params textbook";
  const Json json = Json::parse(run(words + " --format json").out);
  const Json& evidence = json["evidence"];
  EXPECT_EQ(sum_of_counts(evidence), evidence["numbers"]);
  EXPECT_EQ(evidence["counts"]["fitted"], 0);
  EXPECT_EQ(evidence["counts"]["inherited"], 0);
  EXPECT_GT(evidence["counts"]["datasheet"], 0);
  EXPECT_GT(evidence["counts"]["assumed"], 0);
  EXPECT_TRUE(evidence["device"].is_null());
  EXPECT_TRUE(evidence["regime"].empty());
  EXPECT_FALSE(evidence.contains("list"));

  const std::string page = run(words).out;
  EXPECT_TRUE(contains(page, "Rests on") && contains(page, "parameters: textbook")) << page;
  EXPECT_FALSE(contains(page, "Fitted range")) << page;
}

TEST(EvidenceOf, ExplainListsEveryNumber) {
  const std::string words =
      "solve llama-3.1-8b h100 --batch 16 --params textbook --set memory_bandwidth=4TB/s --explain";
  const Json json = Json::parse(run(words + " --format json").out);
  const Json& list = json["evidence"]["list"];
  ASSERT_EQ(list.size(), json["evidence"]["numbers"]);
  bool is_given = false;
  for (const Json& n : list) is_given = is_given || (n["name"] == "memory_bandwidth" && n["kind"] == "given");
  EXPECT_TRUE(is_given) << list;
  const std::string page = run(words).out;
  for (const char* part : {"Every number that it rests on", "memory_bandwidth", "time follows", "given",
                           "--set memory_bandwidth", "textbook: first principles"})
    EXPECT_TRUE(contains(page, part)) << part << "\n" << page;
  EXPECT_FALSE(contains(run("solve llama-3.1-8b h100 --params textbook").out, "Every number"));
}

// A fit of Llama 2 70B Offline on 2 to 8 H100, a stated batch of 64 or 256 an instance.
struct EvidenceOfAFit : ::testing::Test {
  EvidenceOfAFit() {
    write_facts(facts);
    std::vector<Fields> rows;
    for (const int devices : {2, 4, 8})
      for (const int batch : {64, 256}) {
        const int rate = 2400 * devices + (batch == 256 ? 600 : 0) * devices;
        rows.push_back(inference_row({{"accelerators_total", std::to_string(devices)},
                                      {"batch", std::to_string(batch)},
                                      {"tokens_per_s", std::to_string(rate)}}));
      }
    write(facts / "facts/inference.csv", table(rows));
    const Result built = program({"db", "build"});
    EXPECT_EQ(built.code, 0) << built.err;
    const Result fitted = program({"calibrate"});
    EXPECT_EQ(fitted.code, 0) << fitted.err;
  }
  Result program(const std::vector<std::string>& words) const {
    return run(words, {{"IRONLAW_DB", facts / "a.sqlite"}, {"IRONLAW_DATA", facts / "facts"}});
  }
  Json solve(const std::string& batch, const std::string& device = "h100") const {
    const Result r = program({"solve", "llama-2-70b", device, "--phase", "offline", "--batch", batch,
                              "--gpus", "2", "--tp", "2", "--precision", "fp8", "--format", "json"});
    EXPECT_EQ(r.code, 0) << r.err;
    return Json::parse(r.out, nullptr, false);
  }
  static double width(const Json& answer) {
    return std::log(answer["interval90"][1].get<double>() / answer["interval90"][0].get<double>());
  }
  Directory facts;
};

TEST_F(EvidenceOfAFit, SaysWhereTheCaseStandsAndWarnsOutside) {
  const Json inside = solve("128");
  EXPECT_EQ(inside["evidence"]["device"], "fitted");
  EXPECT_EQ(inside["evidence"]["model"], "fitted");
  EXPECT_EQ(inside["evidence"]["distance_outside"], 0);
  EXPECT_TRUE(inside["evidence"]["warnings"].empty()) << inside["evidence"];
  EXPECT_EQ(sum_of_counts(inside["evidence"]), inside["evidence"]["numbers"]);
  EXPECT_GT(inside["evidence"]["counts"]["assumed"], 0);  // so few rows decide next to nothing

  const Json outside = solve("2");
  EXPECT_NEAR(outside["evidence"]["distance_outside"].get<double>(), std::log(64 / 2), 1e-9);
  ASSERT_EQ(outside["evidence"]["warnings"].size(), 1U);
  EXPECT_TRUE(contains(outside["evidence"]["warnings"][0], "batch 2 lies outside"));
  EXPECT_GT(width(outside), width(inside));

  const Json relative = solve("128", "h200");
  EXPECT_EQ(relative["evidence"]["device"], "family");
  EXPECT_GT(width(relative), width(inside));

  const std::string page =
      program({"solve", "llama-2-70b", "h100", "--batch", "2", "--gpus", "2", "--precision", "fp8"}).out;
  EXPECT_TRUE(contains(page, "Fitted range")) << page;
  EXPECT_TRUE(contains(page, "OUTSIDE")) << page;
  EXPECT_TRUE(contains(page, "the interval is")) << page;
  EXPECT_TRUE(contains(page, "parameters:")) << page;
  EXPECT_TRUE(contains(page, "fitted to 7 rows")) << page;

  // Neither the chip nor its relatives, nor any such work was measured.
  for (const char* command : {"solve", "sensitivity"}) {
    const Result refused = program({command, "resnet-50", "mi300x", "--phase", "train", "--batch", "256"});
    EXPECT_EQ(refused.code, 1) << refused.out;
    EXPECT_EQ(refused.out, "");
    for (const char* part : {"nothing that was measured", "MI300X", "convnet.train", "--params textbook"})
      EXPECT_TRUE(contains(refused.err, part)) << refused.err;
  }
  const Result both = program(
      {"compare", "resnet-50", "mi300x", "h100", "--phase", "train", "--batch", "256", "--format", "json"});
  EXPECT_EQ(both.code, 0) << both.err;
  const Json compared = Json::parse(both.out, nullptr, false);
  EXPECT_TRUE(contains(compared["contenders"][0]["refused"], "nothing that was measured")) << both.out;
  EXPECT_TRUE(compared["contenders"][1]["refused"].is_null());
  EXPECT_EQ(compared["contenders"][1]["evidence"]["model"], "never");
  EXPECT_EQ(
      program({"solve", "resnet-50", "mi300x", "--phase", "train", "--batch", "256", "--params", "textbook"})
          .code,
      0);
}

}  // namespace
}  // namespace ironlaw::test
