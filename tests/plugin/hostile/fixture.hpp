// A wall that keeps the contract, in parts that a broken plugin changes one of.
#pragma once

#include <cmath>
#include <ironlaw/hardware.hpp>

namespace fixture {

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kAny = std::numeric_limits<double>::infinity();

inline std::int32_t eval(const double* const*, double* const*, std::size_t, ironlaw_error*) {
  return IRONLAW_OK;
}
inline std::int32_t eval_grad(const double* const*, double* const*, double* const*, std::size_t,
                              ironlaw_error*) {
  return IRONLAW_OK;
}

inline constexpr ironlaw_port kIn = {sizeof(ironlaw_port),  0, "traffic", "B", "", 0, kAny, kNone, 0, "",
                                     IRONLAW_LINK_IDENTITY, 0, 0,         0,   "", ""};
inline constexpr ironlaw_port kOut = {
    sizeof(ironlaw_port),  0, "time", "s", "", -kAny, kAny, 0, IRONLAW_ROLE_BOUND, "",
    IRONLAW_LINK_IDENTITY, 0, 0,      0,   "", ""};
inline constexpr const ironlaw_port* kIns[] = {&kIn};
inline constexpr const ironlaw_port* kOuts[] = {&kOut};

constexpr ironlaw_function function(const ironlaw_port* const* in, std::uint32_t n_in) {
  return {sizeof(ironlaw_function), IRONLAW_LEVEL_OPERATOR, "f", n_in,   1, in, kOuts, &eval, &eval_grad,
          IRONLAW_EVERY_PHASE,      IRONLAW_EVERY_KIND,     "",  nullptr};
}
constexpr ironlaw_wall wall(const char* id, std::uint32_t number, const ironlaw_function* const* functions) {
  return {sizeof(ironlaw_wall), number,  1,      1,         id,     "Title", "node", "mfu",
          "One sentence.",      "t = x", "none", functions, nullptr};
}
constexpr ironlaw_plugin plugin(const ironlaw_wall* const* walls) {
  return {
      sizeof(ironlaw_plugin), IRONLAW_ABI_MAJOR, IRONLAW_ABI_MINOR, "fixture", "1", "", 1, 0, walls, nullptr};
}

}  // namespace fixture
