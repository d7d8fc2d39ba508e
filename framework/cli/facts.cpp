#include "framework/cli/facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "framework/base/error.hpp"
#include "framework/cli/paths.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

CsvTable read_table(const char* name) {
  return CsvTable::read((facts_dir() / name).string(), name);
}

// Does the scenario still want this quantity: does a wall read it, and has nobody set it?
bool is_open(const char* quantity, const Pipeline& pipeline, const Scenario& scenario) {
  return pipeline.input(quantity) >= 0 && !scenario.given.contains(quantity);
}

void use_figure(const Place& place, const PlaceFigure& figure, std::optional<int> year, Request& request) {
  request.scenario.given[figure.quantity] = {
      figure.value, fmt::format("place {} ({}, {})", place.id, figure.year, figure.source)};
  std::string note = fmt::format("{} of {} in {}: {}", figure.quantity, place.name, figure.year, figure.text);
  if (year && *year != figure.year) note += fmt::format(" (the newest; there is none of {})", *year);
  note += fmt::format("; {}", figure.source);
  if (!figure.note.empty()) note += fmt::format(" ({})", figure.note);
  request.notes.push_back(note + ".");
}

bool is_price_type(std::string_view word) {
  return std::find(std::begin(kPriceTypes), std::end(kPriceTypes), word) != std::end(kPriceTypes);
}

// "AWS reserved" -> {"AWS", "reserved"}
struct Rental {
  std::string where, price_type = "on-demand";
};
Rental parse_rental(const Said& said) {
  Rental rental;
  std::istringstream words(said.text);
  std::vector<std::string> types;
  for (std::string word; words >> word;) {
    if (is_price_type(word))
      types.push_back(word);
    else
      rental.where += (rental.where.empty() ? "" : " ") + word;
  }
  if (types.size() > 1)
    throw Error(fmt::format("{} is '{}', which names the kinds of price {}; name one.", said.field, said.text,
                            fmt::join(types, " and ")));
  if (!types.empty()) rental.price_type = types.front();
  return rental;
}

}  // namespace

std::vector<Place> load_places() {
  return read_places(read_table("places.csv"));
}

std::vector<RentalPrice> load_rental_prices() {
  return read_rental_prices(read_table("rental_prices.csv"));
}

void set_place(const Said& said, std::optional<int> year, const Pipeline& pipeline, Request& request) {
  const std::vector<Place> places = load_places();
  const Place& place = find_place(places, said.text);
  std::vector<std::string_view> missing;
  for (const std::string_view quantity : kPlaceQuantities) {
    if (!is_open(std::string(quantity).c_str(), pipeline, request.scenario)) continue;
    if (const PlaceFigure* figure = place.figure(quantity, year))
      use_figure(place, *figure, year, request);
    else
      missing.push_back(quantity);
  }
  if (!missing.empty())
    request.notes.push_back(fmt::format("Not known of {}: {}; what the walls assume stands.", place.name,
                                        fmt::join(missing, ", ")));
}

void set_rental(const Said& said, const Pipeline& pipeline, Request& request) {
  const std::vector<RentalPrice> prices = load_rental_prices();
  const std::string device = request.scenario.hardware->id;
  std::set<std::string> devices;
  for (const RentalPrice& p : prices) devices.insert(p.device);
  // Loosely, the price of an L40S would do for an L40.
  if (!devices.contains(device))
    throw Error(fmt::format("{}: nobody is known to rent out {}. There are prices of {}.", said.field, device,
                            fmt::join(devices, ", ")));
  const Rental rental = parse_rental(said);
  const RentalPrice& price = find_rental(prices, device, rental.where, rental.price_type);

  const std::string offer = fmt::format("{}{}{}, {}, {}", price.provider, price.region.empty() ? "" : " ",
                                        price.region, price.price_type, price.date);
  auto& given = request.scenario.given;
  if (is_open("rental_price", pipeline, request.scenario)) {
    given["rental_price"] = {price.usd_per_second, fmt::format("rental {} ({})", offer, price.source)};
    request.notes.push_back(fmt::format("rental_price of {}: {} USD/h ({}); {}{}.", device,
                                        format_number(price.usd_per_second * 3600, 6), offer, price.source,
                                        price.note.empty() ? "" : fmt::format(" ({})", price.note)));
  }
  if (is_open("ownership", pipeline, request.scenario)) {
    const ironlaw_port& port =
        *pipeline.inputs()[static_cast<std::size_t>(pipeline.input("ownership"))].setting;
    if (const auto rented = choice_of(port, "rented")) given["ownership"] = {*rented, said.field};
  }
}

}  // namespace ironlaw
