#include "registry/places.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "framework/base/device_names.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {

namespace {

// What the table writes, and what the walls read.
struct Quantity {
  std::string_view name, table_unit, unit;
  double scale;
};
constexpr double kKilowattHour = 3.6e6;
constexpr Quantity kQuantities[] = {{"carbon_intensity", "g/kWh", "kgCO2e/J", 1e-3 / kKilowattHour},
                                    {"water_intensity", "L/kWh", "L/J", 1 / kKilowattHour},
                                    {"energy_price", "USD/kWh", "USD/J", 1 / kKilowattHour},
                                    {"pue", "1", "1", 1}};

const Quantity& quantity_of(const CsvRow& row) {
  std::vector<std::string> names;
  for (const Quantity& q : kQuantities) names.emplace_back(q.name);
  const std::string& name = row.one_of("quantity", names);
  return *std::find_if(std::begin(kQuantities), std::end(kQuantities),
                       [&](const Quantity& q) { return q.name == name; });
}

double positive(const CsvRow& row, std::string_view column) {
  const double value = row.number(column);
  if (!(value > 0)) row.fail(column, "a number above 0");
  return value;
}

PlaceFigure read_figure(const CsvRow& row) {
  const Quantity& quantity = quantity_of(row);
  row.one_of("unit", {std::string(quantity.table_unit)});
  return {std::string(quantity.name),
          std::string(quantity.unit),
          positive(row, "value") * quantity.scale,
          static_cast<int>(row.integer("year", 1990, 2100)),
          row.required("source"),
          row.text("note"),
          quantity.table_unit == "1" ? row.text("value")
                                     : fmt::format("{} {}", row.text("value"), quantity.table_unit)};
}

bool means(std::string_view text, std::string_view given) {
  return normalised(text).find(normalised(given)) != std::string::npos;
}

std::set<std::string> all(std::span<const RentalPrice> prices, std::string RentalPrice::*field) {
  std::set<std::string> found;
  for (const RentalPrice& p : prices)
    if (!(p.*field).empty()) found.insert(p.*field);
  return found;
}

[[noreturn]] void no_price(std::span<const RentalPrice> prices, const std::string& device,
                           std::string_view where, std::string_view price_type) {
  std::vector<std::string> there;
  for (const RentalPrice& p : prices)
    if (p.device == device)
      there.push_back(
          fmt::format("{}{}{} ({})", p.provider, p.region.empty() ? "" : " ", p.region, p.price_type));
  throw Error(fmt::format("There is no {} price of {}{}{}. There are: {}.", price_type, device,
                          where.empty() ? "" : " at ", where, fmt::join(there, ", ")));
}

}  // namespace

const PlaceFigure* Place::figure(std::string_view quantity, std::optional<int> year) const {
  const PlaceFigure* newest = nullptr;
  for (const PlaceFigure& f : figures) {
    if (f.quantity != quantity) continue;
    if (f.year == year) return &f;
    if (!newest || f.year > newest->year) newest = &f;
  }
  return newest;
}

std::vector<Place> read_places(const CsvTable& table) {
  std::vector<Place> places;
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    const std::string& id = row.required("place");
    const std::string& name = row.required("name");
    const auto [at, is_new] = index.emplace(id, places.size());
    if (is_new) places.push_back({id, name, {}});
    Place& place = places[at->second];
    if (place.name != name) row.fail("name", fmt::format("'{}', as in the rows above", place.name));
    PlaceFigure figure = read_figure(row);
    if (const PlaceFigure* same = place.figure(figure.quantity, figure.year);
        same && same->year == figure.year)
      row.fail("year", fmt::format("a year for which {} has no {} yet", id, figure.quantity));
    place.figures.push_back(std::move(figure));
  }
  return places;
}

const Place& find_place(std::span<const Place> places, std::string_view name) {
  std::vector<std::string> names;
  for (const Place& place : places) {
    if (normalised(place.id) == normalised(name)) return place;
    names.push_back(place.name);
  }
  return places[match_name("place", name, names)];
}

std::optional<int> newest_common_year(std::span<const Place> places, std::string_view quantity) {
  std::map<int, std::size_t> having;
  for (const Place& place : places)
    for (const PlaceFigure& f : place.figures)
      if (f.quantity == quantity) ++having[f.year];
  for (auto entry = having.rbegin(); entry != having.rend(); ++entry)
    if (entry->second == places.size()) return entry->first;
  return std::nullopt;
}

std::vector<RentalPrice> read_rental_prices(const CsvTable& table) {
  const std::vector<std::string> types(std::begin(kPriceTypes), std::end(kPriceTypes));
  std::vector<RentalPrice> prices;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    prices.push_back({row.required("device"), row.required("provider"), row.text("region"),
                      row.one_of("price_type", types), positive(row, "usd_per_hour") / 3600,
                      row.required("date"), row.required("source"), row.text("note")});
  }
  return prices;
}

const RentalPrice& find_rental(std::span<const RentalPrice> prices, std::string_view device,
                               std::string_view where, std::string_view price_type) {
  const std::set<std::string> known = all(prices, &RentalPrice::device);
  const std::vector<std::string> devices(known.begin(), known.end());
  const std::string& wanted = devices[match_device("rental price of", device, devices)];

  std::map<std::pair<std::string, std::string>, const RentalPrice*> newest;  // by provider and region
  for (const RentalPrice& p : prices) {
    if (p.device != wanted || p.price_type != price_type) continue;
    if (!where.empty() && !means(p.provider, where) && !means(p.region, where)) continue;
    const RentalPrice*& held = newest[{p.provider, p.region}];
    if (!held || p.date > held->date) held = &p;
  }
  if (newest.empty()) no_price(prices, wanted, where, price_type);
  std::vector<const RentalPrice*> sorted;
  sorted.reserve(newest.size());
  for (const auto& [key, price] : newest) sorted.push_back(price);
  std::stable_sort(sorted.begin(), sorted.end(), [](const RentalPrice* a, const RentalPrice* b) {
    return a->usd_per_second < b->usd_per_second;
  });
  return *sorted[(sorted.size() - 1) / 2];
}

}  // namespace ironlaw
