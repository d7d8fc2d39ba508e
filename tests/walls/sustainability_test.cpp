// Wall 18 by hand, against the reference and measured power.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

constexpr double kHour = 3600, kDay = 86400, kMegawattHour = 3.6e9, kGramPerKilowattHour = 1e-3 / 3.6e6,
                 kLitrePerKilowattHour = 1 / 3.6e6;

// The reference knows devices only, and their power by their MFU only.
const Values kReferencePower = {{"full_power_compute", 1}, {"memory_power_share", 0}};
const Values kReferenceFacility = {{"host_power_share", 0}, {"network_power", 0}};

double power(double compute, double memory, const Values& more = {}) {
  return outputs(function("18", "device_power"), with({{"power", 700},
                                                       {"peak_flops", 1e15},
                                                       {"memory_bandwidth", 1e12},
                                                       {"cycle_time", 2},
                                                       {"cycle_flops", 2e15 * compute},
                                                       {"cycle_bytes", 2e12 * memory}},
                                                      more))
      .at("device_power");
}

// Energy, carbon and water of `devices` H100 that the reference runs at `mfu`.
struct Consumption {
  double energy, carbon, water;
};
Consumption run(double devices, double days, double mfu, double grams, double pue, double litres,
                const Values& more = {}) {
  const double watts = power(mfu, 0.5, kReferencePower);
  const double energy =
      outputs(function("18", "facility"), with(with(kReferenceFacility, {{"device_power", watts},
                                                                         {"power", 700},
                                                                         {"devices", devices},
                                                                         {"pue", pue},
                                                                         {"run_time", days * kDay},
                                                                         {"run_tokens", 0},
                                                                         {"run_requests", 0}}),
                                               more))
          .at("run_energy");
  const Values footprint =
      outputs(function("18", "footprint"), {{"run_energy", energy},
                                            {"run_time", days * kDay},
                                            {"devices", devices},
                                            {"carbon_intensity", grams * kGramPerKilowattHour},
                                            {"water_intensity", litres * kLitrePerKilowattHour}});
  return {energy, footprint.at("run_carbon"), footprint.at("run_water")};
}

TEST(DevicePower, IsTheReferencesWhereOnlyArithmeticCounts) {
  // 700 W x (0.3 + 0.7 x 0.42) = 415.8 W.
  EXPECT_NEAR(power(0.42, 0.9, kReferencePower), 415.8, 1e-9);
  EXPECT_NEAR(power(0, 0, kReferencePower), 210, 1e-9);
  EXPECT_NEAR(power(1, 0, kReferencePower), 700, 1e-9);
}

TEST(DevicePower, StaysBetweenIdleAndTheDesignPower) {
  EXPECT_NEAR(power(0, 0), 210, 1e-9);
  EXPECT_NEAR(power(0.9, 0.9), 700, 1e-9);
  EXPECT_NEAR(power(0.3, 0), 700 * (0.3 + 0.7 * 0.5), 1e-9);
}

// Medians of power over limit in NVIDIA's GEMM measurements (aiconfigurator, matrices larger than the cache):
// bound by memory (under 15% of the peak, over half of the bandwidth, here 0.85) and by arithmetic (over half
// of the peak). The reference says 0.33 for all of the former.
TEST(DevicePower, IsNearMeasuredKernels) {
  for (const double measured : {0.83 /* H200 */, 0.72 /* B200 */, 0.68 /* GB200 */})
    EXPECT_NEAR(power(0.04, 0.85) / 700, measured, 0.15);
  for (const double measured : {0.986 /* H200 */, 0.978 /* B200 */, 0.971 /* GB200 */})
    EXPECT_NEAR(power(0.6, 0.15) / 700, measured, 0.05);
  EXPECT_NEAR(power(0.005, 0.01) / 700, 0.30, 0.05);  // waiting for launches: 0.30, 0.32, 0.21
}

TEST(DevicePower, IsUnknownWithoutADesignPower) {
  EXPECT_TRUE(std::isnan(power(0.4, 0.4, {{"power", std::nan("")}})));
}

TEST(Footprint, HasTheReferencesDigits) {
  // G-6: 256 H100, a day, mfu 0.45, US average.
  const Consumption g6 = run(256, 1, 0.45, 429, 1.12, 1.8);
  EXPECT_NEAR(g6.energy, 2962.39104 * 3.6e6, 1);
  EXPECT_NEAR(g6.carbon, 1270.86575616, 1e-6);
  EXPECT_NEAR(g6.water, 5332.303872, 1e-6);
  // I2: 30 days, mfu 0.42.
  const Consumption quebec = run(256, 30, 0.42, 20, 1.06, 0), iowa = run(256, 30, 0.42, 680, 1.12, 1.8);
  EXPECT_NEAR(quebec.energy / kMegawattHour, 81.23867136, 1e-7);
  EXPECT_NEAR(quebec.carbon, 1624.7734272, 1e-6);
  EXPECT_EQ(quebec.water, 0);
  EXPECT_NEAR(iowa.energy / kMegawattHour, 85.837, 1e-3);
  EXPECT_NEAR(iowa.carbon / quebec.carbon, 35.9245283018868, 1e-9);
  // OV-train1k: 1,024 H100; SB-carbon: 74.154 days; R3-carbon: 512, mfu 0.2649.
  EXPECT_NEAR(run(1024, 30, 0.42, 429, 1.12, 1.8).carbon, 147'296.44081152, 1e-4);
  EXPECT_NEAR(run(256, 74.154, 0.42, 680, 1.12, 1.8).carbon / 144'277.7, 1, 1e-4);
  EXPECT_NEAR(run(512, 30, 0.2649047196608725, 20, 1.06, 0).carbon / 2655.62, 1, 1e-4);
  EXPECT_NEAR(run(512, 30, 0.2649047196608725, 680, 1.12, 1.8).water / 252'534, 1, 1e-4);
}

TEST(Footprint, OfGpt3) {
  // A6: 1,287 MWh at 429 g/kWh.
  EXPECT_NEAR(outputs(function("18", "footprint"), {{"run_energy", 1287 * kMegawattHour},
                                                    {"run_time", 14.8 * kDay},
                                                    {"devices", 10'000},
                                                    {"carbon_intensity", 429 * kGramPerKilowattHour}})
                  .at("run_carbon"),
              552'123, 1e-6);
}

TEST(Footprint, ChargesTheDevicesByTheirShareOfLife) {
  const Values one = {{"run_energy", 1e9},      {"run_time", 36.5 * kDay},
                      {"devices", 10},          {"carbon_intensity", 1e-7},
                      {"embodied_carbon", 164}, {"device_lifetime", 3650 * kDay}};
  // 1 GJ x 1e-7 kg/J = 100 kg; 1% of ten years: 10 x 1.64 kg.
  const Values got = outputs(function("18", "footprint"), one);
  EXPECT_NEAR(got.at("run_carbon"), 100, 1e-9);
  EXPECT_NEAR(got.at("run_embodied_carbon"), 16.4, 1e-9);
  EXPECT_NEAR(got.at("run_total_carbon"), 116.4, 1e-9);
  // Nobody publishes it for most devices: the electricity is known all the same.
  const Values unknown = outputs(function("18", "footprint"), with(one, {{"embodied_carbon", std::nan("")}}));
  EXPECT_NEAR(unknown.at("run_carbon"), 100, 1e-9);
  EXPECT_TRUE(std::isnan(unknown.at("run_total_carbon")));
}

Values facility(double devices, const Values& more = {}) {
  return outputs(function("18", "facility"), with({{"device_power", 700},
                                                   {"power", 700},
                                                   {"devices", devices},
                                                   {"pue", 1},
                                                   {"run_time", kHour},
                                                   {"run_tokens", 0},
                                                   {"run_requests", 0}},
                                                  more));
}

TEST(Facility, AddsHostsNetworkAndCooling) {
  // One host of MLPerf Training v4.0 (8 H100, unet3d) drew 7.21 kW at the plug: 8 x 700 x 1.29 = 7.22 kW.
  EXPECT_NEAR(facility(8).at("facility_power"), 7224, 1e-9);
  // 64 hosts on gpt3: 497.9 kW with their switches; the model 64 x 7,224 + 512 x 116 W = 521.7 kW at full
  // power.
  EXPECT_NEAR(facility(512).at("facility_power"), 521'728, 1e-6);
  EXPECT_NEAR(facility(8, {{"pue", 1.12}}).at("facility_power"), 7224 * 1.12, 1e-9);
}

TEST(Facility, DividesEnergyByWhatWasDone) {
  const Values work = facility(8, {{"run_tokens", 3.6e6}, {"run_requests", 3600}});
  // 7,224 W x 3,600 s over 3.6e6 tokens: 7.224 J each.
  EXPECT_NEAR(work.at("energy_per_token"), 7.224, 1e-9);
  EXPECT_NEAR(work.at("energy_per_request"), 7224, 1e-9);
  EXPECT_TRUE(std::isnan(facility(8).at("energy_per_token")));  // there are none
}

}  // namespace
}  // namespace ironlaw
