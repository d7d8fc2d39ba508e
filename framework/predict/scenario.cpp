#include "framework/predict/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/predict/inputs.hpp"
#include "ironlaw/quantities.hpp"
#include "registry/network.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

void require_positive(const char* field, double value) {
  if (!(value > 0) || !std::isfinite(value))
    throw Error(fmt::format("{} is {}; it must be a positive number.", field, value));
}

double peak_of(const Scenario& s, Precision precision) {
  return figure_of(s, fmt::format("peak_{}", name_of(precision)));
}

void check_precision(const Scenario& s) {
  if (!std::isnan(peak_of(s, s.precision))) return;
  const std::vector<Precision> known = precisions_of(*s.hardware);
  if (known.empty())
    throw Error(fmt::format("precision: {} has no dense peak at any precision.", s.hardware->id));
  std::vector<std::string> names;
  names.reserve(known.size());
  for (const Precision p : known) names.emplace_back(name_of(p));
  throw Error(fmt::format("precision: {} has no dense {} peak; it has {}. The nearest is {}.", s.hardware->id,
                          name_of(s.precision), fmt::join(names, ", "),
                          name_of(nearest_precision(known, s.precision))));
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
    case Task::serve:
      return generates ? std::vector{Phase::prefill, Phase::decode} : std::vector{Phase::prefill};
  }
  return {};
}

const char* class_suffix(Phase phase) {
  return phase == Phase::train ? "train" : phase == Phase::prefill ? "prefill" : "decode";
}

// An 8-bit cache where the arithmetic is as narrow, in a format that the chip multiplies; else 16 bits.
Precision default_kv(const Scenario& s) {
  if (bytes_of(s.precision) > 1) return Precision::fp16;
  if (s.precision == Precision::int8 || s.precision == Precision::int4) return Precision::int8;
  return std::isnan(peak_of(s, Precision::fp8)) ? Precision::fp16 : Precision::fp8;
}

int scaleup_size_of(const Scenario& s) {
  const double size = figure_of(s, q::scaleup_size.name);
  return std::isnan(size) ? 1 : static_cast<int>(size);
}

StepPlan make_plan(const Scenario& s, const ModelSpec& model, Phase phase) {
  StepPlan plan;
  plan.model = &model;
  plan.phase = phase;
  plan.split = s.split;
  plan.scaleup_size = scaleup_size_of(s);
  plan.weights = s.weight_precision.value_or(s.precision);
  plan.activations = s.precision;
  plan.kv = s.kv_precision.value_or(default_kv(s));
  plan.steady = is_closed_loop(s.task);
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
    case Task::serve:
      return "serve";
  }
  return "";
}

Task parse_task(std::string_view text) {
  std::vector<std::string> names;
  for (const Task t : kTasks) {
    if (text == name_of(t)) return t;
    names.emplace_back(name_of(t));
  }
  throw Error(fmt::format("phase '{}' is not known; it is one of {}.{}", text, fmt::join(names, ", "),
                          did_you_mean(text, names)));
}

std::uint32_t bit_of(Task task) {
  switch (task) {
    case Task::train:
      return IRONLAW_PHASE_TRAIN;
    case Task::prefill:
      return IRONLAW_PHASE_PREFILL;
    case Task::decode:
      return IRONLAW_PHASE_DECODE;
    case Task::offline:
      return IRONLAW_PHASE_OFFLINE;
    case Task::serve:
      return IRONLAW_PHASE_SERVE;
  }
  return 0;
}
std::uint32_t bit_of(Phase phase) {
  return phase == Phase::train     ? IRONLAW_PHASE_TRAIN
         : phase == Phase::prefill ? IRONLAW_PHASE_PREFILL
                                   : IRONLAW_PHASE_DECODE;
}
std::uint32_t bit_of(ModelKind kind) {
  // Of ABI 1.0, which tells transformers apart and calls all other networks by the first of them that was
  // known.
  return kind == ModelKind::decoder   ? IRONLAW_KIND_DECODER
         : kind == ModelKind::encoder ? IRONLAW_KIND_ENCODER
                                      : IRONLAW_KIND_CONVNET;
}

double figure(const ironlaw_hardware& hardware, std::string_view quantity) {
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i) {
    const ironlaw_spec& spec = *hardware.specs[i];
    if (quantity == spec.quantity && !(spec.flags & IRONLAW_SPEC_SPARSE)) return spec.value;
  }
  return kUnknown;
}

double sparse_peak(const ironlaw_hardware& hardware, Precision precision) {
  const std::string quantity = fmt::format("peak_{}_sparse", name_of(precision));
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i)
    if (quantity == hardware.specs[i]->quantity) return hardware.specs[i]->value;
  return kUnknown;
}

double figure_of(const Scenario& s, const std::string& quantity) {
  const auto given = s.given.find(quantity);
  return given != s.given.end() ? given->second.value : figure(*s.hardware, quantity);
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

Precision usual_precision(const ironlaw_hardware& hardware) {
  const std::vector<Precision> known = precisions_of(hardware);
  if (known.empty())
    throw Error(fmt::format("{} has no dense peak at any precision, so nothing can be predicted for it.",
                            hardware.id));
  for (const Precision wanted : {Precision::bf16, Precision::fp16})
    if (std::find(known.begin(), known.end(), wanted) != known.end()) return wanted;
  return *std::max_element(known.begin(), known.end(),
                           [](Precision a, Precision b) { return bytes_of(a) < bytes_of(b); });
}

Precision nearest_precision(std::span<const Precision> known, Precision wanted) {
  const auto distance = [&](Precision p) {
    const double d = std::log2(bytes_of(p) / bytes_of(wanted));
    return std::abs(d) + (d < 0 ? 0.1 : 0.0);
  };
  return *std::min_element(known.begin(), known.end(),
                           [&](Precision a, Precision b) { return distance(a) < distance(b); });
}

namespace {

void set_peaks(Case& c) {
  const Scenario& s = c.scenario;
  for (int p = 0; p < kPrecisions; ++p)
    c.peaks[static_cast<std::size_t>(p)] = peak_of(s, static_cast<Precision>(p));
  // Layers that stay at 16 bits run in whichever 16-bit format the chip has; without one, at 32 bits.
  double& fp16 = c.peaks[static_cast<std::size_t>(Precision::fp16)];
  double& bf16 = c.peaks[static_cast<std::size_t>(Precision::bf16)];
  if (std::isnan(fp16)) fp16 = bf16;
  if (std::isnan(fp16)) fp16 = c.peaks[static_cast<std::size_t>(Precision::fp32)];
  if (std::isnan(bf16)) bf16 = fp16;
  c.peak = peak_of(s, s.precision);
  const auto given = s.given.find(q::peak_flops.name);
  if (given == s.given.end()) return;
  require_positive(q::peak_flops.name, given->second.value);
  for (double& peak : c.peaks) peak *= given->second.value / c.peak;  // all precisions rise and fall together
  c.peak = given->second.value;
}

// Narrow products leave some of a transformer's layers at 16 bits, and some parts of other networks.
void check_wide_layers(const Case& c) {
  const Scenario& s = c.scenario;
  if (bytes_of(s.precision) >= 2) return;
  if (!is_transformer(s.model->kind) && !has_wide_layers(*s.model->network)) return;
  if (!std::isnan(c.peaks[static_cast<std::size_t>(Precision::fp16)])) return;
  throw Error(fmt::format(
      "precision: {} has no dense peak at 16 or 32 bits, and some layers of {} stay there when its "
      "products are {}. Say at what rate they run: --set peak_fp16=...",
      s.hardware->id, s.model->id, name_of(s.precision)));
}

void set_slots(Case& c) {
  const Scenario& s = c.scenario;
  // A server's host does more than a benchmark's: requests come one by one, answers leave token by token.
  const bool is_served = s.served || s.task == Task::serve;
  const auto add = [&](const ModelSpec& model, Phase phase, bool is_draft) {
    Slot& slot = c.slots[static_cast<std::size_t>(c.n_slots++)];
    slot.plan = make_plan(s, model, phase);
    if (phase == Phase::decode) {
      slot.plan.beams = s.beams;
      slot.plan.shared_prompt = s.beams > 1 ? c.input_len : 0;
    }
    slot.is_draft = is_draft;
    slot.key = {s.hardware->vendor,
                s.hardware->family,
                s.hardware->id,
                fmt::format("{}.{}{}", name_of(model.kind), class_suffix(phase), is_served ? " served" : ""),
                s.generation,
                name_of(s.precision),
                model.id,
                s.task == Task::train ? "training"
                : is_served           ? "serving"
                                      : "inference",
                s.framework};
  };
  c.n_slots = 0;
  const std::vector<Phase> phases = phases_of(s);
  for (const Phase phase : phases) add(*s.model, phase, false);
  if (s.draft && phases.back() == Phase::decode) add(*s.draft, Phase::decode, true);
}

void check_draft(const Scenario& s) {
  if (s.draft && s.draft->kind != ModelKind::decoder)
    throw Error(fmt::format("draft: {} generates no tokens; a draft model must.", s.draft->id));
  const auto given = s.given.find("draft_tokens");
  if (!s.draft && given != s.given.end() && given->second.value > 0)
    throw Error("draft_tokens is set, but no draft model is given (--draft MODEL).");
}

}  // namespace

Case prepare(const Scenario& s, const Pipeline& pipeline) {
  Case c;
  c.scenario = s;
  c.pipeline = &pipeline;
  const bool is_queued = is_closed_loop(s.task);
  for (const auto& [field, value] : {std::pair{"tp", s.split.tensor},
                                     {"pp", s.split.pipeline},
                                     {"dp", s.split.data},
                                     {"micro-batch", s.micro_batch}})
    require_positive(field, value);
  if (!(is_queued && s.batch == 0)) require_positive("batch", s.batch);
  require_positive("beams", s.beams);
  require_positive("prefill-tokens", s.prefill_tokens);
  if (const auto duration = s.given.find(q::duration.name);
      duration != s.given.end() && !(duration->second.value >= 0))
    throw Error(fmt::format("{} is {} s; it must be zero (for one run) or more.", q::duration.name,
                            duration->second.value));
  check_precision(s);
  check_draft(s);

  const double usual_input = s.task == Task::train ? s.model->train_len : s.model->input_len;
  c.input_len = s.input_len.value_or(usual_input);
  c.output_len = s.model->kind == ModelKind::decoder && s.task != Task::train && s.task != Task::prefill
                     ? s.output_len.value_or(s.model->output_len)
                     : 0;
  require_positive("input-len", c.input_len);
  if (c.output_len < 0 || !std::isfinite(c.output_len))
    throw Error(fmt::format("output-len is {}; it must be zero or more.", c.output_len));
  if (is_queued && s.model->kind == ModelKind::decoder) require_positive("output-len", c.output_len);

  const double per_replica = s.batch / s.split.data;
  if (per_replica > 0 && per_replica < 1)
    throw Error(fmt::format("batch {} is smaller than dp {}: some replicas would have nothing to do.",
                            s.batch, s.split.data));
  c.replicas = s.split.data;
  c.samples = s.task == Task::train ? per_replica : 0;
  set_slots(c);
  set_peaks(c);
  check_wide_layers(c);
  apply_given(c);
  fill_inputs(c);
  return c;
}

}  // namespace ironlaw
