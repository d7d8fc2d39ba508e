// Training: the anchors, fleets and searches of the reference on our pipeline, and its collectives on
// wall 14.
#include <cmath>

#include "framework/predict/search.hpp"
#include "tests/reference/setups.hpp"
#include "tests/reference/values.hpp"

namespace ironlaw::reference {
namespace {

constexpr Link kNvlink{450e9, 0.5e-6}, kHdr{25e9, 7e-6};

Prediction resnet(const Device& device, double devices, double per_device, double efficiency) {
  return textbook(on(device, "resnet-50", Task::train, devices * per_device, efficiency,
                     {.data = static_cast<int>(devices)}));
}

// ---- anchor A3: Llama 3.1 405B on 16,384 H100 ------------------------------------------------------------
const Prediction& a3() {
  static const Prediction answer = [] {
    Scenario s = at_length(on(kH100, "llama-3.1-405b", Task::train, 2048, 0.42,
                              {.tensor = 8, .pipeline = 16, .data = 128}, Precision::bf16),
                           8192);
    s.zero_stage = 2;
    s.recompute = Recompute::selective;
    return textbook(s);
  }();
  return answer;
}
double a3_bubble_time() {
  return exposure(5.619615525693342 * 16 / 15, 0, 0, 15, 16).at("bubble_time");
}
double overall_mfu(const Prediction& p) {
  return *p.iron_law.mfu * *p.iron_law.eta_scaling;
}

// ---- anchor A4: PaLM 540B on 6,144 TPU v4 ----------------------------------------------------------------
const ModelSpec& palm() {
  static const ModelSpec model{.id = "palm-540b",
                               .title = "PaLM 540B",
                               .kind = ModelKind::decoder,
                               .shape = {.layers = 118,
                                         .hidden = 18432,
                                         .heads = 48,
                                         .kv_heads = 1,
                                         .head_dim = 256,
                                         .ffn = 73728,
                                         .vocab = 256000,
                                         .gated_mlp = true,
                                         .tied_embedding = true,
                                         .parallel_block = true,
                                         .rotary = true},
                               .input_len = 2048,
                               .output_len = 0,
                               .source = "Chowdhery et al. 2022 arXiv:2204.02311 table 1",
                               .lengths_source = "the same",
                               .train_len = 2048};
  return model;
}
const Prediction& a4() {
  static const Prediction answer = [] {
    Scenario s = on({"tpu-v5p", 275e12, 1.2e12, 32 * kGibi}, "llama-3.1-8b", Task::train, 2048, 0.47,
                    {.tensor = 12, .data = 512}, Precision::bf16);
    s.model = &palm();
    give(s, "scaleup_bandwidth", 300e9);
    give(s, "scaleup_size", 3072);
    give(s, "network_bandwidth", 1.65e9);
    s.zero_stage = 3;
    s.recompute = Recompute::full;
    return textbook(s);
  }();
  return answer;
}

// ---- case R3: Llama 3.1 70B on 512 H100 ------------------------------------------------------------------
const Prediction& r3() {
  static const Prediction answer = [] {
    Scenario s = at_length(
        on(kH100, "llama-3.1-70b", Task::train, 1024, 0.40, {.tensor = 8, .data = 64}, Precision::bf16),
        4096);
    give(s, "network_bandwidth", kHdr.bandwidth);
    give(s, "scaleup_latency", kNvlink.latency);
    give(s, "network_latency", kHdr.latency);
    s.recompute = Recompute::full;
    return textbook(s);
  }();
  return answer;
}
double r3_compute() {
  return compute_time(8 * 70.6e9 * 4096 * 16 / 8, kH100.peak, 0.40);
}
double r3_tensor() {
  return 320 * all_reduce(16.0 * 4096 * 8192 * 2, 8, 1, kNvlink, kHdr);
}
double r3_gradients() {
  return all_reduce(70.6e9 / 8 * 2, 1, 64, kNvlink, kHdr);
}

// ---- memory ----------------------------------------------------------------------------------------------
double gpt3_memory(int stages) {
  Scenario s = at_length(on(kH100, "gpt-3-175b", Task::train, 32 * 64, 0.4,
                            {.tensor = 8, .pipeline = stages, .data = 256 / stages}, Precision::bf16),
                         2048);
  s.zero_stage = 0;
  s.recompute = Recompute::selective;
  return memory_needed(*textbook(s).memory) / 1e9;
}
Prediction llama_memory() {
  Scenario s = at_length(on(kH100, "llama-3.1-8b", Task::train, 8, 0.5), 1024);
  s.zero_stage = 0;
  s.micro_batch = 8;
  s.recompute = Recompute::selective;
  return textbook(s);
}

// ---- searches --------------------------------------------------------------------------------------------
std::string split_text(const Candidate& c) {
  return std::to_string(c.split.tensor) + "/" + std::to_string(c.split.pipeline) + "/" +
         std::to_string(c.split.data);
}
std::vector<Candidate> search(const char* model, int devices, double batch, double tokens, double efficiency,
                              double network, bool recompute) {
  Scenario s = at_length(on(kH100, model, Task::train, batch, efficiency, {}, Precision::bf16), tokens);
  give(s, "network_bandwidth", network);
  if (recompute) s.recompute = Recompute::full;
  return search_splits(s, devices, testing::predictor(), ParameterSet::textbook());
}
const std::vector<Candidate>& a7() {
  static const auto found = search("llama-3.1-405b", 16384, 2048, 8192, 0.42, 50e9, true);
  return found;
}
const std::vector<Candidate>& sg() {
  static const auto found = search("llama-3.1-70b", 256, 2048, 2048, 0.5, 12.5e9, false);
  return found;
}
const std::vector<Candidate>& ex4() {
  static const auto found = search("llama-3.1-70b", 64, 512, 2048, 0.4, 50e9, false);
  return found;
}
double that_fit(const std::vector<Candidate>& all) {
  double count = 0;
  for (const Candidate& c : all) count += c.refused.empty() && c.memory_headroom >= 0;
  return count;
}
std::string ranked(const Candidate& c) {
  char mfu[16];
  std::snprintf(mfu, sizeof mfu, " %.5f", c.mfu);
  return split_text(c) + mfu;
}

constexpr Computed kValues[] = {
    {"A1-sim-gpu", [] { return Parts{resnet(kA100, 1, 256, 0.19).throughput}; }},
    {"A1-sim-node", [] { return Parts{resnet(kA100, 8, 256, 0.19).throughput}; }},
    {"A1-err", [] { return Parts{resnet(kA100, 8, 256, 0.19).throughput / 17'400 - 1}; }},
    {"A1-bottleneck", [] { return Parts{binding(resnet(kA100, 1, 256, 0.19))}; }},
    {"A2-weights", [] { return Parts{bytes_of_weights("llama-2-70b", 2) / 1e9}; }},
    {"A3-scale", [] { return Parts{*a3().iron_law.eta_scaling}; }},
    {"A3-mfu", [] { return Parts{overall_mfu(a3())}; }},
    {"A3-mem", [] { return Parts{memory_needed(*a3().memory) / 1e9}; }},
    {"A3-bubble", [] { return Parts{a3_bubble_time()}; }},
    {"A3-bubblefrac",
     [] { return Parts{a3_bubble_time() / (a3_bubble_time() + 5.619615525693342 * 16 / 15)}; }},
    {"A3-bubbleshare",
     [] {
       const Prediction& p = a3();
       textbook(p.resolved.scenario);  // its tables again
       return Parts{column(p, IRONLAW_LEVEL_STEP, "bubble_time") / p.outcome.step_time};
     }},
    {"A3-step", [] { return Parts{a3().outcome.step_time}; }},
    {"A3-err", [] { return Parts{1 - overall_mfu(a3()) / 0.41}; }},
    {"A4-scale", [] { return Parts{*a4().iron_law.eta_scaling}; }},
    {"A4-replica-mfu", [] { return Parts{0.75 * compute_time(1, 1, 1) / compute_time(1, 1, 0.47)}; }},
    {"A4-mem", [] { return Parts{memory_needed(*a4().memory) / 1e9}; }},
    {"A4-err", [] { return Parts{1 - overall_mfu(a4()) / 0.462}; }},
    {"A7-best", [] { return Parts{split_text(a7()[0])}; }},
    {"A7-cands", [] { return Parts{that_fit(a7())}; }},
    {"A7-mfu", [] { return Parts{a7()[0].mfu}; }},
    {"A7-second",
     [] {
       return Parts{split_text(a7()[1]), a7()[1].mfu};
     }},
    {"S2-demand", [] { return Parts{resnet(kA100, 8, 256, 0.30).throughput}; }},
    {"S2-scale", [] { return Parts{*resnet(kA100, 8, 256, 0.30).iron_law.eta_scaling}; }},
    {"R3-step", [] { return Parts{r3().outcome.step_time}; }},
    {"R3-compute", [] { return Parts{r3_compute()}; }},
    {"R3-tp", [] { return Parts{r3_tensor() * 1e3}; }},
    {"R3-comm", [] { return Parts{(r3_tensor() + r3_gradients()) * 1e3}; }},
    {"R3-scale", [] { return Parts{*r3().iron_law.eta_scaling}; }},
    {"R3-mfu",
     [] {
       return Parts{overall_mfu(r3()), *r3().iron_law.mfu};
     }},
    {"R3-tokens",
     [] {
       // At the reference's step time; from there wall 11.
       const double tokens = 1024 * 4096.0 * 30 * kDay / 13.24524230328145;
       const double budget = 6 * 70.6e9 * tokens;
       const Values run =
           outputs(function("11", "budget"), {{"compute_budget", budget}, {"active_parameters", 70.6e9}});
       const Values best =
           outputs(function("11", "optimum"),
                   {{"active_parameters", 70.6e9}, {"training_tokens", 0}, {"compute_budget", budget}});
       return Parts{run.at("affordable_tokens"), budget, best.at("optimal_parameters")};
     }},
    {"R3-tpshare",
     [] {
       const double exposed =
           exposure(r3_compute(), r3_tensor(), r3_gradients(), 0, 1, 0.75).at("exposed_communication");
       const double step = r3_compute() + exposed;
       return Parts{r3_tensor() / step, (exposed - r3_tensor()) / step};
     }},
    {"R4-mem",
     [] {
       return Parts{gpt3_memory(8), gpt3_memory(4)};
     }},
    {"SG-1",
     [] {
       return Parts{split_text(sg()[0]), sg()[0].mfu};
     }},
    {"SG-2",
     [] {
       return Parts{ranked(sg()[1]), ranked(sg()[2])};
     }},
    {"G-3",
     [] {
       const MemoryUse m = *llama_memory().memory;
       return Parts{m.weights / 1e9,     Part::none(), m.states / 1e9,
                    m.activations / 1e9, Part::none(), memory_needed(m) / 1e9};
     }},
    {"G-8", [] { return Parts{memory_needed(*resnet(kA100, 1, 8, 0.5).memory) / 1e9}; }},
    {"EX4-a", [] { return Parts{split_text(ex4()[0])}; }},
    {"EX4-b", [] { return Parts{ex4()[0].mfu}; }},
    {"EMP-1",
     [] {
       return Parts{resnet(kA100, 1, 256, 0.26).throughput, Part::none()};
     }},
    {"EMP-2",
     [] {
       return Parts{resnet(kH100, 1, 256, 0.13).throughput, Part::none()};
     }},
    {"EMP-4",
     [] {
       const double flops = 6 * parameter_count(find_model("gpt-3-175b")) * 300e9;
       return Parts{std::abs(flops / 3.14e23 - 1) < 0.01 ? "within 1%" : "beyond 1%"};
     }},
    {"CAL-6",
     [] {
       return Parts{6 * parameter_count(find_model("gpt-3-175b")) * 300e9, Part::none()};
     }},
};

}  // namespace

std::span<const Computed> training_values() {
  return kValues;
}

}  // namespace ironlaw::reference
