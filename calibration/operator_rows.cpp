#include "calibration/operator_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "datasets/hash.hpp"
#include "framework/base/error.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kMuchWeight = 1e12;        // [B]
constexpr const char* kNoGeneration = "0";  // before every software generation of systems

// The smallest decoder there is: what a scenario must have, and nothing here depends on.
const ModelSpec& carrier() {
  static const ModelSpec model = [] {
    ModelSpec m{};
    m.id = "one-layer";
    m.title = "one layer";
    m.kind = ModelKind::decoder;
    m.shape.layers = 1;
    m.shape.hidden = m.shape.ffn = m.shape.head_dim = 64;
    m.shape.heads = m.shape.kv_heads = m.shape.vocab = 1;
    m.input_len = m.output_len = 1;
    m.source = m.lengths_source = "none: it carries a microbenchmark";
    return m;
  }();
  return model;
}

// The size that a measurement of this kind must state.
double need(const std::optional<std::int64_t>& value, const char* name) {
  if (!value || *value < 1) throw Error(fmt::format("{} is not stated", name));
  return static_cast<double>(*value);
}

Operator<double> make(const char* name, OperatorKind kind, Precision precision) {
  Operator<double> op;
  op.name = name;
  op.kind = kind;
  op.precision = precision;
  return op;
}

// FP4 carries a scale of 8 bits for every 16 values (NVFP4), as wall 13 stores it.
double stored_bytes(Precision precision) {
  return precision == Precision::fp4 ? 0.5 + 1.0 / 16 : bytes_of(precision);
}

std::vector<Operator<double>> matmul(const OperatorRecord& r, Precision precision) {
  const double m = need(r.m, "m");
  const double n = need(r.n, "n");
  const double k = need(r.k, "k");
  if (!r.weight_precision.empty() && r.weight_precision != r.precision)
    throw Error("weights are stored in another precision than products are computed in");
  const double bytes = stored_bytes(precision);
  std::vector<Operator<double>> operators;
  if (bytes_of(precision) < 2 && r.variant.find("static") == std::string::npos) {
    Operator<double>& quantise =
        operators.emplace_back(make("quantise", OperatorKind::vector, Precision::bf16));
    quantise.bytes = m * k * (2 + bytes);
  }
  Operator<double>& product = operators.emplace_back(make("product", OperatorKind::matmul, precision));
  product.m = m;
  product.n = n;
  product.k = k;
  product.flops = product.useful_flops = 2 * m * n * k;
  product.weight_bytes = n * k * bytes;
  product.bytes = product.weight_bytes + m * k * bytes + 2 * m * n;
  return operators;
}

// As registry/attention.hpp counts it.
std::vector<Operator<double>> attention(const OperatorRecord& r, Precision precision, bool is_prompt) {
  if (r.window && *r.window > 0) throw Error("attention in a window");
  const double batch = need(r.batch, "batch");
  const double heads = need(r.heads, "heads");
  const double kv_heads = need(r.kv_heads, "kv_heads");
  const double head_dim = need(r.head_dim, "head_dim");
  const double past = static_cast<double>(r.past_len.value_or(0));
  const double tokens = is_prompt ? need(r.seq_len, "seq_len") : 1;
  const double seen = is_prompt ? past + (tokens + 1) / 2 : past + tokens;
  const Precision kv = r.kv_precision.empty() ? precision : parse_precision("kv", r.kv_precision.c_str());
  Operator<double> op = make("attention", OperatorKind::attention, precision);
  op.flops = op.useful_flops = 4 * heads * head_dim * batch * tokens * seen;
  op.bytes =
      batch * (2 * tokens * heads * head_dim * 2 + 2 * (past + tokens) * kv_heads * head_dim * bytes_of(kv));
  op.scores = batch * heads * tokens * seen;
  if (is_prompt) {
    const double rows = std::min(tokens, kAttentionRows);
    op.tiles = batch * heads * std::ceil(tokens / kAttentionRows);
    op.tile_scores = rows * (past + tokens - (rows - 1) / 2);
  }
  return {op};
}

std::vector<Operator<double>> collective(const OperatorRecord& r, Collective kind) {
  if (!r.bytes || !(*r.bytes > 0)) throw Error("bytes are not stated");
  const double ranks = need(r.ranks, "ranks");
  Operator<double> op = make("collective", OperatorKind::collective, Precision::bf16);
  op.channel = Channel::tensor;
  op.collective = kind;
  op.message_bytes = *r.bytes;
  op.ranks_across = static_cast<double>(r.nodes.value_or(1));
  op.ranks_inside = ranks / op.ranks_across;
  return {op};  // one kernel by itself: its launch counts
}

struct Kind {
  const char* op;
  const char* shown;  // its noise group
};
constexpr Kind kKinds[] = {{"gemm", "matmul"},
                           {"attention_prefill", "prompt attention"},
                           {"attention_decode", "decode attention"},
                           {"all_reduce", "all-reduce"},
                           {"all_gather", "gather"},
                           {"reduce_scatter", "gather"},
                           {"all_to_all", "all-to-all"}};

std::vector<Operator<double>> operators_of(const OperatorRecord& r, Precision precision) {
  if (r.op == "gemm") return matmul(r, precision);
  if (r.op == "attention_prefill") return attention(r, precision, true);
  if (r.op == "attention_decode") return attention(r, precision, false);
  if (r.op == "all_reduce") return collective(r, Collective::all_reduce);
  if (r.op == "all_to_all") return collective(r, Collective::all_to_all);
  return collective(r, Collective::gather);
}

// The shape: measurements of one are not independent.
std::string site_of(const OperatorRecord& r) {
  const auto text = [](const std::optional<std::int64_t>& x) { return x ? fmt::format("{}", *x) : ""; };
  if (r.op == "gemm") return fmt::format("{}x{}", text(r.n), text(r.k));
  if (r.op.starts_with("attention"))
    return fmt::format("{}x{}x{}", text(r.heads), text(r.kv_heads), text(r.head_dim));
  return fmt::format("{} of {} in {}", r.bytes.value_or(0), text(r.ranks), text(r.nodes));
}

// Collectives and decode kernels are few.
bool is_kept(const OperatorRecord& r, int thin) {
  if (r.op != "gemm" && r.op != "attention_prefill") return true;
  Fnv1a hash;
  hash.add(site_of(r));
  return hash.value() % static_cast<std::uint64_t>(thin) == 0;
}

bool is_between_devices(const OperatorRecord& r) {
  return r.op != "gemm" && !r.op.starts_with("attention");
}

// The library whose kernels ran or, where that is not stated, who measured them. It has its rings for
// collectives, sends and receives for the others, and kernels of their own for caches that are converted.
std::string class_of(const OperatorRecord& r) {
  const bool converts = !r.kv_precision.empty() && r.kv_precision != r.precision;
  const std::string way = r.op == "all_to_all" ? std::string("point-to-point")
                          : converts           ? r.kv_precision + " cache"
                                               : r.variant;
  return fmt::format("kernels {}{}{}", r.framework.empty() ? r.source : r.framework, way.empty() ? "" : " ",
                     way);
}

// A cache that the last level holds: the collector reads the same one again and again, and a model with more
// than one layer does not.
bool lies_on_chip(const OperatorRecord& r, const Operator<double>& op, const ironlaw_hardware& hardware) {
  return r.op == "attention_decode" && op.bytes < figure(hardware, q::last_level_cache.name);
}

// What varies alike: one collector's measurements, and those of many others whose machines are hardly known.
std::string noise_of(const OperatorRecord& r, const Kind& kind) {
  return fmt::format("{}{}", r.framework.empty() ? "published " : "", kind.shown);
}

Row lower(const OperatorRecord& r, const Kind& kind, const ironlaw_hardware& hardware, Predictor& predictor) {
  Row row;
  const Precision precision =
      is_between_devices(r) ? Precision::bf16 : parse_precision("precision", r.precision.c_str());
  row.operators = operators_of(r, precision);
  if (lies_on_chip(r, row.operators.back(), hardware))
    throw Error("keys and values lie in the last-level cache, of which the collector reads them again");
  row.model = &carrier();
  row.hardware = &hardware;
  row.scenario.model = row.model;
  row.scenario.hardware = &hardware;
  row.scenario.task = r.op == "attention_decode" ? Task::decode : Task::prefill;
  row.scenario.precision = precision;
  row.scenario.is_benchmark = true;
  row.scenario.batch = 1;
  row.scenario.measured = noise_of(r, kind);
  // Collectors cycle through copies of the weights, so that none is found on the chip.
  row.scenario.given[q::stored_weight_bytes.name] = {kMuchWeight, "copies of the weights take turns"};
  row.lowered = prepare(row.scenario, predictor.pipeline(hardware));
  ScopeKey& key = row.lowered.slots[0].key;
  key.workload = class_of(r);
  key.model.clear();
  key.generation = std::string(kNoGeneration);

  Observation& o = row.observation;
  o.id = r.id;
  o.source = r.source;
  o.suite = std::string("operators");
  o.device = r.device;
  o.device_raw = r.device_raw;
  o.software = fmt::format("{} {}", r.framework, r.framework_version);
  o.submitter = r.framework;
  o.scenario = kind.shown;
  o.model = r.op;
  o.precision = r.precision;
  o.accelerators = r.ranks.value_or(1);
  o.value = 1 / r.time_s;
  o.quality_note = r.quality_note;
  o.origin = r.origin;
  row.precision_basis = std::string("stated");
  row.cell = fmt::format("{}|{}|{}|{}|{}", r.device, class_of(r), r.op, r.precision, site_of(r));
  return row;
}

const Kind* find_kind(const std::string& op) {
  const auto* found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return op == k.op; });
  return found == std::end(kKinds) ? nullptr : found;
}

std::string reason_to_skip(const OperatorRecord& r) {
  if (r.suspect) return fmt::format("known to be wrong: {}", r.quality_note);
  if (r.launch == "eager") return "timed with the host's launches";
  if (!find_kind(r.op)) return fmt::format("no such operator: {}", r.op);
  if (r.device.empty()) return fmt::format("device not identified: {}", r.device_raw);
  return {};
}

}  // namespace

std::vector<Row> operator_rows(const std::vector<OperatorRecord>& records,
                               const std::vector<const ironlaw_hardware*>& hardware, Predictor& predictor,
                               int thin, Unlowered& unlowered) {
  std::vector<Row> rows;
  for (const OperatorRecord& r : records) {
    std::string reason = reason_to_skip(r);
    const auto device =
        std::find_if(hardware.begin(), hardware.end(), [&](const auto* h) { return r.device == h->id; });
    if (reason.empty() && device == hardware.end()) reason = fmt::format("no hardware target: {}", r.device);
    if (reason.empty() && !is_kept(r, thin)) continue;
    try {
      if (!reason.empty()) throw Error(reason);
      rows.push_back(lower(r, *find_kind(r.op), **device, predictor));
    } catch (const Error& e) {
      ++unlowered[fmt::format("operator {}: {}", r.op, e.what())];
    }
  }
  return rows;
}

double time_of_operators(const Row& row, const CaseParameters& parameters, Evaluator& evaluator,
                         std::span<double> gradient) {
  const std::size_t n = row.operators.size();
  std::vector<double> seconds(n);
  std::vector<double> slopes(gradient.size() * n);
  evaluator.time_operators(row.lowered, parameters, row.operators, seconds, slopes);
  const double time = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  for (std::size_t p = 0; p < gradient.size(); ++p) {
    gradient[p] = 0;
    for (std::size_t i = 0; i < n; ++i) gradient[p] += slopes[i * gradient.size() + p] / time;
  }
  return time;
}

}  // namespace ironlaw
