// Quantities as people write them: "3.35 TB/s", "80GiB", "2.5 USD/h", "400 Gb/s", "390 g/kWh", "85%".
#pragma once

#include <string>
#include <string_view>

namespace ironlaw {

// The value of `text` in `unit`, a base unit as ports have it ("B/s", "1", "USD/J"). A unit must be written
// unless the quantity is a plain number or the value is 0; prefixes k to E are decimal, Ki to Ti binary, and
// a small b is a bit. A year has 365 days, a month 30.
// Throws Error that names the field, what was given and what would be understood.
double parse_quantity(std::string_view field, std::string_view text, std::string_view unit);

}  // namespace ironlaw
