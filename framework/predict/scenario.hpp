// A scenario: what is asked. A case: the same with every name resolved, ready to be evaluated many times.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "framework/pipeline/parameters.hpp"
#include "framework/pipeline/pipeline.hpp"
#include "registry/lowering.hpp"

namespace ironlaw {

// What is asked about a model on hardware.
//   train    one optimizer step over `batch` samples
//   prefill  the prompts of `batch` requests, all at once (encoders and convnets: their forward pass)
//   decode   one token for each of `batch` requests, at context input_len + output_len / 2
//   offline  the closed loop of MLPerf's Offline scenario: a queue that never ends; `batch` is what the
//            software is configured to run at once, 0 when nobody knows
//   serve    requests arrive at a rate (the setting arrival_rate); `batch` is the most that the software runs
//            at once, 0 when nobody knows
enum class Task { train, prefill, decode, offline, serve };
inline constexpr Task kTasks[] = {Task::train, Task::prefill, Task::decode, Task::offline, Task::serve};
const char* name_of(Task task);
Task parse_task(std::string_view text);  // throws Error with what is allowed
// Do requests queue and fill the machine, so that a cycle serves all that run?
inline bool is_closed_loop(Task task) {
  return task == Task::offline || task == Task::serve;
}
// ironlaw_phase and ironlaw_kind.
std::uint32_t bit_of(Task task);
std::uint32_t bit_of(Phase phase);
std::uint32_t bit_of(ModelKind kind);

// A value that somebody gives for a setting, a figure or any other quantity, and who: "--set", "plan".
struct Given {
  double value = 0;
  std::string by;
  bool operator==(const Given&) const = default;
};

// Units: lengths in tokens, batch in requests or samples of all replicas together.
struct Scenario {
  const ModelSpec* model = nullptr;
  const ironlaw_hardware* hardware = nullptr;
  Task task = Task::decode;
  double batch = 1;
  std::optional<double> input_len, output_len;  // default: those of the model's usual benchmark
  Precision precision = Precision::fp16;        // of the arithmetic
  // As stored, where it is another one: 4-bit weights that are widened for 16-bit products. Not in training.
  std::optional<Precision> weight_precision;
  std::optional<Precision>
      kv_precision;  // default: fp8 where the arithmetic is 8 bits or fewer, else 16 bits
  Parallelism split;
  int micro_batch = 1;                    // training
  Recompute recompute = Recompute::none;  // training
  int zero_stage = 1;                     // training
  bool frozen_weights = false;            // training of adapters only (LoRA)
  double beams = 1;                       // sequences decoded for one request
  double prefill_tokens = 8192;           // offline: most prompt tokens in a prefill step
  std::string generation;                 // of software, "2025-09"; empty: the newest that was fitted
  std::string framework;                  // see ScopeKey; empty: the usual one
  const ModelSpec* draft = nullptr;       // of speculative decoding; runs beside the model on its devices
  bool is_benchmark = false;              // a short measured run: no failures
  bool served = false;   // offline: a server that was measured with this many requests in flight
  std::string measured;  // "matmul": not a run of the model, but this operator by itself
  std::map<std::string, Given> given;  // quantities by name, in base units
  bool operator==(const Scenario&) const = default;
};

// The dense figure of a datasheet in base units, or NaN when nobody published it. Sparse figures do not
// count.
double figure(const ironlaw_hardware& hardware, std::string_view quantity);
// The same of a scenario's hardware, or what somebody wants it to be.
double figure_of(const Scenario& s, const std::string& quantity);
// The dense peak at a precision, or NaN.
double dense_peak(const ironlaw_hardware& hardware, Precision precision);
// The peak that counts the zeros of structured sparsity as work done (quantity "peak_fp8_sparse"), or NaN.
double sparse_peak(const ironlaw_hardware& hardware, Precision precision);
// The precisions that the device has a dense peak for.
std::vector<Precision> precisions_of(const ironlaw_hardware& hardware);
// What a device is taken to compute in when nobody says: bf16, else fp16, else the widest that it has. Throws
// Error when it has no dense peak at all.
Precision usual_precision(const ironlaw_hardware& hardware);
// The one of `known` (not empty) that is nearest in width, the wider one on a tie: it keeps the accuracy.
Precision nearest_precision(std::span<const Precision> known, Precision wanted);

// What follows from other choices and so is no quantity to give: the options that choose it ("--batch"). Null
// for everything else.
const char* chosen_by(std::string_view quantity);

// The columns that the host provides on every level; what a Pipeline is built with.
std::span<const SourceColumn> source_columns();

// One kind of step of a case.
struct Slot {
  StepPlan plan;
  ScopeKey key;
  bool is_draft = false;  // steps of the draft model
};
inline constexpr int kMaxSlots = 3;

// What a user overrides that a wall would have made.
struct ForcedColumn {
  ironlaw_level level;
  int column;
  double value;
};
struct ForcedParameter {
  int parameter;
  double value;
};

// Where an input's value comes from.
enum class Origin { host, given, datasheet, usual };

struct Case {
  Scenario scenario;
  const Pipeline* pipeline = nullptr;
  std::array<Slot, kMaxSlots>
      slots;  // train, prefill or decode; a closed loop: prefill, then decode if there is one; then the draft
  int n_slots = 1;
  double replicas = 1;
  double input_len = 0, output_len = 0;
  double samples = 0;  // of one replica in a training step
  double peak = 0;     // [FLOP/s] of one device at the precision of the matrix products
  std::array<double, kPrecisions> peaks{};
  std::vector<double> inputs;   // in the order of Pipeline::inputs()
  std::vector<Origin> origins;  // of them
  std::vector<ForcedColumn> forced_columns;
  std::vector<ForcedParameter> forced_parameters;
  int capacity_row = -1;  // serve: the row of the block that says what the machine can do at the most
};

// Checks a scenario and resolves it. Throws Error: sizes that are not positive, a split that does not exist
// (TP x PP x DP must divide the batch), a precision the device has no dense peak for (with the nearest one it
// has), a phase that the model does not have, a given name that no wall, parameter or datasheet knows.
Case prepare(const Scenario& scenario, const Pipeline& pipeline);

}  // namespace ironlaw
