// The tables of aiconfigurator. What is known to be doubtful about them (its "Data-quality findings") is
// noted on the rows it is about.
#include "datasets/operators.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <array>
#include <cmath>

#include "datasets/names.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace {

constexpr double kMicrosPerSecond = 1e6;

void add_note(OperatorRecord& r, std::string_view note) {
  if (!r.quality_note.empty()) r.quality_note += "; ";
  r.quality_note += note;
}

double positive(const CsvRow& row, std::string_view column) {
  const double value = row.number(column);
  if (!(value > 0)) row.fail(column, "a number above zero");
  return value;
}

// What all tables of this source write alike.
OperatorRow begin(const CsvRow& row) {
  OperatorRow result;
  OperatorRecord& r = result.record;
  r.source = "aiconfigurator";
  r.device_raw = row.required("hardware");
  r.framework = row.required("framework");
  r.framework_version = row.text("framework_version");
  if (row.has("kernel_source")) r.kernel = row.text("kernel_source");
  r.origin = row.text("source_path");
  r.file = row.file();
  r.line = row.line();
  const double latency_us = row.number("latency_us");
  r.time_s = latency_us / kMicrosPerSecond;
  if (latency_us == 0)
    result.reason = "a time of zero, which the source uses for differences";
  else if (latency_us < 0)
    row.fail("latency_us", "a number that is not negative");
  return result;
}

std::string precision_of(const CsvRow& row, std::string_view column) {
  const auto name = normal_precision(row.required(column));
  if (!name) row.fail(column, "bfloat16, half, fp8, nvfp4 or another name of a precision");
  return *name;
}

// The heads, the window and the precisions of attention.
void read_heads(const CsvRow& row, OperatorRecord& r) {
  r.batch = row.integer("batch", 1);
  r.heads = row.integer("num_heads", 1);
  r.kv_heads = row.integer("num_kv_heads", 1);
  r.head_dim = row.integer("head_dim", 1);
  const auto window = row.integer("window", -1);  // 0 and, in SGLang, -1: all tokens
  if (window > 0) r.window = window;
  r.precision = precision_of(row, "attn_dtype");
  r.kv_precision = precision_of(row, "kv_dtype");
  r.held = is_held_site(fmt::format("{}x{}x{}", *r.heads, *r.kv_heads, *r.head_dim));
}

}  // namespace

bool is_held_site(std::string_view site) {
  return crc32(0, reinterpret_cast<const Bytef*>(site.data()), static_cast<uInt>(site.size())) % 5 == 0;
}

bool is_held_size(double bytes) {
  return std::lround(std::floor(std::log2(bytes))) % 3 == 0;
}

KernelPrecision kernel_precision(const CsvRow& row, std::string_view column) {
  struct Known {
    std::string_view name, products, weights;
  };
  constexpr std::array known{Known{"bfloat16", "bf16", ""},
                             Known{"half", "fp16", ""},
                             Known{"fp8", "fp8", ""},
                             Known{"fp8_block", "fp8", ""},
                             Known{"fp8_static", "fp8", ""},
                             Known{"nvfp4", "fp4", ""},
                             Known{"sq", "int8", ""},  // SmoothQuant: activations and weights in int8
                             Known{"int8_wo", "bf16", "int8"},
                             Known{"int4_wo", "bf16", "int4"},
                             Known{"w4a16_mxfp4", "bf16", "fp4"},
                             Known{"w4afp8", "fp8", "int4"},
                             Known{"w4a8_mxfp4_mxfp8", "fp8", "fp4"}};
  const std::string& given = row.required(column);
  std::vector<std::string_view> names;
  for (const Known& k : known) {
    const bool is_plain = given == "bfloat16" || given == "half";
    if (given == k.name) return {std::string(k.products), std::string(k.weights), is_plain ? "" : given};
    names.push_back(k.name);
  }
  row.fail(column, fmt::format("{}", fmt::join(names, ", ")));
}

OperatorRow read_gemm(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  r.op = row.one_of("op", {"gemm"});
  const KernelPrecision type = kernel_precision(row, "dtype");
  r.precision = type.products;
  r.weight_precision = type.weights;
  r.variant = type.variant;
  r.m = row.integer("m", 1);
  r.n = row.integer("n", 1);
  r.k = row.integer("k", 1);
  if (row.has("power_w")) {
    r.power_w = positive(row, "power_w");
    r.power_limit_w = positive(row, "power_limit_w");
  }
  r.held = is_held_site(fmt::format("{}x{}", *r.n, *r.k));
  r.launch = r.framework == "vllm" && r.variant == "fp8_block" ? "eager" : "graph";
  if (r.launch == "eager") add_note(r, "timed with the host's launch: a floor of 55 to 280 us");
  if (r.variant == "fp8" || r.variant == "nvfp4") add_note(r, "includes quantising the activations");
  if (r.device_raw == "b300_sxm" && r.framework == "sglang" && r.framework_version == "0.5.14") {
    r.suspect = true;
    add_note(r, "copied from a GB300: not measured on this device");
  }
  if (r.device_raw == "b60" && r.precision == "fp8") add_note(r, "runs in bf16");
  return result;
}

OperatorRow read_attention_prefill(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  r.op = "attention_prefill";
  row.one_of("op", {"attention_context"});
  read_heads(row, r);
  r.seq_len = row.integer("seq_len", 1);
  r.past_len = row.integer("past_len", 0);
  const bool is_blackwell = r.device_raw == "b200_sxm" || r.device_raw == "gb200" ||
                            r.device_raw == "gb300" || r.device_raw == "b300_sxm";
  if (r.precision == "bf16" && r.kv_precision == "fp8") {
    if (r.framework == "trtllm" || (r.framework == "vllm" && is_blackwell))
      add_note(r, "products run in fp8, though bf16 is stated");
    if (r.framework == "sglang" && is_blackwell && *r.head_dim == 256) {
      r.suspect = true;
      add_note(r, "3 to 5 times too slow: a bug of that version with heads of 256");
    }
  }
  return result;
}

OperatorRow read_attention_decode(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  r.op = "attention_decode";
  row.one_of("op", {"attention_generation"});
  read_heads(row, r);
  r.seq_len = 1;
  r.past_len = row.integer("kv_len", 1) - 1;
  if (r.device_raw == "a100_sxm" && r.framework == "trtllm") {
    r.suspect = true;
    add_note(r, "reads 1.6 times faster than the memory can: unusable");
  }
  const double element = r.kv_precision == "fp8" ? 1 : 2;
  const double kv_bytes =
      2 * element * static_cast<double>(*r.batch * (*r.past_len + 1) * *r.kv_heads * *r.head_dim);
  constexpr double kL40sCache = 96e6;
  if (r.device_raw == "l40s" && kv_bytes < kL40sCache)
    add_note(r, "the KV cache stays in the L2 from one repeat to the next, which it does not in a model");
  return result;
}

OperatorRow read_mla(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  const bool is_prefill = row.one_of("op", {"mla_context", "mla_generation"}) == "mla_context";
  r.op = is_prefill ? "mla_prefill" : "mla_decode";
  r.precision = precision_of(row, "mla_dtype");
  r.kv_precision = precision_of(row, "kv_dtype");
  r.heads = row.integer("num_heads", 1);
  r.ranks = row.integer("tp_size", 1);  // that share the heads; one of them is timed
  r.batch = row.integer("batch", 1);
  const auto length = row.integer("isl", 0);
  const auto step = row.integer("step", 0);
  if (length + step < 1) row.fail("isl", "an integer of at least 1 where `step` is 0");
  r.seq_len = is_prefill ? length : 1;
  r.past_len = is_prefill ? step : length + step - 1;
  r.held = is_held_site(fmt::format("{}x{}", *r.heads, *r.seq_len + *r.past_len));
  return result;
}

OperatorRow read_moe(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  r.op = "moe";
  row.one_of("op", {"moe_ffn"});
  const KernelPrecision type = kernel_precision(row, "dtype");
  r.precision = type.products;
  r.weight_precision = type.weights;
  r.variant = type.variant;
  r.tokens = row.integer("tokens", 1);
  r.hidden = row.integer("hidden", 1);
  r.inter = row.integer("inter", 1);
  r.topk = row.integer("topk", 1);
  r.experts = row.integer("experts", 1);
  r.moe_tp = row.integer("moe_tp", 1);
  r.moe_ep = row.integer("moe_ep", 1);
  r.distribution = row.required("distribution");
  r.held = is_held_site(
      fmt::format("{}x{}x{}x{}x{}x{}", *r.hidden, *r.inter, *r.topk, *r.experts, *r.moe_tp, *r.moe_ep));
  if (r.distribution.starts_with("power_law")) add_note(r, "timed once: noisy");
  return result;
}

OperatorRow read_memory(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  r.op = "memory";
  const std::string& what = row.required("op");
  r.variant = what.substr(0, what.find('('));
  if (r.variant != "quantize_bf16_to_fp8") row.fail("op", "quantize_bf16_to_fp8(...)");
  r.precision = precision_of(row, "dtype");
  r.m = row.integer("m", 1);
  r.k = row.integer("k", 1);
  r.bytes = 3.0 * static_cast<double>(*r.m) * static_cast<double>(*r.k);  // reads 2 an element, writes 1
  r.held = is_held_site(fmt::format("{}x{}", *r.m, *r.k));
  return result;
}

OperatorRow read_collective(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  const std::string& op = row.one_of("op", {"all_reduce", "all_gather", "reduce_scatter", "alltoall"});
  r.op = op == "alltoall" ? "all_to_all" : op;
  r.precision = precision_of(row, "dtype");
  r.ranks = row.integer("num_gpus", 2);
  r.nodes = 1;
  r.bytes = positive(row, "message_bytes");
  r.held = is_held_size(*r.bytes);
  if (r.kernel.ends_with("_graph")) r.launch = "graph";
  if (r.kernel.ends_with("_eager")) r.launch = "eager";
  if (r.device_raw == "gb200" && r.kernel == "vLLM_custom_graph" && *r.ranks == 2) {
    r.suspect = true;
    add_note(r, "far slower than the link and than 4 GPUs: anomalous");
  }
  return result;
}

OperatorRow read_expert_exchange(const CsvRow& row) {
  OperatorRow result = begin(row);
  OperatorRecord& r = result.record;
  r.op = "all_to_all";
  // "deepep_ll_dispatch" or "alltoall_combine_low_precision_ep4_nvfp4"
  std::string name = row.required("op");
  if (name.starts_with("alltoall_")) {
    const std::size_t at = name.rfind("_ep");
    const std::size_t end = at == std::string::npos ? at : name.find('_', at + 3);
    if (end == std::string::npos) row.fail("op", "deepep_... or alltoall_<what>_ep<ranks>_<type>");
    const std::string ranks = name.substr(at + 3, end - at - 3);
    if (ranks.empty() || ranks.size() > 6 || ranks.find_first_not_of("0123456789") != std::string::npos)
      row.fail("op", "alltoall_<what>_ep<ranks>_<type>");
    r.ranks = std::stoll(ranks);
    const auto type = normal_precision(name.substr(end + 1));
    if (!type) row.fail("op", "alltoall_<what>_ep<ranks>_<type>");
    r.precision = *type;
    name = name.substr(9, at - 9);
  } else if (!name.starts_with("deepep_")) {
    row.fail("op", "deepep_... or alltoall_<what>_ep<ranks>_<type>");
  }
  r.variant = name;
  r.nodes = row.optional_integer("num_nodes", 1);
  r.hidden = row.integer("hidden", 1);
  r.tokens = row.integer("tokens", 1);
  r.topk = row.integer("topk", 1);
  r.experts = row.integer("experts", 1);
  if (const auto sms = row.optional_integer("sms", 1)) r.variant += fmt::format(" sms={}", *sms);
  r.held = is_held_size(static_cast<double>(*r.tokens));
  return result;
}

}  // namespace ironlaw
