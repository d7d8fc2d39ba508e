// Places and what electricity is there, and what devices rent for: facts that fill settings of the walls.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/csv.hpp"

namespace ironlaw {

// One figure of a place, in the base unit of the setting that it fills.
struct PlaceFigure {
  std::string quantity;  // one of kPlaceQuantities
  std::string unit;      // "kgCO2e/J"
  double value = 0;
  int year = 0;
  std::string source, note;
  std::string text;  // as the table has it: "34.5 g/kWh"
};
// What is known of places: settings of the walls.
inline constexpr std::string_view kPlaceQuantities[] = {"carbon_intensity", "water_intensity", "energy_price",
                                                        "pue"};

struct Place {
  std::string id, name;
  std::vector<PlaceFigure> figures;

  // The figure of that year; without a year, or where that year has none, the newest. Null where there is
  // none.
  const PlaceFigure* figure(std::string_view quantity, std::optional<int> year = std::nullopt) const;
};

// Throws Error with file, line and column for an unknown quantity, a unit that is not its own, a value that
// is not positive (a place without emissions is an accounting figure), or a figure given twice.
std::vector<Place> read_places(const CsvTable& table);

// The place that `name` means, by its id or loosely by its name ("quebec"). Throws Error with suggestions.
const Place& find_place(std::span<const Place> places, std::string_view name);

// The newest year for which all these places have the quantity, so that they are compared fairly; nothing
// where they have no year in common.
std::optional<int> newest_common_year(std::span<const Place> places,
                                      std::string_view quantity = "carbon_intensity");

struct RentalPrice {
  std::string device, provider, region, price_type;
  double usd_per_second = 0;  // of one device
  std::string date, source, note;
};

// The kinds of price: what a price is for.
inline constexpr std::string_view kPriceTypes[] = {"on-demand", "reserved", "savings-plan", "spot"};

std::vector<RentalPrice> read_rental_prices(const CsvTable& table);

// What a device rents for: of the newest price of every provider and region that `where` means (a provider or
// a region; "" for all of them), the median; the lower one of two. Throws Error that says what there is.
const RentalPrice& find_rental(std::span<const RentalPrice> prices, std::string_view device,
                               std::string_view where = "", std::string_view price_type = "on-demand");

}  // namespace ironlaw
