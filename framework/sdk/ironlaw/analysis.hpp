// What the author of an analysis wall includes: one that works on the composed system instead of taking part
// in it.
//
//   struct Elasticities {
//     static void run(const System& system, const Question& ask, const Emit& emit) { ... }
//   };
//   IRONLAW_EXPORT_ANALYSIS(kInfo, Elasticities)
//
// run may allocate and may throw std::exception, which the host reports. It may be called from several
// threads, with a system of its own each.
#pragma once

#include <span>
#include <stdexcept>
#include <vector>

#include "ironlaw/wall.hpp"

namespace ironlaw {

using Question = ironlaw_question;

// A scenario as a function of its inputs; see ironlaw_system.
class System {
 public:
  explicit System(const ironlaw_system& table) : table_(table) {}

  std::span<const ironlaw_variable* const> inputs() const { return {table_.inputs, table_.n_inputs}; }
  std::span<const ironlaw_variable* const> outputs() const { return {table_.outputs, table_.n_outputs}; }

  // The inputs as the case has them.
  std::vector<double> values() const {
    std::vector<double> result;
    for (const ironlaw_variable* v : inputs()) result.push_back(v->value);
    return result;
  }
  // Every output at these inputs. Throws std::runtime_error with the host's reason.
  std::vector<double> evaluate(std::span<const double> at) const {
    std::vector<double> out(table_.n_outputs);
    ironlaw_error error{};
    if (table_.evaluate(table_.state, at.data(), out.data(), &error) != IRONLAW_OK)
      throw std::runtime_error(error.message);
    return out;
  }
  // One of them.
  double evaluate(std::span<const double> at, std::uint32_t output) const { return evaluate(at)[output]; }
  // d output / d input, one entry an input, at the case's own inputs.
  std::vector<double> gradient(std::uint32_t output) const {
    const std::vector<double> at = values();
    std::vector<double> out(table_.n_outputs);
    std::vector<double> jacobian(static_cast<std::size_t>(table_.n_outputs) * table_.n_inputs);
    ironlaw_error error{};
    if (table_.differentiate(table_.state, at.data(), out.data(), jacobian.data(), &error) != IRONLAW_OK)
      throw std::runtime_error(error.message);
    const auto row = jacobian.begin() + static_cast<std::ptrdiff_t>(output) * table_.n_inputs;
    return {row, row + table_.n_inputs};
  }

 private:
  const ironlaw_system& table_;
};

// Hands a finding to the host.
class Emit {
 public:
  Emit(ironlaw_emit_fn emit, void* sink) : emit_(emit), sink_(sink) {}
  void operator()(std::uint32_t input, double value, double low = kUnknown, double high = kUnknown,
                  const char* text = "") const {
    const ironlaw_finding finding{sizeof(ironlaw_finding), input, value, low, high, text};
    emit_(sink_, &finding);
  }

 private:
  ironlaw_emit_fn emit_;
  void* sink_;
};

namespace detail {

template <class Fn>
std::int32_t analyse(const ironlaw_system* system, const ironlaw_question* question, ironlaw_emit_fn emit,
                     void* sink, ironlaw_error* error) {
  try {
    Fn::run(System(*system), *question, Emit(emit, sink));
  } catch (...) {
    return contain(error);
  }
  return IRONLAW_OK;
}

template <const WallInfo& kInfo, class Fn>
struct AnalysisPlugin {
  static constexpr ironlaw_wall kWall = {sizeof(ironlaw_wall),
                                         kInfo.number,
                                         kInfo.version,
                                         0,
                                         kInfo.id,
                                         kInfo.title,
                                         kInfo.domain,
                                         kInfo.term,
                                         kInfo.statement,
                                         kInfo.equation,
                                         kInfo.sources,
                                         nullptr,
                                         &analyse<Fn>};
  static constexpr const ironlaw_wall* kWalls[] = {&kWall};
  static constexpr ironlaw_plugin kPlugin = {sizeof(ironlaw_plugin),
                                             IRONLAW_ABI_MAJOR,
                                             IRONLAW_ABI_MINOR,
                                             kInfo.id,
                                             "1.0.0",
                                             __VERSION__,
                                             1,
                                             0,
                                             kWalls,
                                             nullptr};
};

}  // namespace detail
}  // namespace ironlaw

// IRONLAW_EXPORT_ANALYSIS(kInfo, Fn): makes the tables and the entry symbol. One a library.
#define IRONLAW_EXPORT_ANALYSIS(info, ...) \
  IRONLAW_EXPORT_PLUGIN((::ironlaw::detail::AnalysisPlugin<info, __VA_ARGS__>::kPlugin))
