// Microbenchmarks quoted from many publications in one table. A row is loaded where operation, sizes and unit
// leave no doubt; others are counted with the reason.
#include <fmt/format.h>

#include <algorithm>

#include "datasets/names.hpp"
#include "datasets/operators.hpp"

namespace ironlaw {

namespace {

// The number after `key` and before anything that is no digit; nothing when there is none.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  const std::string digits(text.substr(0, std::min<std::size_t>(text.find_first_not_of("0123456789"), 12)));
  if (digits.empty()) return std::nullopt;
  return std::stoll(digits);
}

// Seconds, of a row that states a time in ms, us or s.
std::optional<double> stated_time(const CsvRow& row) {
  const std::string& unit = row.text("unit");
  if (unit == "ms") return row.number("value") * 1e-3;
  if (unit == "us") return row.number("value") * 1e-6;
  if (unit == "s") return row.number("value");
  return std::nullopt;
}

void read_product(const CsvRow& row, OperatorRow& result) {
  OperatorRecord& r = result.record;
  r.op = "gemm";
  r.m = row.integer("m", 1);
  r.n = row.integer("n", 1);
  r.k = row.integer("k", 1);
  const double flop = 2.0 * static_cast<double>(*r.m) * static_cast<double>(*r.n) * static_cast<double>(*r.k);
  const std::string& quantity = row.text("quantity");
  if (row.text("unit") == "TFLOP/s/device") {
    result.reason = "half a chip is measured, and a target is a whole one";
  } else if (const auto time = stated_time(row)) {
    r.time_s = *time;
  } else if (row.text("source_id") == "llmcompass") {
    result.reason = "the rate of a product whose time is another row";
  } else if (row.text("unit") == "TFLOP/s") {
    r.time_s = flop / (row.number("value") * 1e12);
  } else {
    result.reason = fmt::format("unit of a product not understood: {}", row.text("unit"));
  }
  if (quantity == "tflops_best_shape") r.quality_note = "the best shape of a search over shapes";
  r.held = is_held_site(fmt::format("{}x{}", *r.n, *r.k));
}

// Vidur's profile of one layer's part on one of `tp` devices: "Qwen-72B (n_embd=8192, ffn=24576, heads=64,
// kv=64)".
void read_layer_part(const CsvRow& row, OperatorRow& result) {
  OperatorRecord& r = result.record;
  const std::string& model = row.text("model");
  const auto hidden = number_after(model, "n_embd=");
  const auto ffn = number_after(model, "ffn=");
  const auto heads = number_after(model, "heads=");
  const auto kv = number_after(model, "kv=");
  const auto tp = row.optional_integer("tp", 1);
  const auto time = stated_time(row);
  if (!hidden || !ffn || !heads || !kv || !tp || !time || *heads == 0 || *hidden % *heads != 0) {
    result.reason = "a layer's part whose sizes cannot be told";
    return;
  }
  const std::int64_t tokens = row.integer("m", 1);
  const std::string& part = row.text("operation");
  const std::int64_t head_dim = *hidden / *heads;
  // Phi-2 is the one model there whose feed-forward layer has no gate.
  const std::int64_t gates = model.starts_with("phi-2") ? 1 : 2;
  r.time_s = *time;
  r.tokens = tokens;
  r.variant = fmt::format("{} {} tp={}", model.substr(0, model.find(' ')), part, *tp);
  const auto product = [&](std::int64_t n, std::int64_t k) {
    r.op = "gemm";
    r.m = tokens;
    r.n = n;
    r.k = k;
    r.held = is_held_site(fmt::format("{}x{}", n, k));
  };
  const auto memory = [&](std::int64_t elements) {  // 2 bytes each
    r.op = "memory";
    r.bytes = 2.0 * static_cast<double>(tokens) * static_cast<double>(elements);
    r.held = is_held_site(fmt::format("{}x{}", tokens, elements));
  };
  if (part == "attn_pre_proj") {
    product((*heads + 2 * std::max(*kv, *tp)) * head_dim / *tp, *hidden);  // every rank holds a KV head
  } else if (part == "attn_post_proj") {
    product(*hidden, *hidden / *tp);
  } else if (part == "mlp_up_proj") {
    product(gates * *ffn / *tp, *hidden);
  } else if (part == "mlp_down_proj") {
    product(*hidden, *ffn / *tp);
  } else if (part == "add") {
    memory(3 * *hidden);
  } else if (part == "input_layernorm") {
    memory(2 * *hidden);
  } else if (part == "mlp_act") {
    memory((gates + 1) * *ffn / *tp);
  } else {
    result.reason = fmt::format("a layer's part whose bytes cannot be told: {}", part);
  }
  if (r.time_s < 20e-6) r.quality_note = "near the resolution of its clock";
}

void read_message(const CsvRow& row, OperatorRow& result) {
  OperatorRecord& r = result.record;
  r.op = row.text("operation") == "send_recv" ? "p2p" : "all_reduce";
  const auto bytes = row.optional_number("size_bytes");
  const auto ranks = row.optional_integer("gpus", 2);
  if (!bytes || *bytes <= 0 || !ranks) {
    result.reason = "a message without its size or the number of devices";
    return;
  }
  const std::string& note = row.text("note");
  r.bytes = *bytes;
  r.ranks = *ranks;
  r.nodes = 1;
  if (const auto local = number_after(note, "devices_per_node=")) {
    if (*local < 1 || *ranks % *local != 0) {
      result.reason = "a message between nodes that are not alike";
      return;
    }
    r.nodes = *ranks / *local;
  }
  r.held = is_held_size(*bytes);
  if (const auto time = stated_time(row)) {
    r.time_s = *time;
  } else if (row.text("quantity") == "busbw" && row.text("unit") == "GB/s" && r.op == "all_reduce") {
    // nccl-tests: bus bandwidth = bytes / time x 2 (n - 1) / n
    const double n = static_cast<double>(*ranks);
    r.time_s = *bytes * 2 * (n - 1) / n / (row.number("value") * 1e9);
  } else {
    result.reason = "a message whose time cannot be told";
  }
  if (note.find("assumed") != std::string::npos) r.quality_note = note;
}

// "attention FlashAttention-2 fwd+bwd causal head_dim=64 seq=512 batch=32 heads=32", read off a chart.
void read_attention(const CsvRow& row, OperatorRow& result) {
  OperatorRecord& r = result.record;
  const std::string& text = row.text("operation");
  r.batch = number_after(text, " batch=");
  r.seq_len = number_after(text, " seq=");
  r.heads = number_after(text, " heads=");
  r.head_dim = number_after(text, " head_dim=");
  if (!r.batch || !r.seq_len || !r.heads || !r.head_dim || row.text("unit") != "TFLOP/s") {
    result.reason = "attention whose sizes cannot be told";
    return;
  }
  const bool is_training = text.find(" fwd+bwd ") != std::string::npos;
  const bool is_causal = text.find(" noncausal ") == std::string::npos;
  r.op = is_training ? "attention_training" : "attention_prefill";
  if (!is_causal) r.variant = "noncausal";
  r.kernel = text.substr(10, text.find(' ', 10) - 10);
  r.kv_heads = r.heads;
  r.past_len = 0;
  // Two products of 2 s^2 d in each head, half of that where masked; the backward pass has five
  // (FlashAttention-2, arXiv 2307.08691, section 4.1).
  const double s = static_cast<double>(*r.seq_len);
  const double flop = 4 * static_cast<double>(*r.batch * *r.heads * *r.head_dim) * s * s *
                      (is_causal ? 0.5 : 1) * (is_training ? 3.5 : 1);
  r.time_s = flop / (row.number("value") * 1e12);
  r.held = is_held_site(fmt::format("{}x{}x{}", *r.heads, *r.kv_heads, *r.head_dim));
  r.quality_note = "read off a chart";
}

}  // namespace

OperatorRow read_microbench(const CsvRow& row) {
  OperatorRow result;
  OperatorRecord& r = result.record;
  r.source = row.required("source_id");
  result.source_title = row.required("source");
  r.device_raw = row.required("hardware");
  r.file = row.file();
  r.line = row.line();
  r.origin = result.source_title;
  const std::string& operation = row.required("operation");
  const std::string& type = row.text("dtype");
  r.precision = type == "fp16/bf16" ? "fp16" : normal_precision(type == "f32" ? "fp32" : type).value_or("");
  if (row.text("source_id") == "vidur-compute") {
    read_layer_part(row, result);
  } else if (operation == "gemm") {
    read_product(row, result);
  } else if (operation == "all_reduce" || operation == "send_recv") {
    read_message(row, result);
  } else if (operation.starts_with("attention ")) {
    read_attention(row, result);
  } else if (row.text("source_id") == "llmcompass-layer") {
    result.reason = "a layer's part whose sizes stand in prose";
  } else {
    result.reason = fmt::format("sizes or unit not stated: {}", operation);
  }
  if (result.reason.empty() && !(r.time_s > 0)) row.fail("value", "a number above zero");
  return result;
}

}  // namespace ironlaw
