// A scenario: what is asked. A case: the same with every name resolved, ready to be evaluated many times.
#pragma once

#include <array>
#include <memory>
#include <optional>
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
enum class Task { train, prefill, decode, offline };
const char* name_of(Task task);
Task parse_task(std::string_view text);  // throws Error with what is allowed

// Units: lengths in tokens, batch in requests or samples of all replicas together.
struct Scenario {
  const ModelSpec* model = nullptr;
  const ironlaw_hardware* hardware = nullptr;
  Task task = Task::decode;
  double batch = 1;
  std::optional<double> input_len, output_len;  // default: those of the model's usual benchmark
  Precision precision = Precision::fp16;        // of weights and of the arithmetic
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
};

// The dense figure of a datasheet in base units, or NaN when nobody published it. Sparse figures do not
// count.
double figure(const ironlaw_hardware& hardware, std::string_view quantity);
// The dense peak at a precision, or NaN.
double dense_peak(const ironlaw_hardware& hardware, Precision precision);
// The precisions that the device has a dense peak for.
std::vector<Precision> precisions_of(const ironlaw_hardware& hardware);

// The columns that the host provides on every level; what a Pipeline is built with.
std::span<const SourceColumn> source_columns();

// One kind of step of a case.
struct Slot {
  StepPlan plan;
  ScopeKey key;
};
inline constexpr int kMaxSlots = 2;

struct Case {
  Scenario scenario;
  const Pipeline* pipeline = nullptr;
  std::array<Slot, kMaxSlots>
      slots;  // train, prefill or decode; offline: prefill, then decode if there is one
  int n_slots = 1;
  double replicas = 1;
  double input_len = 0, output_len = 0;
  double samples = 0;  // of one replica in a training step
  double peak = 0;     // [FLOP/s] of one device at the precision of the matrix products
  std::array<double, kPrecisions> peaks{};
  std::vector<double> sources;  // values of the scenario columns, in the order of scenario_sources()
};

// The scenario columns among source_columns(), in the order of Case::sources.
std::span<const SourceColumn> scenario_sources();

// Checks a scenario and resolves it. Throws Error: sizes that are not positive, a split that does not exist
// (TP x PP x DP must divide the batch), a precision the device has no dense peak for (with the nearest one it
// has), a phase that the model does not have.
Case prepare(const Scenario& scenario, const Pipeline& pipeline);

}  // namespace ironlaw
