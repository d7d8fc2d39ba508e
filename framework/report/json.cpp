#include "framework/report/json.hpp"

#include <cmath>
#include <cstdint>

namespace ironlaw {

Json json_number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: up to here every whole number is a double
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::abs(value) <= kExact) return static_cast<std::int64_t>(value);
  return value;
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ironlaw
