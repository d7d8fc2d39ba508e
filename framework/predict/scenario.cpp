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

// Tokens that a draft model proposes for one step of the model, where nobody says: the reference's gamma.
constexpr double kDraftTokens = 4;

template <Dim D>
constexpr SourceColumn source(const Name<D>& name, ironlaw_level level) {
  return {name.name, UnitName<D>::text(), level};
}

// Scenario columns first: host_values() has their values in this order.
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
    source(q::stored_weight_bytes, IRONLAW_LEVEL_SCENARIO),
    source(q::kv_bytes_per_token, IRONLAW_LEVEL_SCENARIO),
    source(q::working_bytes, IRONLAW_LEVEL_SCENARIO),
    source(q::weight_bits, IRONLAW_LEVEL_SCENARIO),
    source(q::kv_bits, IRONLAW_LEVEL_SCENARIO),
    source(q::devices, IRONLAW_LEVEL_SCENARIO),
    source(q::replicas, IRONLAW_LEVEL_SCENARIO),
    source(q::scaleup_size, IRONLAW_LEVEL_SCENARIO),
    source(q::batch, IRONLAW_LEVEL_SCENARIO),
    source(q::beams, IRONLAW_LEVEL_SCENARIO),
    source(q::is_training, IRONLAW_LEVEL_SCENARIO),
    source(q::parameters, IRONLAW_LEVEL_SCENARIO),
    source(q::active_parameters, IRONLAW_LEVEL_SCENARIO),
    source(q::layers, IRONLAW_LEVEL_SCENARIO),
    source(q::hidden_size, IRONLAW_LEVEL_SCENARIO),
    source(q::duration, IRONLAW_LEVEL_SCENARIO),
    source(q::operator_flops, IRONLAW_LEVEL_OPERATOR),
    source(q::operator_bytes, IRONLAW_LEVEL_OPERATOR),
    source(q::operator_weight_bytes, IRONLAW_LEVEL_OPERATOR),
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
    source(q::step_requests, IRONLAW_LEVEL_STEP),
    source(q::step_tokens, IRONLAW_LEVEL_STEP),
    source(q::step_flops, IRONLAW_LEVEL_STEP),
    source(q::step_bytes, IRONLAW_LEVEL_STEP),
    source(q::steps_time, IRONLAW_LEVEL_RUN),
    source(q::prefill_step_time, IRONLAW_LEVEL_RUN),
    source(q::decode_step_time, IRONLAW_LEVEL_RUN),
    source(q::draft_step_time, IRONLAW_LEVEL_RUN),
    source(q::cycle_flops, IRONLAW_LEVEL_RUN),
    source(q::cycle_bytes, IRONLAW_LEVEL_RUN),
    source(q::cycle_kv_bytes, IRONLAW_LEVEL_RUN),
    source(q::cycle_time, IRONLAW_LEVEL_RESULT),
    source(q::run_time, IRONLAW_LEVEL_RESULT),
    source(q::run_requests, IRONLAW_LEVEL_RESULT),
    source(q::run_tokens, IRONLAW_LEVEL_RESULT),
    source(q::request_rate, IRONLAW_LEVEL_RESULT),
    source(q::request_capacity, IRONLAW_LEVEL_RESULT),
    source(q::token_rate, IRONLAW_LEVEL_RESULT),
    source(q::replica_requests, IRONLAW_LEVEL_RESULT),
    source(q::replica_request_limit, IRONLAW_LEVEL_RESULT),
    source(q::useful_flops, IRONLAW_LEVEL_RESULT),
    source(q::replica_time, IRONLAW_LEVEL_RESULT),
    source(q::mfu, IRONLAW_LEVEL_RESULT),
    source(q::eta_scaling, IRONLAW_LEVEL_RESULT),
    source(q::useful_time_share, IRONLAW_LEVEL_RESULT),
    source(q::least_headroom, IRONLAW_LEVEL_RESULT),
};
constexpr std::size_t kScenarioSources = 29;
static_assert(kSources[kScenarioSources - 1].level == IRONLAW_LEVEL_SCENARIO &&
              kSources[kScenarioSources].level == IRONLAW_LEVEL_OPERATOR);

// What follows from the split, the lengths or the phase is asked for by those.
struct Structural {
  const char* name;
  const char* instead;
};
constexpr Structural kStructural[] = {{q::devices.name, "--gpus, --tp, --pp, --dp"},
                                      {q::replicas.name, "--dp"},
                                      {q::configured_requests.name, "--batch"},
                                      {q::batch.name, "--batch"},
                                      {q::input_len.name, "--input-len"},
                                      {q::output_len.name, "--output-len"},
                                      {q::closed_loop.name, "--phase"},
                                      {q::has_prefill.name, "--phase"},
                                      {q::has_decode.name, "--phase"},
                                      {q::is_training.name, "--phase"},
                                      {q::weight_bits.name, "--precision"},
                                      {q::kv_bits.name, "--kv-precision"},
                                      {q::beams.name, "another model"},
                                      {q::parameters.name, "another model"},
                                      {q::active_parameters.name, "another model"},
                                      {q::layers.name, "another model"},
                                      {q::hidden_size.name, "another model"}};

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
    case Task::serve:
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
  plan.weights = s.precision;
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

std::span<const SourceColumn> source_columns() {
  return kSources;
}

const char* chosen_by(std::string_view quantity) {
  for (const Structural& x : kStructural)
    if (quantity == x.name) return x.instead;
  return nullptr;
}

namespace {

// Values of the host's scenario columns, in the order of kSources.
std::array<double, kScenarioSources> host_values(const Case& c) {
  const Scenario& s = c.scenario;
  const ModelSpec& model = *s.model;
  const bool generates = model.kind == ModelKind::decoder;
  const bool is_queued = is_closed_loop(s.task);
  const bool is_training = s.task == Task::train;  // stores weights at 16 bits or more
  const double context = c.input_len + c.output_len / 2;
  // Beams share their prompt's cache and each keep their own tokens.
  const double kv_growth = (c.input_len + s.beams * c.output_len / 2) / context;
  const StepPlan& plan = c.slots[0].plan;
  double weights = 0;
  double kv = 0;
  for (int slot = 0; slot < c.n_slots; ++slot) {
    const Slot& x = c.slots[static_cast<std::size_t>(slot)];
    if (slot > 0 && !x.is_draft) continue;  // the same model
    weights += weight_bytes_per_device(x.plan);
    kv += kv_bytes_per_token_per_device(x.plan, context);
  }
  constexpr double kBits = 8;
  return {c.peak,
          figure_of(s, q::memory_bandwidth.name),
          figure_of(s, q::memory_capacity.name),
          figure_of(s, q::scaleup_bandwidth.name),
          figure_of(s, q::network_bandwidth.name),
          c.input_len,
          c.output_len,
          s.batch / s.split.data,
          generates ? kRequestLimit : kRequestLimitEncoder,
          generates ? s.prefill_tokens : std::numeric_limits<double>::max(),
          is_queued ? 1.0 : 0.0,
          s.task == Task::prefill || is_queued ? 1.0 : 0.0,
          s.task == Task::decode || (is_queued && generates) ? 1.0 : 0.0,
          weights,
          kv * kv_growth,
          is_queued && generates ? working_bytes(c) : 0,
          kBits * (is_training ? std::max(2.0, bytes_of(plan.weights)) : bytes_of(plan.weights)),
          kBits * bytes_of(plan.kv),
          static_cast<double>(s.split.devices()),
          c.replicas,
          static_cast<double>(plan.scaleup_size),
          s.batch,
          s.beams,
          is_training ? 1.0 : 0.0,
          parameter_count(model),
          active_matmul_parameters(model),
          static_cast<double>(std::max(model.shape.layers, 1)),
          static_cast<double>(model.shape.hidden),
          0};
}

bool is_figure(const std::string& name) {
  return name.starts_with("peak_") && name != q::peak_flops.name;
}

// Every name that may be given.
std::vector<std::string> known_names(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const ScenarioInput& input : pipeline.inputs()) names.push_back(input.name);
  for (const ParameterPort& p : pipeline.parameters()) names.emplace_back(p.port->name);
  for (int level = 0; level < kLevels; ++level)
    for (const Call& call : pipeline.stage(static_cast<ironlaw_level>(level)).calls)
      for (std::uint32_t o = 0; o < call.function->n_outputs; ++o)
        names.emplace_back(call.function->outputs[o]->name);
  for (int p = 0; p < kPrecisions; ++p)
    names.push_back(fmt::format("peak_{}", name_of(static_cast<Precision>(p))));
  return names;
}

// A name that is neither input nor figure: a parameter, or what a wall makes.
void force(Case& c, const std::string& name, const Given& given) {
  const Pipeline& pipeline = *c.pipeline;
  if (const int parameter = pipeline.parameter(name); parameter >= 0) {
    const ironlaw_port& port = *pipeline.parameters()[static_cast<std::size_t>(parameter)].port;
    if (!(given.value >= port.min && given.value <= port.max))
      throw Error(
          fmt::format("{} is {} {}; allowed is {} to {}.", name, given.value, port.unit, port.min, port.max));
    c.forced_parameters.push_back({parameter, given.value});
    return;
  }
  for (int l = 0; l < kLevels; ++l) {
    const auto level = static_cast<ironlaw_level>(l);
    for (const Call& call : pipeline.stage(level).calls)
      for (std::size_t o = 0; o < call.out.size(); ++o)
        if (name == call.function->outputs[o]->name) {
          c.forced_columns.push_back({level, call.out[o], given.value});
          return;
        }
  }
  throw Error(fmt::format("{}: no wall, parameter or datasheet knows it.{}", name,
                          did_you_mean(name, known_names(pipeline))));
}

void apply_given(Case& c) {
  for (const auto& [name, given] : c.scenario.given) {
    if (std::isnan(given.value)) throw Error(fmt::format("{} is not a number.", name));
    if (const char* options = chosen_by(name))
      throw Error(fmt::format("{} follows from other choices: use {} instead.", name, options));
    if (c.pipeline->input(name) < 0 && !is_figure(name)) force(c, name, given);
  }
}

// [as the port] A setting that nobody gave.
double usual_value(const Case& c, const ironlaw_port& port, Origin& origin) {
  const ironlaw_hardware& hardware = *c.scenario.hardware;
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i) {
    const ironlaw_spec& spec = *hardware.specs[i];
    if (std::string_view(spec.quantity) != port.name || std::string_view(spec.unit) != port.unit) continue;
    origin = Origin::datasheet;
    return spec.value;
  }
  const std::string_view name = port.name;
  if (name == q::failure_scale.name && c.scenario.is_benchmark) return 0;
  if (name == "draft_tokens" && c.scenario.draft) return kDraftTokens;
  return port.neutral;
}

void fill_inputs(Case& c) {
  const auto host = host_values(c);
  const auto& inputs = c.pipeline->inputs();
  c.inputs.resize(inputs.size());
  c.origins.assign(inputs.size(), Origin::host);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto given = c.scenario.given.find(inputs[i].name);
    if (given != c.scenario.given.end()) {
      c.inputs[i] = given->second.value;
      c.origins[i] = Origin::given;
    } else if (inputs[i].setting) {
      c.origins[i] = Origin::usual;
      c.inputs[i] = usual_value(c, *inputs[i].setting, c.origins[i]);
    } else {
      c.inputs[i] = host[i];
    }
  }
}

void set_peaks(Case& c) {
  const Scenario& s = c.scenario;
  for (int p = 0; p < kPrecisions; ++p)
    c.peaks[static_cast<std::size_t>(p)] = peak_of(s, static_cast<Precision>(p));
  // Layers that stay at 16 bits run in whichever 16-bit format the chip has.
  double& fp16 = c.peaks[static_cast<std::size_t>(Precision::fp16)];
  double& bf16 = c.peaks[static_cast<std::size_t>(Precision::bf16)];
  if (std::isnan(fp16)) fp16 = bf16;
  if (std::isnan(bf16)) bf16 = fp16;
  c.peak = peak_of(s, s.precision);
  const auto given = s.given.find(q::peak_flops.name);
  if (given == s.given.end()) return;
  require_positive(q::peak_flops.name, given->second.value);
  for (double& peak : c.peaks) peak *= given->second.value / c.peak;  // all precisions rise and fall together
  c.peak = given->second.value;
}

void set_slots(Case& c) {
  const Scenario& s = c.scenario;
  const auto add = [&](const ModelSpec& model, Phase phase, bool is_draft) {
    Slot& slot = c.slots[static_cast<std::size_t>(c.n_slots++)];
    slot.plan = make_plan(s, model, phase);
    slot.is_draft = is_draft;
    slot.key = {s.hardware->vendor, s.hardware->family,
                s.hardware->id,     fmt::format("{}.{}", name_of(model.kind), class_suffix(phase)),
                s.generation,       name_of(s.precision)};
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
  apply_given(c);
  fill_inputs(c);
  return c;
}

}  // namespace ironlaw
