#include "framework/predict/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Most requests that serving software runs at once where nobody configured it: TensorRT-LLM's default
// max_batch_size. Encoders and convnets have no cache; beyond a batch of this size their rate is flat.
constexpr double kRequestLimit = 2048;
constexpr double kRequestLimitEncoder = 1024;

template <Dim D>
constexpr SourceColumn source(const Name<D>& name, ironlaw_level level) {
  return {name.name, UnitName<D>::text(), level};
}

// Scenario columns first: Case::sources has their values in this order.
constexpr SourceColumn kSources[] = {
    source(q::peak_flops, IRONLAW_LEVEL_SCENARIO),
    source(q::memory_bandwidth, IRONLAW_LEVEL_SCENARIO),
    source(q::memory_capacity, IRONLAW_LEVEL_SCENARIO),
    source(q::scaleup_bandwidth, IRONLAW_LEVEL_SCENARIO),
    source(q::network_bandwidth, IRONLAW_LEVEL_SCENARIO),
    source(q::input_len, IRONLAW_LEVEL_SCENARIO),
    source(q::output_len, IRONLAW_LEVEL_SCENARIO),
    source(q::configured_requests, IRONLAW_LEVEL_SCENARIO),
    source(q::request_limit, IRONLAW_LEVEL_SCENARIO),
    source(q::prefill_tokens, IRONLAW_LEVEL_SCENARIO),
    source(q::closed_loop, IRONLAW_LEVEL_SCENARIO),
    source(q::has_prefill, IRONLAW_LEVEL_SCENARIO),
    source(q::has_decode, IRONLAW_LEVEL_SCENARIO),
    source(q::weight_bytes, IRONLAW_LEVEL_SCENARIO),
    source(q::kv_bytes_per_token, IRONLAW_LEVEL_SCENARIO),
    source(q::working_bytes, IRONLAW_LEVEL_SCENARIO),
    source(q::operator_flops, IRONLAW_LEVEL_OPERATOR),
    source(q::operator_bytes, IRONLAW_LEVEL_OPERATOR),
    source(q::operator_peak, IRONLAW_LEVEL_OPERATOR),
    source(q::is_matmul, IRONLAW_LEVEL_OPERATOR),
    source(q::is_attention, IRONLAW_LEVEL_OPERATOR),
    source(q::is_convolution, IRONLAW_LEVEL_OPERATOR),
    source(q::is_vector, IRONLAW_LEVEL_OPERATOR),
    source(q::matmul_m, IRONLAW_LEVEL_OPERATOR),
    source(q::matmul_n, IRONLAW_LEVEL_OPERATOR),
    source(q::matmul_k, IRONLAW_LEVEL_OPERATOR),
    source(q::launches, IRONLAW_LEVEL_OPERATOR),
    source(q::message_bytes, IRONLAW_LEVEL_OPERATOR),
    source(q::ranks_inside, IRONLAW_LEVEL_OPERATOR),
    source(q::ranks_across, IRONLAW_LEVEL_OPERATOR),
    source(q::is_all_reduce, IRONLAW_LEVEL_OPERATOR),
    source(q::is_gather, IRONLAW_LEVEL_OPERATOR),
    source(q::is_all_to_all, IRONLAW_LEVEL_OPERATOR),
    source(q::is_point_to_point, IRONLAW_LEVEL_OPERATOR),
    source(q::node_time, IRONLAW_LEVEL_STEP),
    source(q::tensor_time, IRONLAW_LEVEL_STEP),
    source(q::pipeline_time, IRONLAW_LEVEL_STEP),
    source(q::data_time, IRONLAW_LEVEL_STEP),
    source(q::expert_time, IRONLAW_LEVEL_STEP),
    source(q::idle_slots, IRONLAW_LEVEL_STEP),
    source(q::micro_batches, IRONLAW_LEVEL_STEP),
    source(q::interleave, IRONLAW_LEVEL_STEP),
    source(q::backward_share, IRONLAW_LEVEL_STEP),
    source(q::kv_bytes, IRONLAW_LEVEL_STEP),
    source(q::activation_bytes, IRONLAW_LEVEL_STEP),
    source(q::state_bytes, IRONLAW_LEVEL_STEP),
};
constexpr std::size_t kScenarioSources = 16;
static_assert(kSources[kScenarioSources - 1].level == IRONLAW_LEVEL_SCENARIO &&
              kSources[kScenarioSources].level == IRONLAW_LEVEL_OPERATOR);

void require_positive(const char* field, double value) {
  if (!(value > 0) || !std::isfinite(value))
    throw Error(fmt::format("{} is {}; it must be a positive number.", field, value));
}

void check_precision(const Scenario& s) {
  if (!std::isnan(dense_peak(*s.hardware, s.precision))) return;
  const std::vector<Precision> known = precisions_of(*s.hardware);
  if (known.empty())
    throw Error(fmt::format("precision: {} has no dense peak at any precision.", s.hardware->id));
  std::vector<std::string> names;
  names.reserve(known.size());
  for (const Precision p : known) names.emplace_back(name_of(p));
  // The nearest in width, the wider one on a tie: it is the one that keeps the accuracy.
  const Precision nearest_one = *std::min_element(known.begin(), known.end(), [&](Precision a, Precision b) {
    const auto distance = [&](Precision p) {
      const double d = std::log2(bytes_of(p) / bytes_of(s.precision));
      return std::abs(d) + (d < 0 ? 0.1 : 0.0);
    };
    return distance(a) < distance(b);
  });
  throw Error(fmt::format("precision: {} has no dense {} peak; it has {}. The nearest is {}.", s.hardware->id,
                          name_of(s.precision), fmt::join(names, ", "), name_of(nearest_one)));
}

// Both as asked and as the model allows.
std::vector<Phase> phases_of(const Scenario& s) {
  const bool generates = s.model->kind == ModelKind::decoder;
  switch (s.task) {
    case Task::train:
      return {Phase::train};
    case Task::prefill:
      return {Phase::prefill};
    case Task::decode:
      if (!generates)
        throw Error(fmt::format("phase: {} has no decode phase: it is {} {}. Use prefill or train.",
                                s.model->id, s.model->kind == ModelKind::encoder ? "an" : "a",
                                name_of(s.model->kind)));
      return {Phase::decode};
    case Task::offline:
      return generates ? std::vector{Phase::prefill, Phase::decode} : std::vector{Phase::prefill};
  }
  return {};
}

// What serving software sets aside for the largest step that it may run: a full prefill, or one token for as
// many requests as it admits.
double working_bytes(const Case& c) {
  Step<double> step;
  double most = 0;
  for (int slot = 0; slot < c.n_slots; ++slot) {
    const StepPlan& plan = c.slots[static_cast<std::size_t>(slot)].plan;
    const double prompts = std::max(1.0, c.scenario.prefill_tokens / c.input_len);
    const double running = c.scenario.batch > 0 ? c.scenario.batch / c.replicas : kRequestLimit;
    if (plan.phase == Phase::decode)
      lower(plan, StepLoad<double>{running * c.scenario.beams, 1, 0}, step);
    else
      lower(plan, StepLoad<double>{prompts, c.input_len, 0}, step);
    most = std::max(most, step.activation_bytes);
  }
  return most;
}

const char* class_suffix(Phase phase) {
  return phase == Phase::train ? "train" : phase == Phase::prefill ? "prefill" : "decode";
}

// An 8-bit cache where the arithmetic is as narrow, in a format that the chip multiplies; else 16 bits.
Precision default_kv(const ironlaw_hardware& hardware, Precision precision) {
  if (bytes_of(precision) > 1) return Precision::fp16;
  if (precision == Precision::int8 || precision == Precision::int4) return Precision::int8;
  return std::isnan(dense_peak(hardware, Precision::fp8)) ? Precision::fp16 : Precision::fp8;
}

StepPlan make_plan(const Scenario& s, Phase phase) {
  StepPlan plan;
  plan.model = s.model;
  plan.phase = phase;
  plan.split = s.split;
  const double size = figure(*s.hardware, "scaleup_size");
  plan.scaleup_size = std::isnan(size) ? 1 : static_cast<int>(size);
  plan.weights = s.precision;
  plan.activations = s.precision;
  plan.kv = s.kv_precision.value_or(default_kv(*s.hardware, s.precision));
  plan.steady = s.task == Task::offline;
  plan.micro_batch = s.micro_batch;
  plan.recompute = s.recompute;
  plan.zero_stage = s.zero_stage;
  plan.frozen_weights = s.frozen_weights;
  return plan;
}

}  // namespace

const char* name_of(Task task) {
  switch (task) {
    case Task::train:
      return "train";
    case Task::prefill:
      return "prefill";
    case Task::decode:
      return "decode";
    case Task::offline:
      return "offline";
  }
  return "";
}

Task parse_task(std::string_view text) {
  const std::vector<std::string> names = {"train", "prefill", "decode", "offline"};
  for (const Task t : {Task::train, Task::prefill, Task::decode, Task::offline})
    if (text == name_of(t)) return t;
  throw Error(fmt::format("phase '{}' is not known; it is one of {}.{}", text, fmt::join(names, ", "),
                          did_you_mean(text, names)));
}

double figure(const ironlaw_hardware& hardware, std::string_view quantity) {
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i) {
    const ironlaw_spec& spec = *hardware.specs[i];
    if (quantity == spec.quantity && !(spec.flags & IRONLAW_SPEC_SPARSE)) return spec.value;
  }
  return kUnknown;
}

double dense_peak(const ironlaw_hardware& hardware, Precision precision) {
  return figure(hardware, fmt::format("peak_{}", name_of(precision)));
}

std::vector<Precision> precisions_of(const ironlaw_hardware& hardware) {
  std::vector<Precision> result;
  for (int p = 0; p < kPrecisions; ++p)
    if (!std::isnan(dense_peak(hardware, static_cast<Precision>(p))))
      result.push_back(static_cast<Precision>(p));
  return result;
}

std::span<const SourceColumn> source_columns() {
  return kSources;
}
std::span<const SourceColumn> scenario_sources() {
  return std::span(kSources).first(kScenarioSources);
}

Case prepare(const Scenario& s, const Pipeline& pipeline) {
  Case c;
  c.scenario = s;
  c.pipeline = &pipeline;
  const bool is_offline = s.task == Task::offline;
  for (const auto& [field, value] : {std::pair{"tp", s.split.tensor},
                                     {"pp", s.split.pipeline},
                                     {"dp", s.split.data},
                                     {"micro-batch", s.micro_batch}})
    require_positive(field, value);
  if (!(is_offline && s.batch == 0)) require_positive("batch", s.batch);
  require_positive("beams", s.beams);
  require_positive("prefill-tokens", s.prefill_tokens);
  check_precision(s);

  const double usual_input = s.task == Task::train ? s.model->train_len : s.model->input_len;
  c.input_len = s.input_len.value_or(usual_input);
  c.output_len = s.model->kind == ModelKind::decoder && s.task != Task::train && s.task != Task::prefill
                     ? s.output_len.value_or(s.model->output_len)
                     : 0;
  require_positive("input-len", c.input_len);
  if (c.output_len < 0 || !std::isfinite(c.output_len))
    throw Error(fmt::format("output-len is {}; it must be zero or more.", c.output_len));
  if (is_offline && s.model->kind == ModelKind::decoder) require_positive("output-len", c.output_len);

  const double per_replica = s.batch / s.split.data;
  if (per_replica > 0 && per_replica < 1)
    throw Error(fmt::format("batch {} is smaller than dp {}: some replicas would have nothing to do.",
                            s.batch, s.split.data));
  c.replicas = s.split.data;
  c.samples = s.task == Task::train ? per_replica : 0;

  const std::vector<Phase> phases = phases_of(s);
  c.n_slots = static_cast<int>(phases.size());
  for (std::size_t i = 0; i < phases.size(); ++i) {
    Slot& slot = c.slots[i];
    slot.plan = make_plan(s, phases[i]);
    slot.key = {s.hardware->vendor, s.hardware->family,
                s.hardware->id,     fmt::format("{}.{}", name_of(s.model->kind), class_suffix(phases[i])),
                s.generation,       name_of(s.precision)};
  }

  for (int p = 0; p < kPrecisions; ++p)
    c.peaks[static_cast<std::size_t>(p)] = dense_peak(*s.hardware, static_cast<Precision>(p));
  // Layers that stay at 16 bits run in whichever 16-bit format the chip has.
  double& fp16 = c.peaks[static_cast<std::size_t>(Precision::fp16)];
  double& bf16 = c.peaks[static_cast<std::size_t>(Precision::bf16)];
  if (std::isnan(fp16)) fp16 = bf16;
  if (std::isnan(bf16)) bf16 = fp16;
  c.peak = dense_peak(*s.hardware, s.precision);

  const bool generates = s.model->kind == ModelKind::decoder;
  const double context = c.input_len + c.output_len / 2;
  // Beams share their prompt's cache and each keep their own tokens.
  const double kv_growth = (c.input_len + s.beams * c.output_len / 2) / context;
  const StepPlan& plan = c.slots[0].plan;
  c.sources = {c.peak,
               figure(*s.hardware, "memory_bandwidth"),
               figure(*s.hardware, "memory_capacity"),
               figure(*s.hardware, "scaleup_bandwidth"),
               figure(*s.hardware, "network_bandwidth"),
               c.input_len,
               c.output_len,
               per_replica,
               generates ? kRequestLimit : kRequestLimitEncoder,
               generates ? s.prefill_tokens : std::numeric_limits<double>::max(),
               is_offline ? 1.0 : 0.0,
               s.task == Task::prefill || is_offline ? 1.0 : 0.0,
               s.task == Task::decode || (is_offline && generates) ? 1.0 : 0.0,
               weight_bytes_per_device(plan),
               kv_bytes_per_token_per_device(plan) * kv_growth,
               is_offline && generates ? working_bytes(c) : 0};
  return c;
}

}  // namespace ironlaw
