// What is known of a place and what devices rent for, as options of a scenario.
#pragma once

#include <optional>
#include <vector>

#include "framework/cli/request.hpp"
#include "registry/places.hpp"

namespace ironlaw {

// The years that a figure may be of.
inline constexpr int kFirstYear = 1990, kLastYear = 2100;

std::vector<Place> load_places();
std::vector<RentalPrice> load_rental_prices();

// Gives the scenario the figures of a place, of that year or else the newest, except those that somebody set;
// the notes say which, from where. Throws Error for a place that nobody knows.
void set_place(const Said& place, std::optional<int> year, const Pipeline& pipeline, Request& request);

// Rents the devices. `rental` is a provider or region, a kind of price ("reserved"; on-demand unless said) or
// both. Throws Error where there is no such price of exactly this device.
void set_rental(const Said& rental, const Pipeline& pipeline, Request& request);

}  // namespace ironlaw
