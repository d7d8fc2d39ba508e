// Rows for the functions of all walls, and their evaluation by index.
#pragma once

#include <cmath>
#include <functional>

#include "framework/conformance/evaluate.hpp"
#include "framework/conformance/points.hpp"
#include "tests/walls/functions.hpp"

namespace ironlaw::testing {

// The functions of all walls, with the name of each.
inline void for_each_function(const std::function<void(const ironlaw_function&)>& visit) {
  for (const ironlaw_wall* wall : host().walls())
    for (std::uint32_t f = 0; f < wall->n_functions; ++f) {
      SCOPED_TRACE(std::string(wall->id) + ", " + wall->functions[f]->name);
      visit(*wall->functions[f]);
    }
}

using conformance::rows_of;
using Block = conformance::Evaluation;

// Outputs and, when asked for, the Jacobian of a block of rows. Fails where the function does, or writes
// where it must not.
inline Block run(const ironlaw_function& f, const std::vector<std::vector<double>>& rows,
                 bool with_jacobian = false) {
  Block block = conformance::evaluate(f, rows, with_jacobian);
  EXPECT_EQ(block.status, IRONLAW_OK) << block.message;
  for (const std::string& fault : block.faults) ADD_FAILURE() << fault;
  return block;
}

}  // namespace ironlaw::testing
