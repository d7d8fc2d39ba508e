#include "calibration/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "calibration/published_rows.hpp"
#include "calibration/software.hpp"
#include "framework/base/error.hpp"
#include "framework/predict/split.hpp"
#include "registry/network.hpp"

namespace ironlaw {
namespace {

constexpr std::array<const char*, 5> kBases = {"same model and device", "same model and family",
                                               "same kind of model and family",
                                               "same kind of model and vendor", "same model"};

constexpr std::size_t kOtherFamily = 3;  // from here on in kBases
constexpr const char* kNarrowestBasis = "narrowest of the device, as on other devices of vendor or model";

bool multiplies(const ironlaw_hardware& hardware, Precision p) {
  return !std::isnan(dense_peak(hardware, p));
}

std::optional<Precision> narrowest_float(const ironlaw_hardware& hardware) {
  for (const Precision p : {Precision::fp4, Precision::fp8, Precision::bf16, Precision::fp16})
    if (multiplies(hardware, p)) return p;
  return {};
}

// What MLPerf calls a benchmark, as a workload: the LoRA task trains adapters of a registered model.
struct Workload {
  const ModelSpec* model = nullptr;
  bool frozen = false;
};

Workload find_workload(const std::string& canonical) {
  constexpr std::string_view kLora = "-lora";
  const bool is_lora = canonical.ends_with(kLora);
  const std::string id = is_lora ? canonical.substr(0, canonical.size() - kLora.size()) : canonical;
  for (const ModelSpec& model : models())
    if (id == model.id) return {&model, is_lora};
  return {};
}

// The benchmark's own example, run as it came: 10 to 100 times below what the device does.
bool is_reference_code(const Observation& o) {
  return o.software.find("reference implementation") != std::string::npos;
}

// Why a row is left out before any physics; empty when it is not.
std::string reason_to_skip(const Observation& o) {
  if (!o.division.empty() && o.division != "closed") return fmt::format("division: {}", o.division);
  if (!o.duplicate_of.empty()) return "duplicate of another row";
  if (o.inferred) return "copied from another scenario by the results tool";
  if (is_reference_code(o)) return "reference code, which shows the benchmark and not the device";
  if (o.power_limited) return "power limit lowered (MaxQ)";
  if (o.suite == "inference" && o.scenario != "Offline")
    return fmt::format("scenario not predicted: {}", o.scenario);
  if (o.device.empty()) return fmt::format("device not identified: {}", o.device_raw);
  if (o.model.empty() && o.shape.empty()) return fmt::format("no model: {}", o.model_raw);
  if (!(o.value > 0)) return "no rate";
  return {};
}

// TensorRT-LLM, the first of the suite's software in which requests come and go one by one ("in-flight
// batching"), was released in October 2023; before, a batch ran until its longest answer ended.
constexpr std::string_view kContinuousBatching = "2023-10-01";

Scenario inference_scenario(const Observation& o, const ModelSpec& model) {
  Scenario s;
  s.task = Task::offline;
  s.is_benchmark = true;
  s.batch = 0;  // set with the split: it is stated for one instance
  s.beams = model.beams;
  if (model.kind == ModelKind::decoder && o.published < kContinuousBatching) {
    // The data set's longest prompt and answer; what lies between a request's own and those is lost.
    s.given["longest_output"] = {model.longest_output, "batches end as a whole"};
    s.given["kv_allocation"] = {1, "static"};
    s.given["max_len"] = {model.longest_input + model.longest_output, "the data set's longest request"};
  }
  if (o.max_num_tokens && *o.max_num_tokens > 0) s.prefill_tokens = static_cast<double>(*o.max_num_tokens);
  return s;
}

Scenario training_scenario(const Observation& o, const ModelSpec& model, bool frozen) {
  Scenario s;
  s.task = Task::train;
  s.batch = static_cast<double>(o.global_batch.value_or(0));
  s.frozen_weights = frozen;
  s.is_benchmark = true;
  s.micro_batch = static_cast<int>(o.micro_batch.value_or(model.kind == ModelKind::decoder ? 1 : 0));
  s.zero_stage = o.fsdp && *o.fsdp > 1 ? 3 : 1;
  return s;
}

// Serving with "attention DP": every rank has whole attention layers and requests of its own, while the
// experts are spread over all ranks. Stated, or what the engines do where latents are cached, of which no
// tensor rank can hold a part (SGLang, "DeepSeek usage: data parallelism attention"; TensorRT-LLM, "attention
// DP").
bool spreads_requests(const Observation& o, const TransformerShape& shape) {
  if (shape.experts == 0 || o.ep.value_or(1) <= 1) return false;
  return o.attention_dp ? *o.attention_dp > 1 : shape.kv_lora_rank > 0;
}

int degree(const std::optional<std::int64_t>& value) {
  return static_cast<int>(value.value_or(0));
}

// The stated split, completed; the default one where neither TP nor PP is stated.
void set_split(Row& row) {
  const Observation& o = row.observation;
  Scenario& s = row.scenario;
  const int devices = static_cast<int>(*o.accelerators);
  if (!o.tp && !o.pp) {
    Scenario probe = s;
    probe.micro_batch = std::max(s.micro_batch, 1);
    s.split = default_split(probe, devices);
    return;
  }
  Parallelism wanted;
  wanted.tensor = std::max(degree(o.tp), 1);
  wanted.pipeline = std::max(degree(o.pp), 1);
  wanted.context = std::max(degree(o.cp), 1);
  wanted.interleave = std::max(degree(o.vpp), 1);
  wanted.data = 0;
  if (s.task != Task::train && row.model->shape.experts > 0) {
    wanted.expert = std::max(degree(o.ep), 1);
    if (spreads_requests(o, row.model->shape)) wanted.tensor = 1;
  }
  s.split = complete_split(s, devices, wanted);
}

void set_batch(Row& row) {
  const Observation& o = row.observation;
  Scenario& s = row.scenario;
  if (s.served) return;  // the requests in flight
  if (s.task == Task::offline) {
    s.batch = static_cast<double>(o.batch.value_or(0)) * s.split.data;  // stated for one instance
    if (row.model->kind == ModelKind::recommender) s.batch /= pairs_of_query(*row.model->network);
    return;
  }
  if (s.batch <= 0) throw Error("global batch size unknown");
  // Vision and encoders accumulate rarely: the whole local batch is one micro-batch unless stated.
  const double local = s.batch / s.split.data;
  if (s.micro_batch == 0) s.micro_batch = static_cast<int>(std::max(1.0, std::round(local)));
  // Whole micro-batches, as the lowering wants them.
  s.batch = std::max(1.0, std::round(local / s.micro_batch)) * s.micro_batch * s.split.data;
}

// The lowering may refuse the split, and a wall may find that a figure it needs is unknown; one such row must
// not end the fit of all others.
void require_rate(const Case& c) {
  const CaseParameters values = resolve_parameters(c, ParameterSet::prior());
  const Case* const the_case = &c;
  const CaseParameters* const the_values = &values;
  Outcome out;
  Evaluator evaluator;
  evaluator.evaluate({&the_case, 1}, {&the_values, 1}, {&out, 1});
  if (!(out.time > 0) || !std::isfinite(out.time)) throw Error("no time can be predicted");
}

}  // namespace

std::vector<std::string> PrecisionRule::keys(const Observation& o, const ModelSpec& model,
                                             const ironlaw_hardware& hardware) {
  return {fmt::format("0|{}|{}|{}|{}", o.suite, o.model, o.accuracy_class, hardware.id),
          fmt::format("1|{}|{}|{}|{}", o.suite, o.model, o.accuracy_class, hardware.family),
          fmt::format("2|{}|{}|{}", o.suite, name_of(model.kind), hardware.family),
          fmt::format("3|{}|{}|{}", o.suite, name_of(model.kind), hardware.vendor),
          fmt::format("4|{}|{}|{}", o.suite, o.model, o.accuracy_class)};
}

void PrecisionRule::learn(const Observation& o, const ModelSpec& model, const ironlaw_hardware& hardware,
                          Precision precision) {
  const std::optional<Precision> narrowest = narrowest_float(hardware);
  const bool is_narrowest = narrowest && bytes_of(precision) == bytes_of(*narrowest);
  for (const std::string& key : keys(o, model, hardware)) votes_[key][precision][o.cell] = is_narrowest;
}

PrecisionRule::Choice PrecisionRule::choose(const Observation& o, const ModelSpec& model,
                                            const ironlaw_hardware& hardware) const {
  if (!o.precision.empty()) return {parse_precision("precision", o.precision.c_str()), "stated"};
  const std::vector<std::string> all = keys(o, model, hardware);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto found = votes_.find(all[i]);
    if (found == votes_.end()) continue;
    const std::pair<const Precision, Votes>* best = nullptr;
    for (const auto& vote : found->second)
      if (multiplies(hardware, vote.first) && (!best || vote.second.size() > best->second.size()))
        best = &vote;
    if (!best) continue;
    const bool is_other_family = i >= kOtherFamily;
    const bool is_served = o.suite == "inference" && model.kind == ModelKind::decoder;
    const Votes& cells = best->second;
    const auto narrowest_cells =
        std::count_if(cells.begin(), cells.end(), [](const auto& cell) { return cell.second; });
    if (is_other_family && is_served && 2 * narrowest_cells > std::ssize(cells))
      if (const auto narrowest = narrowest_float(hardware);
          narrowest && bytes_of(*narrowest) < bytes_of(best->first))
        return {*narrowest, kNarrowestBasis};
    return {best->first, kBases[i]};
  }
  // Recipes for training at 8 bits exist for transformers (Micikevicius et al. 2022 arXiv:2209.05433); no
  // framework has convolutions or embeddings at 8 bits that train.
  const bool is_wide = o.suite == "training" && !is_transformer(model.kind);
  for (const Precision p : {Precision::fp8, Precision::bf16, Precision::fp16})
    if (multiplies(hardware, p) && !(is_wide && bytes_of(p) < 2))
      return {p, is_wide ? "16 bits: nothing narrower trains such networks"
                         : "narrowest floating point of the device"};
  throw Error("no precision is known");
}

double observed_rate(const Row& row, const Outcome& outcome) {
  return row.per_request ? 1 / outcome.time : outcome.requests * row.lowered.replicas / outcome.time;
}

std::vector<Row> select_rows(const std::vector<Observation>& observations,
                             const std::vector<const ironlaw_hardware*>& hardware, Unlowered& unlowered) {
  std::vector<Row> rows;
  std::set<std::pair<std::string, double>> seen;
  const std::set<std::int64_t> repeated = repeated_quantities(observations);
  for (const Observation& o : observations) {
    std::string reason = reason_to_skip(o);
    Row row;
    row.observation = o;
    if (reason.empty()) {
      const auto device =
          std::find_if(hardware.begin(), hardware.end(), [&](const auto* h) { return o.device == h->id; });
      const Workload workload = find_workload(o.model);
      const bool is_published = o.round.empty();
      if (device == hardware.end())
        reason = fmt::format("no hardware target: {}", o.device);
      else if (!workload.model && !is_published)
        reason = fmt::format("no model: {}", o.model);
      else if (!o.accelerators || *o.accelerators < 1)
        reason = "number of accelerators unknown";
      else if (!seen.insert({o.cell + "|" + o.submitter, o.value}).second)
        reason = "exact repeat within a cell";
      else if (repeated.contains(o.id))
        reason = "published training: another quantity of the same run is fitted";
      else if (is_published)
        reason = describe_published(row, **device, workload.model);
      else {
        row.hardware = *device;
        row.model = workload.model;
        row.scenario = o.suite == "training" ? training_scenario(o, *row.model, workload.frozen)
                                             : inference_scenario(o, *row.model);
      }
    }
    if (!reason.empty()) {
      ++unlowered[reason];
      continue;
    }
    row.scenario.model = row.model;
    row.scenario.hardware = row.hardware;
    if (!o.round.empty()) row.units = o.quantity == "tokens_per_s" ? row.model->output_len : 1;
    rows.push_back(std::move(row));
  }
  set_software(observations, rows);
  return rows;
}

PrecisionRule learn_precisions(const std::vector<Row>& rows) {
  PrecisionRule rule;
  for (const Row& row : rows)
    if (!row.observation.precision.empty())
      rule.learn(row.observation, *row.model, *row.hardware,
                 parse_precision("precision", row.observation.precision.c_str()));
  return rule;
}

void lower_row(Row& row, const PrecisionRule::Choice& choice, Predictor& predictor) {
  row.scenario.precision = choice.precision;
  row.precision_basis = choice.basis;
  if (!row.observation.weight_precision.empty() && row.scenario.task != Task::train)
    row.scenario.weight_precision =
        parse_precision("weight precision", row.observation.weight_precision.c_str());
  if (!row.observation.kv_precision.empty())
    row.scenario.kv_precision = parse_precision("kv precision", row.observation.kv_precision.c_str());
  set_split(row);
  set_batch(row);
  const bool is_published = row.observation.round.empty();
  row.cell = is_published ? configuration_of(row)
                          : fmt::format("{}|{}|{}|{}|{}|{}", row.observation.round, row.observation.device,
                                        *row.observation.accelerators, row.observation.model,
                                        name_of(choice.precision), row.observation.scenario);
  row.lowered = prepare(row.scenario, predictor.pipeline(*row.hardware));
  if (is_published && row.observation.model.empty())
    for (int slot = 0; slot < row.lowered.n_slots; ++slot)
      row.lowered.slots[static_cast<std::size_t>(slot)].key.model = std::string(kUnknownModel);
  require_rate(row.lowered);
}

void lower_rows(std::vector<Row>& rows, const PrecisionRule& rule, Predictor& predictor,
                Unlowered& unlowered) {
  std::vector<Row> lowered;
  lowered.reserve(rows.size());
  for (Row& row : rows) {
    try {
      lower_row(row, rule.choose(row.observation, *row.model, *row.hardware), predictor);
      lowered.push_back(std::move(row));
    } catch (const Error& e) {
      ++unlowered[e.what()];
    }
  }
  rows = std::move(lowered);
}

}  // namespace ironlaw
