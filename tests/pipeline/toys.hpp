// Small walls that a test writes down as tables, without a library.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "framework/base/error.hpp"
#include "ironlaw/abi.h"

namespace ironlaw::testing {

inline constexpr double kInfinite = std::numeric_limits<double>::infinity();
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

inline ironlaw_port reads(const char* name, const char* unit = "s") {
  return {sizeof(ironlaw_port),  0, name, unit, "", 0, kInfinite, kUnknown, 0, "",
          IRONLAW_LINK_IDENTITY, 0, 0,    0,    "", ""};
}
inline ironlaw_port gives(const char* name, const char* unit = "s", std::uint32_t role = IRONLAW_ROLE_SUPPLY,
                          const char* target = "") {
  ironlaw_port port = reads(name, unit);
  port.min = -kInfinite;
  port.role = role;
  port.target = target;
  return port;
}
inline ironlaw_port fits(const char* name, const char* unit = "1", ironlaw_link link = IRONLAW_LINK_LOG) {
  ironlaw_port port = reads(name, unit);
  port.flags = IRONLAW_PORT_PARAMETER;
  port.link = link;
  port.neutral = 1;
  port.prior_mean = 0.5;
  port.prior_sd = 0.3;
  return port;
}

// Tables of walls whose functions do nothing: enough for all that looks at ports only.
class ToyWalls {
 public:
  // A wall; the functions that follow are its.
  ToyWalls& wall(std::uint32_t number, const char* id, const char* term = "mfu") {
    walls_.emplace_back();
    walls_.back().table = {
        sizeof(ironlaw_wall), number, 1, 0, id, id, "node", term, "", "", "", nullptr, nullptr};
    return *this;
  }
  ToyWalls& function(const char* name, std::vector<ironlaw_port> in, std::vector<ironlaw_port> out,
                     ironlaw_level level = IRONLAW_LEVEL_OPERATOR) {
    Wall& wall = walls_.back();
    Function& f = *wall.functions.emplace_back(std::make_unique<Function>());
    f.in = std::move(in);
    f.out = std::move(out);
    for (const ironlaw_port& p : f.in) f.ins.push_back(&p);
    for (const ironlaw_port& p : f.out) f.outs.push_back(&p);
    f.table = {sizeof(ironlaw_function),
               static_cast<std::uint32_t>(level),
               name,
               static_cast<std::uint32_t>(f.ins.size()),
               static_cast<std::uint32_t>(f.outs.size()),
               f.ins.data(),
               f.outs.data(),
               [](const double* const*, double* const*, std::size_t, ironlaw_error*) -> std::int32_t {
                 return IRONLAW_OK;
               },
               nullptr,
               IRONLAW_EVERY_PHASE,
               IRONLAW_EVERY_KIND,
               "",
               nullptr};
    wall.pointers.push_back(&f.table);
    wall.table.n_functions = static_cast<std::uint32_t>(wall.pointers.size());
    wall.table.functions = wall.pointers.data();
    return *this;
  }
  std::vector<const ironlaw_wall*> list() const {
    std::vector<const ironlaw_wall*> result;
    for (const Wall& w : walls_) result.push_back(&w.table);
    return result;
  }

 private:
  struct Function {
    std::vector<ironlaw_port> in, out;
    std::vector<const ironlaw_port*> ins, outs;
    ironlaw_function table;
  };
  struct Wall {
    ironlaw_wall table;
    std::vector<std::unique_ptr<Function>> functions;
    std::vector<const ironlaw_function*> pointers;
  };
  std::deque<Wall> walls_;
};

// The message of the Error that `action` throws; a failure and "" when it throws none.
template <class F>
std::string message_of(const F& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace ironlaw::testing
