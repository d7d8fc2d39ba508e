// Walls 1 to 13: one device, its memory, its service, its data and its model.
#include <cmath>

#include "tests/reference/setups.hpp"
#include "tests/reference/values.hpp"

namespace ironlaw::reference {
namespace {

// ---- the single-node engine: our pipeline on its setups --------------------------------------------------
Prediction resnet(const Device& device, Task task, double batch, double efficiency) {
  return textbook(on(device, "resnet-50", task, batch, efficiency));
}
Prediction decode(const Device& device, const char* model, double batch, double context) {
  return textbook(at_length(on(device, model, Task::decode, batch, 0.5), context));
}
Prediction prefill(const Device& device, const char* model, double tokens) {
  return textbook(at_length(on(device, model, Task::prefill, 1, 0.5), tokens));
}
Parts roofline(const Prediction& p) {
  return {intensity(p), mfu_of(p), binding(p)};
}
Parts rate(const Prediction& p) {
  return {p.throughput, mfu_of(p)};
}

// ---- models that the registry does not hold --------------------------------------------------------------
const ModelSpec& llama_2_7b() {
  static const ModelSpec model{.id = "llama-2-7b",
                               .title = "Llama 2 7B",
                               .kind = ModelKind::decoder,
                               .shape = {.layers = 32,
                                         .hidden = 4096,
                                         .heads = 32,
                                         .kv_heads = 32,
                                         .head_dim = 128,
                                         .ffn = 11008,
                                         .vocab = 32000,
                                         .gated_mlp = true,
                                         .rotary = true},
                               .input_len = 2048,
                               .output_len = 0,
                               .source = "Touvron et al. 2023 arXiv:2307.09288",
                               .lengths_source = "the reference's context"};
  return model;
}
Prediction small_llama(Task task, double batch) {
  Scenario s = on(kH100, "llama-3.1-8b", task, batch, 0.5);
  s.model = &llama_2_7b();
  return textbook(at_length(s, 2048));
}

// ---- single walls ----------------------------------------------------------------------------------------
// Wall 5: Llama-3.1-8B on an H100, requests of 2,048 tokens and at most 8,192.
Values slots(const Values& changes = {}) {
  return outputs(function("5", "slots"), with({{"request_limit", 1e6},
                                               {"input_len", 2048},
                                               {"generated_len", 0},
                                               {"sequences", 1},
                                               {"beams", 1},
                                               {"max_len", 8192},
                                               {"usable_memory", kH100.capacity},
                                               {"resident_weight_bytes", 16.06e9},
                                               {"weight_bytes", 16.06e9},
                                               {"working_bytes", 0},
                                               {"kv_bytes_per_token", 131072},
                                               {"memory_bandwidth", kH100.bandwidth}},
                                              changes));
}
Parts slot(const char* name, const Values& changes = {}) {
  return {slots(changes).at(name)};
}
const Values kCoarse = {{"kv_page_tokens", 2048}};

// Wall 6: 180e9 parameters on a CS-3.
double wafer_step() {
  return outputs(function("6", "stream"), {{"weight_bytes", 360e9},
                                           {"is_training", 0},
                                           {"micro_batches", 1},
                                           {"weight_source", 3},
                                           {"stream_bandwidth", 1.2e12}})
      .at("stream_time");
}
double wafer_share(double requests) {  // 80 layers, 8 key and value heads of 64, 2,048 tokens
  return outputs(function("6", "cache_share"), {{"cycle_kv_bytes", requests * 2 * 80 * 8 * 64 * 2 * 2048.0},
                                                {"memory_capacity", 44 * kGibi}})
      .at("kv_memory_share");
}
double wafer_balance() {
  return std::floor(outputs(function("6", "balance"), {{"peak_flops", 125e15},
                                                       {"weight_bits", 16},
                                                       {"weight_byte_factor", 1},
                                                       {"parameters", 180e9},
                                                       {"active_parameters", 180e9},
                                                       {"balance_efficiency", 0.4},
                                                       {"stream_bandwidth", 1.2e12}})
                        .at("balance_tokens"));
}
double wafer_most() {  // requests that fit
  double requests = 1;
  while (wafer_share(requests + 1) <= 1 - 1e-9) ++requests;
  return requests;
}

// Wall 12 at the times of the reference's wall 4, at its fixed context.
double time_to_answer(double steps) {
  const double tokens =
      outputs(function("12", "thought"),
              {{"has_decode", 1}, {"output_len", 0}, {"beams", 1}, {"reasoning_steps", steps}})
          .at("generated_len");
  return outputs(function("12", "yield"), {{"output_len", 0},
                                           {"generated_len", tokens},
                                           {"decode_steps", tokens},
                                           {"draft_steps", 0},
                                           {"decode_step_time", 18.533886080000002e-3},
                                           {"draft_step_time", 0},
                                           {"steps_time", 1},
                                           {"ttft", 266.82819224689774e-3},
                                           {"itl", 18.533886080000002e-3},
                                           {"run_energy", 0}})
      .at("time_to_answer");
}

// Wall 4: tokens that a step with drafts yields.
double accepted(double drafts, double acceptance) {
  return outputs(function("4", "schedule"), {{"closed_loop", 0},
                                             {"has_prefill", 0},
                                             {"has_decode", 1},
                                             {"running_requests", 1},
                                             {"prefill_tokens", 8192},
                                             {"prompt_tokens", 2048},
                                             {"prompt_chunks", 1},
                                             {"generated_len", 128},
                                             {"draft_tokens", drafts},
                                             {"draft_acceptance", acceptance}})
      .at("accepted_tokens");
}
double drafted_gap(double step, double draft_bytes, double bandwidth, double drafts, double acceptance) {
  return outputs(function("4", "latency"), {{"closed_loop", 0},
                                            {"has_prefill", 0},
                                            {"has_decode", 1},
                                            {"prompt_chunks", 1},
                                            {"input_len", 2048},
                                            {"generated_len", 128},
                                            {"draft_steps", drafts},
                                            {"accepted_tokens", accepted(drafts, acceptance)},
                                            {"prefill_step_time", 0},
                                            {"decode_step_time", step},
                                            {"draft_step_time", memory_time(draft_bytes, bandwidth)},
                                            {"steps_time", 0},
                                            {"kv_bytes_per_token", 0},
                                            {"network_path_bandwidth", 50e9}})
      .at("itl");
}

// Walls 8 and 9.
double transform_time(double images, double workers) {
  return outputs(function("9", "transform"), {{"step_requests", images},
                                              {"devices", 8},
                                              {"replicas", 1},
                                              {"cpu_workers", workers},
                                              {"worker_rate", 850}})
      .at("transform_time");
}
double busy(double step, double workers) {
  return step / std::max(step, transform_time(2048, workers));
}
constexpr double kS2Step = 2048 / 29637.039769113682;

// Wall 10.
Values torus(double nodes, double topology = 5) {
  return outputs(
      function("10", "network"),
      {{"network_bandwidth", 50e9}, {"devices", nodes}, {"scaleup_size", 1}, {"topology", topology}});
}
Parts torus_of(double nodes) {
  const Values out = torus(nodes);
  return {out.at("topology_beta"), out.at("topology_beta") * 400};
}

// Wall 11.
Values optimum(double budget) {
  return outputs(function("11", "optimum"),
                 {{"active_parameters", 1e9}, {"training_tokens", 0}, {"compute_budget", budget}});
}

// Decode of 8B on an A100, with one figure ten percent higher.
double relative_gain(const Device& device, const char* model, const char* name, double value) {
  Scenario s = at_length(on(device, model, Task::decode, 1, 0.5), 1);
  const double before = textbook(s).outcome.time;
  give(s, name, 1.1 * value);
  return textbook(s).outcome.time / before - 1;
}

constexpr Computed kValues[] = {
    {"W4-attn32k",
     [] {
       return Parts{
           outputs(
               function("11", "attention"),
               {{"active_parameters", 70.6e9}, {"layers", 80}, {"hidden_size", 8192}, {"input_len", 32768}})
               .at("attention_flop_share")};
     }},
    {"W5-static-users", [] { return slot("static_requests"); }},
    {"W5-static-waste", [] { return slot("static_fragmentation"); }},
    {"W5-static-tps", [] { return slot("static_token_rate"); }},
    {"W5-paged-waste", [] { return slot("paged_fragmentation"); }},
    {"W5-paged-tps", [] { return slot("paged_token_rate"); }},
    {"W5-speedup", [] { return slot("paged_speedup"); }},
    {"W5-p2048-users", [] { return slot("paged_requests", kCoarse); }},
    {"W5-p2048-waste", [] { return slot("paged_fragmentation", kCoarse); }},
    {"W5-p2048-tps", [] { return slot("paged_token_rate", kCoarse); }},
    {"W5-p2048-speedup", [] { return slot("paged_speedup", kCoarse); }},
    {"W10-torus27", [] { return torus_of(27); }},
    {"W10-torus64", [] { return torus_of(64); }},
    {"W10-fattree",
     [] {
       char text[32];
       std::snprintf(text, sizeof text, "%.1f / %.2f", torus(64, 0).at("topology_beta"),
                     torus(64, 2).at("topology_beta"));
       return Parts{text};
     }},
    {"W11-P", [] { return Parts{optimum(1e24).at("optimal_parameters") / 1e9}; }},
    {"W11-D", [] { return Parts{optimum(1e24).at("optimal_tokens") / 1e12}; }},
    {"A5-P", [] { return Parts{optimum(5.88e23).at("optimal_parameters") / 1e9}; }},
    {"A5-D", [] { return Parts{optimum(5.88e23).at("optimal_tokens") / 1e12}; }},
    {"LC-P", [] { return Parts{optimum(4e24).at("optimal_parameters") / 1e9}; }},
    {"W13-ratio",
     [] {
       const double wide = stored(70.6e9, 32), narrow = stored(70.6e9, 4);
       const Values out = outputs(function("13", "compression"), {{"stored_weight_bytes", narrow},
                                                                  {"weight_bits", 4},
                                                                  {"weight_byte_factor", 1},
                                                                  {"baseline_bits", 32}});
       return Parts{out.at("compression_ratio"),
                    memory_time(wide, kH100.bandwidth) / memory_time(narrow, kH100.bandwidth),
                    out.at("weight_saving")};
     }},
    {"W21-bw",
     [] { return Parts{relative_gain(kA100, "llama-3.1-8b", "memory_bandwidth", kA100.bandwidth)}; }},
    {"W21-flops", [] { return Parts{relative_gain(kA100, "llama-3.1-8b", "peak_flops", kA100.peak)}; }},
    {"W21-binding",
     [] {
       const double bytes = relative_gain(kA100, "llama-3.1-8b", "memory_bandwidth", kA100.bandwidth);
       const double flops = relative_gain(kA100, "llama-3.1-8b", "peak_flops", kA100.peak);
       return Parts{bytes < flops ? "memory_bandwidth" : "peak_flops"};
     }},
    {"W22-bw", [] { return Parts{memory_time(stored(70.6e9, 16), 1e9) / 50e-3}; }},
    {"W22-A100",
     [] {
       const double times = memory_time(stored(70.6e9, 16), kA100.bandwidth) / 50e-3;
       return Parts{times, std::ceil(times)};
     }},
    {"SD",
     [] {
       return Parts{memory_time(stored(8.03e9, 16), 1e9) / 30e-3,
                    compute_time(2 * 8.03e9, 1e12, 0.5) / 30e-3};
     }},
    {"I1-B1", [] { return roofline(resnet(kH100, Task::prefill, 1, 0.5)); }},
    {"I1-B32", [] { return roofline(resnet(kH100, Task::prefill, 32, 0.5)); }},
    {"I1-B128", [] { return roofline(resnet(kH100, Task::prefill, 128, 0.5)); }},
    {"I1-B256", [] { return roofline(resnet(kH100, Task::prefill, 256, 0.5)); }},
    {"I1-effridge", [] { return Parts{memory_time(1, kH100.bandwidth) / compute_time(1, kH100.peak, 0.5)}; }},
    {"I1-contrast",
     [] {
       const Prediction p = small_llama(Task::decode, 256);
       return Parts{intensity(p), binding(p)};
     }},
    {"S1-total8", [] { return Parts{time_to_answer(8)}; }},
    {"S1-total1", [] { return Parts{time_to_answer(1)}; }},
    {"S1-mult", [] { return Parts{time_to_answer(8) / time_to_answer(1)}; }},
    {"S1-ttft", [] { return Parts{prefill(kB200, "llama-3.1-70b", 2048).outcome.time * 1e3}; }},
    {"S1-itl", [] { return Parts{decode(kB200, "llama-3.1-70b", 1, 2048).outcome.time * 1e3}; }},
    {"S1-H100",
     [] {
       const bool fits = decode(kH100, "llama-3.1-70b", 1, 2048).feasible;
       return Parts{fits ? "feasible" : "infeasible", Part::none()};
     }},
    {"S2-supply",
     [] {
       return Parts{outputs(function("9", "preparation"), {{"request_rate", 29637.039769113682},
                                                           {"devices", 8},
                                                           {"cpu_workers", 32},
                                                           {"worker_rate", 850}})
                        .at("transform_supply")};
     }},
    {"S2-util", [] { return Parts{busy(kS2Step, 32)}; }},
    {"S2-eta", [] { return Parts{0.3 * busy(kS2Step, 32)}; }},
    {"SC",
     [] {
       const double links = outputs(function("8", "supply"), {{"request_rate", 40e3},
                                                              {"devices", 1},
                                                              {"input_len", 1},
                                                              {"sample_bytes", 150e3},
                                                              {"host_link_bandwidth", 32e9}})
                                .at("ingest_utilisation");
       const auto stalled = [](bool is) { return is ? "True" : "False"; };
       return Parts{stalled(links > 1), stalled(busy(48e-3, 16) < 1), busy(48e-3, 16)};
     }},
    {"R1-tps1", [] { return Parts{1 / wafer_step()}; }},
    {"R1-opt", [] { return Parts{wafer_balance()}; }},
    {"R1-util", [] { return Parts{wafer_share(wafer_balance())}; }},
    {"R1-maxB",
     [] {
       return Parts{wafer_most(), wafer_most() / wafer_step()};
     }},
    {"R1-gpu", [] { return Parts{memory_time(360e9 / 5, kH100.bandwidth) * 1e3}; }},
    {"OV-sens",
     [] {
       return Parts{relative_gain(kB200, "llama-3.1-70b", "memory_bandwidth", kB200.bandwidth),
                    relative_gain(kB200, "llama-3.1-70b", "peak_flops", kB200.peak)};
     }},
    {"CH-mfu",
     [] {
       const Prediction p = small_llama(Task::decode, 1);
       return Parts{mfu_of(p), binding(p)};
     }},
    {"CH-ttft",
     [] {
       return Parts{small_llama(Task::prefill, 1).outcome.time * 1e3,
                    small_llama(Task::decode, 1).outcome.time * 1e3};
     }},
    {"SA-1", [] { return rate(decode(kH100, "llama-3.1-8b", 1, 2048)); }},
    {"SA-32", [] { return rate(decode(kH100, "llama-3.1-8b", 32, 2048)); }},
    {"SA-128", [] { return rate(decode(kH100, "llama-3.1-8b", 128, 2048)); }},
    {"SA-256", [] { return rate(decode(kH100, "llama-3.1-8b", 256, 2048)); }},
    {"SE-base", [] { return Parts{decode(kB200, "llama-3.1-70b", 1, 2048).outcome.time * 1e3}; }},
    {"SE-spec",
     [] {
       const double gap =
           drafted_gap(18.533886080000002e-3, 16.06e9 + 131072.0 * 2048, kB200.bandwidth, 4, 0.75);
       return Parts{gap * 1e3, 18.533886080000002e-3 / gap};
     }},
    {"G-1",
     [] {
       const Prediction p = resnet(kA100, Task::prefill, 1, 0.5);
       return Parts{p.outcome.time * 1e3, p.throughput, binding(p), intensity(p)};
     }},
    {"G-2",
     [] {
       const Prediction p = resnet(kA100, Task::prefill, 1, 0.5);
       return Parts{mfu_of(p), "= MFU", account(p, "run_energy")};
     }},
    {"SL-9", [] { return Parts{accepted(5, 0.7)}; }},
};

}  // namespace

std::span<const Computed> node_values() {
  return kValues;
}

}  // namespace ironlaw::reference
