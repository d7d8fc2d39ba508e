// A wall whose eval is written by hand against abi.h, without the SDK that keeps the contract.
#pragma once

#include "fixture.hpp"

namespace raw {

inline constexpr ironlaw_port kIn = {sizeof(ironlaw_port),
                                     0,
                                     "operator_bytes",
                                     "B",
                                     "",
                                     0,
                                     fixture::kAny,
                                     fixture::kNone,
                                     0,
                                     "",
                                     IRONLAW_LINK_IDENTITY,
                                     0,
                                     0,
                                     0,
                                     "",
                                     ""};
inline constexpr ironlaw_port kOut = {sizeof(ironlaw_port),
                                      0,
                                      "raw_copy",
                                      "B",
                                      "",
                                      -fixture::kAny,
                                      fixture::kAny,
                                      fixture::kNone,
                                      IRONLAW_ROLE_SUPPLY,
                                      "",
                                      IRONLAW_LINK_IDENTITY,
                                      0,
                                      0,
                                      0,
                                      "",
                                      ""};
inline constexpr const ironlaw_port* kIns[] = {&kIn};
inline constexpr const ironlaw_port* kOuts[] = {&kOut};

// What an honest eval does.
inline void copy(const double* const* in, double* const* out, std::size_t n) {
  for (std::size_t row = 0; row < n; ++row) out[0][row] = in[0][row];
}
inline void slopes(double* const* jac, std::size_t n) {
  for (std::size_t row = 0; row < n; ++row) jac[0][row] = 1;
}

template <auto eval, auto eval_grad>
constexpr ironlaw_function kFunction = {
    sizeof(ironlaw_function), IRONLAW_LEVEL_OPERATOR, "f", 1,      1, kIns, kOuts, eval, eval_grad,
    IRONLAW_EVERY_PHASE,      IRONLAW_EVERY_KIND,     "",  nullptr};

}  // namespace raw

// eval and eval_grad are functions of the file.
#define RAW_WALL(id, number)                                                             \
  constexpr const ironlaw_function* kFunctions[] = {&raw::kFunction<&eval, &eval_grad>}; \
  constexpr ironlaw_wall kWall = fixture::wall(id, number, kFunctions);                  \
  constexpr const ironlaw_wall* kWalls[] = {&kWall};                                     \
  constexpr ironlaw_plugin kPlugin = fixture::plugin(kWalls);                            \
  IRONLAW_EXPORT_PLUGIN(kPlugin)
