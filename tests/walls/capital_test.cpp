// Wall 17 by hand and against the reference.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

constexpr double kHour = 3600, kDay = 86400, kKilowattHour = 3.6e6;

Values owned(double devices, double days, double kilowatt_hours, const Values& more = {}) {
  return outputs(function("17", "owned"), with({{"price", 25'000},
                                                {"devices", devices},
                                                {"run_time", days * kDay},
                                                {"run_energy", kilowatt_hours * kKilowattHour}},
                                               more));
}

TEST(Owned, HasTheReferencesDigits) {
  // W17: 1,024 H100, 30 days at full power: 1,024 x 0.7 kW x 720 h x 1.12 = 578,027.52 kWh.
  const Values w17 = owned(1024, 30, 578'027.52);
  EXPECT_NEAR(w17.at("capex"), 25.6e6, 1e-6);
  EXPECT_NEAR(w17.at("period_capex"), 701'369.8630136986, 1e-6);
  EXPECT_NEAR(w17.at("energy_cost"), 69'363.3024, 1e-6);
  EXPECT_NEAR(w17.at("maintenance_cost"), 105'205.47945205479, 1e-6);
  EXPECT_NEAR(w17.at("electricity_share"), 0.07918739834869443, 1e-12);
  // G-7: 256 H100, one day, 2,962.39104 kWh.
  const Values g7 = owned(256, 1, 2962.39104);
  EXPECT_NEAR(g7.at("period_capex"), 5844.748858, 1e-6);
  EXPECT_NEAR(g7.at("energy_cost"), 355.486925, 1e-6);
  EXPECT_NEAR(g7.at("maintenance_cost"), 876.712329, 1e-6);
  EXPECT_NEAR(g7.at("owned_cost"), 7076.948112, 1e-6);
  // R3-tco: 512 H100, 30 days, 132.781 MWh.
  EXPECT_NEAR(owned(512, 30, 132'781).at("owned_cost") / 419'221.39, 1, 1e-6);
  // OV-train1k: 343.35 MWh.
  EXPECT_NEAR(owned(1024, 30, 343'348.347).at("owned_cost"), 847'777.144, 0.01);
}

TEST(Owned, PaysForIdleTimeTooButNotForItsElectricity) {
  const Values busy = owned(8, 10, 100), half = owned(8, 10, 100, {{"paid_utilisation", 0.5}});
  EXPECT_NEAR(half.at("period_capex"), 2 * busy.at("period_capex"), 1e-9);
  EXPECT_NEAR(half.at("maintenance_cost"), 2 * busy.at("maintenance_cost"), 1e-9);
  EXPECT_EQ(half.at("energy_cost"), busy.at("energy_cost"));
}

TEST(Owned, CountsNetworkBuildingAndStaff) {
  // 8 x 25,000 x 1.1 x 2 = 440,000 USD; staff of a tenth a year for a year: 44,000.
  const Values all =
      owned(8, 365, 0, {{"network_cost_share", 0.1}, {"infrastructure_multiplier", 2}, {"staff_share", 0.1}});
  EXPECT_NEAR(all.at("capex"), 440'000, 1e-6);
  EXPECT_NEAR(all.at("staff_cost"), 44'000, 1e-6);
  EXPECT_NEAR(all.at("owned_cost"), 440'000.0 / 3 + 22'000 + 44'000, 1e-6);
}

TEST(Owned, OfUnknownPriceIsUnknownNotFree) {
  const Values unknown = owned(8, 30, 100, {{"price", std::nan("")}});
  EXPECT_TRUE(std::isnan(unknown.at("owned_cost")));
  EXPECT_NEAR(unknown.at("energy_cost"), 12, 1e-9);
}

TEST(Rented, IsDevicesTimesTimeTimesRent) {
  const Values in = {{"rental_price", 2.5 / kHour}, {"devices", 64}, {"run_time", kDay}};
  EXPECT_NEAR(outputs(function("17", "rented"), in).at("rental_cost"), 3840, 1e-9);
  EXPECT_NEAR(outputs(function("17", "rented"), with(in, {{"paid_utilisation", 0.8}})).at("rental_cost"),
              4800, 1e-9);
}

TEST(Cost, IsThatOfTheMachinesThereAre) {
  const double unknown = std::nan("");
  const Values both = {{"owned_cost", 100}, {"rental_cost", 300}, {"run_requests", 50}};
  const ironlaw_function& f = function("17", "cost");
  EXPECT_EQ(outputs(f, both).at("run_cost"), 100);
  EXPECT_EQ(outputs(f, with(both, {{"ownership", 1}})).at("run_cost"), 300);
  EXPECT_EQ(outputs(f, with(both, {{"ownership", 1}})).at("cost_per_request"), 6);
  // What is not asked for may be unknown.
  EXPECT_EQ(outputs(f, with(both, {{"rental_cost", unknown}})).at("run_cost"), 100);
  EXPECT_TRUE(std::isnan(outputs(f, with(both, {{"owned_cost", unknown}})).at("run_cost")));
}

TEST(TokenCost, IsPerMillion) {
  // One H100 at 2.50 USD/h and 1,000 tokens/s: 3.6 million an hour, 0.694 USD a million.
  const ironlaw_function& f = function("17", "token_cost");
  EXPECT_NEAR(outputs(f, {{"run_cost", 2.5}, {"run_tokens", 3.6e6}}).at("cost_per_million_tokens"), 2.5 / 3.6,
              1e-12);
  EXPECT_TRUE(std::isnan(outputs(f, {{"run_cost", 2.5}, {"run_tokens", 0}}).at("cost_per_million_tokens")));
}

}  // namespace
}  // namespace ironlaw
