// The columns by which each table is recognised.
#include "datasets/importers.hpp"

namespace ironlaw {

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
