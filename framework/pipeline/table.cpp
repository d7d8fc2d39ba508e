#include "framework/pipeline/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/base/fp_control.hpp"
#include "framework/base/watch.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kMaxPorts = 64;  // the plugin host refuses functions with more

std::string who(const Pipeline& pipeline, const Call& call) {
  if (call.wall < 0) return "the hardware's shape function";
  const ironlaw_wall& wall = *pipeline.walls()[static_cast<std::size_t>(call.wall)];
  return fmt::format("wall {} {} ({})", wall.number, wall.id, call.function->name);
}

bool is_made_of_unknown(const Call& call, const Table& table, std::size_t row) {
  return std::any_of(call.in.begin(), call.in.end(),
                     [&](int column) { return std::isnan(table.column(column)[row]); });
}

// An output that is no number comes either from an input nobody knows or from a fault of the wall.
[[noreturn]] void report_not_finite(const Pipeline& pipeline, const Call& call, const Table& table,
                                    const Rows& about, std::size_t o, std::size_t row) {
  std::vector<std::string> unknown;
  const auto add = [&](const std::string& name) {
    if (std::find(unknown.begin(), unknown.end(), name) == unknown.end()) unknown.push_back(name);
  };
  const auto level = static_cast<ironlaw_level>(call.function->level);
  for (std::size_t i = 0; i < call.in.size(); ++i) {
    if (!std::isnan(table.column(call.in[i])[row])) continue;
    if (!about.unknown)
      add(call.function->inputs[i]->name);
    else
      for (const std::string& name : about.unknown->names(level, call.in[i], row)) add(name);
  }
  const char* port = call.function->outputs[o]->name;
  if (!unknown.empty())
    throw Error(fmt::format("{} cannot compute {}: {} {} unknown{}.", who(pipeline, call), port,
                            fmt::join(unknown, ", "), unknown.size() == 1 ? "is" : "are",
                            pipeline.hardware().empty() ? "" : " for " + pipeline.hardware()));
  throw Error(fmt::format("{} returned {} for {}: a fault of that plugin.", who(pipeline, call),
                          table.column(call.out[o])[row], port));
}

// Every cell passes through the two tests below. They gather the bits of differences instead of comparing,
// which compilers turn into vector code.

// False where a value is outside [min, max], and now and then where none is: -0, infinite, no number.
bool surely_inside(const double* column, std::size_t rows, double min, double max) {
  std::uint64_t bits = 0;  // the sign of a difference, the first bit, says which is larger
  for (std::size_t row = 0; row < rows; ++row)
    bits |= std::bit_cast<std::uint64_t>(column[row] - min) | std::bit_cast<std::uint64_t>(max - column[row]);
  return bits >> 63 == 0;
}

bool all_finite(const double* column, std::size_t rows) {
  std::uint64_t bits = 0;  // x - x is +0, all bits clear, unless x is infinite or no number
  for (std::size_t row = 0; row < rows; ++row)
    bits |= std::bit_cast<std::uint64_t>(column[row] - column[row]);
  return bits == 0;
}

bool holds(const Call& call, const Rows& about, std::size_t row) {
  return about.phases.empty() || call.holds(about.phases[row], about.kinds[row]);
}

void check_ranges(const Pipeline& pipeline, const Call& call, const Table& table, const Rows& about) {
  for (std::size_t i = 0; i < call.in.size(); ++i) {
    const ironlaw_port& port = *call.function->inputs[i];
    const double* column = table.column(call.in[i]);
    if (surely_inside(column, table.rows(), port.min, port.max)) continue;
    for (std::size_t row = 0; row < table.rows(); ++row)  // NaN means unknown, and passes until it is needed
      if ((column[row] < port.min || column[row] > port.max) && holds(call, about, row))
        throw Error(fmt::format("{}: {} is {} {}; allowed is {} to {}.", who(pipeline, call), port.name,
                                column[row], port.unit, port.min, port.max));
  }
}

// What composition takes for granted of an output's role: a factor above 1 would beat the peak, a negative
// time would give time back, and neither would show.
void check_role(const Pipeline& pipeline, const Call& call, const Table& table, const Rows& about,
                std::size_t o) {
  const std::uint32_t role = call.function->outputs[o]->role;
  const bool is_factor = role == IRONLAW_ROLE_FACTOR;
  if (!is_factor && role != IRONLAW_ROLE_BOUND && role != IRONLAW_ROLE_ADDEND) return;
  constexpr double kRounding = 1e-9;
  const double least = is_factor ? std::numeric_limits<double>::min() : 0;
  const double most = is_factor ? 1 + kRounding : std::numeric_limits<double>::max();
  const double* column = table.column(call.out[o]);
  if (surely_inside(column, table.rows(), least, most)) return;
  for (std::size_t row = 0; row < table.rows(); ++row)
    if ((column[row] < least || column[row] > most) && holds(call, about, row))
      throw Error(fmt::format("{} returned {} for {}, {}: a fault of that plugin.", who(pipeline, call),
                              column[row], call.function->outputs[o]->name,
                              is_factor ? "a factor, which is in (0, 1]" : "a time, which is not negative"));
}

void check_finite(const Pipeline& pipeline, const Call& call, const Table& table, const Rows& about) {
  for (std::size_t o = 0; o < call.out.size(); ++o) {
    const double* column = table.column(call.out[o]);
    if (all_finite(column, table.rows())) {
      check_role(pipeline, call, table, about, o);
      continue;
    }
    const std::uint32_t role = call.function->outputs[o]->role;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (std::isfinite(column[row]) || !holds(call, about, row)) continue;
      // A result may be unknown, or not exist for this case; what feeds a time only if an input is unknown.
      const bool may_be_unknown = role == IRONLAW_ROLE_ACCOUNT ||
                                  (role == IRONLAW_ROLE_SUPPLY && is_made_of_unknown(call, table, row));
      if (may_be_unknown && std::isnan(column[row])) continue;
      report_not_finite(pipeline, call, table, about, o, row);
    }
  }
}

void set_constant(Table& table, int column, std::size_t row, double value) {
  table.column(column)[row] = value;
  if (table.seeds() > 0 && table.active(column)) std::fill_n(table.partials(column, row), table.seeds(), 0.0);
}

// Neutral values where the function does not hold, and what the user wants instead of what it says.
void settle_rows(const Call& call, Table& table, const Rows& about) {
  if (!about.phases.empty() && !call.holds_everywhere())
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (holds(call, about, row)) continue;
      for (std::size_t o = 0; o < call.out.size(); ++o)
        set_constant(table, call.out[o], row, call.function->outputs[o]->neutral);
    }
  for (const Forced& forced : about.forced)
    if (std::find(call.out.begin(), call.out.end(), forced.column) != call.out.end())
      for (std::size_t row = forced.first; row < forced.last; ++row)
        set_constant(table, forced.column, row, forced.value);
}

// A slope that is no number would spoil a gradient in silence. Of an unknown value it is none either.
void check_slope(const Pipeline& pipeline, const Call& call, const Table& table, std::size_t o, std::size_t i,
                 std::size_t row, double slope) {
  if (std::isfinite(slope) || std::isnan(table.column(call.out[o])[row])) return;
  throw Error(fmt::format("{} returned {} for d {} / d {}: a fault of that plugin.", who(pipeline, call),
                          slope, call.function->outputs[o]->name, call.function->inputs[i]->name));
}

// d out / d seed = sum over inputs of (d out / d in) (d in / d seed).
void chain(const Pipeline& pipeline, const Call& call, Table& table, const double* jacobian,
           const Rows& about) {
  const std::size_t n_in = call.in.size();
  const std::size_t rows = table.rows();
  const bool depends = std::any_of(call.in.begin(), call.in.end(), [&](int c) { return table.active(c); });
  if (!depends) return;
  for (std::size_t o = 0; o < call.out.size(); ++o) {
    table.activate(call.out[o]);
    for (std::size_t i = 0; i < n_in; ++i) {
      if (!table.active(call.in[i])) continue;
      const double* slope = jacobian + (o * n_in + i) * rows;
      for (std::size_t row = 0; row < rows; ++row) {
        if (slope[row] == 0 || !holds(call, about, row)) continue;
        check_slope(pipeline, call, table, o, i, row, slope[row]);
        table.add_partials(call.in[i], row, slope[row], table.partials(call.out[o], row));
      }
    }
  }
}

// What the plugin's code says and does: an exception that crosses in spite of abi.h, a status that is none, a
// floating-point unit left in another state, which would spoil all that is computed afterwards.
template <class Evaluate>
void contain(const Pipeline& pipeline, const Call& call, const Evaluate& evaluate) {
  ironlaw_error error{};
  std::int32_t status = IRONLAW_FAILED;
  const auto control = fp_control();
  const Watched watched(
      call.wall < 0 ? "a shape function" : pipeline.walls()[static_cast<std::size_t>(call.wall)]->id,
      call.function->name);
  try {
    status = evaluate(&error);
  } catch (const std::exception& e) {
    reset_fp_control();
    throw Error(fmt::format("{} threw: {}", who(pipeline, call), e.what()));
  } catch (...) {
    reset_fp_control();
    throw Error(fmt::format("{} threw what is no std::exception.", who(pipeline, call)));
  }
  if (fp_control() != control) {
    reset_fp_control();
    throw Error(fmt::format("{} changed the floating-point environment: a fault of that plugin.",
                            who(pipeline, call)));
  }
  if (status == IRONLAW_OK) return;
  if (status != IRONLAW_FAILED)
    throw Error(fmt::format("{} returned status {}, which is none: a fault of that plugin.",
                            who(pipeline, call), status));
  error.message[sizeof error.message - 1] = '\0';
  throw Error(fmt::format("{} failed: {}", who(pipeline, call), error.message));
}

}  // namespace

void Table::reset(std::size_t columns, std::size_t rows, std::size_t seeds) {
  rows_ = rows;
  seeds_ = seeds;
  if (values_.size() < columns * rows) values_.resize(columns * rows);
  if (partials_.size() < columns * rows * seeds) partials_.resize(columns * rows * seeds);
  if (seeds > 0 && own_.size() < columns * rows) own_.resize(columns * rows);
  seeds_of_.assign(columns, Seeds::none);
}

void Table::activate(int c) {
  seeds_of_[static_cast<std::size_t>(c)] = Seeds::all;
  std::fill_n(partials(c, 0), rows_ * seeds_, 0.0);
}

void run_stage(const Pipeline& pipeline, ironlaw_level level, Table& table, const Rows& about,
               std::vector<double>& scratch) {
  std::array<const double*, kMaxPorts> in{};
  std::array<double*, kMaxPorts> out{};
  std::array<double*, kMaxPorts * kMaxPorts> jac;  // NOLINT: filled below as far as it is read
  const std::size_t rows = table.rows();
  for (const Call& call : pipeline.stage(level).calls) {
    check_ranges(pipeline, call, table, about);
    for (std::size_t i = 0; i < call.in.size(); ++i) in[i] = table.column(call.in[i]);
    for (std::size_t o = 0; o < call.out.size(); ++o) out[o] = table.column(call.out[o]);
    if (table.seeds() == 0) {
      contain(pipeline, call,
              [&](ironlaw_error* error) { return call.function->eval(in.data(), out.data(), rows, error); });
    } else {
      const std::size_t cells = call.in.size() * call.out.size();
      if (scratch.size() < cells * rows) scratch.resize(cells * rows);
      for (std::size_t k = 0; k < cells; ++k) jac[k] = scratch.data() + k * rows;
      contain(pipeline, call, [&](ironlaw_error* error) {
        return call.function->eval_grad(in.data(), out.data(), jac.data(), rows, error);
      });
    }
    check_finite(pipeline, call, table, about);
    if (table.seeds() > 0) chain(pipeline, call, table, scratch.data(), about);
    settle_rows(call, table, about);
  }
}

}  // namespace ironlaw
