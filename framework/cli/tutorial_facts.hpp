// What is known of places and rents, said in a scenario as if the user had typed it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/cli/request.hpp"
#include "registry/places.hpp"

namespace ironlaw {

class Facts {
 public:
  // Reads places.csv and rental_prices.csv in facts_dir(). Throws Error.
  Facts();

  const Place& place(std::string_view name) const { return find_place(places_, name); }

  // Sets carbon_intensity, energy_price, water_intensity and pue of a place, as far as they are known of
  // every place in `compared`, in the newest year of carbon that all of them have: else a difference between
  // two years would pass for one between two places. What `ask` sets already stays. Returns what was taken.
  std::vector<std::string> set_place(Ask& ask, std::string_view name,
                                     const std::vector<std::string>& compared) const;
  // Sets rental_price and that the machines are rented: find_rental()'s price. `device` is an id.
  std::vector<std::string> set_rental(Ask& ask, std::string_view device, std::string_view price_type,
                                      std::string_view provider = "") const;

 private:
  std::vector<Place> places_;
  std::vector<RentalPrice> prices_;
};

}  // namespace ironlaw
