#include "calibration/published_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>
#include <mutex>

namespace ironlaw {
namespace {

// Where no vocabulary is stated: GPT-2's, padded as Megatron does for 8 tensor ranks; heads of 128 where no
// number of heads is.
constexpr int kVocabulary = 51200, kHeadDim = 128;

// "layers=24,hidden=1024" -> numbers by name.
std::map<std::string, int, std::less<>> numbers_in(std::string_view shape) {
  std::map<std::string, int, std::less<>> numbers;
  while (!shape.empty()) {
    const std::size_t comma = std::min(shape.find(','), shape.size());
    const std::string_view part = shape.substr(0, comma);
    shape.remove_prefix(std::min(comma + 1, shape.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    int value = 0;
    std::from_chars(part.data() + equals + 1, part.data() + part.size(), value);
    numbers.emplace(part.substr(0, equals), value);
  }
  return numbers;
}

// A GPT of this shape, made once and kept for the life of the program, as registered models are.
const ModelSpec* shaped_model(const std::string& shape, int sequence) {
  static std::mutex mutex;
  static std::map<std::string, ModelSpec> known;
  static std::deque<std::string> names;
  const auto numbers = numbers_in(shape);
  const auto number = [&](std::string_view name, int otherwise) {
    const auto found = numbers.find(name);
    return found == numbers.end() ? otherwise : found->second;
  };
  const int layers = number("layers", 0);
  const int hidden = number("hidden", 0);
  if (layers < 1 || hidden < 1) return nullptr;
  const std::scoped_lock lock(mutex);
  const auto [found, is_new] = known.try_emplace(fmt::format("{}|{}", shape, sequence));
  ModelSpec& model = found->second;
  if (!is_new) return &model;
  names.push_back(fmt::format("gpt-{}x{}", layers, hidden));
  model.id = model.title = names.back().c_str();
  model.kind = ModelKind::decoder;
  TransformerShape& s = model.shape;
  s.layers = layers;
  s.hidden = hidden;
  s.heads = number("heads", std::max(1, hidden / kHeadDim));
  s.kv_heads = number("kv_heads", s.heads);
  s.head_dim = hidden / s.heads;
  s.ffn = number("ffn", 4 * hidden);
  s.vocab = number("vocab", kVocabulary);
  s.tied_embedding = s.biases = true;
  s.positions = sequence;
  model.input_len = sequence;
  model.output_len = 1;
  model.train_len = sequence;
  model.source = model.lengths_source = "the shape that the source states";
  return &model;
}

// Of one sample, full recomputation counted: 96 s l h^2 (1 + s/(6h) + V/(16 l h)); Narayanan et al. 2021
// arXiv:2104.04473, equation 3.
double megatron_flops(const TransformerShape& shape, double sequence) {
  const double h = shape.hidden;
  const double l = shape.layers;
  return 96 * sequence * l * h * h * (1 + sequence / (6 * h) + shape.vocab / (16 * l * h));
}

// FlashAttention (May 2022) reached the frameworks in the course of that year; until then, and in
// Megatron-DeepSpeed by default since, every score passed through the memory.
bool has_flash_attention(const Observation& o) {
  constexpr std::string_view kInFrameworks = "2023-01-01";
  return o.published >= kInFrameworks && !o.software.starts_with("Megatron-DeepSpeed");
}

std::string describe_training(Row& row, const ModelSpec* model) {
  Observation& o = row.observation;
  const int sequence = std::atoi(o.sequence_length.c_str());
  const bool is_shaped = !model;
  if (is_shaped) {
    model = shaped_model(o.shape, sequence);
    o.model.clear();
  }
  constexpr double kSameSize = 0.1;
  if (is_shaped && model && o.parameters && std::abs(parameter_count(*model) / *o.parameters - 1) > kSameSize)
    return "published training: the stated shape has not the stated parameters (a mixture of experts, gated, "
           "...)";
  if (!model || model->kind != ModelKind::decoder) return "published training: no decoder of a known shape";
  if (sequence < 1) return "published training: sequence length unknown";
  if (!o.global_batch) return "published training: global batch size unknown";
  const auto batch = static_cast<double>(*o.global_batch);
  if (o.quantity == "step_time_s")
    o.value = batch / o.value;
  else if (o.quantity == "tokens_per_s")
    o.value /= sequence;
  else if (o.quantity == "flops_per_s_per_device" && o.flops_convention == "hardware" &&
           o.recompute == "full")
    o.value *= static_cast<double>(*o.accelerators) / megatron_flops(model->shape, sequence);
  else if (o.quantity != "samples_per_s")
    return fmt::format("published training: quantity not predicted: {}", o.quantity);
  o.quantity = "samples_per_s";
  o.unit = "samples/s";

  Scenario& s = row.scenario;
  row.model = model;
  s.task = Task::train;
  s.batch = batch;
  s.is_benchmark = true;
  s.input_len = sequence;
  // Without a pipeline nothing is gained by cutting the local batch: 0 takes it whole.
  s.micro_batch = static_cast<int>(o.micro_batch.value_or(o.pp.value_or(1) > 1 ? 1 : 0));
  s.zero_stage = static_cast<int>(o.zero_stage.value_or(o.fsdp.value_or(1) > 1 ? 3 : 1));
  s.recompute = o.recompute == "full"        ? Recompute::full
                : o.recompute == "selective" ? Recompute::selective
                                             : Recompute::none;
  if (!has_flash_attention(o)) {
    s.given["attention_kernel"] = {1, "unfused"};
    s.given["score_bytes"] = {32, "the masked half is moved as well"};
  }
  return {};
}

// vLLM spreads attention's requests over the ranks that else share its heads: where a row states as many of
// these as of those, they are the same devices, which the table's own count multiplies. (The rows that differ
// in nothing else take the same time to within 1%, on what would be a quarter of the devices.)
void count_shared_ranks_once(Observation& o) {
  if (o.attention_dp.value_or(1) <= 1 || o.attention_dp != o.tp) return;
  o.accelerators = *o.tp * o.pp.value_or(1);
  if (o.ep) o.ep = std::min(*o.ep, *o.accelerators);
}

std::string describe_serving(Row& row, const ModelSpec* model) {
  Observation& o = row.observation;
  if (o.quantity != "tpot_s") return fmt::format("serving: quantity not predicted: {}", o.quantity);
  if (o.mode == "disagg") return "serving: prefill and decode on devices of their own";
  if (!model) return fmt::format("no model: {}", o.model_raw);
  if (!o.concurrency || !o.input_len || !o.output_len) return "serving: lengths or concurrency unknown";
  Scenario& s = row.scenario;
  row.model = model;
  row.per_request = true;
  row.units = static_cast<double>(*o.output_len);
  count_shared_ranks_once(o);
  o.value = 1 / o.value;
  o.quantity = "tokens_per_s";
  o.unit = "tokens/s";
  s.task = Task::offline;
  s.served = true;
  s.is_benchmark = true;
  s.input_len = static_cast<double>(*o.input_len);
  s.output_len = static_cast<double>(*o.output_len);
  s.batch = static_cast<double>(*o.concurrency);
  return {};
}

}  // namespace

std::string describe_published(Row& row, const ironlaw_hardware& hardware, const ModelSpec* model) {
  row.hardware = &hardware;
  const std::string& suite = row.observation.suite;
  if (suite == "published-training") return describe_training(row, model);
  if (suite == "serving") return describe_serving(row, model);
  return fmt::format("source not fitted at this level: {}", suite);
}

std::string setup_of(const Observation& o) {
  const auto text = [](const std::optional<std::int64_t>& x) { return x ? fmt::format("{}", *x) : ""; };
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", o.device, text(o.accelerators), o.model, o.shape,
                     text(o.tp), text(o.pp), text(o.dp), text(o.global_batch), o.sequence_length,
                     o.recompute);
}

std::set<std::int64_t> repeated_quantities(const std::vector<Observation>& observations) {
  const auto rank_of = [](const Observation& o) {
    return o.quantity == "step_time_s"                                     ? 0
           : o.quantity == "tokens_per_s" || o.quantity == "samples_per_s" ? 1
                                                                           : 2;
  };
  std::map<std::string, int> best;
  const auto key_of = [](const Observation& o) {
    return fmt::format("{}|{}|{}|{}", o.source, setup_of(o), o.precision, o.micro_batch.value_or(0));
  };
  std::set<std::int64_t> repeated;
  for (const Observation& o : observations) {
    if (o.suite != "published-training") continue;
    const auto [found, is_new] = best.try_emplace(key_of(o), rank_of(o));
    if (!is_new) found->second = std::min(found->second, rank_of(o));
  }
  for (const Observation& o : observations)
    if (o.suite == "published-training" && rank_of(o) > best.at(key_of(o))) repeated.insert(o.id);
  return repeated;
}

std::string configuration_of(const Row& row) {
  const Observation& o = row.observation;
  const Scenario& s = row.scenario;
  return fmt::format("{}|{}|{}|{}|{}|{}x{}x{}x{}|{}|{}|{}|{}|{}", o.source, o.device, *o.accelerators,
                     row.model->id, name_of(s.precision), s.split.tensor, s.split.pipeline, s.split.data,
                     s.split.expert, s.input_len.value_or(0), s.output_len.value_or(0), s.batch,
                     s.micro_batch, static_cast<int>(s.recompute));
}

}  // namespace ironlaw
