// The table of claims: what it holds, and what it refuses.
#include "framework/audit/claims_file.hpp"

#include <algorithm>
#include <set>

#include "tests/audit/support.hpp"

namespace ironlaw {
namespace {

using namespace ironlaw::testing;
using ::testing::HasSubstr;

const std::string kHeader =
    "id,vendor,claim,metric,value_low,value_high,product,product_target,product_count,product_precision,"
    "product_batch,product_sparse,baseline,baseline_target,baseline_count,baseline_precision,baseline_batch,"
    "baseline_sparse,model,phase,input_len,output_len,latency_s,conditions,where_stated,source,year,status,"
    "note\n";

std::vector<Claim> read(const std::string& row) {
  return read_claims(CsvTable::parse(kHeader + row, "claims.csv"));
}

TEST(ClaimsFile, ReadsARow) {
  const auto claims = read(
      "C1,V,20x,peak_ratio,20,25,A100,A100-SXM-80GB,8,tf32,,yes,V100,V100-SXM2-32GB,1,fp32,4,no,llama-2-70b,"
      "offline,128,64,0.05,both,slide,a page,2020,read,a note\n");
  ASSERT_EQ(claims.size(), 1U);
  const Claim& c = claims[0];
  EXPECT_EQ(c.metric, Metric::peak_ratio);
  EXPECT_EQ(c.low, 20);
  EXPECT_EQ(c.high, 25);
  EXPECT_EQ(c.product.devices, 8);
  EXPECT_EQ(c.product.precision, Precision::tf32);
  EXPECT_FALSE(c.product.batch);
  EXPECT_EQ(c.product.is_sparse, true);
  EXPECT_EQ(c.baseline->is_sparse, false);
  EXPECT_EQ(c.baseline->batch, 4);
  EXPECT_EQ(c.task, Task::offline);
  EXPECT_EQ(c.latency, 0.05);
}

TEST(ClaimsFile, WhatIsBlankIsOpen) {
  const Claim c = read("C1,V,x,peak,20,,A100,A100-SXM-80GB,,,,,,,,,,,,,,,,,slide,a page,2020,read,\n")[0];
  EXPECT_FALSE(c.product.devices || c.product.precision || c.product.is_sparse || c.baseline || c.task);
  EXPECT_EQ(c.high, c.low);
}

TEST(ClaimsFile, RefusesWithLineAndColumn) {
  const auto refused = [](const std::string& row) { return message_of([&] { read(row); }); };
  EXPECT_THAT(refused("C1,V,x,speed,20,,A,,,,,,,,,,,,,,,,,,s,p,2020,read,\n"),
              HasSubstr("claims.csv:2: column 'metric': given 'speed'"));
  EXPECT_THAT(refused("C1,V,x,peak,0,,A,,,,,,,,,,,,,,,,,,s,p,2020,read,\n"), HasSubstr("column 'value_low'"));
  EXPECT_THAT(refused("C1,V,x,peak,20,10,A,,,,,,,,,,,,,,,,,,s,p,2020,read,\n"),
              HasSubstr("column 'value_high'"));
  EXPECT_THAT(refused("C1,V,x,peak_ratio,20,,A,,,,,,,,,,,,,,,,,,s,p,2020,read,\n"),
              HasSubstr("column 'baseline'"));
  EXPECT_THAT(refused("C1,V,x,peak,20,,A,,,,,,B,,,,,,,,,,,,s,p,2020,read,\n"),
              HasSubstr("column 'baseline'"));
  EXPECT_THAT(refused("C1,V,x,peak,20,,A,,,fp7,,,,,,,,,,,,,,,s,p,2020,read,\n"),
              HasSubstr("column 'product_precision'"));
  EXPECT_THAT(refused("C1,V,x,peak,20,,A,,,,,,,,,,,,,,,,,,s,p,2020,heard,\n"), HasSubstr("column 'status'"));
  const std::string row = "C1,V,x,peak,20,,A,,,,,,,,,,,,,,,,,,s,p,2020,read,\n";
  EXPECT_THAT(refused(row + row), HasSubstr("claims.csv:3: column 'id'"));
}

TEST(ClaimsFile, TheTableIsWhole) {
  const auto claims = read_claims(CsvTable::read(CLAIMS_FILE));
  std::set<std::string> stems;
  for (const Claim& c : claims) stems.insert(c.id.substr(0, 4));
  EXPECT_EQ(stems.size(), 43U);  // what ../shared/data/claims has; some say several things
  EXPECT_EQ(find_claim(claims, "c001").vendor, "NVIDIA");
  EXPECT_THAT(message_of([&] { find_claim(claims, "C999"); }), HasSubstr("claim 'C999' is not known"));
}

}  // namespace
}  // namespace ironlaw
