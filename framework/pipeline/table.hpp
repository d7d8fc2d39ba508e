// Columns of doubles with, when asked for, their derivatives: what the functions of one level work on.
//
// A column depends on no seed, on one in each row (a parameter's own: the host fills it, and most columns
// that depend on anything are such), or on all of them (what walls make of parameters).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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
  // Repeats a column of another table: which seeds it depends on, and the partials of one value.
  void activate_like(int c, const Table& other, int from) {
    if (other.seeds_of_[static_cast<std::size_t>(from)] == Seeds::one)
      activate_one(c);
    else if (other.active(from))
      activate(c);
  }
  void copy_partials(int c, std::size_t row, const Table& other, int from, std::size_t other_row) {
    if (other.seeds_of_[static_cast<std::size_t>(from)] == Seeds::one)
      own_[static_cast<std::size_t>(c) * rows_ + row] =
          other.own_[static_cast<std::size_t>(from) * other.rows_ + other_row];
    else if (other.active(from))
      std::copy_n(other.partials(from, other_row), seeds_, partials(c, row));
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

// A column that a user overrides on some rows: whatever the wall that makes it says, it has this value and
// depends on nothing.
struct Forced {
  int column;
  std::size_t first, last;  // rows
  double value;
};

// Who can say from which inputs of the scenario an unknown column of a row comes.
class UnknownSource {
 public:
  virtual std::vector<std::string> names(ironlaw_level level, int column, std::size_t row) const = 0;

 protected:
  ~UnknownSource() = default;
};

// What the rows of a table are about.
struct Rows {
  // ironlaw_phase and ironlaw_kind of each row; may be empty where the stage holds everywhere.
  std::span<const std::uint32_t> phases, kinds;
  std::span<const Forced> forced;
  const UnknownSource* unknown = nullptr;  // null: an unknown column is called by its own name
};

// Runs a stage's calls on all rows of its table, whose source and import columns are filled. With seeds > 0
// derivatives are chained through the functions' Jacobians. `scratch` is reused between calls.
// Where a function does not hold, its outputs get their neutral values, accounts NaN. A supply or an account
// made of something unknown (NaN) is unknown.
// Throws Error when a function fails, returns any other value that is no finite number, or a derivative that
// is none, naming the wall, the port and the inputs that are unknown.
void run_stage(const Pipeline& pipeline, ironlaw_level level, Table& table, const Rows& about,
               std::vector<double>& scratch);

}  // namespace ironlaw
