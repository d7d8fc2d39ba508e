// The rows of the store as the rest of the program sees them. A text that is not known is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw {

// One figure of a datasheet.
struct SpecRecord {
  std::string quantity;
  std::string unit;
  double value = 0;
  std::string flags;
  std::string source;
  std::string note;
};

// A device as its plugin describes it.
struct DeviceRecord {
  std::string id;
  std::string vendor;
  std::string family;
  std::string kind;
  int year = 0;
  std::string plugin_version;
  std::vector<SpecRecord> specs;
};

// A model as the registry describes it.
struct ModelRecord {
  std::string id;
  std::string kind;
  double parameters = 0;
  std::string source;
};

// A publication of one suite.
struct Round {
  std::string id;  // "inference-v4.1"
  std::string suite;
  std::string published;  // ISO date, so that text order is time order
  std::string note;
};

// One measured quantity of one system. Counts, degrees and sizes that the source does not state are empty.
struct Observation {
  std::int64_t id = 0;
  std::string source;     // a row of the table source
  std::string suite;      // "inference" or "training" (MLPerf), "published-training", "published-inference",
                          // "serving" or "own"
  std::string round;      // of MLPerf
  std::string published;  // ISO date; of the round, or the last day known of a source
  std::string division;   // "closed", "open" or "network"; MLPerf only
  std::string category;   // "datacenter", "edge", "datacenter,edge"; empty for training
  std::string availability;  // as stated: "available", "preview", "rdi", ...
  std::string submitter;
  std::string system;
  std::string platform;       // its directory in the results repository
  std::string device_stated;  // the submitter's own words
  std::string device_raw;     // what the table normalises them to
  std::string device;         // canonical; empty when it cannot be told
  std::optional<std::int64_t> accelerators;
  std::optional<std::int64_t> accelerators_per_node;
  std::optional<std::int64_t> nodes;
  std::string software;
  std::string model_raw;
  std::string model;           // canonical; empty when it cannot be told
  std::string accuracy_class;  // "99", "99.9" or empty
  std::string scenario;        // "Offline", "Server", ..., "Training"; "Batch": a fixed batch; "Serving"
  std::string precision;       // "fp8", ... of the matrix products; empty when not known from a configuration
  std::string kv_precision;
  std::string weight_precision;  // where the weights are stored in another
  std::string precision_source;
  std::optional<std::int64_t> tp, pp, vpp, dp, fsdp, cp, ep;  // degrees of parallelism
  std::optional<std::int64_t> instances;                      // independent copies of the model (inference)
  std::optional<double> micro_batch;
  std::optional<double> batch;  // inference: configured maximum of an instance; training: of an accelerator
  std::optional<std::int64_t> global_batch;
  std::optional<std::int64_t> max_num_tokens;
  std::string sequence_length;                        // text: some are image sizes
  std::optional<std::int64_t> input_len, output_len;  // tokens of a request
  std::optional<std::int64_t> concurrency;            // requests in flight
  std::string shape;  // of a model that is not registered: "layers=24,hidden=1024,heads=16,..."
  std::optional<double> parameters;  // of the model as stated: all of them, also where a token uses a part
  std::string recompute;             // of activations: "none", "selective" or "full"
  std::optional<std::int64_t> zero_stage;
  std::optional<std::int64_t> attention_dp, moe_tp;
  std::string mode;              // of serving: "agg" or "disagg" (prefill and decode on devices of their own)
  std::string pools;             // where disagg: "prefill: workers=1,tp=4,...; decode: ..."
  std::string quantity;          // "tokens_per_s", "samples_per_s", ...: datasets/README.md, "Quantities"
  double value = 0;              // of the whole system unless the quantity says otherwise, in `unit`
  std::string unit;              // "tokens/s", "samples/s", "s", "FLOP/s" or "1"
  std::string statistic;         // of a latency: "mean" or "median"
  std::string flops_convention;  // of a rate in FLOP/s or an MFU: "model", or "hardware" (recompute counted)
  bool power_limited = false;    // run with a lowered power limit (MaxQ)
  bool power_run = false;        // run with a power meter
  bool inferred = false;         // copied from another scenario by the results tool
  std::string duplicate_of;      // the same run as another row
  std::string quality_note;
  std::string note;    // the source's own words on the conditions
  std::string cell;    // rows of one are not independent: datasets/README.md, "What is loaded"
  std::string origin;  // where in the source
  std::string file;
  std::int64_t line = 0;
};

// One microbenchmark of `ironlaw probe`.
struct ProbeRecord {
  std::string machine;  // hash of what makes the machine
  std::string device;   // the CPU's or the accelerator's own name
  std::optional<std::int64_t> cores;
  std::optional<double> memory_bytes;
  std::string kernel, compiler;
  std::string date;  // ISO
  std::string what;  // "matmul", "triad", "cache_latency", ...
  std::string precision;
  std::optional<std::int64_t> m, n, k;
  std::optional<double> bytes;
  std::int64_t threads = 1;
  double value = 0, median = 0;  // in `unit`: "FLOP/s", "B/s" or "s"
  std::string unit;
  double spread = 0;
  std::int64_t samples = 1;
  std::string how;
};

// Calls `visit(column, field)` for every stored column of a microbenchmark, in the order of the table and of
// probe.csv.
template <class Row, class Visitor>
void visit_probe_columns(Row& row, Visitor&& visit) {
  visit("machine", row.machine);
  visit("device", row.device);
  visit("cores", row.cores);
  visit("memory_bytes", row.memory_bytes);
  visit("kernel", row.kernel);
  visit("compiler", row.compiler);
  visit("date", row.date);
  visit("what", row.what);
  visit("precision", row.precision);
  visit("m", row.m);
  visit("n", row.n);
  visit("k", row.k);
  visit("bytes", row.bytes);
  visit("threads", row.threads);
  visit("value", row.value);
  visit("median", row.median);
  visit("unit", row.unit);
  visit("spread", row.spread);
  visit("samples", row.samples);
  visit("how", row.how);
}

// What another program predicts for something that is measured.
struct PeerRecord {
  std::int64_t id = 0;
  std::string source;
  std::string peer;     // "calculon" or "aiconfigurator"
  std::string variant;  // of the prediction: "sol" (roofline), "silicon" (from measured operators) or empty
  std::string subject;  // what is predicted, in the source's words
  std::string device_raw, device, model_raw, model;  // as in an observation; empty where the subject tells
  std::optional<std::int64_t> input_len, output_len;
  std::string quantity;             // "step_time_s", "ttft_s" or "tpot_s"
  std::optional<double> predicted;  // nothing: the peer gave no answer, and `reason` says why
  double measured = 0;              // an observation of the same source and value is that row
  std::string reason;
  std::string note;
  std::string file;
  std::int64_t line = 0;
};

// Calls `visit(column, field)` for every stored column of a peer's prediction but its id.
template <class Row, class Visitor>
void visit_peer_columns(Row& row, Visitor&& visit) {
  visit("source", row.source);
  visit("peer", row.peer);
  visit("variant", row.variant);
  visit("subject", row.subject);
  visit("device_raw", row.device_raw);
  visit("device", row.device);
  visit("model_raw", row.model_raw);
  visit("model", row.model);
  visit("input_len", row.input_len);
  visit("output_len", row.output_len);
  visit("quantity", row.quantity);
  visit("predicted", row.predicted);
  visit("measured", row.measured);
  visit("reason", row.reason);
  visit("note", row.note);
  visit("file", row.file);
  visit("line", row.line);
}

// One measured time of one kernel or collective. Integers that do not apply to the operation, or are not
// stated, are empty; their meaning by operation is in datasets/README.md, "Operators".
struct OperatorRecord {
  std::int64_t id = 0;
  std::string source;      // a row of the table source
  std::string device_raw;  // as the table writes it
  std::string device;      // canonical; empty when it cannot be told
  std::string framework, framework_version, kernel;
  std::string op;         // "gemm", "attention_prefill", "attention_decode", "mla_prefill", "mla_decode",
                          // "attention_training", "moe", "memory", "all_reduce", "all_gather",
                          // "reduce_scatter", "all_to_all" or "p2p"
  std::string variant;    // of the kernel: "fp8_block", "noncausal", "dispatch", "quantize_bf16_to_fp8", ...
  std::string launch;     // "graph", "eager" (with the host's launch) or empty
  std::string precision;  // of the products, or of what is sent
  std::string weight_precision;  // where the weights are stored in another
  std::string kv_precision;
  std::optional<std::int64_t> m, n, k;                   // C[m, n] = A[m, k] B[k, n]
  std::optional<std::int64_t> batch, seq_len, past_len;  // new tokens, and those before, of a sequence
  std::optional<std::int64_t> heads, kv_heads, head_dim, window;  // of one device; window: empty is all
  std::optional<double> bytes;                                    // moved by the kernel, or the message
  std::optional<std::int64_t> ranks, nodes;                       // that take part
  std::optional<std::int64_t> experts, topk, moe_tp, moe_ep;      // of the whole layer, and its split
  std::optional<std::int64_t> hidden, inter, tokens;
  std::string distribution;  // of tokens over experts: "balanced", "power_law_1.2", ...
  double time_s = 0;
  std::optional<double> power_w, power_limit_w;  // of the device, mean and limit
  bool held = false;     // a site of the recommended hold-out: never fitted when that is reported
  bool suspect = false;  // known to be wrong, as quality_note says: never fitted
  std::string quality_note;
  std::string origin;  // where in the source
  std::string file;
  std::int64_t line = 0;
};

// Calls `visit(column, field)` for every stored column of an operator's time but its id, in the order of the
// table.
template <class Row, class Visitor>
void visit_operator_columns(Row& row, Visitor&& visit) {
  visit("source", row.source);
  visit("device_raw", row.device_raw);
  visit("device", row.device);
  visit("framework", row.framework);
  visit("framework_version", row.framework_version);
  visit("kernel", row.kernel);
  visit("op", row.op);
  visit("variant", row.variant);
  visit("launch", row.launch);
  visit("precision", row.precision);
  visit("weight_precision", row.weight_precision);
  visit("kv_precision", row.kv_precision);
  visit("m", row.m);
  visit("n", row.n);
  visit("k", row.k);
  visit("batch", row.batch);
  visit("seq_len", row.seq_len);
  visit("past_len", row.past_len);
  visit("heads", row.heads);
  visit("kv_heads", row.kv_heads);
  visit("head_dim", row.head_dim);
  visit("window", row.window);
  visit("bytes", row.bytes);
  visit("ranks", row.ranks);
  visit("nodes", row.nodes);
  visit("experts", row.experts);
  visit("topk", row.topk);
  visit("moe_tp", row.moe_tp);
  visit("moe_ep", row.moe_ep);
  visit("hidden", row.hidden);
  visit("inter", row.inter);
  visit("tokens", row.tokens);
  visit("distribution", row.distribution);
  visit("time_s", row.time_s);
  visit("power_w", row.power_w);
  visit("power_limit_w", row.power_limit_w);
  visit("held", row.held);
  visit("suspect", row.suspect);
  visit("quality_note", row.quality_note);
  visit("origin", row.origin);
  visit("file", row.file);
  visit("line", row.line);
}

// Calls `visit(column, field)` for every stored column of an observation but its id, in the order of the
// table. The one list of columns: insertion, reading and the content hash all go through it.
template <class Row, class Visitor>
void visit_columns(Row& row, Visitor&& visit) {
  visit("source", row.source);
  visit("suite", row.suite);
  visit("round", row.round);
  visit("published", row.published);
  visit("division", row.division);
  visit("category", row.category);
  visit("availability", row.availability);
  visit("submitter", row.submitter);
  visit("system", row.system);
  visit("platform", row.platform);
  visit("device_stated", row.device_stated);
  visit("device_raw", row.device_raw);
  visit("device", row.device);
  visit("accelerators", row.accelerators);
  visit("accelerators_per_node", row.accelerators_per_node);
  visit("nodes", row.nodes);
  visit("software", row.software);
  visit("model_raw", row.model_raw);
  visit("model", row.model);
  visit("accuracy_class", row.accuracy_class);
  visit("scenario", row.scenario);
  visit("precision", row.precision);
  visit("kv_precision", row.kv_precision);
  visit("weight_precision", row.weight_precision);
  visit("precision_source", row.precision_source);
  visit("tp", row.tp);
  visit("pp", row.pp);
  visit("vpp", row.vpp);
  visit("dp", row.dp);
  visit("fsdp", row.fsdp);
  visit("cp", row.cp);
  visit("ep", row.ep);
  visit("instances", row.instances);
  visit("micro_batch", row.micro_batch);
  visit("batch", row.batch);
  visit("global_batch", row.global_batch);
  visit("max_num_tokens", row.max_num_tokens);
  visit("sequence_length", row.sequence_length);
  visit("input_len", row.input_len);
  visit("output_len", row.output_len);
  visit("concurrency", row.concurrency);
  visit("shape", row.shape);
  visit("parameters", row.parameters);
  visit("recompute", row.recompute);
  visit("zero_stage", row.zero_stage);
  visit("attention_dp", row.attention_dp);
  visit("moe_tp", row.moe_tp);
  visit("mode", row.mode);
  visit("pools", row.pools);
  visit("quantity", row.quantity);
  visit("value", row.value);
  visit("unit", row.unit);
  visit("statistic", row.statistic);
  visit("flops_convention", row.flops_convention);
  visit("power_limited", row.power_limited);
  visit("power_run", row.power_run);
  visit("inferred", row.inferred);
  visit("duplicate_of", row.duplicate_of);
  visit("quality_note", row.quality_note);
  visit("note", row.note);
  visit("cell", row.cell);
  visit("origin", row.origin);
  visit("file", row.file);
  visit("line", row.line);
}

}  // namespace ironlaw
