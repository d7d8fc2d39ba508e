#include "framework/conformance/evaluate.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <exception>

#include "framework/base/fp_control.hpp"

namespace ironlaw::conformance {
namespace {

constexpr std::size_t kGuard = 16;
// Two NaNs with payloads that no arithmetic makes.
constexpr std::uint64_t kGuardWord = 0x7ff8'ba5e'ba11'0001, kUnwritten = 0x7ff8'ba5e'ba11'0002;

// One column between guard words.
class Column {
 public:
  explicit Column(std::size_t rows)
      : cells_(rows + 2 * kGuard, std::bit_cast<double>(kGuardWord)), rows_(rows) {
    for (std::size_t row = 0; row < rows; ++row) set(row, std::bit_cast<double>(kUnwritten));
  }
  double* data() { return cells_.data() + kGuard; }
  const double* data() const { return cells_.data() + kGuard; }
  void set(std::size_t row, double value) { std::memcpy(data() + row, &value, sizeof value); }
  std::uint64_t bits(std::size_t row) const {
    std::uint64_t bits = 0;
    std::memcpy(&bits, data() + row, sizeof bits);
    return bits;
  }
  bool is_unwritten(std::size_t row) const { return bits(row) == kUnwritten; }
  // "before", "after" or nullptr.
  const char* overrun() const {
    for (std::size_t i = 0; i < kGuard; ++i) {
      if (std::memcmp(&cells_[i], &kGuardWord, sizeof kGuardWord) != 0) return "before";
      if (std::memcmp(&cells_[kGuard + rows_ + i], &kGuardWord, sizeof kGuardWord) != 0) return "after";
    }
    return nullptr;
  }

 private:
  std::vector<double> cells_;
  std::size_t rows_;
};

// The memory of a call.
struct Memory {
  std::vector<Column> in, out, jacobian;
  std::vector<const double*> ins;
  std::vector<double*> outs, jacobians;

  Memory(const ironlaw_function& f, const std::vector<Row>& rows, bool with_jacobian) {
    in.assign(f.n_inputs, Column(rows.size()));
    out.assign(f.n_outputs, Column(rows.size()));
    if (with_jacobian) jacobian.assign(std::size_t{f.n_inputs} * f.n_outputs, Column(rows.size()));
    for (std::size_t i = 0; i < in.size(); ++i)
      for (std::size_t row = 0; row < rows.size(); ++row) in[i].set(row, rows[row][i]);
    for (const Column& c : in) ins.push_back(c.data());
    for (Column& c : out) outs.push_back(c.data());
    for (Column& c : jacobian) jacobians.push_back(c.data());
  }
};

// abi.h's error with something behind it.
struct GuardedError {
  ironlaw_error error{};
  std::uint64_t guard = kGuardWord;
};

void call(const ironlaw_function& f, Memory& memory, std::size_t rows, bool with_jacobian,
          Evaluation& result) {
  GuardedError error;
  const auto control = fp_control();
  try {
    result.status = with_jacobian ? f.eval_grad(memory.ins.data(), memory.outs.data(),
                                                memory.jacobians.data(), rows, &error.error)
                                  : f.eval(memory.ins.data(), memory.outs.data(), rows, &error.error);
  } catch (const std::exception& e) {
    result.status = IRONLAW_FAILED;
    result.faults.push_back(fmt::format("threw across the boundary: {}", e.what()));
  } catch (...) {
    result.status = IRONLAW_FAILED;
    result.faults.emplace_back("threw across the boundary what is no std::exception");
  }
  if (fp_control() != control) {
    reset_fp_control();
    result.faults.emplace_back("changed the floating-point environment (rounding, flushing or traps)");
  }
  if (error.guard != kGuardWord) result.faults.emplace_back("wrote behind the message buffer");
  if (result.status != IRONLAW_OK && result.status != IRONLAW_FAILED)
    result.faults.push_back(
        fmt::format("returned status {}; abi.h knows {} and {}", result.status, IRONLAW_OK, IRONLAW_FAILED));
  if (std::memchr(error.error.message, 0, sizeof error.error.message) == nullptr)
    result.faults.emplace_back("left its message without an end");
  error.error.message[sizeof error.error.message - 1] = '\0';
  result.message = error.error.message;
}

void check_columns(const char* what, const std::vector<Column>& columns, const auto& name,
                   Evaluation& result) {
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (const char* const where = columns[c].overrun())
      result.faults.push_back(fmt::format("wrote {} the rows of {} {}", where, what, name(c)));
}

}  // namespace

Evaluation evaluate(const ironlaw_function& f, const std::vector<Row>& rows, bool with_jacobian) {
  Evaluation result;
  Memory memory(f, rows, with_jacobian);
  call(f, memory, rows.size(), with_jacobian, result);

  const auto output = [&](std::size_t o) { return std::string(f.outputs[o]->name); };
  const auto input = [&](std::size_t i) { return std::string(f.inputs[i]->name); };
  const auto slope = [&](std::size_t k) {
    return fmt::format("d {} / d {}", output(k / f.n_inputs), input(k % f.n_inputs));
  };
  check_columns("input", memory.in, input, result);
  check_columns("output", memory.out, output, result);
  check_columns("derivative", memory.jacobian, slope, result);
  for (std::size_t i = 0; i < memory.in.size(); ++i)
    for (std::size_t row = 0; row < rows.size(); ++row)
      if (memory.in[i].bits(row) != std::bit_cast<std::uint64_t>(rows[row][i])) {
        result.faults.push_back(fmt::format("changed its input {}", input(i)));
        break;
      }
  if (result.status != IRONLAW_OK) return result;

  const auto read = [&](const std::vector<Column>& columns, const auto& name, std::vector<Row>& into) {
    into.assign(rows.size(), Row(columns.size()));
    for (std::size_t c = 0; c < columns.size(); ++c)
      for (std::size_t row = 0; row < rows.size(); ++row) {
        into[row][c] = columns[c].data()[row];
        if (!columns[c].is_unwritten(row)) continue;
        result.faults.push_back(fmt::format("left {} of row {} unwritten", name(c), row));
        break;
      }
  };
  read(memory.out, output, result.out);
  if (with_jacobian) read(memory.jacobian, slope, result.jacobian);
  return result;
}

std::vector<std::uint64_t> bits_of(const Row& values) {
  std::vector<std::uint64_t> result;
  result.reserve(values.size());
  for (const double x : values)
    result.push_back(std::isnan(x) ? ~std::uint64_t{0} : std::bit_cast<std::uint64_t>(x + 0.0));
  return result;
}

}  // namespace ironlaw::conformance
