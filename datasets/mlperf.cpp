// The two MLPerf result tables. Columns that are outcomes of the row's own run (latencies, output lengths,
// requests in flight, accuracy, evaluation time, samples to converge, memory used, power) are not read at
// all.
#include <fmt/format.h>

#include <charconv>

#include "datasets/importers.hpp"

namespace ironlaw {

namespace {

const std::vector<std::string> kDivisions{"closed", "open", "network"};

// Calls `visit` for each part of `text` between separators.
template <class Visit>
void for_parts(std::string_view text, char separator, Visit&& visit) {
  for (;;) {
    const std::size_t end = text.find(separator);
    visit(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

bool is_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 1;
}

// A degree of parallelism. "4|2" (different configuration files disagree) is not known.
std::optional<std::int64_t> degree(const CsvRow& row, std::string_view column) {
  const std::string& text = row.text(column);
  if (text.find('|') == std::string::npos) return row.optional_integer(column, 1);
  for_parts(text, '|', [&](std::string_view part) {
    if (!is_count(part)) row.fail(column, "an integer of at least 1, or several with '|' between");
  });
  return std::nullopt;
}

// A batch. One a component ("unet:16/vae:8") is not one number, and left out.
std::optional<double> batch_size(const CsvRow& row, std::string_view column) {
  const std::string& text = row.text(column);
  const char* const allowed = "a number above 0, or name:count of each component with '/' between";
  if (text.find(':') != std::string::npos) {
    for_parts(text, '/', [&](std::string_view part) {
      const std::size_t colon = part.find(':');
      if (colon == std::string_view::npos || colon == 0 || !is_count(part.substr(colon + 1)))
        row.fail(column, allowed);
    });
    return std::nullopt;
  }
  const auto value = row.optional_number(column);
  if (value && *value <= 0) row.fail(column, allowed);
  return value;
}

std::string precision(const CsvRow& row, std::string_view column) {
  const auto name = normal_precision(row.text(column));
  if (!name) row.fail(column, "fp32, tf32, bf16, fp16, fp8, int8, fp4, int4 or blank");
  return *name;
}

std::optional<double> positive(const CsvRow& row, std::string_view column) {
  const auto value = row.optional_number(column);
  if (value && *value <= 0) row.fail(column, "a number above 0, or blank");
  return value;
}

// A checkout says of a result that it is none (datasets/checkout_inference.cpp).
std::string stated_reason(const CsvRow& row) {
  return row.has("skip_reason") ? row.text("skip_reason") : std::string();
}

void set_value(Observation& o, std::string_view of, double value) {
  o.quantity = fmt::format("{}_per_s", of);
  o.unit = fmt::format("{}/s", of);
  o.value = value;
}

// The number between `before` and an x: 56 in "A100-SXM-80GB-MIG_56x1g.10gb_TRT" after "MIG_".
std::optional<std::int64_t> slices_after(std::string_view text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + before.size());
  const std::size_t x = text.find('x');
  if (x == std::string_view::npos || !is_count(text.substr(0, x))) return std::nullopt;
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + x, count);
  return count;
}

// A slice of a partitioned GPU is a device of its own: what counts are the slices that the platform names, or
// the stated devices by the slices of each ("...-MIG-7x1g.10gb"). The row itself states the cards in the
// machine, also where one slice of one card ran.
void count_slices(Observation& o) {
  const auto of_one = slices_after(o.device_raw, "-MIG-");
  if (!of_one || !o.accelerators) return;
  o.accelerators = slices_after(o.platform, "MIG_").value_or(*o.accelerators * *of_one);
  o.accelerators_per_node = o.nodes.value_or(1) == 1 ? o.accelerators : std::nullopt;
}

// What both tables write alike.
void read_common(const CsvRow& row, Observation& o) {
  o.source = fmt::format("mlperf-{}", o.suite);
  o.round = fmt::format("{}-{}", o.suite, row.required("round"));
  o.division = row.one_of("division", kDivisions);
  o.availability = row.text("availability");
  o.submitter = row.required("submitter");
  o.accelerators = row.optional_integer("accelerators_total", 0);
  o.accelerators_per_node = row.optional_integer("accelerators_per_node", 0);
  o.nodes = row.optional_integer("nodes", 1);
  o.tp = degree(row, "tp");
  o.pp = degree(row, "pp");
  o.ep = degree(row, "ep");
  o.duplicate_of = row.text("duplicate_of");
  o.quality_note = row.text("quality_note");
  o.file = row.file();
  o.line = row.line();
}

}  // namespace

ResultRow read_mlperf_inference(const CsvRow& row) {
  ResultRow result;
  Observation& o = result.observation;
  o.suite = "inference";
  read_common(row, o);
  o.category = row.one_of("suite", {"datacenter", "edge", "datacenter,edge"});
  o.system = row.text("system");
  o.platform = row.text("platform");
  o.device_stated = row.text("accelerator");
  o.device_raw = row.required("accelerator_id");
  count_slices(o);
  o.software = row.text("software");
  // Not the published model name: that repeats the accuracy class and, in early rounds, other spellings.
  o.model_raw = row.required("model_base");
  o.accuracy_class = row.text("accuracy_class");
  o.scenario = row.one_of("scenario", {"Offline", "Server", "Interactive", "SingleStream", "MultiStream"});
  // Open submissions run pruned and distilled networks: what their configuration says is not to be trusted.
  if (o.division != "open") o.precision = precision(row, "run_precision");
  if (o.division != "open") o.kv_precision = precision(row, "kv_precision");
  o.precision_source = row.text("config_how");
  o.instances = row.optional_integer("instances", 1);
  o.batch = batch_size(row, "batch");
  o.max_num_tokens = row.optional_integer("max_num_tokens", 1);
  const std::string& power = row.one_of("power_mode", {"", "MaxQ", "power-run"});
  o.power_limited = power == "MaxQ";
  o.power_run = power == "power-run";
  o.inferred = row.one_of("inferred", {"0", "1"}) == "1";
  o.origin = row.text("source_path");
  // Only generative models have tokens; where a row states both rates, tokens are what is predicted.
  const auto tokens = positive(row, "tokens_per_s");
  const auto samples = positive(row, "samples_per_s");
  if (tokens) {
    set_value(o, "tokens", *tokens);
  } else if (samples) {
    set_value(o, "samples", *samples);
  } else {
    result.reason = fmt::format("no throughput: {} states a latency", o.scenario);
  }
  if (const std::string reason = stated_reason(row); !reason.empty()) result.reason = reason;
  return result;
}

ResultRow read_mlperf_training(const CsvRow& row) {
  ResultRow result;
  Observation& o = result.observation;
  o.suite = "training";
  read_common(row, o);
  o.system = row.text("system_name");
  o.platform = row.text("system");
  o.device_stated = row.text("accelerator_model");
  o.device_raw = row.required("accelerator");
  o.software = row.text("framework");
  if (const std::string& versions = row.text("software"); !versions.empty())
    o.software += o.software.empty() ? versions : "; " + versions;
  o.model_raw = row.required("benchmark");
  o.scenario = "Training";
  const std::string stated = precision(row, "precision");
  o.precision_source = row.text("precision_source");
  if (!o.precision_source.starts_with("assumed")) o.precision = stated;
  o.vpp = degree(row, "vpp");
  o.cp = degree(row, "cp");
  o.dp = degree(row, "dp");
  o.fsdp = degree(row, "fsdp");
  o.micro_batch = batch_size(row, "mbs");
  o.batch = batch_size(row, "local_batch");
  o.global_batch = row.optional_integer("global_batch_size", 1);
  o.sequence_length = row.text("seq_or_sample_size");
  o.origin = row.text("source_dir");
  if (row.has("ttt_unscaled_minutes"))
    if (const auto minutes = positive(row, "ttt_unscaled_minutes")) result.train_time_s = *minutes * 60;
  if (row.has("rcp_scaling_factor")) result.scaling = positive(row, "rcp_scaling_factor");
  if (const auto samples = positive(row, "throughput_steady")) {
    set_value(o, "samples", *samples);
  } else {
    result.reason = "no steady throughput: the logs do not give it";
  }
  return result;
}

}  // namespace ironlaw
