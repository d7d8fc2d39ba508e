#include "framework/cli/tutorial_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "framework/cli/facts.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

// In its base unit's own text, so that it is parsed as what a user types is.
std::string written(double value, const std::string& unit) {
  if (unit == "1") return fmt::format("{}", value);
  constexpr double kKilowattHour = 3.6e6, kHour = 3600, kGrams = 1000;
  if (unit == "kgCO2e/J") return fmt::format("{} g/kWh", value * kKilowattHour * kGrams);
  if (unit == "USD/s") return fmt::format("{} USD/h", value * kHour);
  return fmt::format("{} {}/kWh", value * kKilowattHour, unit.substr(0, unit.find('/')));
}

}  // namespace

Facts::Facts() : places_(load_places()), prices_(load_rental_prices()) {}

std::vector<std::string> Facts::set_place(Ask& ask, std::string_view name,
                                          const std::vector<std::string>& compared) const {
  std::vector<Place> all = {place(name)};
  for (const std::string& other : compared) all.push_back(place(other));
  const std::optional<int> year = newest_common_year(all);
  if (!year)
    throw Error(
        fmt::format("No year has the carbon intensity of all the places that are compared with {}.", name));
  std::vector<std::string> taken;
  for (const char* quantity : {"carbon_intensity", "energy_price", "water_intensity", "pue"}) {
    const bool is_known =
        std::all_of(all.begin(), all.end(), [&](const Place& p) { return p.figure(quantity); });
    if (!is_known || ask.set.contains(quantity)) continue;
    const PlaceFigure& figure = *all[0].figure(quantity, year);
    const std::string value = written(figure.value, figure.unit);
    ask.set[quantity] = {value, fmt::format("{} of {}", quantity, all[0].name)};
    taken.push_back(fmt::format("{}: {} {}, {} ({})", all[0].name, quantity,
                                format_quantity(figure.value, figure.unit), figure.year, figure.source));
  }
  return taken;
}

std::vector<std::string> Facts::set_rental(Ask& ask, std::string_view device, std::string_view price_type,
                                           std::string_view provider) const {
  const RentalPrice& price = find_rental(prices_, device, provider, price_type);
  ask.set["ownership"] = {"rented", "ownership"};
  ask.set["rental_price"] = {written(price.usd_per_second, "USD/s"), fmt::format("rent of {}", device)};
  return {fmt::format("{}: {} {}, {}, {} ({})", price.device, format_quantity(price.usd_per_second, "USD/s"),
                      price.price_type, price.provider, price.date, price.source)};
}

}  // namespace ironlaw
