// The tables there are, and the columns by which each is recognised.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "datasets/importers.hpp"
#include "datasets/own.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace {

constexpr std::array kKinds{TableKind::sources,
                            TableKind::rounds,
                            TableKind::aliases,
                            TableKind::mlperf_inference,
                            TableKind::mlperf_training,
                            TableKind::gemm,
                            TableKind::attention_prefill,
                            TableKind::attention_decode,
                            TableKind::mla,
                            TableKind::moe,
                            TableKind::memory,
                            TableKind::collective,
                            TableKind::expert_exchange,
                            TableKind::microbench,
                            TableKind::published_training,
                            TableKind::published_inference,
                            TableKind::vtrain,
                            TableKind::serving,
                            TableKind::calculon,
                            TableKind::aiconfigurator,
                            TableKind::own_measurement,
                            TableKind::own_operator,
                            TableKind::probe};

std::vector<std::string> missing_columns(const CsvTable& table, TableKind kind) {
  std::vector<std::string> missing;
  for (const std::string& column : required_columns(kind))
    if (!table.has(column)) missing.push_back(column);
  return missing;
}

}  // namespace

std::string_view title_of(TableKind kind) {
  switch (kind) {
    case TableKind::sources:
      return "sources";
    case TableKind::rounds:
      return "rounds";
    case TableKind::aliases:
      return "aliases";
    case TableKind::mlperf_inference:
      return "MLPerf inference results";
    case TableKind::mlperf_training:
      return "MLPerf training results";
    case TableKind::gemm:
      return "times of matrix products";
    case TableKind::attention_prefill:
      return "times of prefill attention";
    case TableKind::attention_decode:
      return "times of decode attention";
    case TableKind::mla:
      return "times of latent attention";
    case TableKind::moe:
      return "times of expert layers";
    case TableKind::memory:
      return "times of memory operations";
    case TableKind::collective:
      return "times of collectives";
    case TableKind::expert_exchange:
      return "times of exchanges between experts";
    case TableKind::microbench:
      return "published microbenchmarks";
    case TableKind::published_training:
      return "published training results";
    case TableKind::published_inference:
      return "published inference results";
    case TableKind::vtrain:
      return "iterations of vTrain";
    case TableKind::serving:
      return "measured serving runs";
    case TableKind::calculon:
      return "predictions of Calculon";
    case TableKind::aiconfigurator:
      return "predictions of aiconfigurator";
    case TableKind::own_measurement:
      return "own measurements";
    case TableKind::own_operator:
      return "own times of operators";
    case TableKind::probe:
      break;
  }
  return "measurements of ironlaw probe";
}

TableKind recognise(const CsvTable& table) {
  const auto missing_share = [&](TableKind kind) {
    return static_cast<double>(missing_columns(table, kind).size()) /
           static_cast<double>(required_columns(kind).size());
  };
  std::optional<TableKind> found;
  for (const TableKind kind : kKinds)
    if (missing_columns(table, kind).empty() &&
        (!found || required_columns(kind).size() > required_columns(*found).size()))
      found = kind;
  if (found) return *found;
  const TableKind nearest = *std::min_element(kKinds.begin(), kKinds.end(), [&](TableKind a, TableKind b) {
    return missing_share(a) < missing_share(b);
  });
  std::vector<std::string_view> titles;
  titles.reserve(kKinds.size());
  for (const TableKind kind : kKinds) titles.push_back(title_of(kind));
  throw Error(
      fmt::format("{}:1: the header is not that of a table that ironlaw knows ({}). The nearest is {}; "
                  "columns missing for it: "
                  "{}.",
                  table.file(), fmt::join(titles, ", "), title_of(nearest),
                  fmt::join(missing_columns(table, nearest), ", ")));
}

const std::vector<std::string>& required_columns(TableKind kind) {
  static const std::vector<std::string> sources{"id", "title", "url", "licence", "note"};
  static const std::vector<std::string> rounds{"suite", "round", "published", "note"};
  static const std::vector<std::string> aliases{"kind", "name", "suite", "round", "canonical", "reason"};
  static const std::vector<std::string> inference{"round",
                                                  "division",
                                                  "suite",
                                                  "availability",
                                                  "submitter",
                                                  "system",
                                                  "platform",
                                                  "accelerator",
                                                  "accelerator_id",
                                                  "accelerators_total",
                                                  "nodes",
                                                  "software",
                                                  "model_base",
                                                  "accuracy_class",
                                                  "accelerators_per_node",
                                                  "scenario",
                                                  "samples_per_s",
                                                  "tokens_per_s",
                                                  "power_mode",
                                                  "run_precision",
                                                  "kv_precision",
                                                  "tp",
                                                  "pp",
                                                  "ep",
                                                  "instances",
                                                  "batch",
                                                  "max_num_tokens",
                                                  "config_how",
                                                  "inferred",
                                                  "source_path",
                                                  "quality_note",
                                                  "duplicate_of"};
  static const std::vector<std::string> training{"round",
                                                 "division",
                                                 "availability",
                                                 "submitter",
                                                 "system",
                                                 "system_name",
                                                 "accelerator_model",
                                                 "accelerator",
                                                 "nodes",
                                                 "accelerators_per_node",
                                                 "framework",
                                                 "accelerators_total",
                                                 "software",
                                                 "benchmark",
                                                 "throughput_steady",
                                                 "tp",
                                                 "pp",
                                                 "vpp",
                                                 "cp",
                                                 "ep",
                                                 "dp",
                                                 "fsdp",
                                                 "mbs",
                                                 "local_batch",
                                                 "global_batch_size",
                                                 "precision",
                                                 "precision_source",
                                                 "seq_or_sample_size",
                                                 "source_dir",
                                                 "quality_note",
                                                 "duplicate_of"};
  static const std::vector<std::string> gemm{
      "hardware", "framework", "framework_version", "op",         "dtype", "m",
      "n",        "k",         "latency_us",        "source_path"};
  static const std::vector<std::string> prefill{
      "hardware", "framework",  "framework_version", "op",        "attn_dtype",   "kv_dtype",
      "batch",    "seq_len",    "past_len",          "num_heads", "num_kv_heads", "head_dim",
      "window",   "latency_us", "source_path"};
  static const std::vector<std::string> decode{
      "hardware", "framework", "framework_version", "op",       "attn_dtype", "kv_dtype",   "batch",
      "kv_len",   "num_heads", "num_kv_heads",      "head_dim", "window",     "latency_us", "source_path"};
  static const std::vector<std::string> mla{
      "hardware", "framework",  "framework_version", "op",    "mla_dtype",
      "kv_dtype", "num_heads",  "tp_size",           "batch", "isl",
      "step",     "latency_us", "source_path"};
  static const std::vector<std::string> moe{
      "hardware",   "framework", "framework_version", "op",     "dtype",  "tokens",       "hidden",
      "inter",      "topk",      "experts",           "moe_tp", "moe_ep", "distribution", "latency_us",
      "source_path"};
  static const std::vector<std::string> memory{
      "hardware", "framework", "framework_version", "op", "dtype", "m", "k", "latency_us", "source_path"};
  static const std::vector<std::string> collective{
      "hardware",      "framework",  "framework_version", "op",         "dtype", "num_gpus",
      "message_bytes", "latency_us", "kernel_source",     "source_path"};
  static const std::vector<std::string> exchange{
      "hardware", "framework", "framework_version", "op",  "num_nodes",  "hidden",
      "tokens",   "topk",      "experts",           "sms", "latency_us", "source_path"};
  static const std::vector<std::string> microbench{
      "source_id", "source",     "hardware", "gpus",  "operation", "m",     "n",    "k",
      "dtype",     "size_bytes", "tp",       "model", "quantity",  "value", "unit", "note"};
  static const std::vector<std::string> published_training{"source_id",
                                                           "source",
                                                           "year",
                                                           "model",
                                                           "params_b",
                                                           "layers",
                                                           "hidden",
                                                           "heads",
                                                           "kv_heads",
                                                           "ffn",
                                                           "vocab",
                                                           "seq_len",
                                                           "global_batch",
                                                           "micro_batch",
                                                           "hardware",
                                                           "gpus",
                                                           "gpus_per_node",
                                                           "tp",
                                                           "pp",
                                                           "dp",
                                                           "cp",
                                                           "ep",
                                                           "zero_fsdp",
                                                           "activation_recompute",
                                                           "precision",
                                                           "measured_quantity",
                                                           "value",
                                                           "note",
                                                           "flops_convention"};
  static const std::vector<std::string> published_inference{"model",
                                                            "params_b",
                                                            "hardware",
                                                            "gpus",
                                                            "tp",
                                                            "pp",
                                                            "precision",
                                                            "batch_or_concurrency",
                                                            "input_len",
                                                            "output_len",
                                                            "measured_quantity",
                                                            "value",
                                                            "unit",
                                                            "software",
                                                            "source",
                                                            "source_id",
                                                            "year",
                                                            "note"};
  static const std::vector<std::string> vtrain{
      "scope",       "hardware", "gpus", "hidden", "layers",           "seq_len",    "global_batch",
      "micro_batch", "tp",       "dp",   "pp",     "iteration_time_s", "calculon_s", "note"};
  static const std::vector<std::string> serving{"hardware",
                                                "framework",
                                                "framework_version",
                                                "model_path",
                                                "precision",
                                                "gemm_quant_mode",
                                                "moe_quant_mode",
                                                "mode",
                                                "isl",
                                                "osl",
                                                "concurrency",
                                                "num_gpus",
                                                "batch_size",
                                                "tp_size",
                                                "pp_size",
                                                "attention_dp_size",
                                                "moe_tp_size",
                                                "moe_ep_size",
                                                "prefill_batch_size",
                                                "prefill_num_workers",
                                                "prefill_tp_size",
                                                "prefill_pp_size",
                                                "prefill_attention_dp_size",
                                                "prefill_moe_tp_size",
                                                "prefill_moe_ep_size",
                                                "decode_batch_size",
                                                "decode_num_workers",
                                                "decode_tp_size",
                                                "decode_pp_size",
                                                "decode_attention_dp_size",
                                                "decode_moe_tp_size",
                                                "decode_moe_ep_size",
                                                "ttft_ms",
                                                "tpot_ms",
                                                "measured",
                                                "origin",
                                                "image"};
  static const std::vector<std::string> calculon{"case", "measured_s", "calculon_s", "measured_source",
                                                 "note"};
  static const std::vector<std::string> aiconfigurator{"id",
                                                       "sol_ttft_ms",
                                                       "sol_tpot_ms",
                                                       "measured_ttft_ms",
                                                       "measured_tpot_ms",
                                                       "silicon_mode_ttft_ms",
                                                       "silicon_mode_tpot_ms",
                                                       "silicon_mode_error",
                                                       "system",
                                                       "backend",
                                                       "backend_version",
                                                       "model_path",
                                                       "precision",
                                                       "mode",
                                                       "isl",
                                                       "osl"};
  switch (kind) {
    case TableKind::sources:
      return sources;
    case TableKind::rounds:
      return rounds;
    case TableKind::aliases:
      return aliases;
    case TableKind::mlperf_inference:
      return inference;
    case TableKind::mlperf_training:
      return training;
    case TableKind::gemm:
      return gemm;
    case TableKind::attention_prefill:
      return prefill;
    case TableKind::attention_decode:
      return decode;
    case TableKind::mla:
      return mla;
    case TableKind::moe:
      return moe;
    case TableKind::memory:
      return memory;
    case TableKind::collective:
      return collective;
    case TableKind::expert_exchange:
      return exchange;
    case TableKind::microbench:
      return microbench;
    case TableKind::published_training:
      return published_training;
    case TableKind::published_inference:
      return published_inference;
    case TableKind::vtrain:
      return vtrain;
    case TableKind::serving:
      return serving;
    case TableKind::calculon:
      return calculon;
    case TableKind::aiconfigurator:
      return aiconfigurator;
    case TableKind::own_measurement:
      return own_measurement_columns();
    case TableKind::own_operator:
      return own_operator_columns();
    case TableKind::probe:
      break;
  }
  static const std::vector<std::string> probe = [] {
    std::vector<std::string> columns;
    const ProbeRecord any;
    visit_probe_columns(any, [&](const char* column, const auto&) { columns.emplace_back(column); });
    return columns;
  }();
  return probe;
}

}  // namespace ironlaw
