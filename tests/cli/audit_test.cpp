// ironlaw audit, as a user runs it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

using Words = std::vector<std::string>;

Result audit(Words words) {
  words.insert(words.begin(), "audit");
  words.insert(words.end(), {"--params", "textbook"});
  return run(words);
}
Json answer(Words words) {
  words.insert(words.end(), {"--format", "json"});
  const Result r = audit(words);
  EXPECT_EQ(r.code, 0) << r.err;
  return Json::parse(r.out, nullptr, false);
}
// One line on stderr, nothing on stdout, exit code 1.
std::string refused(const Words& words) {
  const Result r = audit(words);
  EXPECT_EQ(r.code, 1) << r.err;
  EXPECT_EQ(r.out, "");
  EXPECT_TRUE(r.err.starts_with("ironlaw: ")) << r.err;
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  return r.err;
}

TEST(Audit, AllClaims) {
  const Json json = answer({});
  ASSERT_GE(json["claims"].size(), 60U);
  const std::vector<std::string> verdicts = {"holds", "holds only if", "contradicted", "not decidable"};
  for (const Json& claim : json["claims"]) {
    EXPECT_NE(std::find(verdicts.begin(), verdicts.end(), claim["verdict"]), verdicts.end()) << claim["id"];
    EXPECT_NE(claim["reason"], "") << claim["id"];
    EXPECT_NE(claim["source"], nullptr) << claim["id"];
    EXPECT_EQ(claim["verdict"] == "holds only if",
              !claim["changes"].empty() && claim["verdict"] != "contradicted")
        << claim["id"];
  }
  const Result text = audit({});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(contains(text.out, "* rests on a second-hand or recalled quotation.")) << text.out;
  EXPECT_FALSE(contains(text.out, " nan")) << text.out;
  const Result csv = audit({"--format", "csv"});
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 1 + static_cast<long>(json["claims"].size()));
}

TEST(Audit, OneClaim) {
  const Result r = audit({"c013"});
  EXPECT_EQ(r.code, 0) << r.err;
  for (const char* part : {"C013", "Source", "Status", "read", "Left open", "sparsity", "733 TFLOP/s",
                           "holds only if: sparsity is counted on L40S (2.00x of it)", "Wall", "1 compute",
                           "What it is made of"})
    EXPECT_TRUE(contains(r.out, part)) << part << " in\n" << r.out;
  EXPECT_TRUE(contains(audit({"C007a"}).out, "second-hand: the claimant's own page was not read"));
}

// Twice the dense peak is contradicted only where sparsity and a second device are ruled out.
TEST(Audit, YourOwnClaim) {
  const Result words = audit({"--claim", "H100 30x A100 llm inference"});
  EXPECT_EQ(words.code, 0) << words.err;
  EXPECT_TRUE(
      words.out.starts_with("understood as: H100-SXM-80GB against A100-SXM-80GB: throughput_ratio of at "
                            "least 30x; model left open; offline\n"))
      << words.out;
  const Json flags = answer({"--product", "h100", "--baseline", "a100", "--metric", "throughput_ratio",
                             "--value", "30x", "--phase", "offline"});
  const Json by_words = answer({"--claim", "H100 30x A100 llm inference"});
  EXPECT_EQ(flags["claims"][0]["changes"], by_words["claims"][0]["changes"]);
  EXPECT_EQ(flags["claims"][0]["predicted"], by_words["claims"][0]["predicted"]);
  const Json dense = answer({"--claim", "1 H100 3958 TFLOP/s fp8", "--sparse", "no"});
  EXPECT_EQ(dense["claims"][0]["verdict"], "contradicted");
  const Json sparse = answer({"--product", "h100", "--metric", "peak", "--value", "3958TFLOP/s",
                              "--precision", "fp8", "--sparse", "yes"});
  EXPECT_EQ(sparse["claims"][0]["verdict"], "holds");
}

TEST(Audit, RefusesWhatItDoesNotUnderstand) {
  EXPECT_TRUE(contains(refused({"C999"}), "claim 'C999' is not known"));
  EXPECT_TRUE(contains(refused({"C001", "--claim", "H100 2x A100 peak"}), "not both"));
  EXPECT_TRUE(contains(refused({"--claim", "H100 30x A100 llm inferense"}), "'inferense' is not understood"));
  EXPECT_TRUE(contains(refused({"--claim", ""}), "--claim"));
  EXPECT_TRUE(contains(refused({"--product", "h100"}), "--metric is missing"));
  EXPECT_TRUE(
      contains(refused({"--product", "h100", "--metric", "speed", "--value", "2"}), "--metric is 'speed'"));
  EXPECT_TRUE(contains(refused({"--product", "h100", "--metric", "peak", "--value", "much"}), "--value"));
  EXPECT_TRUE(
      contains(refused({"--product", "h100", "--metric", "peak", "--value", "-3TFLOP/s"}), "--value"));
  EXPECT_TRUE(contains(refused({"--product", "h100", "--metric", "peak_ratio", "--value", "2x"}),
                       "names no baseline"));
  EXPECT_TRUE(contains(
      refused({"--product", "h100", "--baseline", "a100", "--metric", "peak", "--value", "1PFLOP/s"}),
      "is no ratio"));
  EXPECT_TRUE(contains(
      refused({"--product", "h1000", "--baseline", "a100", "--metric", "peak_ratio", "--value", "2"}),
      "h1000"));
  EXPECT_TRUE(contains(refused({"--claim", "H100 2x A100 inference", "--latency", "soon"}), "--latency"));
  EXPECT_TRUE(contains(refused({"--claim", "H100 2x A100 inference", "--sparse", "maybe"}), "--sparse"));
  EXPECT_TRUE(contains(refused({"--claim", "H100 2x A100 inference", "--model", "gpt-99"}), "gpt-99"));
}

TEST(Audit, AllClaimsTakeSeconds) {
  // Of processor time: others may use this machine too.
  const auto used = [] {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
  };
  const double before = used();
  EXPECT_EQ(audit({}).code, 0);
  EXPECT_LT(used() - before, 2.0);
}

}  // namespace
}  // namespace ironlaw::test
