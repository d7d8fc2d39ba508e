// Places and rental prices: how they are read and found, and that the stored facts hold together.
#include "registry/places.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

constexpr double kKilowattHour = 3.6e6;
const std::string kHeader = "place,name,quantity,year,value,unit,source,note\n";
const std::string kTwo =
    "poland,Poland,carbon_intensity,2022,700,g/kWh,s,\n"
    "poland,Poland,carbon_intensity,2023,650,g/kWh,s,\n"
    "poland,Poland,energy_price,2024,0.18,USD/kWh,s,\n"
    "gcp_x1,\"Google Cloud x1 (Montreal, Quebec)\",carbon_intensity,2022,7.2,g/kWh,s,\n"
    "gcp_x1,\"Google Cloud x1 (Montreal, Quebec)\",carbon_intensity,2024,3.6,g/kWh,s,\n"
    "gcp_x1,\"Google Cloud x1 (Montreal, Quebec)\",pue,2019,1.1,1,s,\n";

std::vector<Place> places(const std::string& rows) {
  return read_places(CsvTable::parse(kHeader + rows, "places.csv"));
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Places, AreReadInBaseUnits) {
  const auto two = places(kTwo);
  ASSERT_EQ(two.size(), 2u);
  // 3.6 g/kWh = 1e-9 kg/J; 0.18 USD/kWh = 5e-8 USD/J.
  EXPECT_NEAR(two[1].figure("carbon_intensity")->value, 1e-9, 1e-21);
  EXPECT_EQ(two[1].figure("carbon_intensity")->unit, "kgCO2e/J");
  EXPECT_NEAR(two[0].figure("energy_price")->value, 5e-8, 1e-20);
  EXPECT_EQ(two[1].figure("pue")->value, 1.1);
  EXPECT_EQ(two[0].figure("pue"), nullptr);
}

TEST(Places, GiveTheYearThatIsAskedForElseTheNewest) {
  const auto two = places(kTwo);
  EXPECT_EQ(two[0].figure("carbon_intensity")->year, 2023);
  EXPECT_EQ(two[0].figure("carbon_intensity", 2022)->year, 2022);
  EXPECT_EQ(two[1].figure("pue", 2022)->year, 2019);
  EXPECT_EQ(newest_common_year(two), 2022);
  EXPECT_EQ(newest_common_year(std::span(two).first(1)), 2023);
  EXPECT_EQ(newest_common_year(two, "pue"), std::nullopt);
}

TEST(Places, AreFoundByIdAndLooselyByName) {
  const auto two = places(kTwo);
  EXPECT_EQ(find_place(two, "GCP-X1").id, "gcp_x1");
  EXPECT_EQ(find_place(two, "quebec").id, "gcp_x1");
  EXPECT_EQ(find_place(two, "Poland").id, "poland");
  EXPECT_NE(message_of([&] { find_place(two, "Pollund"); }).find("Did you mean Poland?"), std::string::npos);
}

TEST(Places, RefuseWhatIsNoFactOfAPlace) {
  const auto refused = [](const std::string& row) { return message_of([&] { places(row); }); };
  EXPECT_NE(refused("a,A,carbon_intensity,2022,0,g/kWh,s,\n").find("places.csv:2: column 'value'"),
            std::string::npos);
  EXPECT_NE(refused("a,A,carbon_intensity,2022,0.4,kg/kWh,s,\n").find("column 'unit'"), std::string::npos);
  EXPECT_NE(refused("a,A,wind,2022,1,1,s,\n").find("carbon_intensity, water_intensity"), std::string::npos);
  EXPECT_NE(refused("a,A,pue,2022,1.1,1,,\n").find("column 'source'"), std::string::npos);
  EXPECT_NE(refused("a,A,pue,2022,1.1,1,s,\na,A,pue,2022,1.2,1,s,\n").find("places.csv:3"),
            std::string::npos);
  EXPECT_NE(refused("a,A,pue,2022,1.1,1,s,\na,B,pue,2023,1.2,1,s,\n").find("'A'"), std::string::npos);
}

const std::string kPrices =
    "device,provider,region,price_type,usd_per_hour,date,source,note\n"
    "H100-SXM-80GB,AWS,us-east-1,on-demand,12,2023-11,s,\n"
    "H100-SXM-80GB,AWS,us-east-1,on-demand,7.2,2025-06,s,\n"
    "H100-SXM-80GB,Lambda,,on-demand,3.6,2026,s,\n"
    "H100-SXM-80GB,Verda,Finland,on-demand,1.8,2026,s,\n"
    "H100-SXM-80GB,Verda,Finland,spot,0.9,2026,s,\n"
    "L4,AWS,us-east-1,on-demand,0.8,2025,s,\n";

TEST(Rental, IsTheMedianOfTheNewestOffers) {
  const auto prices = read_rental_prices(CsvTable::parse(kPrices, "rental_prices.csv"));
  // Of 7.2 (the older 12 does not count), 3.6 and 1.8 USD/h: 3.6, so 1e-3 USD/s.
  EXPECT_NEAR(find_rental(prices, "h100").usd_per_second, 1e-3, 1e-15);
  EXPECT_NEAR(find_rental(prices, "H100-SXM-80GB", "aws").usd_per_second, 2e-3, 1e-15);
  EXPECT_EQ(find_rental(prices, "H100", "finland", "spot").provider, "Verda");
  const std::string none = message_of([&] { find_rental(prices, "L4", "finland"); });
  EXPECT_NE(none.find("no on-demand price of L4 at finland"), std::string::npos);
  EXPECT_NE(none.find("AWS us-east-1 (on-demand)"), std::string::npos);
  EXPECT_NE(message_of([&] { find_rental(prices, "H1000-SXM"); }).find("Did you mean H100-SXM-80GB?"),
            std::string::npos);
}

// ---- the stored facts
// --------------------------------------------------------------------------------------
std::vector<Place> stored_places() {
  return read_places(CsvTable::read(IRONLAW_FACTS_DIR "/places.csv"));
}

TEST(StoredPlaces, HaveTheFiguresOfTheirSources) {
  const auto all = stored_places();
  const auto grams = [&](const char* place, int year) {
    return find_place(all, place).figure("carbon_intensity", year)->value * kKilowattHour * 1e3;
  };
  EXPECT_NEAR(grams("quebec", 2024), 5.48, 1e-9);  // Google Cloud, Montreal
  EXPECT_NEAR(grams("iowa", 2024), 412.72, 1e-9);  // not the illustrative 680 of mlsysim
  EXPECT_NEAR(grams("virginia", 2023), 322, 1e-9);
  EXPECT_NEAR(grams("poland", 2023), 661.926, 1e-9);
  EXPECT_NEAR(grams("us_average", 2023), 369.473, 1e-9);
  EXPECT_NEAR(grams("gcp_us_central1", 2019), 479, 1e-9);
  EXPECT_NEAR(find_place(all, "us-central1").figure("pue")->value, 1.11, 1e-12);
  // Montreal's 0 g of 2021 and 2022 is left out: the newest year before is 2020.
  for (const PlaceFigure& f : find_place(all, "quebec").figures) EXPECT_TRUE(f.year < 2021 || f.year > 2022);
}

TEST(StoredPlaces, ArePlausible) {
  for (const Place& place : stored_places()) {
    ASSERT_FALSE(place.figures.empty());
    for (const PlaceFigure& f : place.figures) {
      // Kilograms (old gas plants that leak methane have 1.3), USD and a ratio.
      const double scale = f.quantity == "pue" ? 1 : kKilowattHour;
      const double most = f.quantity == "carbon_intensity" ? 1.35 : f.quantity == "energy_price" ? 0.5 : 2;
      EXPECT_LT(f.value * scale, most) << place.id << ' ' << f.quantity;
      EXPECT_GE(f.value * scale, f.quantity == "pue" ? 1 : 1e-3) << place.id << ' ' << f.quantity;
      EXPECT_GE(f.year, 2019) << place.id;
    }
  }
}

TEST(StoredPlaces, AreComparedInOneYear) {
  const auto all = stored_places();
  const Place pair[] = {find_place(all, "quebec"), find_place(all, "poland")};
  EXPECT_EQ(newest_common_year(pair), 2023);  // Quebec has 2024 as well, Poland's newest is 2023
  const Place regions[] = {find_place(all, "quebec"), find_place(all, "iowa")};
  EXPECT_EQ(newest_common_year(regions), 2024);
}

TEST(StoredPrices, AreOncePerOfferAndCheaperOnTheSpot) {
  const auto prices = read_rental_prices(CsvTable::read(IRONLAW_FACTS_DIR "/rental_prices.csv"));
  EXPECT_LT(prices.size(), 400u);
  std::set<std::string> offers;
  for (const RentalPrice& p : prices) {
    EXPECT_TRUE(
        offers.insert(p.device + '|' + p.provider + '|' + p.region + '|' + p.price_type + '|' + p.date)
            .second)
        << p.device << ' ' << p.provider;
    EXPECT_LT(p.usd_per_second * 3600, 15) << p.device << ' ' << p.provider;
    for (const RentalPrice& other : prices)
      if (p.price_type == "spot" && other.price_type == "on-demand" && p.device == other.device &&
          p.provider == other.provider && p.region == other.region && p.date == other.date) {
        EXPECT_LT(p.usd_per_second, other.usd_per_second) << p.device << ' ' << p.provider;
      }
  }
  EXPECT_NEAR(find_rental(prices, "H100-SXM-80GB").usd_per_second * 3600, 2.95, 1e-9);
  EXPECT_NEAR(find_rental(prices, "H100-SXM-80GB", "Lambda").usd_per_second * 3600, 3.99, 1e-9);
  EXPECT_NEAR(find_rental(prices, "TPU-v5p", "us-east5", "spot").usd_per_second * 3600, 2.415, 1e-9);
}

}  // namespace
}  // namespace ironlaw
