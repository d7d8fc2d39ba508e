// What walls report beside the time: costs, latencies, energy, and what limits them.
#pragma once

#include <string>
#include <vector>

#include "framework/predict/evaluator.hpp"

namespace ironlaw {

// One result of a wall for one case.
struct Account {
  int number = 0;
  std::string wall;  // "capital"
  std::string name, unit, meaning;
  double value = 0;                  // NaN: unknown
  bool is_headline = false;          // belongs on the first page
  std::vector<std::string> unknown;  // where the value is unknown: the inputs that nobody knows
};

// A limit that is broken.
struct Violation {
  int number = 0;
  std::string wall, name, unit, meaning;
  double value = 0;  // negative: by how much
};

// Of the case in row `row` of the last block of `evaluator` (evaluated with results): the accounts of all
// functions that hold for it, in the order of the walls.
std::vector<Account> accounts_of(const Case& c, const Evaluator& evaluator, std::size_t row);
// The gates below zero, memory_headroom apart.
std::vector<Violation> violations_of(const Case& c, const Evaluator& evaluator, std::size_t row);

// The inputs without a value from which an unknown column of scenario, run or result level is made.
std::vector<std::string> unknown_inputs(const Pipeline& pipeline, const Evaluator& evaluator,
                                        ironlaw_level level, int column, std::size_t row);

}  // namespace ironlaw
