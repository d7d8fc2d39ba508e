// Places and rental prices, as commands and options.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

const std::string kService =
    "solve llama-3.1-8b h100 --phase serve --precision bf16 --params textbook --set arrival_rate=2/s ";

// Of one metric, found by stating a limit that nothing keeps.
double metric(const std::string& name, const std::string& operations) {
  const TemporaryFolder folder;
  const std::string plan =
      folder.write("plan.yaml",
                   "workload: {model: llama-3.1-8b, phase: serve, precision: bf16}\nhardware: {name: h100}\n"
                   "serving: {arrival_rate: 2/s}\noperations: " +
                       operations + "\nconstraints: {assert: [{metric: " + name + ", max: 0}]}\n");
  const Result r = run({"solve", plan, "--params", "textbook", "--format", "json"});
  EXPECT_EQ(r.code, 3) << r.err;
  if (r.code != 3) return 0;
  return Json::parse(r.out)["violations"][0]["actual"];
}

TEST(Places, AreListedWithYearAndSource) {
  const Json all = Json::parse(run("places --format json").out);
  EXPECT_GT(all.size(), 200U);
  for (const Json& row : all) {
    EXPECT_GT(row["value"].get<double>(), 0) << row;
    EXPECT_GE(row["year"].get<int>(), 2018) << row;
    EXPECT_FALSE(row["source"].get<std::string>().empty()) << row;
  }
  const Json quebec = Json::parse(run("places quebec --format json").out);
  ASSERT_GE(quebec.size(), 4U);  // one place, all its years
  for (const Json& row : quebec) EXPECT_TRUE(contains(row["name"], "Quebec"));
  const Json one = Json::parse(run("places quebec --year 2024 --format json").out);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0]["text"], "5.48 g/kWh");
  EXPECT_NEAR(one[0]["value"].get<double>(), 5.48e-3 / 3.6e6, 1e-18);
  EXPECT_TRUE(contains(run("places quebec").out, "5.48 g/kWh"));
  const std::string csv = run("places quebec --format csv").out;
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), quebec.size() + 1);
  const Result none = run("places qubec");
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "There is no place 'qubec'")) << none.err;
  EXPECT_EQ(run(std::vector<std::string>{"places", ""}).code, 1);
  EXPECT_EQ(run("places --year 0").code, 1);
}

TEST(Places, FillCarbonAndPriceAndSayWhereFrom) {
  const Result r = run(kService + "--place poland --format json");
  ASSERT_EQ(r.code, 0) << r.err;
  const std::string notes = Json::parse(r.out)["notes"].dump();
  EXPECT_TRUE(contains(notes, "carbon_intensity of Poland in 20")) << notes;
  EXPECT_TRUE(contains(notes, "energy_price of Poland in 2024: 0.225 USD/kWh")) << notes;
  EXPECT_TRUE(contains(notes, "Not known of Poland")) << notes;

  // Carbon goes as the intensity: by hand, the ratio of the two figures of the table.
  const auto intensity = [](const std::string& place) {
    const Json rows = Json::parse(run({"places", place, "--year", "2024", "--format", "json"}).out);
    return rows[0]["value"].get<double>();
  };
  const double here = metric("run_carbon", "{place: gcp_northamerica_northeast1, pue: 1.2, year: 2024}");
  const double there = metric("run_carbon", "{place: gcp_us_south1, pue: 1.2, year: 2024}");
  EXPECT_NEAR(there / here, intensity("gcp_us_south1") / intensity("gcp_northamerica_northeast1"), 1e-9);
}

TEST(Places, WhatTheUserSetStands) {
  const double set = metric("run_carbon", "{place: poland, carbon_intensity: 100 g/kWh, pue: 1.2}");
  EXPECT_NEAR(set, metric("run_carbon", "{carbon_intensity: 100 g/kWh, pue: 1.2}"), set * 1e-9);
  const Result r = run(kService + "--place poland --set carbon_intensity=100g/kWh --format json");
  EXPECT_FALSE(contains(Json::parse(r.out)["notes"].dump(), "carbon_intensity of Poland"));
}

TEST(Places, AYearThatIsMissingIsSaid) {
  const Result r = run(kService + "--place gcp_us_south1 --year 2019 --format json");
  ASSERT_EQ(r.code, 0) << r.err;
  const std::string notes = Json::parse(r.out)["notes"].dump();
  EXPECT_TRUE(contains(notes, "in 2024") && contains(notes, "there is none of 2019")) << notes;
  const Result year = run(kService + "--place gcp_us_south1 --year 2022 --format json");
  EXPECT_TRUE(contains(year.out, "342 g/kWh")) << year.out;
}

TEST(Rental, PricesTheDevices) {
  const Result r = run(kService + "--rental Lambda --format json");
  ASSERT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(contains(Json::parse(r.out)["notes"].dump(), "rental_price of H100-SXM-80GB: ")) << r.out;
  // Rented by the second: twice the price is twice the cost.
  const double one = metric("run_cost", "{rental: Azure reserved, rental_price: 2 USD/h}");
  const double two = metric("run_cost", "{rental: Azure reserved, rental_price: 4 USD/h}");
  EXPECT_NEAR(two / one, 2, 1e-9);
  EXPECT_NEAR(one, metric("run_cost", "{ownership: rented, rental_price: 2 USD/h}"), one * 1e-9);
  EXPECT_NE(metric("run_cost", "{rental: Azure reserved}"), metric("run_cost", "{rental: Azure}"));
}

TEST(Rental, OnlyPricesOfThisDeviceCount) {
  for (const char* where : {"Atlantis", "Lambda reserved"}) {
    const Result r = run({"solve", "llama-3.1-8b", "h100", "--params", "textbook", "--rental", where});
    EXPECT_EQ(r.code, 1) << where;
    EXPECT_TRUE(contains(r.err, "There are: ")) << r.err;
  }
}

TEST(Places, FactsThatAreMissingAreAnError) {
  const TemporaryFolder folder;
  const Result r = run(kService + "--place poland", {{"IRONLAW_DATA", folder.path().string()}});
  EXPECT_EQ(r.code, 1);
  EXPECT_TRUE(contains(r.err, "places.csv")) << r.err;
}

}  // namespace
}  // namespace ironlaw::test
