// Training and inference results quoted from publications, and measured serving runs. Quantities are brought
// to SI and to the whole system; what the source says about the conditions stays on the row as `note`.
#include "datasets/published.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>

#include "datasets/names.hpp"

namespace ironlaw {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The whole of `text` as a number of at least `least`; nothing when it is none ("ShareGPT", "EP32/DP32").
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t least) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least) return std::nullopt;
  return value;
}

// The number right after `key`; nothing when there is none.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + at + key.size(), text.data() + text.size(), value);
  return error == std::errc() && value >= 1 ? std::optional(value) : std::nullopt;
}

void add_note(Observation& o, std::string_view note) {
  if (!o.quality_note.empty()) o.quality_note += "; ";
  o.quality_note += note;
}

void begin(const CsvRow& row, std::string_view suite, Observation& o) {
  o.suite = suite;
  o.file = row.file();
  o.line = row.line();
}

// The last day of a year: a source known by year counts as that.
std::string last_day(const CsvRow& row, std::string_view column) {
  return fmt::format("{}-12-31", row.integer(column, 1990, 2100));
}

struct Precisions {
  std::string products, weights, kv;
};

// What is multiplied, and how weights are stored, from a publication's words; unknown where they leave it
// open.
Precisions stated_precisions(const std::string& text) {
  const std::string t = lower(text);
  const auto says = [&](std::string_view part) { return contains(t, part); };
  const bool has_4_bit_weights =
      says("awq") || says("int4") || says("4-bit") || (says("gptq") && !says("int8"));
  if (says("gguf f16")) return {"fp16", "", ""};
  // What llama.cpp multiplies its blocks in depends on device and version.
  if (says("q4_") || says("gguf 4-bit")) return {"", "int4", ""};
  if (says("q8_")) return {"", "int8", ""};
  if (t == "f16") return {"fp16", "", ""};
  if (says("bf16 + kv cache fp8")) return {"bf16", "", "fp8"};
  if (says("fp16 act / weights int8") || (says("gptq") && says("int8"))) return {"fp16", "int8", ""};
  if (has_4_bit_weights) return {"fp16", "int4", ""};
  if (says("nvfp4")) return {"fp4", "", ""};
  if (says("fp8")) return {"fp8", "", says("kv") && !says("model dependent") ? "fp8" : ""};
  if (says("float8")) return {"fp8", "", ""};
  const bool has_two = (says("fp32") && says("tf32")) || (says("fp16") && says("/bf16")) || says("bf16/fp16");
  if (has_two) return {};
  if (says("bf16") && !says("weights bf16")) return {"bf16", "", ""};
  if (says("fp16 act / weights bf16")) return {"fp16", "bf16", ""};
  if (says("fp16")) return {"fp16", "", says("fp16 kv") ? "fp16" : ""};
  if (says("tf32")) return {"tf32", "", ""};
  if (says("fp32")) return {"fp32", "", ""};
  if (says("int8")) return {"int8", "", ""};
  return {};
}

void set_precisions(const std::string& text, Observation& o) {
  const Precisions p = stated_precisions(text);
  o.precision = p.products;
  o.weight_precision = p.weights;
  o.kv_precision = p.kv;
  if (!text.empty()) o.precision_source = fmt::format("stated: {}", text);
}

std::string recompute_of(const std::string& text) {
  if (text == "none") return "none";
  if (text == "full" || text.starts_with("yes")) return "full";
  if (text.starts_with("selective")) return "selective";
  return {};
}

void set_sharding(const std::string& text, Observation& o) {
  const std::string t = lower(text);
  if (const auto degree = number_after(t, "fsdp=")) {
    o.fsdp = degree;
    o.zero_stage = 3;
  } else if (contains(t, "shard_grad_op")) {
    o.zero_stage = 2;
  } else if (contains(t, "zero-1") || contains(t, "stage 1")) {
    o.zero_stage = 1;
  } else if (contains(t, "zero-3") || contains(t, "full_shard") || contains(t, "full shard") || t == "fsdp" ||
             t == "fsdp on" || contains(t, "fsdp within slice")) {
    o.zero_stage = 3;
  } else if (t == "0" || contains(t, "stage 0")) {
    o.zero_stage = 0;
  }
}

// "layers=24,hidden=1024,...": what of the model's shape a row states.
std::string shape_of(const CsvRow& row) {
  std::string shape;
  for (const char* column : {"layers", "hidden", "heads", "kv_heads", "ffn", "vocab"}) {
    if (!row.has(column) || row.text(column).empty()) continue;
    shape += fmt::format("{}{}={}", shape.empty() ? "" : ",", column, row.integer(column, 1));
  }
  return shape;
}

// A count of devices that may stand as "32 per prefill unit": not known then.
std::optional<std::int64_t> device_count(const CsvRow& row) {
  return whole_number(row.text("gpus"), 1);
}

// Total parameters, stated in 1e9: "671 (37 active)".
void set_parameters(const CsvRow& row, Observation& o) {
  const std::string& text = row.text("params_b");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty()) return;
  if (error != std::errc() || !(value > 0)) row.fail("params_b", "billions of parameters, above zero");
  o.parameters = value * 1e9;
}

enum class Scale { whole, per_device };

struct Quantity {
  std::string_view written, name, unit;
  double factor;
  Scale scale = Scale::whole;
  std::string_view statistic = {};
};

// Sets quantity and value; a reason when the number of devices is needed and not known.
std::string set_quantity(const CsvRow& row, const Quantity& q, Observation& o) {
  const double value = row.number("value");
  if (!(value > 0)) row.fail("value", "a number above zero");
  o.quantity = q.name;
  o.unit = q.unit;
  o.statistic = q.statistic;
  o.value = value * q.factor;
  if (q.scale == Scale::whole) return {};
  if (!o.accelerators) return "a rate of one device, and their number is not stated";
  o.value *= static_cast<double>(*o.accelerators);
  return {};
}

const Quantity* find_quantity(std::span<const Quantity> known, std::string_view written) {
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Quantity& q) { return q.written == written; });
  return found == known.end() ? nullptr : &*found;
}

}  // namespace

ResultRow read_published_training(const CsvRow& row) {
  constexpr std::array known{
      Quantity{"tokens_per_s_per_gpu", "tokens_per_s", "tokens/s", 1, Scale::per_device},
      Quantity{"tokens_per_s_total", "tokens_per_s", "tokens/s", 1},
      Quantity{"tflops_per_gpu", "flops_per_s_per_device", "FLOP/s", 1e12},
      Quantity{"sequences_per_s_total", "samples_per_s", "samples/s", 1},
      Quantity{"images_per_s_total", "samples_per_s", "samples/s", 1},
      Quantity{"samples_per_s_total", "samples_per_s", "samples/s", 1},
      Quantity{"mfu", "mfu", "1", 1},
      Quantity{"hfu", "hfu", "1", 1},
      Quantity{"iteration_time_s", "step_time_s", "s", 1},
      Quantity{"time_to_train_min", "train_time_s", "s", 60},
      Quantity{"total_gpu_hours", "device_hours", "device h", 1}};
  ResultRow result;
  Observation& o = result.observation;
  begin(row, "published-training", o);
  o.source = row.required("source_id");
  result.source_title = row.required("source");
  o.published = last_day(row, "year");
  o.submitter = o.source;
  o.scenario = "Training";
  o.device_raw = row.required("hardware");
  o.accelerators = device_count(row);
  o.accelerators_per_node = row.optional_integer("gpus_per_node", 1);
  if (o.accelerators && o.accelerators_per_node && *o.accelerators % *o.accelerators_per_node == 0)
    o.nodes = *o.accelerators / *o.accelerators_per_node;
  o.model_raw = row.required("model");
  o.shape = shape_of(row);
  set_parameters(row, o);
  set_precisions(row.text("precision"), o);
  o.tp = whole_number(row.text("tp"), 1);
  o.pp = whole_number(row.text("pp"), 1);
  o.dp = whole_number(row.text("dp"), 1);
  o.cp = whole_number(row.text("cp"), 1);
  o.ep = whole_number(row.text("ep"), 1);
  o.vpp = number_after(row.text("note"), "VP=");
  set_sharding(row.text("zero_fsdp"), o);
  o.recompute = recompute_of(row.text("activation_recompute"));
  o.sequence_length = row.text("seq_len");
  o.global_batch = row.optional_integer("global_batch", 1);
  if (const auto micro = row.optional_number("micro_batch")) {
    if (!(*micro > 0)) row.fail("micro_batch", "a number above zero, or blank");
    o.micro_batch = micro;
  }
  const std::string& convention = row.text("flops_convention");
  if (convention.starts_with("model")) o.flops_convention = "model";
  if (convention.starts_with("hardware")) o.flops_convention = "hardware";
  o.note = row.text("note");
  o.origin = result.source_title;
  if (contains(o.note, "DERIVED")) add_note(o, "computed from other figures of the source");
  if (contains(o.note, "LoRA") || contains(o.note, "SFT")) add_note(o, "fine-tuning, not pre-training");
  if (o.source == "megascale-ablation") add_note(o, "the model changes together with the system");
  if (o.source == "tpu-recipes-ironwood" && o.precision == "bf16") add_note(o, "the precision is not proven");
  const std::string& written = row.required("measured_quantity");
  if (o.source == "lambda-dlbench" && contains(o.model_raw, "EfficientNet")) {
    result.reason = "the variant of the model is lost";
  } else if (const Quantity* q = find_quantity(known, written)) {
    result.reason = set_quantity(row, *q, o);
  } else {
    result.reason = fmt::format("quantity not used: {}", written);
  }
  return result;
}

ResultRow read_published_inference(const CsvRow& row) {
  constexpr std::array known{
      Quantity{"output_tokens_per_s_total", "tokens_per_s", "tokens/s", 1},
      Quantity{"throughput_tokens_per_s_total", "tokens_per_s", "tokens/s", 1},
      Quantity{"output_tokens_per_s_per_gpu", "tokens_per_s", "tokens/s", 1, Scale::per_device},
      Quantity{"output_tokens_per_s_per_chip", "tokens_per_s", "tokens/s", 1, Scale::per_device},
      Quantity{"total_tokens_per_s", "total_tokens_per_s", "tokens/s", 1},
      Quantity{"prefill_tokens_per_s", "prefill_tokens_per_s", "tokens/s", 1},
      Quantity{"decode_tokens_per_s_bs1", "decode_tokens_per_s", "tokens/s", 1},
      Quantity{"decode_tokens_per_s", "decode_tokens_per_s", "tokens/s", 1},
      Quantity{"output_tokens_per_s_per_user", "tokens_per_s_per_user", "tokens/s", 1},
      Quantity{"output_tokens_per_s_per_request_p50", "tokens_per_s_per_user", "tokens/s", 1, Scale::whole,
               "median"},
      Quantity{"output_tokens_per_s_per_request", "tokens_per_s_per_user", "tokens/s", 1},
      Quantity{"request_rate", "requests_per_s", "requests/s", 1},
      Quantity{"latency_avg", "latency_s", "s", 1e-3, Scale::whole, "mean"},
      Quantity{"latency_p50", "latency_s", "s", 1e-3, Scale::whole, "median"},
      Quantity{"e2e_latency_s", "latency_s", "s", 1},
      Quantity{"e2e_latency_ms", "latency_s", "s", 1e-3},
      Quantity{"e2e_latency_p50_s", "latency_s", "s", 1, Scale::whole, "median"},
      Quantity{"ttft_ms", "ttft_s", "s", 1e-3},
      Quantity{"ttft_p50_ms", "ttft_s", "s", 1e-3, Scale::whole, "median"},
      Quantity{"ttft_mean_ms", "ttft_s", "s", 1e-3, Scale::whole, "mean"},
      Quantity{"tpot_ms", "tpot_s", "s", 1e-3},
      Quantity{"tpot_p50_ms", "tpot_s", "s", 1e-3, Scale::whole, "median"},
      Quantity{"tpot_mean_ms", "tpot_s", "s", 1e-3, Scale::whole, "mean"},
      Quantity{"itl_p50_ms", "tpot_s", "s", 1e-3, Scale::whole, "median"}};
  ResultRow result;
  Observation& o = result.observation;
  begin(row, "published-inference", o);
  o.source = row.required("source_id");
  result.source_title = row.required("source");
  o.published = last_day(row, "year");
  o.submitter = o.source;
  o.device_raw = row.required("hardware");
  o.accelerators = device_count(row);
  o.model_raw = row.required("model");
  set_parameters(row, o);
  set_precisions(row.text("precision"), o);
  o.software = row.text("software");
  o.tp = whole_number(row.text("tp"), 1);
  o.pp = whole_number(row.text("pp"), 1);
  o.input_len = whole_number(row.text("input_len"), 1);
  o.output_len = whole_number(row.text("output_len"), 1);
  o.note = row.text("note");
  o.origin = result.source_title;
  // One column holds a fixed batch, a number of clients, or that everything is queued at the start.
  const std::string& load = row.text("batch_or_concurrency");
  const auto count = whole_number(load, 1);
  const bool is_served = o.source == "gpustack-quant" || o.source == "llmperf-2023-12" ||
                         o.source == "groq" || o.source == "tpu-vllm" || o.source == "sglang-ep" ||
                         o.source == "deepseek-infer";
  if (contains(load, "max load") || contains(load, "queued")) {
    o.scenario = "Offline";
  } else if (is_served) {
    o.scenario = "Serving";
    o.concurrency = count;
  } else {
    o.scenario = "Batch";
    if (count) o.batch = static_cast<double>(*count);
  }
  if (!count && !load.empty()) o.note += fmt::format("{}load: {}", o.note.empty() ? "" : "; ", load);
  if (o.source.starts_with("amd-")) add_note(o, "it is not stated whether prompt tokens are counted");
  const std::string& written = row.required("measured_quantity");
  if (written == "throughput_tokens_per_s_total")
    add_note(o, "it is not stated whether prompt tokens are counted");
  if (o.source == "gpustack-quant" && written.starts_with("ttft"))
    add_note(o, "hundreds of requests arrive at once: mostly time in the queue");
  const std::string& unit = row.required("unit");
  if (written == "throughput") {
    const bool is_tokens = unit == "tokens/s" || unit == "tok/s";
    if (!is_tokens && unit != "images/s" && unit != "sequences/s" && unit != "req/s")
      row.fail("unit", "tokens/s, tok/s, images/s, sequences/s or req/s");
    result.reason = set_quantity(row,
                                 is_tokens ? Quantity{"", "tokens_per_s", "tokens/s", 1}
                                           : Quantity{"", "samples_per_s", "samples/s", 1},
                                 o);
  } else if (const Quantity* q = find_quantity(known, written)) {
    const bool is_in_ms = q->unit == "s" && unit == "ms";
    if (q->unit == "s" && unit != "ms" && unit != "s") row.fail("unit", "ms or s");
    Quantity scaled = *q;
    if (q->unit == "s") scaled.factor = is_in_ms ? 1e-3 : 1;
    result.reason = set_quantity(row, scaled, o);
  } else {
    result.reason = fmt::format("quantity not used: {}", written);
  }
  return result;
}

ResultRow read_vtrain(const CsvRow& row) {
  ResultRow result;
  Observation& o = result.observation;
  begin(row, "published-training", o);
  o.source = "vtrain";
  o.published = "2024-12-31";
  o.submitter = o.source;
  o.scenario = "Training";
  o.software = "Megatron-DeepSpeed";
  o.device_raw = row.required("hardware");
  o.accelerators = row.integer("gpus", 1);
  o.accelerators_per_node = 8;
  o.nodes = 1;
  row.one_of("scope", {"single-node"});
  o.model_raw = fmt::format("GPT {} x {}", row.integer("layers", 1), row.integer("hidden", 1));
  o.shape = shape_of(row);
  o.sequence_length = fmt::format("{}", row.integer("seq_len", 1));
  o.global_batch = row.integer("global_batch", 1);
  o.micro_batch = static_cast<double>(row.integer("micro_batch", 1));
  o.tp = row.integer("tp", 1);
  o.dp = row.integer("dp", 1);
  o.pp = row.integer("pp", 1);
  o.note = row.text("note");
  o.quantity = "step_time_s";
  o.unit = std::string(1, 's');
  o.value = row.number("iteration_time_s");
  if (!(o.value > 0)) row.fail("iteration_time_s", "a number above zero");
  return result;
}

}  // namespace ironlaw
