#include "framework/conformance/result.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "framework/base/error.hpp"
#include "framework/conformance/checks.hpp"

namespace ironlaw::conformance {
namespace {

TEST(Findings, TheWorstIsTheVerdict) {
  Findings findings;
  EXPECT_EQ(findings.result("x").verdict, Verdict::passed);
  findings.note("looked");
  EXPECT_EQ(findings.result("x").verdict, Verdict::passed);
  findings.skip("nothing there");
  EXPECT_EQ(findings.result("x").verdict, Verdict::skipped);
  findings.warn("odd");
  EXPECT_EQ(findings.result("x").verdict, Verdict::warning);
  findings.fail("wrong");
  findings.warn("odd too");
  EXPECT_EQ(findings.result("x").verdict, Verdict::failed);
  EXPECT_EQ(findings.result("x").remarks,
            (std::vector<std::string>{"wrong", "odd", "odd too", "looked", "nothing there"}));
}

TEST(Findings, LongListsAreCounted) {
  Findings findings;
  for (int i = 0; i < 8; ++i) findings.fail("fault " + std::to_string(i));
  findings.fail("fault 0");  // said already
  const CheckResult result = findings.result("x");
  ASSERT_EQ(result.remarks.size(), 6u);
  EXPECT_EQ(result.remarks.back(), "and 3 more like these");
}

TEST(Results, PassThroughJson) {
  const CheckResult result{"grid", Verdict::warning, {"one", "two"}};
  const auto again = nlohmann::json::parse(nlohmann::json(result).dump()).get<CheckResult>();
  EXPECT_EQ(again.check, "grid");
  EXPECT_EQ(again.verdict, Verdict::warning);
  EXPECT_EQ(again.remarks, result.remarks);
  const Nearest nearest{"a", "b", 0.5, {{"w", 1.25, NAN}}};
  const auto near = nlohmann::json::parse(nlohmann::json(nearest).dump()).get<Nearest>();
  EXPECT_EQ(near.rows.at(0).candidate, 1.25);
  EXPECT_TRUE(std::isnan(near.rows.at(0).nearest));
  EXPECT_THROW(parse_verdict("perhaps"), Error);
}

TEST(Checks, HaveDifferentNames) {
  for (std::size_t i = 0; i < checks().size(); ++i) EXPECT_EQ(check_index(checks()[i].id), i);
  EXPECT_THROW(check_index("nothing"), Error);
}

TEST(Report, ConformsUnlessSomethingFailed) {
  Report report;
  report.checks = {{"a", Verdict::passed, {}}, {"b", Verdict::warning, {}}, {"c", Verdict::skipped, {}}};
  EXPECT_TRUE(report.conforms());
  report.checks.push_back({"d", Verdict::failed, {}});
  EXPECT_FALSE(report.conforms());
}

}  // namespace
}  // namespace ironlaw::conformance
