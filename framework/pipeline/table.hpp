// Columns of doubles with, when asked for, their derivatives: what the functions of one level work on.
#pragma once

#include <cstddef>
#include <vector>

#include "framework/pipeline/pipeline.hpp"

namespace ironlaw {

// Grows and never shrinks: after the first calls nothing is allocated.
class Table {
 public:
  // Makes room for columns x rows values and, if seeds > 0, as many partials each. Partials of a column mean
  // something only while it is active: an inactive column does not depend on any seed.
  void reset(std::size_t columns, std::size_t rows, std::size_t seeds);

  std::size_t rows() const { return rows_; }
  std::size_t seeds() const { return seeds_; }
  double* column(int c) { return &values_[static_cast<std::size_t>(c) * rows_]; }
  const double* column(int c) const { return &values_[static_cast<std::size_t>(c) * rows_]; }
  // The seeds() partials of one value.
  double* partials(int c, std::size_t row) {
    return &partials_[(static_cast<std::size_t>(c) * rows_ + row) * seeds_];
  }
  const double* partials(int c, std::size_t row) const {
    return &partials_[(static_cast<std::size_t>(c) * rows_ + row) * seeds_];
  }
  bool active(int c) const { return active_[static_cast<std::size_t>(c)] != 0; }
  // Marks a column as depending on seeds and sets its partials to zero.
  void activate(int c);

 private:
  std::size_t rows_ = 0, seeds_ = 0;
  std::vector<double> values_, partials_;
  std::vector<char> active_;
};

// Runs a stage's calls on all rows of its table, whose source and import columns are filled. With seeds > 0
// derivatives are chained through the functions' Jacobians. `scratch` is reused between calls.
// Throws Error when a function fails or returns a value that is no finite number, naming the wall, the port
// and the inputs that are unknown.
void run_stage(const Pipeline& pipeline, ironlaw_level level, Table& table, std::vector<double>& scratch);

}  // namespace ironlaw
