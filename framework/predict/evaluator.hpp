// Evaluates cases: walls, lowering and composition in one pass over a block of rows.
//
// An Evaluator owns its buffers and reuses them: after the first block of a size nothing is allocated. One
// thread uses one Evaluator.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "framework/pipeline/compose.hpp"
#include "framework/predict/columns.hpp"
#include "framework/predict/scenario.hpp"
#include "ironlaw/dual.hpp"

namespace ironlaw {

// Parameter values of a case, one entry a slot and parameter of its pipeline: [slot * parameters + p].
struct CaseParameters {
  std::vector<double> value;
  std::vector<double> slope;  // d value / d link scale: the seed
};
CaseParameters resolve_parameters(const Case& c, const ParameterSet& set);

// What comes out for one case. Times in seconds, of all its steps together.
struct Outcome {
  double time = 0;          // a step (train, prefill, decode), or the cycle that serves the running requests
  double replica_time = 0;  // without communication and bubbles
  double step_time = 0;     // without loss of goodput
  double requests = 0;      // running on one replica
  double useful_flops = 0;  // model FLOPs of all replicas in `time`
  double peak_time = 0;     // useful_flops over the peak of all devices
  double memory_headroom = 0;  // [B] on the tightest device; negative: it does not fit
  double decode_step = 0;      // time of one decode step, 0 without one
  double prefill_step = 0;     // time of one prefill step, 0 without one
  double draft_step = 0;       // time of one step of the draft model, 0 without one
};

// What to evaluate beyond the outcomes.
struct Wanted {
  WallMask mask = kAllWalls;  // walls outside it are switched off in the composition
  bool results = false;       // also the functions on result rows: cost, carbon, latencies
  bool input_seeds = false;   // derivatives by the pipeline's inputs too, not only by parameters
};

class Evaluator final : private UnknownSource {
 public:
  // Evaluates a block. All cases share one pipeline. parameters[i] belongs to cases[i]. `gradients`, unless
  // empty, gets d log(time per request) / d link-scale parameter: slots x parameters entries a case, in rows
  // of gradient_stride() entries. `shares`, unless empty, gets the seconds of `time` that each wall accounts
  // for, one row of walls entries a case.
  // Throws Error of the wall that failed, or of the lowering.
  void evaluate(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters,
                std::span<Outcome> outcomes, std::span<double> gradients = {}, std::span<double> shares = {},
                const Wanted& wanted = {});

  // [s] What each of these operators would take in a step of the case, all walls on its row composed.
  // seconds[i] belongs to operators[i]. `gradients`, unless empty, gets d seconds / d link-scale parameter of
  // the case's first slot, one row of parameters an operator. Throws Error of the wall that failed.
  void time_operators(const Case& c, const CaseParameters& parameters,
                      std::span<const Operator<double>> operators, std::span<double> seconds,
                      std::span<double> gradients = {});

  static std::size_t gradient_stride(const Pipeline& pipeline) {
    return static_cast<std::size_t>(kMaxSlots) * pipeline.parameters().size();
  }

  // What the last call left behind: a row a case on scenario, run and result level, a row a step_row() on
  // step level. Seeds: slots x parameters, then, when asked for, one for each of the pipeline's inputs.
  const Table& table(ironlaw_level level) const { return *tables_[level]; }
  std::size_t input_seed(std::size_t input) const { return parameter_seeds_ + input; }
  // The steps of a case: rows [first, last) of the step table.
  std::pair<std::size_t, std::size_t> steps_of(std::size_t case_index) const;
  // What a row of the step table is about: which slot of its case, how often it runs in a cycle, and its
  // operators, rows [first, last) of the operator table.
  struct StepFacts {
    int slot;
    double count;
    std::size_t first, last;
  };
  StepFacts step(std::size_t row) const {
    return {steps_[row].slot, steps_[row].count, steps_[row].first, steps_[row].last};
  }
  const Operator<double>& operator_at(std::size_t row) const { return operators_[row]; }

 private:
  // One step of the block: operator rows [first, last).
  struct StepRow {
    std::size_t case_index, first, last;
    int slot;
    double count;                         // how often it runs in a cycle
    std::array<int, 2> count_of{-1, -1};  // the scenario columns whose product that is
    double useful_flops;                  // of all operators on one device
    Step<double> facts;                   // everything but the operators, which stand in operators_
    double requests, tokens, flops, bytes;
    Phase phase;
    bool is_draft;
  };
  static constexpr std::size_t kLoads = 3;  // requests, tokens, context
  static constexpr std::size_t kOperatorSlopes =
      8;  // flops, bytes, weight bytes, m, scores, tiles, tile scores, message
  // KV cache, activations, requests, tokens, flops, bytes, useful flops
  static constexpr std::size_t kStepSlopes = 7, kUsefulSlope = 6;

  // Writes a cell of a column that some wall asks for.
  static void put(Table& table, int column, std::size_t row, double value) {
    if (column >= 0) table.column(column)[row] = value;
  }

  void use(const Pipeline& pipeline);
  void run_scenarios(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters);
  void lower_steps(std::span<const Case* const> cases);
  template <class T>
  void lower_step(const Case& c, std::size_t case_index, int slot, Step<T>& lowered);
  void run_operators(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters);
  void run_steps(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters,
                 bool wants_shares);
  void compose_steps(std::span<const Case* const> cases, std::span<Outcome> outcomes, bool wants_shares);
  void ready_runs(std::size_t n_cases, bool wants_shares);
  void add_to_run(std::size_t step, const StepTimes& times, double devices);
  void add_partials_to_run(std::size_t step, const StepTimes& times, double devices, int own_time,
                           bool has_most_kv);
  void run_runs(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters);
  void compose_runs(std::span<const Case* const> cases, std::span<Outcome> outcomes,
                    std::span<double> gradients, std::span<double> shares);
  void run_results(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters,
                   std::span<const Outcome> outcomes);
  void fill_result(const Case& c, std::size_t row, const Outcome& out);
  void add_idle_time(const Case& c, std::size_t row);

  std::vector<std::string> names(ironlaw_level level, int column, std::size_t row) const override;
  void run_level(ironlaw_level level, std::span<const Case* const> cases);
  // Repeats outer columns and parameters on the rows [first, last) of a level.
  void fill_imports(ironlaw_level level, std::size_t first, std::size_t last, std::size_t case_row, int slot,
                    const CaseParameters& parameters);
  // Marks the imported columns of a level that depend on seeds; once a table, before fill_imports.
  void activate_imports(ironlaw_level level);
  // table(column, row) partials = sum over the three loads of slope x the load's partials.
  void chain_load(Table& table, int column, std::size_t row, std::size_t step, const double* slopes);
  // into += scale x partials of a scenario column, where it has any.
  void add_scenario_partials(int column, std::size_t row, double scale, double* into) const {
    if (column >= 0 && scenario_.active(column)) scenario_.add_partials(column, row, scale, into);
  }
  double scenario_value(int column, std::size_t row, double otherwise) const {
    return column >= 0 ? scenario_.column(column)[row] : otherwise;
  }
  double* partials_of(std::vector<double>& all, std::size_t row) { return all.data() + row * seeds_; }

  const Pipeline* pipeline_ = nullptr;
  std::optional<Columns> at_;
  Wanted wanted_;
  std::size_t seeds_ = 0, parameter_seeds_ = 0;
  bool loads_active_ = false;  // does what steps work on depend on a seed?
  Table scenario_, operator_, step_, run_, result_;
  std::array<Table*, kLevels> tables_{&scenario_, &operator_, &step_, &run_, &result_};
  std::vector<StepRow> steps_;
  std::vector<Operator<double>> operators_;
  std::vector<double> load_partials_;           // [step][load][seed]
  std::vector<double> operator_slopes_;         // [operator][column that moves][load]
  std::vector<double> step_slopes_;             // [step][column that moves][load]
  std::vector<double> node_shares_;             // [step][wall]
  std::vector<double> channel_partials_;        // [channel][seed], of one step
  std::vector<double> one_step_, one_replica_;  // [seed], of one step
  std::vector<double> step_partials_, replica_partials_, time_partials_, useful_partials_;  // [case][seed]
  std::vector<double> step_shares_;                                                         // [case][wall]
  std::vector<double> sums_;                                                                // [seed]
  std::vector<std::uint32_t> phases_, kinds_;  // of the rows of a level
  std::vector<Forced> forced_;
  std::vector<double> scratch_;
  Step<double> lowered_;
  Step<Dual<3>> lowered_dual_;
};

}  // namespace ironlaw
