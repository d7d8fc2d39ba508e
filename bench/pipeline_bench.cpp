// The hot path: walls on blocks of rows, the composition, and whole cases.
#include <array>
#include <memory>
#include <string>

#include "bench/support.hpp"
#include "framework/pipeline/compose.hpp"

namespace ironlaw::bench {
namespace {

Scenario scenario(const char* model, Task task, double batch, Parallelism split = {}) {
  Scenario s;
  s.model = &find_model(model);
  s.hardware = &plugins().find_hardware("h100");
  s.task = task;
  s.batch = batch;
  s.split = split;
  return s;
}

// A workload of the table; the batch of case i differs from that of case i - 1.
struct Workload {
  const char* name;
  const char* model;
  Task task;
  Parallelism split;
  double batch, batch_step;
};
const Workload kWorkloads[] = {
    {"llama-3.1-8b/decode", "llama-3.1-8b", Task::decode, {}, 1, 1},
    {"llama-3.1-8b/prefill", "llama-3.1-8b", Task::prefill, {}, 1, 1},
    {"llama-3.1-8b/offline", "llama-3.1-8b", Task::offline, {}, 0, 8},
    {"llama-3.1-70b/train/tp8pp4", "llama-3.1-70b", Task::train, {.tensor = 8, .pipeline = 4}, 64, 4},
    {"resnet-50/prefill", "resnet-50", Task::prefill, {}, 1, 1},
};

// Cases with their parameters, as pointers, which is how an Evaluator takes them.
struct Block {
  Block(const Workload& w, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const Scenario s = scenario(w.model, w.task, w.batch + static_cast<double>(i) * w.batch_step, w.split);
      cases.push_back(prepare(s, predictor().pipeline(*s.hardware)));
      values.push_back(resolve_parameters(cases.back(), ParameterSet::prior()));
    }
    for (std::size_t i = 0; i < n; ++i) {
      case_pointers.push_back(&cases[i]);
      value_pointers.push_back(&values[i]);
    }
    outcomes.resize(n);
  }
  std::vector<Case> cases;
  std::vector<CaseParameters> values;
  std::vector<const Case*> case_pointers;
  std::vector<const CaseParameters*> value_pointers;
  std::vector<Outcome> outcomes;
};

void evaluate(benchmark::State& state, const Workload& w, std::size_t n, bool with_gradient) {
  Block block(w, n);
  Evaluator evaluator;
  std::vector<double> gradients(with_gradient ? n * Evaluator::gradient_stride(*block.cases[0].pipeline) : 0);
  for (auto _ : state) {
    evaluator.evaluate(block.case_pointers, block.value_pointers, block.outcomes, gradients);
    benchmark::DoNotOptimize(block.outcomes.data());
  }
  report(state, n);
}

// A table of one level whose columns are filled as for a decode step, the same in every row. With seeds every
// parameter has one, as in a fit.
class FilledTable {
 public:
  FilledTable(ironlaw_level level, std::size_t rows, bool with_jacobian) : level_(level) {
    const Case& c = block_.cases[0];
    const std::size_t seeds = with_jacobian ? pipeline_.parameters().size() : 0;
    const Stage& stage = pipeline_.stage(level);
    table_.reset(stage.columns.size(), rows, seeds);
    for (std::size_t i = 0; i < stage.columns.size(); ++i)
      fill(static_cast<int>(i), level == IRONLAW_LEVEL_OPERATOR ? operator_value(stage.columns[i]) : 1e-3);
    if (const int bubble = pipeline_.column(level, "micro_batches"); bubble >= 0) fill(bubble, 1);
    if (const int interleave = pipeline_.column(level, "interleave"); interleave >= 0) fill(interleave, 1);
    const auto& inputs = pipeline_.inputs();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (const int column = pipeline_.column(level, inputs[i].name); column >= 0) fill(column, c.inputs[i]);
    for (const Import& import : stage.imports) {
      if (import.parameter < 0) continue;
      const auto p = static_cast<std::size_t>(import.parameter);
      fill(import.column, block_.values[0].value[p]);
      if (!with_jacobian) continue;
      table_.activate_one(import.column);
      for (std::size_t row = 0; row < rows; ++row)
        table_.set_partial(import.column, row, p, block_.values[0].slope[p]);
    }
  }
  void run() { run_stage(pipeline_, level_, table_, {}, scratch_); }
  const Table& table() const { return table_; }
  const Pipeline& pipeline() const { return pipeline_; }

 private:
  void fill(int column, double value) { std::fill_n(table_.column(column), table_.rows(), value); }
  // A matrix product of 64 x 4096 x 4096.
  static double operator_value(const std::string& name) {
    constexpr std::array<std::pair<const char*, double>, 11> kProduct = {{{"operator_flops", 2.1e9},
                                                                          {"operator_bytes", 35e6},
                                                                          {"operator_peak", 989e12},
                                                                          {"is_matmul", 1},
                                                                          {"matmul_m", 64},
                                                                          {"matmul_n", 4096},
                                                                          {"matmul_k", 4096},
                                                                          {"launches", 1},
                                                                          {"ranks_inside", 1},
                                                                          {"ranks_across", 1},
                                                                          {"message_bytes", 0}}};
    for (const auto& [known, value] : kProduct)
      if (name == known) return value;
    // Imports of the scenario level are filled later; what is left is a flag that is off.
    return 0;
  }

  ironlaw_level level_;
  Block block_{kWorkloads[0], 1};
  const Pipeline& pipeline_ = *block_.cases[0].pipeline;
  Table table_;
  std::vector<double> scratch_;
};

// One case is one row through one wall function: range checks, the call, the finite check.
void stage(benchmark::State& state, ironlaw_level level, std::size_t rows, bool with_jacobian) {
  FilledTable filled(level, rows, with_jacobian);
  for (auto _ : state) {
    filled.run();
    benchmark::ClobberMemory();
  }
  report(state, rows * filled.pipeline().stage(level).calls.size());
}

// One case is one operator row: two bounds, their norm, a launch and no collective.
void compose(benchmark::State& state, bool with_gradient) {
  constexpr std::size_t kRows = 1024;
  FilledTable filled(IRONLAW_LEVEL_OPERATOR, kRows, with_gradient);
  filled.run();
  std::vector<double> partials(filled.table().seeds());
  const Rule& rule = filled.pipeline().rule(IRONLAW_LEVEL_OPERATOR);
  for (auto _ : state) {
    double sum = 0;
    for (std::size_t row = 0; row < kRows; ++row)
      sum += compose_operator(rule, filled.table(), row, kAllWalls, {1.0, partials, {}});
    benchmark::DoNotOptimize(sum);
  }
  report(state, kRows);
}

std::string name(const std::string& what, const char* unit, std::size_t n, bool with_derivatives) {
  return what + "/" + std::to_string(n) + unit + (with_derivatives ? "/derivatives" : "");
}

void register_all() {
  using benchmark::RegisterBenchmark;
  const std::pair<const char*, ironlaw_level> levels[] = {{"stage/scenario", IRONLAW_LEVEL_SCENARIO},
                                                          {"stage/operator", IRONLAW_LEVEL_OPERATOR},
                                                          {"stage/step", IRONLAW_LEVEL_STEP}};
  for (const bool derivatives : {false, true}) {
    for (const auto& [level_name, level] : levels)
      for (const std::size_t rows : {1, 32, 1024})
        RegisterBenchmark(name(level_name, "_rows", rows, derivatives).c_str(), stage, level, rows,
                          derivatives);
    RegisterBenchmark(name("compose_operator", "_rows", 1024, derivatives).c_str(), compose, derivatives);
  }
  for (const Workload& w : kWorkloads)
    for (const bool derivatives : {false, true})
      for (const std::size_t n : {1, 16, 64})
        RegisterBenchmark(name(w.name, "_cases", n, derivatives).c_str(), evaluate, w, n, derivatives);
}

}  // namespace
}  // namespace ironlaw::bench

int main(int argc, char** argv) {
  return ironlaw::bench::run(argc, argv, ironlaw::bench::register_all);
}
