// Calls a function as the host does, and watches what it does to memory that is not its own.
#pragma once

#include <string>
#include <vector>

#include "framework/conformance/points.hpp"
#include "ironlaw/abi.h"

namespace ironlaw::conformance {

struct Evaluation {
  std::int32_t status = IRONLAW_OK;
  std::string message;              // of a status that is not IRONLAW_OK
  std::vector<std::string> faults;  // what the contract of abi.h forbids: "wrote before column memory_time"
  std::vector<Row> out;             // [row][output]
  std::vector<Row> jacobian;        // [row][output * inputs + input]; empty without derivatives
};

// Evaluates rows as one block. Each column stands between guard words; outputs begin as a value that nothing
// computes, so that a cell left unwritten shows. The floating-point environment is put back afterwards.
Evaluation evaluate(const ironlaw_function& function, const std::vector<Row>& rows,
                    bool with_jacobian = false);

// The bits of values, to compare results exactly. Unknown numbers are alike, and so are the two zeros.
std::vector<std::uint64_t> bits_of(const Row& values);

}  // namespace ironlaw::conformance
