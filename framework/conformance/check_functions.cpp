// Checks of functions, row by row: values, repetition, threads, side effects, speed.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "framework/conformance/checks.hpp"
#include "framework/conformance/evaluate.hpp"
#include "framework/conformance/process_state.hpp"

namespace ironlaw::conformance {
namespace {

constexpr int kMadeRows = 97;  // no multiple of a vector register

void skip_without_functions(const Subject& subject, Findings& findings) {
  if (subject.functions().empty())
    findings.skip(subject.has_walls() ? "an analysis has no function" : "it has no shape function");
}

// "traffic_bytes = 3.1e9, bandwidth = 2e12"; a few inputs are enough to see what kind of row it is.
std::string described(const ironlaw_function& f, const Row& row) {
  constexpr std::uint32_t kMost = 6;
  std::string text;
  for (std::uint32_t i = 0; i < std::min(f.n_inputs, kMost); ++i)
    text += fmt::format("{}{} = {:.6g}", i == 0 ? "" : ", ", f.inputs[i]->name, row[i]);
  return text + (f.n_inputs > kMost ? ", ..." : "");
}

std::string range_of(const ironlaw_port& port) {
  switch (port.role) {
    case IRONLAW_ROLE_FACTOR:
      return "a factor is in (0, 1]";
    case IRONLAW_ROLE_BOUND:
    case IRONLAW_ROLE_ADDEND:
      return "a time is not negative";
    case IRONLAW_ROLE_WORK:
      return "work is not negative";
    default:
      return fmt::format("its range is [{:g}, {:g}]", port.min, port.max);
  }
}

bool is_in_range(const ironlaw_port& port, double x) {
  constexpr double kRounding = 1e-9;
  if (x < port.min || x > port.max) return false;
  if (port.role == IRONLAW_ROLE_FACTOR) return x > 0 && x <= 1 + kRounding;
  const bool is_amount =
      port.role == IRONLAW_ROLE_BOUND || port.role == IRONLAW_ROLE_ADDEND || port.role == IRONLAW_ROLE_WORK;
  return !is_amount || x >= 0;
}

bool may_be_unknown(const ironlaw_port& port) {
  return port.role == IRONLAW_ROLE_ACCOUNT;
}

void check_outputs(const NamedFunction& f, const std::vector<Row>& rows, const Evaluation& result,
                   Findings& findings) {
  const ironlaw_function& table = *f.function;
  for (std::size_t row = 0; row < result.out.size(); ++row)
    for (std::uint32_t o = 0; o < table.n_outputs; ++o) {
      const ironlaw_port& port = *table.outputs[o];
      const double x = result.out[row][o];
      if (std::isnan(x) && may_be_unknown(port)) continue;
      if (!std::isfinite(x))
        return findings.fail(fmt::format("{}: {} is {} at {}", f.who, port.name,
                                         std::isnan(x) ? "nan" : "infinite", described(table, rows[row])));
      if (!is_in_range(port, x))
        return findings.fail(fmt::format("{}: {} is {:.6g} at {}; {}", f.who, port.name, x,
                                         described(table, rows[row]), range_of(port)));
    }
}

void check_slopes(const NamedFunction& f, const std::vector<Row>& rows, const Evaluation& plain,
                  const Evaluation& dual, Findings& findings) {
  constexpr double kDigits = 1e-9;  // somebody's own derivatives may round otherwise
  const ironlaw_function& table = *f.function;
  for (std::size_t row = 0; row < dual.out.size() && row < plain.out.size(); ++row)
    for (std::uint32_t o = 0; o < table.n_outputs; ++o) {
      const double x = plain.out[row][o];
      const double y = dual.out[row][o];
      if (std::isnan(x) && std::isnan(y)) continue;
      if (!(std::abs(x - y) <= kDigits * std::abs(x)))
        return findings.fail(fmt::format("{}: {} is {:.9g} from eval and {:.9g} from eval_grad at {}", f.who,
                                         table.outputs[o]->name, x, y, described(table, rows[row])));
      for (std::uint32_t i = 0; i < table.n_inputs; ++i)
        if (!std::isfinite(dual.jacobian[row][o * table.n_inputs + i]))
          return findings.fail(fmt::format("{}: d {} / d {} is {} at {}", f.who, table.outputs[o]->name,
                                           table.inputs[i]->name, dual.jacobian[row][o * table.n_inputs + i],
                                           described(table, rows[row])));
    }
}

// Every input at either end of its range, which abi.h includes, the others inside theirs.
std::vector<Row> rows_at_the_ends(const ironlaw_function& f) {
  const Row inside = rows_of(f, 1)[0];
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < f.n_inputs; ++i)
    for (const double end : {f.inputs[i]->min, f.inputs[i]->max}) {
      if (!std::isfinite(end)) continue;
      rows.push_back(inside);
      rows.back()[i] = end;
    }
  return rows;
}

void check_ends(const NamedFunction& f, Findings& findings) {
  const ironlaw_function& table = *f.function;
  for (const Row& row : rows_at_the_ends(table)) {
    const Evaluation result = evaluate(table, {row});
    for (const std::string& fault : result.faults) findings.fail(fmt::format("{} {}", f.who, fault));
    if (result.out.empty()) continue;
    for (std::uint32_t o = 0; o < table.n_outputs; ++o)
      if (const double x = result.out[0][o]; !std::isfinite(x) && !may_be_unknown(*table.outputs[o]))
        return findings.warn(fmt::format("{}: {} is {} at an end of the ranges: {}", f.who,
                                         table.outputs[o]->name, std::isnan(x) ? "nan" : "infinite",
                                         described(table, row)));
  }
}

constexpr int kCalls = 10;

// Calls a function some times, with and without derivatives. Returns by how many bytes the heap has grown.
std::size_t use(const NamedFunction& f, const std::vector<Row>& rows, Findings& findings) {
  const std::size_t before = bytes_allocated();
  for (int i = 0; i < kCalls; ++i)
    for (const bool with_jacobian : {false, true})
      for (const std::string& fault : evaluate(*f.function, rows, with_jacobian).faults)
        if (fault.starts_with("changed the floating-point"))
          findings.fail(fmt::format("{} {}", f.who, fault));
  return std::max(before, bytes_allocated()) - before;
}

// Bitwise, row by row.
bool are_same(const std::vector<Row>& a, const std::vector<Row>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Row& x, const Row& y) { return bits_of(x) == bits_of(y); });
}

std::vector<Row> in_blocks(const ironlaw_function& f, const std::vector<Row>& rows, std::size_t size) {
  std::vector<Row> out;
  for (std::size_t first = 0; first < rows.size(); first += size) {
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(first + size, rows.size()));
    const Evaluation block = evaluate(f, {begin, end});
    out.insert(out.end(), block.out.begin(), block.out.end());
  }
  return out;
}

std::vector<Row> reversed(std::vector<Row> rows) {
  std::reverse(rows.begin(), rows.end());
  return rows;
}

// [ns] Of one row in a block of a thousand: the best of a few, which disturbs least.
double time_per_row(const ironlaw_function& f) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kRows = 1024;
  constexpr int kTries = 5;
  const Row row = rows_of(f, 1)[0];
  std::vector<std::vector<double>> in(f.n_inputs, std::vector<double>(kRows));
  std::vector<std::vector<double>> out(f.n_outputs, std::vector<double>(kRows));
  std::vector<const double*> ins;
  std::vector<double*> outs;
  for (std::size_t i = 0; i < in.size(); ++i) {
    std::fill(in[i].begin(), in[i].end(), row[i]);
    ins.push_back(in[i].data());
  }
  for (auto& column : out) outs.push_back(column.data());
  ironlaw_error error{};
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTries; ++i) {
    const auto start = Clock::now();
    f.eval(ins.data(), outs.data(), kRows, &error);
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count());
  }
  return best / static_cast<double>(kRows);
}

constexpr int kThreads = 4;

struct Race {
  int differ = 0, calls = 0;
};

// The same rows in several threads at once: how many calls there were, and how many gave other bits.
Race race(const ironlaw_function& f, std::chrono::milliseconds enough) {
  const std::vector<Row> rows = rows_of(f, kMadeRows);
  const Evaluation alone = evaluate(f, rows, true);
  std::atomic<int> differ{0};
  std::atomic<int> calls{0};
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      start.arrive_and_wait();
      const auto end = std::chrono::steady_clock::now() + enough;
      do {
        const Evaluation beside = evaluate(f, rows, true);
        if (!are_same(alone.out, beside.out) || !are_same(alone.jacobian, beside.jacobian)) ++differ;
        ++calls;
      } while (std::chrono::steady_clock::now() < end);
    });
  for (std::thread& thread : threads) thread.join();
  return {differ, calls};
}

// The installed functions that a candidate's are measured against: walls' by walls', shapes by shapes.
std::vector<const ironlaw_function*> comparable(const Subject& subject) {
  std::vector<const ironlaw_function*> result;
  if (subject.has_walls()) {
    for (const ironlaw_wall* wall : subject.without().walls())
      result.insert(result.end(), wall->functions, wall->functions + wall->n_functions);
    return result;
  }
  for (const ironlaw_hardware* h : subject.catalogue())
    if (h->shape) result.push_back(h->shape);
  return result;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void check_values(Subject& subject, Findings& findings) {
  skip_without_functions(subject, findings);
  std::size_t looked_at = 0;
  for (const NamedFunction& f : subject.functions()) {
    subject.at(f.who);
    const std::vector<Row> rows = rows_of(*f.function, kMadeRows);
    const Evaluation plain = evaluate(*f.function, rows);
    for (const std::string& fault : plain.faults) findings.fail(fmt::format("{} {}", f.who, fault));
    if (plain.status != IRONLAW_OK && plain.faults.empty())
      findings.fail(fmt::format("{} failed inside its ranges: {}", f.who, plain.message));
    check_outputs(f, rows, plain, findings);
    subject.at(f.who + ", its derivatives");
    const Evaluation dual = evaluate(*f.function, rows, true);
    for (const std::string& fault : dual.faults)
      findings.fail(fmt::format("{}, its derivatives: {}", f.who, fault));
    check_slopes(f, rows, plain, dual, findings);
    check_ends(f, findings);
    looked_at += rows.size();
  }
  if (looked_at > 0)
    findings.note(fmt::format("{}, {} rows", counted(subject.functions().size(), "function"), looked_at));
}

void check_side_effects(Subject& subject, Findings& findings) {
  skip_without_functions(subject, findings);
  if (subject.functions().empty()) return;
  for (const NamedFunction& f : subject.functions()) {
    subject.at(f.who);
    const std::vector<Row> rows = rows_of(*f.function, kMadeRows);
    use(f, rows, findings);
    // What grows every time is kept; what grows once is the C library's own.
    const std::size_t kept = std::min(use(f, rows, findings), use(f, rows, findings));
    if (kept > 0)
      findings.warn(fmt::format("{} keeps {} bytes of memory after {} calls", f.who, kept, 2 * kCalls));
  }
  // Since before the first of all calls: some do it once.
  for (const std::string& change : ProcessState::now().changes_since(subject.before_calls()))
    findings.fail(fmt::format("evaluating changes {}", change));
  if (const std::size_t spoken = bytes_printed() - subject.printed_before_calls())
    findings.fail(fmt::format("evaluating prints: {} bytes so far", spoken));
}

void check_repeatable(Subject& subject, Findings& findings) {
  skip_without_functions(subject, findings);
  for (const NamedFunction& f : subject.functions()) {
    subject.at(f.who);
    const std::vector<Row> rows = subject.rows(*f.function, kMadeRows);
    const Evaluation first = evaluate(*f.function, rows, true);
    const Evaluation again = evaluate(*f.function, rows, true);
    if (!are_same(first.out, again.out) || !are_same(first.jacobian, again.jacobian)) {
      findings.fail(fmt::format("{} gives other results when it is called again", f.who));
      continue;
    }
    const std::vector<Row> plain = evaluate(*f.function, rows).out;
    constexpr std::size_t kBlock = 64;
    for (const std::size_t size : {std::size_t{1}, kBlock})
      if (!are_same(plain, in_blocks(*f.function, rows, size)))
        findings.fail(fmt::format("{} gives other results in blocks of {} than in one of {}", f.who, size,
                                  rows.size()));
    if (!are_same(reversed(plain), evaluate(*f.function, reversed(rows)).out))
      findings.fail(fmt::format("{} gives other results when the rows come in another order", f.who));
  }
}

void check_threads(Subject& subject, Findings& findings) {
  skip_without_functions(subject, findings);
  // Long enough that all are at it at the same time, however busy the machine is.
  const std::chrono::milliseconds enough{subject.is_quick() ? 20 : 100};
  for (const NamedFunction& f : subject.functions()) {
    subject.at(f.who);
    const auto [differ, calls] = race(*f.function, enough);
    if (differ > 0)
      findings.fail(fmt::format("{} gives other results in {} of {} calls from {} threads at once", f.who,
                                differ, calls, kThreads));
  }
}

void check_speed(Subject& subject, Findings& findings) {
  skip_without_functions(subject, findings);
  const std::vector<const ironlaw_function*> others = comparable(subject);
  for (const NamedFunction& f : subject.functions()) {
    std::vector<double> usual;
    for (const ironlaw_function* other : others)
      if (other->level == f.function->level) {
        subject.at("an installed function, to compare with");
        usual.push_back(time_per_row(*other));
      }
    subject.at(f.who);
    const double own = time_per_row(*f.function);
    if (usual.empty()) {
      findings.note(fmt::format("{}: {:.3g} ns a row; nothing is installed to compare with", f.who, own));
      continue;
    }
    const double middle = median(usual);
    const double slowest = *std::max_element(usual.begin(), usual.end());
    const std::string text = fmt::format(
        "{}: {:.3g} ns a row; of the installed ones on the same rows the median takes {:.3g} ns, the "
        "slowest {:.3g} ns",
        f.who, own, middle, slowest);
    constexpr double kMuch = 20;
    constexpr double kMore = 3;
    if (own > kMuch * middle && own > kMore * slowest)
      findings.warn(text);
    else
      findings.note(text);
  }
}

}  // namespace ironlaw::conformance
