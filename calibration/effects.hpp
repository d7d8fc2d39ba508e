// Theta for a set of rows: which effects of which parameters there are.
#pragma once

#include <span>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// One global entry a parameter and, with a hierarchy, one a level that occurs; all scopes' spreads are
// `spread`.
void add_effects(const std::vector<Row>& rows, double spread, bool hierarchy, ParameterSet& set);

// Which entries of theta, made for all `rows`, add_effects() would have made for these of them alone.
class EffectsOfRows {
 public:
  EffectsOfRows(const std::vector<Row>& rows, const ParameterSet& set);
  // Ascending indices into theta.
  std::vector<std::uint32_t> of(std::span<const std::size_t> rows) const;

 private:
  std::size_t n_theta_;
  std::vector<std::vector<std::uint32_t>> entries_;  // of a row, without the walk of generations
  // Of a row: its generation's rank, and the parameters that walk with it.
  std::vector<std::size_t> rank_;
  std::vector<std::vector<std::uint32_t>> walkers_;
  std::vector<std::vector<std::uint32_t>> steps_;  // by parameter that walks and rank; ~0: no entry
};

}  // namespace ironlaw
