#include "framework/audit/conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "registry/model_file.hpp"

namespace ironlaw {
namespace {

// What stands for "LLM inference" and "LLM training": those that MLPerf measures most.
constexpr const char* kInferenceModel = "llama-2-70b";
constexpr const char* kTrainingModel = "gpt-3-175b";

const ironlaw_hardware* look_up(const ClaimSide& side, const PluginHost& host,
                                std::vector<std::string>& missing) {
  if (side.target.empty()) {
    missing.push_back(fmt::format("{} is no single target that a catalogue could have.", side.name));
    return nullptr;
  }
  try {
    // Only the very target: one that is merely like it would give a verdict on another chip.
    const ironlaw_hardware& found = host.find_hardware(side.target);
    if (normalised(found.id) == normalised(side.target)) return &found;
  } catch (const Error&) {  // said below
  }
  missing.push_back(fmt::format("The catalogue has no target {}.", side.target));
  return nullptr;
}

Task task_of(const Claim& claim) {
  switch (claim.metric) {
    case Metric::training_time_ratio:
    case Metric::mfu:
      return Task::train;
    case Metric::latency_ratio:
    case Metric::user_token_rate:
      return Task::decode;
    default:
      return Task::offline;
  }
}

void look_up_model(Subject& subject) {
  const Claim& claim = subject.claim;
  if (claim.model.empty()) {
    subject.is_model_open = true;
    const bool is_training = claim.task.value_or(task_of(claim)) == Task::train;
    subject.model = &find_model(is_training ? kTrainingModel : kInferenceModel);
    return;
  }
  try {
    subject.model = resolve_model(claim.model).spec;
  } catch (const Error&) {
    subject.missing.push_back(fmt::format("The registry has no shape of the model {}.", claim.model));
  }
}

// The other 16-bit format, where the chip has only that: it is as fast and as wide.
Precision within_16_bits(const ironlaw_hardware& hardware, Precision wanted) {
  const bool is_16_bits = wanted == Precision::fp16 || wanted == Precision::bf16;
  const Precision other = wanted == Precision::fp16 ? Precision::bf16 : Precision::fp16;
  const bool is_swapped =
      is_16_bits && std::isnan(dense_peak(hardware, wanted)) && !std::isnan(dense_peak(hardware, other));
  return is_swapped ? other : wanted;
}

// The precision of a side: its own, of a prediction in either 16-bit format; where it states none the other
// side's, or the nearest that it has.
Precision settled(const ironlaw_hardware& hardware, const std::optional<Precision>& own,
                  const std::optional<Precision>& others, bool is_figure) {
  if (own) return is_figure ? *own : within_16_bits(hardware, *own);
  if (others) return nearest_precision(precisions_of(hardware), *others);
  return usual_precision(hardware);
}

bool is_of_one_request(const Claim& claim) {
  const Task task = claim.task.value_or(task_of(claim));
  return task == Task::decode || task == Task::prefill;
}

std::string plural(const char* id, int devices) {
  return devices == 1 ? std::string(id) : fmt::format("{} {}", devices, id);
}

}  // namespace

Subject resolve(const Claim& claim, const PluginHost& host) {
  Subject subject;
  subject.claim = claim;
  subject.product = look_up(claim.product, host, subject.missing);
  if (claim.baseline) subject.baseline = look_up(*claim.baseline, host, subject.missing);
  if (!facts_of(claim.metric).is_figure) look_up_model(subject);
  for (const ironlaw_hardware* h : {subject.product, subject.baseline})
    if (h && precisions_of(*h).empty() && claim.metric != Metric::capacity &&
        claim.metric != Metric::bandwidth && claim.metric != Metric::capacity_ratio &&
        claim.metric != Metric::bandwidth_ratio)
      subject.missing.push_back(fmt::format("Nobody published a dense peak of {}.", h->id));
  return subject;
}

Conditions stated_conditions(const Subject& subject) {
  const Claim& claim = subject.claim;
  const ClaimSide& product = claim.product;
  const ClaimSide baseline = claim.baseline.value_or(ClaimSide{});
  Conditions c;
  c.model = subject.model;
  c.task = claim.task.value_or(task_of(claim));
  if (c.model && c.model->kind != ModelKind::decoder && c.task == Task::decode) c.task = Task::prefill;
  c.input_len = claim.input_len;
  c.output_len = claim.output_len;
  c.latency = claim.latency;
  const bool is_figure = facts_of(claim.metric).is_figure;
  const bool has_peaks = !precisions_of(*subject.product).empty();
  if (has_peaks)
    c.product.precision = settled(*subject.product, product.precision, baseline.precision, is_figure);
  if (subject.baseline && !precisions_of(*subject.baseline).empty())
    c.baseline.precision = settled(*subject.baseline, baseline.precision, product.precision, is_figure);
  c.product.is_sparse = product.is_sparse.value_or(false);
  c.baseline.is_sparse = baseline.is_sparse.value_or(false);
  c.product.devices = product.devices.value_or(baseline.devices.value_or(1));
  c.baseline.devices = baseline.devices.value_or(product.devices.value_or(1));
  const double usual_batch = is_of_one_request(claim) ? 1 : 0;
  c.product.batch = product.batch.value_or(baseline.batch.value_or(usual_batch));
  c.baseline.batch = baseline.batch.value_or(product.batch.value_or(usual_batch));
  return c;
}

std::vector<Change> differences(const Subject& subject, const Conditions& stated, Conditions& plain) {
  plain = stated;
  std::vector<Change> changes;
  const char* const product = subject.product->id;
  const SideConditions& p = stated.product;
  const SideConditions& b = stated.baseline;
  if (subject.baseline && p.precision != b.precision) {
    plain.product.precision = nearest_precision(precisions_of(*subject.product), b.precision);
    if (plain.product.precision != p.precision)
      changes.push_back(
          {"product precision",
           fmt::format("{} on {} against {}", name_of(p.precision), product, name_of(b.precision)), 1,
           [to = p.precision](Conditions& c) { c.product.precision = to; }});
  }
  if (p.is_sparse) {
    plain.product.is_sparse = false;
    changes.push_back({"sparsity", fmt::format("sparsity counted on {}", product), 1,
                       [](Conditions& c) { c.product.is_sparse = true; }});
  }
  if (subject.baseline && b.is_sparse) {
    plain.baseline.is_sparse = false;
    changes.push_back({"baseline sparsity", fmt::format("sparsity counted on {}", subject.baseline->id), 1,
                       [](Conditions& c) { c.baseline.is_sparse = true; }});
  }
  if (subject.baseline && p.devices != b.devices) {
    plain.product.devices = b.devices;
    changes.push_back(
        {"devices",
         fmt::format("{} against {}", plural(product, p.devices), plural(subject.baseline->id, b.devices)), 1,
         [to = p.devices](Conditions& c) { c.product.devices = to; }});
  }
  if (subject.baseline && p.batch != b.batch) {
    plain.baseline.batch = p.batch;
    changes.push_back(
        {"baseline batch",
         fmt::format("batch {} against {}", p.batch > 0 ? fmt::format("{}", p.batch) : "as it fits",
                     b.batch > 0 ? fmt::format("{}", b.batch) : "as it fits"),
         1, [to = b.batch](Conditions& c) { c.baseline.batch = to; }});
  }
  return changes;
}

std::vector<std::string> open_conditions(const Subject& subject) {
  const Claim& claim = subject.claim;
  const MetricFacts& metric = facts_of(claim.metric);
  const bool is_of_arithmetic =
      !metric.is_figure || claim.metric == Metric::peak || claim.metric == Metric::peak_ratio;
  std::vector<std::string> open;
  const auto add_side = [&](const ClaimSide& side, const std::string& of) {
    if (is_of_arithmetic && !side.precision) open.push_back("precision" + of);
    if (is_of_arithmetic && !side.is_sparse) open.push_back("sparsity" + of);
    if (!side.devices) open.push_back("number of devices" + of);
    if (!metric.is_figure && !side.batch) open.push_back("batch" + of);
  };
  add_side(claim.product, claim.baseline ? " of the product" : "");
  if (claim.baseline) add_side(*claim.baseline, " of the baseline");
  if (metric.is_figure) return open;
  if (claim.model.empty()) open.emplace_back("model");
  if (subject.model && is_transformer(subject.model->kind) && !claim.input_len) open.emplace_back("lengths");
  if (subject.model && subject.model->kind == ModelKind::decoder && task_of(claim) == Task::offline &&
      !claim.latency)
    open.emplace_back("limit on latency");
  return open;
}

std::string described(const ironlaw_hardware& hardware, const SideConditions& side, const Conditions& all,
                      bool is_figure) {
  std::string text = fmt::format("{} x {}", side.devices, hardware.id);
  if (!precisions_of(hardware).empty()) text += fmt::format(" in {}", name_of(side.precision));
  if (side.is_sparse) text += ", sparsity counted";
  if (is_figure) return text;
  if (side.batch > 0)
    text += fmt::format(", batch {}", side.batch);
  else if (all.task == Task::offline)
    text += ", as many requests as run at once";
  if (!side.generation.empty()) text += fmt::format(", software of {}", side.generation);
  return text;
}

std::string described_work(const Subject& subject, const Conditions& c) {
  if (!c.model) return "";
  std::string text =
      fmt::format("{}{}, {}", c.model->id,
                  subject.is_model_open ? " (stands for the model that is not named)" : "", name_of(c.task));
  if (c.task == Task::train || !is_transformer(c.model->kind)) return text;
  text += fmt::format(", {:.0f} tokens in", c.input_len.value_or(c.model->input_len));
  if (c.model->kind == ModelKind::decoder && c.task != Task::prefill)
    text += fmt::format(", {:.0f} out", c.output_len.value_or(c.model->output_len));
  if (c.latency) text += fmt::format(", at most {:.4g} ms between tokens", *c.latency * 1e3);
  return text;
}

}  // namespace ironlaw
