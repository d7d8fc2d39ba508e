// Measured serving runs, and what other programs predict for them and for training steps.
#include <fmt/format.h>

#include "datasets/names.hpp"
#include "datasets/published.hpp"

namespace ironlaw {

namespace {

double positive(const CsvRow& row, std::string_view column) {
  const double value = row.number(column);
  if (!(value > 0)) row.fail(column, "a number above zero");
  return value;
}

// The first date YYYY-MM-DD in `text`; '' when there is none.
std::string date_in(const std::string& text) {
  for (std::size_t i = 0; i + 10 <= text.size(); ++i) {
    bool is_date = true;
    for (std::size_t j = 0; j < 10 && is_date; ++j) {
      const char c = text[i + j];
      is_date = j == 4 || j == 7 ? c == '-' : c >= '0' && c <= '9';
    }
    if (is_date) return text.substr(i, 10);
  }
  return {};
}

// The columns of one pool of a disaggregated run: "prefill: workers=1,tp=4,...".
std::string pool(const CsvRow& row, const std::string& name) {
  std::string text;
  for (const char* what : {"num_workers", "batch_size", "tp_size", "pp_size", "attention_dp_size",
                           "moe_tp_size", "moe_ep_size"}) {
    const std::string column = fmt::format("{}_{}", name, what);
    if (const auto value = row.optional_integer(column, 1))
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", what, *value);
  }
  return text.empty() ? text : fmt::format("{}: {}", name, text);
}

void set_precisions(const CsvRow& row, Observation& o) {
  const std::string& stated = row.one_of("precision", {"", "fp4", "fp8", "int4", "bf16"});
  o.precision = stated;
  if (!stated.empty())
    o.precision_source = fmt::format("stated: {}, products {}, experts {}", stated,
                                     row.text("gemm_quant_mode"), row.text("moe_quant_mode"));
  if (stated == "int4") {  // weights only
    o.precision = "bf16";
    o.weight_precision = "int4";
  }
  // Hopper has no products in four bits: its kernels widen the weights.
  if (stated == "fp4" && (o.device_raw == "h100_sxm" || o.device_raw == "h200_sxm")) {
    o.precision = "bf16";
    o.weight_precision = "fp4";
  }
}

}  // namespace

std::vector<ResultRow> read_serving(const CsvRow& row) {
  Observation o;
  o.suite = "serving";
  o.source = "aiconfigurator-serving";
  o.file = row.file();
  o.line = row.line();
  o.scenario = "Serving";
  o.submitter = row.required("framework");
  o.software = row.required("framework");
  if (const std::string& version = row.text("framework_version"); !version.empty())
    o.software += fmt::format(" {}", version);
  o.origin = row.text("origin");
  o.published = row.text("measured");
  if (o.published.empty()) o.published = date_in(o.origin);
  if (o.published.empty()) o.published = "2026-08-21";  // of the snapshot
  if (date_in(o.published) != o.published) row.fail("measured", "a date as YYYY-MM-DD, or blank");
  o.device_raw = row.required("hardware");
  o.accelerators = row.optional_integer("num_gpus", 1);
  o.model_raw = row.required("model_path");
  set_precisions(row, o);
  o.mode = row.one_of("mode", {"agg", "disagg"});
  o.input_len = row.integer("isl", 1);
  o.output_len = row.integer("osl", 1);
  o.concurrency = row.integer("concurrency", 1);
  if (const auto batch = row.optional_integer("batch_size", 1)) o.batch = static_cast<double>(*batch);
  o.tp = row.optional_integer("tp_size", 1);
  o.pp = row.optional_integer("pp_size", 1);
  o.attention_dp = row.optional_integer("attention_dp_size", 1);
  o.moe_tp = row.optional_integer("moe_tp_size", 1);
  o.ep = row.optional_integer("moe_ep_size", 1);
  const std::string prefill = pool(row, "prefill");
  const std::string decode = pool(row, "decode");
  o.pools = prefill + (prefill.empty() || decode.empty() ? "" : "; ") + decode;
  if (const std::string& image = row.text("image"); !image.empty()) o.note = fmt::format("image {}", image);
  o.quality_note = "mean or median, speculative decoding and chunking of prompts are not stated";
  o.unit = std::string(1, 's');
  ResultRow first;
  first.observation = o;
  first.observation.quantity = "ttft_s";
  first.observation.value = positive(row, "ttft_ms") / 1e3;
  ResultRow second;
  second.observation = std::move(o);
  second.observation.quantity = "tpot_s";
  second.observation.value = positive(row, "tpot_ms") / 1e3;
  return {std::move(first), std::move(second)};
}

std::vector<PeerRecord> read_calculon(const CsvRow& row) {
  PeerRecord r;
  r.source = "calculon-validation";
  r.peer = "calculon";
  r.subject = row.required("case");
  r.device_raw = "A100-SXM-80GB";  // all cases it ships are of that device
  r.quantity = "step_time_s";
  r.predicted = positive(row, "calculon_s");
  r.measured = positive(row, "measured_s");
  r.note = row.text("measured_source");
  if (const std::string& note = row.text("note"); !note.empty()) r.note += "; " + note;
  r.file = row.file();
  r.line = row.line();
  return {r};
}

std::vector<PeerRecord> read_vtrain_peer(const CsvRow& row) {
  if (row.text("calculon_s").empty()) return {};
  PeerRecord r;
  r.source = "vtrain";
  r.peer = "calculon";
  r.subject = fmt::format(
      "layers={},hidden={},seq={},gpus={},tp={},pp={},dp={},micro_batch={},global_batch={}",
      row.text("layers"), row.text("hidden"), row.text("seq_len"), row.text("gpus"), row.text("tp"),
      row.text("pp"), row.text("dp"), row.text("micro_batch"), row.text("global_batch"));
  r.device_raw = row.required("hardware");
  r.quantity = "step_time_s";
  r.predicted = positive(row, "calculon_s");
  r.measured = positive(row, "iteration_time_s");
  r.file = row.file();
  r.line = row.line();
  return {r};
}

std::vector<PeerRecord> read_aiconfigurator(const CsvRow& row) {
  std::vector<PeerRecord> records;
  for (const std::string variant : {"sol", "silicon_mode"}) {
    for (const std::string quantity : {"ttft", "tpot"}) {
      PeerRecord r;
      r.source = "aiconfigurator-serving";
      r.peer = "aiconfigurator";
      r.variant = variant == "sol" ? "sol" : "silicon";
      r.subject = row.required("id");
      r.device_raw = row.required("system");
      r.model_raw = row.required("model_path");
      r.input_len = row.integer("isl", 1);
      r.output_len = row.integer("osl", 1);
      r.quantity = quantity + "_s";
      r.measured = positive(row, fmt::format("measured_{}_ms", quantity)) / 1e3;
      const std::string column = fmt::format("{}_{}_ms", variant, quantity);
      if (!row.text(column).empty()) r.predicted = positive(row, column) / 1e3;
      if (!r.predicted) r.reason = variant == "sol" ? "" : row.text("silicon_mode_error");
      if (!r.predicted && r.reason.empty()) r.reason = "no answer";
      r.note = fmt::format("{} {} {} {}", row.text("backend"), row.text("backend_version"),
                           row.text("precision"), row.text("mode"));
      r.file = row.file();
      r.line = row.line();
      records.push_back(std::move(r));
    }
  }
  return records;
}

}  // namespace ironlaw
