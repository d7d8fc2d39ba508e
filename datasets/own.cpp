#include "datasets/own.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <type_traits>

#include "datasets/names.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {

namespace {

constexpr std::string_view kMeasurements =
    "date,device,accelerators,accelerators_per_node,model,scenario,precision,weight_precision,kv_precision,"
    "tp,pp,dp,ep,"
    "batch,micro_batch,global_batch,sequence_length,input_len,output_len,concurrency,recompute,zero_stage,"
    "mode,"
    "quantity,value,statistic,software,note\n"
    "2026-03-01,H100-SXM-80GB,1,8,llama-3.1-8b,Serving,bf16,,,1,,,,,,,,1024,512,32,,,agg,tpot_s,0.0095,"
    "median,"
    "vLLM 0.19,one server\n"
    "2026-03-01,H100-SXM-80GB,1,8,llama-3.1-8b,Serving,bf16,,,1,,,,,,,,1024,512,32,,,agg,ttft_s,0.081,median,"
    "vLLM 0.19,the same run\n"
    "2026-03-02,H100-SXM-80GB,8,8,llama-3.1-8b,Training,bf16,,,1,1,8,,,1,128,8192,,,,selective,1,,step_time_"
    "s,9.6,,"
    "Megatron,\n";

constexpr std::string_view kOperators =
    "date,device,framework,framework_version,kernel,op,variant,launch,precision,weight_precision,kv_"
    "precision,m,n,k,"
    "batch,seq_len,past_len,heads,kv_heads,head_dim,window,bytes,ranks,nodes,experts,topk,moe_tp,moe_ep,"
    "hidden,inter,"
    "tokens,distribution,time_s,power_w,power_limit_w,quality_note\n"
    "2026-03-01,H100-SXM-80GB,torch,2.9,cublas,gemm,,graph,bf16,,,4096,4096,4096,,,,,,,,,,,,,,,,,,,0.000195,,"
    ",\n"
    "2026-03-01,H100-SXM-80GB,vllm,0.19,fa3,attention_decode,,graph,bf16,,bf16,,,,64,1,1023,32,8,128,,,,,,,,,"
    ",,,,"
    "0.000107,,,\n"
    "2026-03-01,H100-SXM-80GB,nccl,2.29,,all_reduce,,,bf16,,,,,,,,,,,,,67108864,8,1,,,,,,,,,0.00031,,,\n";

struct Unit {
  const char *quantity, *unit;
};
constexpr std::array kUnits{Unit{"tokens_per_s", "tokens/s"},
                            Unit{"samples_per_s", "samples/s"},
                            Unit{"total_tokens_per_s", "tokens/s"},
                            Unit{"prefill_tokens_per_s", "tokens/s"},
                            Unit{"decode_tokens_per_s", "tokens/s"},
                            Unit{"tokens_per_s_per_user", "tokens/s"},
                            Unit{"requests_per_s", "requests/s"},
                            Unit{"step_time_s", "s"},
                            Unit{"flops_per_s_per_device", "FLOP/s"},
                            Unit{"mfu", "1"},
                            Unit{"ttft_s", "s"},
                            Unit{"tpot_s", "s"},
                            Unit{"latency_s", "s"}};

const std::vector<std::string> kPrecisions{"", "fp32", "tf32", "bf16", "fp16", "fp8", "int8", "fp4", "int4"};

// A column that a table may leave out.
std::string optional_text(const CsvRow& row, std::string_view column) {
  return row.has(column) ? row.text(column) : std::string();
}

std::string optional_of(const CsvRow& row, std::string_view column, const std::vector<std::string>& allowed) {
  return row.has(column) ? row.one_of(column, allowed) : std::string();
}

std::optional<std::int64_t> optional_count(const CsvRow& row, std::string_view column,
                                           std::int64_t least = 1) {
  return row.has(column) ? row.optional_integer(column, least) : std::nullopt;
}

std::optional<double> optional_positive(const CsvRow& row, std::string_view column) {
  const auto value = row.has(column) ? row.optional_number(column) : std::nullopt;
  if (value && !(*value > 0)) row.fail(column, "a number above zero, or blank");
  return value;
}

const std::string& date(const CsvRow& row) {
  const std::string& text = row.required("date");
  if (!is_iso_date(text)) row.fail("date", "a date as YYYY-MM-DD");
  return text;
}

// The sizes without which a time says nothing.
std::vector<const char*> needed_sizes(const std::string& op) {
  if (op == "gemm") return {"m", "n", "k"};
  if (op.starts_with("attention")) return {"batch", "seq_len", "heads", "kv_heads", "head_dim"};
  if (op.starts_with("mla")) return {"batch", "seq_len", "heads"};
  if (op == "moe") return {"tokens", "hidden", "inter", "experts", "topk"};
  if (op == "memory") return {"bytes"};
  return {"bytes", "ranks"};
}

}  // namespace

std::vector<std::string> own_templates() {
  return {"measurements", "operators"};
}

std::string own_template(std::string_view what) {
  if (what == "measurements") return std::string(kMeasurements);
  if (what == "operators") return std::string(kOperators);
  throw Error(fmt::format("There is no template '{}'.{} Allowed: {}.", what,
                          did_you_mean(what, own_templates()), fmt::join(own_templates(), ", ")));
}

const std::vector<std::string>& own_measurement_columns() {
  static const std::vector<std::string> columns{"date",     "device",    "accelerators", "model",
                                                "scenario", "precision", "quantity",     "value"};
  return columns;
}

const std::vector<std::string>& own_operator_columns() {
  static const std::vector<std::string> columns{"date", "device", "op", "precision", "time_s"};
  return columns;
}

ResultRow read_own_measurement(const CsvRow& row) {
  ResultRow result;
  result.source_title = "one's own measurements";
  Observation& o = result.observation;
  o.suite = "own";
  o.source = "own";
  o.file = row.file();
  o.line = row.line();
  o.published = date(row);
  o.submitter = "own";
  o.device_raw = row.required("device");
  o.accelerators = row.integer("accelerators", 1);
  o.accelerators_per_node = optional_count(row, "accelerators_per_node");
  o.model_raw = row.required("model");
  o.scenario = row.one_of("scenario", {"Offline", "Server", "Interactive", "SingleStream", "MultiStream",
                                       "Training", "Batch", "Serving"});
  o.precision = row.one_of("precision", kPrecisions);
  o.weight_precision = optional_of(row, "weight_precision", kPrecisions);
  o.kv_precision = optional_of(row, "kv_precision", kPrecisions);
  o.tp = optional_count(row, "tp");
  o.pp = optional_count(row, "pp");
  o.dp = optional_count(row, "dp");
  o.ep = optional_count(row, "ep");
  o.batch = optional_positive(row, "batch");
  o.micro_batch = optional_positive(row, "micro_batch");
  o.global_batch = optional_count(row, "global_batch");
  o.sequence_length = optional_text(row, "sequence_length");
  o.input_len = optional_count(row, "input_len");
  o.output_len = optional_count(row, "output_len");
  o.concurrency = optional_count(row, "concurrency");
  o.recompute = optional_of(row, "recompute", {"", "none", "selective", "full"});
  o.zero_stage = row.has("zero_stage") ? row.optional_integer("zero_stage", 0, 3) : std::nullopt;
  o.mode = optional_of(row, "mode", {"", "agg", "disagg"});
  o.statistic = optional_of(row, "statistic", {"", "mean", "median"});
  o.software = optional_text(row, "software");
  o.note = optional_text(row, "note");
  std::vector<std::string> quantities;
  for (const Unit& u : kUnits) quantities.emplace_back(u.quantity);
  o.quantity = row.one_of("quantity", quantities);
  for (const Unit& u : kUnits)
    if (o.quantity == u.quantity) o.unit = std::string(u.unit);
  o.value = row.number("value");
  if (!(o.value > 0)) row.fail("value", "a number above zero, in SI units of the whole system");
  if (o.quantity == "mfu" && o.value > 1) row.fail("value", "a share of the peak, above 0 and at most 1");
  return result;
}

OperatorRow read_own_operator(const CsvRow& row) {
  OperatorRow result;
  result.source_title = "one's own measurements";
  OperatorRecord& r = result.record;
  visit_operator_columns(r, [&](const char* column, auto& field) {
    using Field = std::decay_t<decltype(field)>;
    if (!row.has(column)) return;
    if constexpr (std::is_same_v<Field, std::string>) {
      field = row.text(column);
    } else if constexpr (std::is_same_v<Field, std::optional<std::int64_t>>) {
      field = row.optional_integer(column, std::string_view(column) == "past_len" ? 0 : 1);
    } else if constexpr (std::is_same_v<Field, std::optional<double>>) {
      field = optional_positive(row, column);
    }
  });
  r.source = "own";
  r.device_raw = row.required("device");
  r.device.clear();
  r.origin = fmt::format("measured {}", date(row));
  r.op = row.one_of("op", {"gemm", "attention_prefill", "attention_decode", "attention_training",
                           "mla_prefill", "mla_decode", "moe", "memory", "all_reduce", "all_gather",
                           "reduce_scatter", "all_to_all", "p2p"});
  if (row.has("launch")) row.one_of("launch", {"", "graph", "eager"});
  row.one_of("precision", kPrecisions);
  for (const char* column : {"weight_precision", "kv_precision"})
    if (row.has(column)) row.one_of(column, kPrecisions);
  for (const char* column : needed_sizes(r.op))
    if (!row.has(column) || row.text(column).empty()) {
      if (row.has(column))
        row.fail(column, fmt::format("a size: the time of {} means nothing without it", r.op));
      throw Error(fmt::format("{}:{}: there is no column '{}', without which the time of {} means nothing.",
                              row.file(), row.line(), column, r.op));
    }
  r.time_s = row.number("time_s");
  if (!(r.time_s > 0)) row.fail("time_s", "seconds, above zero");
  r.file = row.file();
  r.line = row.line();
  return result;
}

}  // namespace ironlaw
