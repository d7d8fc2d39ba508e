#include "framework/predict/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

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
    source(q::operator_requests, IRONLAW_LEVEL_OPERATOR),
    source(q::is_matmul, IRONLAW_LEVEL_OPERATOR),
    source(q::is_attention, IRONLAW_LEVEL_OPERATOR),
    source(q::is_convolution, IRONLAW_LEVEL_OPERATOR),
    source(q::is_vector, IRONLAW_LEVEL_OPERATOR),
    source(q::matmul_m, IRONLAW_LEVEL_OPERATOR),
    source(q::matmul_n, IRONLAW_LEVEL_OPERATOR),
    source(q::matmul_k, IRONLAW_LEVEL_OPERATOR),
    source(q::attention_scores, IRONLAW_LEVEL_OPERATOR),
    source(q::attention_tiles, IRONLAW_LEVEL_OPERATOR),
    source(q::attention_tile_scores, IRONLAW_LEVEL_OPERATOR),
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
          static_cast<double>(layer_count(model)),
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

}  // namespace

std::span<const SourceColumn> source_columns() {
  return kSources;
}

const char* chosen_by(std::string_view quantity) {
  for (const Structural& x : kStructural)
    if (quantity == x.name) return x.instead;
  return nullptr;
}

void apply_given(Case& c) {
  for (const auto& [name, given] : c.scenario.given) {
    if (std::isnan(given.value)) throw Error(fmt::format("{} is not a number.", name));
    if (const char* options = chosen_by(name))
      throw Error(fmt::format("{} follows from other choices: use {} instead.", name, options));
    if (c.pipeline->input(name) < 0 && !is_figure(name)) force(c, name, given);
  }
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

}  // namespace ironlaw
