#include "framework/predict/accounts.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr ironlaw_level kCaseLevels[] = {IRONLAW_LEVEL_SCENARIO, IRONLAW_LEVEL_RUN, IRONLAW_LEVEL_RESULT};

const ironlaw_wall* wall_of(const Case& c, const Call& call) {
  return call.wall < 0 ? nullptr : c.pipeline->walls()[static_cast<std::size_t>(call.wall)];
}

// Walks back from an unknown column to what nobody gave.
class Tracer {
 public:
  Tracer(const Pipeline& pipeline, const Evaluator& evaluator, std::size_t row)
      : pipeline_(pipeline), evaluator_(evaluator), row_(row) {}

  void trace(ironlaw_level level, int column) {
    if (!std::isnan(evaluator_.table(level).column(column)[row_]) || !seen_.insert({level, column}).second)
      return;
    const Stage& stage = pipeline_.stage(level);
    for (const Call& call : stage.calls) {
      const auto out = std::find(call.out.begin(), call.out.end(), column);
      if (out == call.out.end()) continue;
      const auto o = static_cast<std::size_t>(out - call.out.begin());
      for (std::size_t i = 0; i < call.in.size(); ++i)
        if (needs(level, call, o, i)) trace(level, call.in[i]);
      return;
    }
    for (const Import& import : stage.imports)
      if (import.column == column && import.source >= 0) {
        trace(import.level, import.source);
        return;
      }
    // What the host itself cannot say (how many tokens an image has) does not exist; nobody can give it.
    const std::string& name = stage.columns[static_cast<std::size_t>(column)];
    if (pipeline_.input(name) >= 0) names_.push_back(name);
  }
  std::vector<std::string> names() { return std::move(names_); }

 private:
  // Does the output stay unknown when this unknown input is the only one? A function may have several
  // outputs that need different inputs, so it is asked.
  bool needs(ironlaw_level level, const Call& call, std::size_t output, std::size_t input) const {
    const Table& table = evaluator_.table(level);
    std::vector<double> in;
    for (const int column : call.in) in.push_back(table.column(column)[row_]);
    if (!std::isnan(in[input])) return false;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const ironlaw_port& port = *call.function->inputs[i];
      if (i != input && std::isnan(in[i])) in[i] = std::clamp(1.0, port.min, port.max);
    }
    std::vector<double> out(call.out.size());
    std::vector<const double*> ins;
    std::vector<double*> outs;
    ins.reserve(in.size());
    outs.reserve(out.size());
    for (const double& x : in) ins.push_back(&x);
    for (double& x : out) outs.push_back(&x);
    ironlaw_error error{};
    return call.function->eval(ins.data(), outs.data(), 1, &error) != IRONLAW_OK || std::isnan(out[output]);
  }

  const Pipeline& pipeline_;
  const Evaluator& evaluator_;
  std::size_t row_;
  std::set<std::pair<ironlaw_level, int>> seen_;
  std::vector<std::string> names_;
};

template <class Visit>
void for_each_output(const Case& c, std::uint32_t role, const Visit& visit) {
  for (const ironlaw_level level : kCaseLevels)
    for (const Call& call : c.pipeline->stage(level).calls) {
      if (!wall_of(c, call) || !call.holds(bit_of(c.scenario.task), bit_of(c.scenario.model->kind))) continue;
      for (std::size_t o = 0; o < call.out.size(); ++o)
        if (call.function->outputs[o]->role == role)
          visit(level, call, *call.function->outputs[o], call.out[o]);
    }
}

}  // namespace

std::vector<std::string> unknown_inputs(const Pipeline& pipeline, const Evaluator& evaluator,
                                        ironlaw_level level, int column, std::size_t row) {
  Tracer tracer(pipeline, evaluator, row);
  tracer.trace(level, column);
  return tracer.names();
}

std::vector<Account> accounts_of(const Case& c, const Evaluator& evaluator, std::size_t row) {
  std::vector<Account> result;
  for_each_output(c, IRONLAW_ROLE_ACCOUNT,
                  [&](ironlaw_level level, const Call& call, const ironlaw_port& port, int column) {
                    const ironlaw_wall& wall = *wall_of(c, call);
                    Account a{static_cast<int>(wall.number),
                              wall.id,
                              port.name,
                              port.unit,
                              port.meaning,
                              evaluator.table(level).column(column)[row],
                              (port.flags & IRONLAW_PORT_HEADLINE) != 0,
                              {}};
                    if (std::isnan(a.value))
                      a.unknown = unknown_inputs(*c.pipeline, evaluator, level, column, row);
                    result.push_back(std::move(a));
                  });
  std::stable_sort(result.begin(), result.end(),
                   [](const Account& a, const Account& b) { return a.number < b.number; });
  return result;
}

std::vector<Violation> violations_of(const Case& c, const Evaluator& evaluator, std::size_t row) {
  std::vector<Violation> result;
  const auto check = [&](const Call& call, const ironlaw_port& port, double value) {
    const ironlaw_wall& wall = *wall_of(c, call);
    if (value < 0)
      result.push_back({static_cast<int>(wall.number), wall.id, port.name, port.unit, port.meaning, value});
  };
  for_each_output(c, IRONLAW_ROLE_GATE,
                  [&](ironlaw_level level, const Call& call, const ironlaw_port& port, int column) {
                    check(call, port, evaluator.table(level).column(column)[row]);
                  });
  const auto [first, last] = evaluator.steps_of(row);
  for (const Call& call : c.pipeline->stage(IRONLAW_LEVEL_STEP).calls)
    for (std::size_t o = 0; o < call.out.size(); ++o) {
      const ironlaw_port& port = *call.function->outputs[o];
      if (port.role != IRONLAW_ROLE_GATE || std::string_view(port.name) == q::memory_headroom.name) continue;
      const double* column = evaluator.table(IRONLAW_LEVEL_STEP).column(call.out[o]);
      check(call, port, *std::min_element(column + first, column + last));
    }
  return result;
}

}  // namespace ironlaw
