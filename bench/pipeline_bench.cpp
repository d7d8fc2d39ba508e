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

// Everything that the walls know of a case: time, cost, energy, carbon, latencies.
void solve(benchmark::State& state, const Workload& w, std::size_t n) {
  Block block(w, n);
  Evaluator evaluator;
  for (auto _ : state) {
    evaluator.evaluate(block.case_pointers, block.value_pointers, block.outcomes, {}, {}, {.results = true});
    benchmark::DoNotOptimize(block.outcomes.data());
  }
  report(state, n);
}

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

// A level's table as a block of decode steps leaves it behind, to be run again.
class FilledTable {
 public:
  FilledTable(ironlaw_level level, std::size_t cases, bool with_jacobian)
      : level_(level), block_(kWorkloads[0], cases), pipeline_(*block_.cases[0].pipeline) {
    std::vector<double> gradients(with_jacobian ? cases * Evaluator::gradient_stride(pipeline_) : 0);
    Evaluator evaluator;
    evaluator.evaluate(block_.case_pointers, block_.value_pointers, block_.outcomes, gradients);
    table_ = evaluator.table(level);
    phases_.assign(table_.rows(), IRONLAW_PHASE_DECODE);
    kinds_.assign(table_.rows(), IRONLAW_KIND_DECODER);
  }
  void run() { run_stage(pipeline_, level_, table_, {phases_, kinds_, {}, nullptr}, scratch_); }
  const Table& table() const { return table_; }
  const Pipeline& pipeline() const { return pipeline_; }

 private:
  ironlaw_level level_;
  Block block_;
  const Pipeline& pipeline_;
  Table table_;
  std::vector<std::uint32_t> phases_, kinds_;
  std::vector<double> scratch_;
};

// One case is one row through one wall function: range checks, the call, the finite check.
void stage(benchmark::State& state, ironlaw_level level, std::size_t cases, bool with_jacobian) {
  FilledTable filled(level, cases, with_jacobian);
  for (auto _ : state) {
    filled.run();
    benchmark::ClobberMemory();
  }
  report(state, filled.table().rows() * filled.pipeline().stage(level).calls.size());
}

// One case is one operator row: two bounds, their norm, a launch and no collective.
void compose(benchmark::State& state, bool with_gradient) {
  FilledTable filled(IRONLAW_LEVEL_OPERATOR, 64, with_gradient);
  const std::size_t rows = filled.table().rows();
  filled.run();
  std::vector<double> partials(filled.table().seeds());
  const Rule& rule = filled.pipeline().rule(IRONLAW_LEVEL_OPERATOR);
  for (auto _ : state) {
    double sum = 0;
    for (std::size_t row = 0; row < rows; ++row)
      sum += compose_operator(rule, filled.table(), row, kAllWalls, {1.0, partials, {}});
    benchmark::DoNotOptimize(sum);
  }
  report(state, rows);
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
      for (const std::size_t cases : {1, 64})
        RegisterBenchmark(name(level_name, "_cases", cases, derivatives).c_str(), stage, level, cases,
                          derivatives);
    RegisterBenchmark(name("compose_operator", "_cases", 64, derivatives).c_str(), compose, derivatives);
  }
  for (const Workload& w : kWorkloads)
    for (const std::size_t n : {1, 64})
      RegisterBenchmark(name(std::string(w.name) + "/all_results", "_cases", n, false).c_str(), solve, w, n);
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
