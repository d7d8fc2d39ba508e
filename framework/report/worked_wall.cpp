#include "framework/report/worked_wall.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "framework/base/error.hpp"
#include "framework/report/port_text.hpp"
#include "framework/report/provenance.hpp"

namespace ironlaw {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

const char* name_of(Phase phase) {
  return phase == Phase::train ? "train" : phase == Phase::prefill ? "prefill" : "decode";
}

// Times, bytes and FLOPs of operators add up to those of their step.
bool adds_up(const ironlaw_port& port) {
  const std::string_view unit = port.unit;
  return unit == "s" || unit == "B" || unit == "FLOP";
}

class Worker {
 public:
  Worker(const Prediction& prediction, const Evaluator& evaluator, const ParameterSet& parameters)
      : case_(prediction.resolved),
        evaluator_(evaluator),
        provenances_(prediction.resolved, parameters),
        row_(evaluator.table(IRONLAW_LEVEL_SCENARIO).rows() - 1) {}

  WorkedFunction work(ironlaw_level level, const Call& call) const {
    WorkedFunction result{call.function, "", {}};
    if (level == IRONLAW_LEVEL_OPERATOR || level == IRONLAW_LEVEL_STEP) {
      const auto [first, last] = evaluator_.steps_of(row_);
      for (std::size_t step = first; step < last; ++step)
        if (call.holds(bit_of(slot_of(step).plan.phase), kind()))
          result.rows.push_back(level == IRONLAW_LEVEL_STEP ? step_row(call, step)
                                                            : operator_row(call, step));
    } else if (call.holds(bit_of(case_.scenario.task), kind())) {
      result.rows.push_back(plain_row(level, call, row_, case_.n_slots - 1));
    }
    if (result.rows.empty()) result.refused = support_text(*call.function);
    return result;
  }

 private:
  std::uint32_t kind() const { return bit_of(case_.scenario.model->kind); }
  const Slot& slot_of(std::size_t step) const {
    return case_.slots[static_cast<std::size_t>(evaluator_.step(step).slot)];
  }

  WorkedRow plain_row(ironlaw_level level, const Call& call, std::size_t row, int slot) const {
    const Table& table = evaluator_.table(level);
    WorkedRow result;
    for (std::size_t i = 0; i < call.in.size(); ++i) {
      const ironlaw_port& port = *call.function->inputs[i];
      result.inputs.push_back(
          {&port, table.column(call.in[i])[row], false, provenances_.of(port, level, slot)});
    }
    for (std::size_t o = 0; o < call.out.size(); ++o) {
      const ironlaw_port& port = *call.function->outputs[o];
      WorkedOutput out{&port, table.column(call.out[o])[row],
                       false, kNone,
                       {},    provenances_.forced(level, call.out[o], port.name)};
      if (std::isnan(out.value) && level != IRONLAW_LEVEL_OPERATOR && level != IRONLAW_LEVEL_STEP)
        out.unknown = unknown_inputs(*case_.pipeline, evaluator_, level, call.out[o], row);
      result.outputs.push_back(std::move(out));
    }
    return result;
  }

  WorkedRow step_row(const Call& call, std::size_t step) const {
    WorkedRow result = plain_row(IRONLAW_LEVEL_STEP, call, step, evaluator_.step(step).slot);
    name(result, step);
    return result;
  }

  void name(WorkedRow& row, std::size_t step) const {
    const Slot& slot = slot_of(step);
    row.step =
        slot.is_draft ? fmt::format("{} of the draft", name_of(slot.plan.phase)) : name_of(slot.plan.phase);
    row.runs = evaluator_.step(step).count;
  }

  // All operators of a step: what they share stands in the row, what varies in its operators.
  WorkedRow operator_row(const Call& call, std::size_t step) const {
    const Evaluator::StepFacts facts = evaluator_.step(step);
    const Table& table = evaluator_.table(IRONLAW_LEVEL_OPERATOR);
    const auto varies = [&](int column) {
      const double* const cells = table.column(column);
      return std::any_of(cells + facts.first, cells + facts.last,
                         [&](double x) { return x != cells[facts.first]; });
    };
    WorkedRow result = plain_row(IRONLAW_LEVEL_OPERATOR, call, facts.first, facts.slot);
    name(result, step);
    for (std::size_t row = facts.first; row < facts.last; ++row)
      result.operators.push_back(worked_operator(call, row));
    for (std::size_t i = 0; i < call.in.size(); ++i)
      if ((result.inputs[i].varies = varies(call.in[i]))) result.inputs[i].value = kNone;
    for (std::size_t o = 0; o < call.out.size(); ++o) {
      WorkedOutput& out = result.outputs[o];
      if (adds_up(*out.port))
        out.sum = std::accumulate(
            result.operators.begin(), result.operators.end(), 0.0,
            [o](double sum, const WorkedOperator& op) { return sum + op.count * op.outputs[o]; });
      if ((out.varies = varies(call.out[o]))) out.value = kNone;
    }
    // First those that the function is about, of them first those that take longest.
    std::stable_sort(result.operators.begin(), result.operators.end(),
                     [&](const WorkedOperator& a, const WorkedOperator& b) {
                       const bool matters = is_touched(call, a);
                       return matters != is_touched(call, b) ? matters : a.seconds > b.seconds;
                     });
    return result;
  }

  // Does the function say more of the operator than that it does not matter?
  static bool is_touched(const Call& call, const WorkedOperator& op) {
    for (std::size_t o = 0; o < op.outputs.size(); ++o)
      if (op.outputs[o] != call.function->outputs[o]->neutral) return true;
    return false;
  }

  WorkedOperator worked_operator(const Call& call, std::size_t row) const {
    const Table& table = evaluator_.table(IRONLAW_LEVEL_OPERATOR);
    const Operator<double>& op = evaluator_.operator_at(row);
    const Rule& rule = case_.pipeline->rule(IRONLAW_LEVEL_OPERATOR);
    WorkedOperator result{
        op.name, op.count, op.count * compose_operator(rule, table, row, kAllWalls, {}), {}, {}};
    for (const int column : call.in) result.inputs.push_back(table.column(column)[row]);
    for (const int column : call.out) result.outputs.push_back(table.column(column)[row]);
    return result;
  }

  const Case& case_;
  const Evaluator& evaluator_;
  Provenances provenances_;
  std::size_t row_;  // of the case: the last of the block
};

[[noreturn]] void refuse(const WorkedWall& worked, const Scenario& s) {
  std::vector<std::string> reasons;
  for (const WorkedFunction& f : worked.functions)
    if (std::find(reasons.begin(), reasons.end(), f.refused) == reasons.end()) reasons.push_back(f.refused);
  throw Error(fmt::format("Wall {} ({}) does not hold for {} of {}: it is for {}.", worked.wall->number,
                          worked.wall->id, name_of(s.task), s.model->id, fmt::join(reasons, "; for ")));
}

}  // namespace

const char* name_of(Source source) {
  switch (source) {
    case Source::given:
      return "given";
    case Source::datasheet:
      return "datasheet";
    case Source::usual:
      return "usual";
    case Source::host:
      return "host";
    case Source::wall:
      return "wall";
    case Source::parameter:
      return "parameter";
  }
  return "";
}

WorkedWall work_through(const ironlaw_wall& wall, const Prediction& prediction, const Evaluator& evaluator,
                        const ParameterSet& parameters) {
  WorkedWall result{&wall, {}, {}};
  const Pipeline& pipeline = *prediction.resolved.pipeline;
  const Worker worker(prediction, evaluator, parameters);
  for (std::uint32_t f = 0; f < wall.n_functions; ++f) {
    const auto level = static_cast<ironlaw_level>(wall.functions[f]->level);
    for (const Call& call : pipeline.stage(level).calls)
      if (call.function == wall.functions[f]) result.functions.push_back(worker.work(level, call));
  }
  const auto holds = [](const WorkedFunction& f) { return !f.rows.empty(); };
  if (std::none_of(result.functions.begin(), result.functions.end(), holds))
    refuse(result, prediction.resolved.scenario);
  for (const LedgerEntry& entry : prediction.ledger)
    if (entry.number == static_cast<int>(wall.number)) result.ledger = entry;
  return result;
}

}  // namespace ironlaw
