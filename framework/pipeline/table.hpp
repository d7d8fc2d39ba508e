// Columns of doubles with, when asked for, their derivatives: what the functions of one level work on.
//
// A column depends on no seed, on one in each row (a parameter's own: the host fills it, and most columns
// that depend on anything are such), or on all of them (what walls make of parameters).
#pragma once

#include <cstddef>
#include <vector>

#include "framework/pipeline/pipeline.hpp"

namespace ironlaw {

// Grows and never shrinks: after the first calls nothing is allocated.
class Table {
 public:
  // Makes room for columns x rows values and, if seeds > 0, as many partials each. No column is active: none
  // depends on a seed.
  void reset(std::size_t columns, std::size_t rows, std::size_t seeds);

  std::size_t rows() const { return rows_; }
  std::size_t seeds() const { return seeds_; }
  double* column(int c) { return &values_[static_cast<std::size_t>(c) * rows_]; }
  const double* column(int c) const { return &values_[static_cast<std::size_t>(c) * rows_]; }
  // The seeds() partials of one value, of a column that activate() was called for.
  double* partials(int c, std::size_t row) {
    return &partials_[(static_cast<std::size_t>(c) * rows_ + row) * seeds_];
  }
  const double* partials(int c, std::size_t row) const {
    return &partials_[(static_cast<std::size_t>(c) * rows_ + row) * seeds_];
  }
  bool active(int c) const { return seeds_of_[static_cast<std::size_t>(c)] != Seeds::none; }
  // Marks a column as depending on all seeds and sets its partials to zero.
  void activate(int c);
  // Marks a column as depending on one seed in each row; set_partial must then be called for every row.
  void activate_one(int c) { seeds_of_[static_cast<std::size_t>(c)] = Seeds::one; }
  void set_partial(int c, std::size_t row, std::size_t seed, double slope) {
    own_[static_cast<std::size_t>(c) * rows_ + row] = {seed, slope};
  }
  // into[s] += scale x the partials of one value of an active column.
  void add_partials(int c, std::size_t row, double scale, double* into) const {
    const std::size_t cell = static_cast<std::size_t>(c) * rows_ + row;
    if (seeds_of_[static_cast<std::size_t>(c)] == Seeds::one) {
      into[own_[cell].seed] += scale * own_[cell].slope;
      return;
    }
    const double* from = &partials_[cell * seeds_];
    for (std::size_t s = 0; s < seeds_; ++s) into[s] += scale * from[s];
  }

 private:
  enum class Seeds : char { none, one, all };
  struct Own {
    std::size_t seed;
    double slope;
  };
  std::size_t rows_ = 0, seeds_ = 0;
  std::vector<double> values_, partials_;
  std::vector<Own> own_;
  std::vector<Seeds> seeds_of_;  // by column
};

// Runs a stage's calls on all rows of its table, whose source and import columns are filled. With seeds > 0
// derivatives are chained through the functions' Jacobians. `scratch` is reused between calls.
// Throws Error when a function fails or returns a value that is no finite number, naming the wall, the port
// and the inputs that are unknown.
void run_stage(const Pipeline& pipeline, ironlaw_level level, Table& table, std::vector<double>& scratch);

}  // namespace ironlaw
