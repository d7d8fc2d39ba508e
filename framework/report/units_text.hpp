// Quantities for people: a few digits and a prefix. Scripts get plain numbers instead.
#pragma once

#include <string>
#include <string_view>

namespace ironlaw {

// Four significant digits with a decimal prefix: (3.35e12, "B/s") -> "3.35 TB/s". A unit of "1" is a plain
// number. NaN is "unknown".
std::string format_si(double value, std::string_view unit);

// [s] "6.62 ms", "1.5 s", "3.2 min", "2.75 h", "12.3 days".
std::string format_time(double seconds);

// [B] Decimal: "85.9 GB".
std::string format_bytes(double bytes);

// A quantity in a base unit, as people say it: joules in Wh, carbon in g, kg or t, dollars a second an hour.
std::string format_quantity(double value, std::string_view unit);

// A plain number with at most `digits` significant digits: "0.2213", "870.7", "151".
std::string format_number(double value, int digits = 4);

// "98.2%", "0.031%"; less than a hundredth of a percent is "<0.01%".
std::string format_percent(double fraction);

}  // namespace ironlaw
