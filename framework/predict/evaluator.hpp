// Evaluates cases: walls, lowering and composition in one pass over a block of rows.
//
// An Evaluator owns its buffers and reuses them: after the first block of a size nothing is allocated. One
// thread uses one Evaluator.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "framework/pipeline/compose.hpp"
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
};

class Evaluator {
 public:
  // Evaluates a block. All cases share one pipeline. parameters[i] belongs to cases[i]. `gradients`, unless
  // empty, gets d log(time per request) / d link-scale parameter: slots x parameters entries a case, in rows
  // of gradient_stride() entries. `shares`, unless empty, gets the seconds of `time` that each wall accounts
  // for, one row of walls entries a case. Walls outside `mask` are switched off in the composition.
  // Throws Error of the wall that failed, or of the lowering.
  void evaluate(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters,
                std::span<Outcome> outcomes, std::span<double> gradients = {}, std::span<double> shares = {},
                WallMask mask = kAllWalls);

  static std::size_t gradient_stride(const Pipeline& pipeline) {
    return static_cast<std::size_t>(kMaxSlots) * pipeline.parameters().size();
  }

 private:
  // One step of the block: operator rows [first, last).
  struct StepRow {
    std::size_t case_index, first, last;
    int slot;
    double count;         // how often it runs until the running requests are served
    double useful_flops;  // of all operators on one device
    Step<double> facts;   // everything but the operators, which stand in operators_
  };
  // Where the columns that the host reads and writes are; -1: no wall asks for it.
  struct Columns {
    std::vector<int> sources;  // of scenario_sources()
    int running_requests, prefill_requests, prefill_steps, decode_steps, mean_context;  // scenario
    int flops, bytes, peak, matmul, attention, convolution, vector, m, n, k, launches, message, inside,
        across, all_reduce, gather, all_to_all, point_to_point;  // operator
    std::array<int, kChannels> channel;                          // step
    int idle_slots, micro_batches, interleave, backward_share, kv_bytes, activation_bytes, state_bytes;
  };

  void use(const Pipeline& pipeline);
  void run_scenarios(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters);
  void lower_steps(std::span<const Case* const> cases);
  template <class T>
  void lower_step(const Case& c, std::size_t case_index, int slot, Step<T>& lowered);
  void run_operators(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters);
  void run_steps(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters,
                 WallMask mask, bool wants_shares);
  void run_cases(std::span<const Case* const> cases, std::span<const CaseParameters* const> parameters,
                 std::span<Outcome> outcomes, std::span<double> gradients, std::span<double> shares,
                 WallMask mask);
  // Repeats scenario columns and parameters on the rows [first, last) of an inner level.
  void fill_imports(ironlaw_level level, Table& table, std::size_t first, std::size_t last,
                    std::size_t case_row, int slot, const CaseParameters& parameters);
  // Marks the imported columns of a table that depend on seeds; once a table, before fill_imports.
  void activate_imports(ironlaw_level level, Table& table);
  // table(column, row) partials = sum over the three loads of slope x the load's partials.
  void chain_load(Table& table, int column, std::size_t row, std::size_t step, const double* slopes);

  const Pipeline* pipeline_ = nullptr;
  Columns at_{};
  std::size_t seeds_ = 0;      // slots in use x parameters with gradients, else 0
  bool loads_active_ = false;  // does what steps work on depend on a parameter?
  Table scenario_, operator_, step_, run_;
  std::vector<StepRow> steps_;
  std::vector<Operator<double>> operators_;
  std::vector<double> load_partials_;                // [step][load][seed]
  std::vector<double> operator_slopes_;              // [operator][flops, bytes, m, message][load]
  std::vector<double> step_slopes_;                  // [step][kv, activations][load]
  std::vector<double> node_shares_;                  // [step][wall]
  std::vector<double> channel_partials_;             // [channel][seed], of one step
  std::vector<double> step_partials_, step_shares_;  // of all steps of one case
  std::vector<double> scratch_;
  Step<double> lowered_;
  Step<Dual<3>> lowered_dual_;
};

}  // namespace ironlaw
