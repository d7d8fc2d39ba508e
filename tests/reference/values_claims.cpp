// What the reference's exercises, quiz, slides and pages say: claims to test.
#include <cmath>

#include "tests/reference/setups.hpp"
#include "tests/reference/values.hpp"

namespace ironlaw::reference {
namespace {

Prediction decode(const Device& device, const char* model, double batch, double context,
                  Precision precision = Precision::fp16, Parallelism split = {}) {
  return textbook(at_length(on(device, model, Task::decode, batch, 0.5, split, precision), context));
}
double prefill_ms(const char* model, double tokens) {
  return textbook(at_length(on(kH100, model, Task::prefill, 1, 0.5), tokens)).outcome.time * 1e3;
}
double decode_ms(const char* model, double batch, double context) {
  return decode(kH100, model, batch, context).outcome.time * 1e3;
}
const char* feasibility(const Prediction& p) {
  return p.feasible ? "feasible" : "infeasible";
}

double kv_of_8b(double tokens) {  // [B] of one request
  return testing::case_of(at_length(scenario("llama-3.1-8b", "h100", Task::decode), tokens))
             .inputs[static_cast<std::size_t>(testing::case_of(scenario("llama-3.1-8b", "h100", Task::decode))
                                                  .pipeline->input("kv_bytes_per_token"))] *
         tokens;
}
double requests_of_8b() {  // of 4,096 tokens on an H100
  return outputs(function("5", "slots"), {{"request_limit", 1e6},
                                          {"input_len", 4096},
                                          {"generated_len", 0},
                                          {"sequences", 1},
                                          {"beams", 1},
                                          {"max_len", 4096},
                                          {"usable_memory", kH100.capacity},
                                          {"resident_weight_bytes", 16.06e9},
                                          {"weight_bytes", 16.06e9},
                                          {"working_bytes", 0},
                                          {"kv_bytes_per_token", 131072},
                                          {"memory_bandwidth", kH100.bandwidth}})
      .at("paged_requests");
}
// The smallest batch, in powers of two, at which arithmetic binds.
template <class Batch>
double first_compute_bound(const Batch& at) {
  for (int batch = 1; batch <= 4096; batch *= 2)
    if (binding(at(batch)) == "compute") return batch;
  return INFINITY;
}
double gpus_that_fit(double bits) {
  return std::ceil(stored(parameter_count(find_model("llama-3.1-70b")), bits) / kH100.capacity);
}
std::string cheapest_token() {
  std::string best;
  double least = INFINITY;
  for (const auto& [device, price] : {std::pair{kA100, 15'000.0}, {kH100, 25'000.0}, {kB200, 40'000.0}}) {
    Scenario s = at_length(on(device, "llama-3.1-8b", Task::decode, 32, 0.5), 4096);
    give(s, "price", price);
    const double cost = account(textbook(s), "cost_per_million_tokens");
    if (cost < least) {
      least = cost;
      best = testing::hardware(device.name).id;
    }
  }
  return best;
}
Values accuracy(double bits) {
  return outputs(function("13", "accuracy"), {{"weight_bits", bits}});
}

constexpr Computed kValues[] = {
    {"EX1-a",
     [] {
       return Parts{first_compute_bound(
           [](double batch) { return textbook(on(kA100, "resnet-50", Task::prefill, batch, 0.5)); })};
     }},
    {"EX1-b",
     [] {
       const Prediction p = textbook(on(kA100, "resnet-50", Task::prefill, 1, 0.5));
       return Parts{p.iron_law.flops / 1e9, bytes_of_weights("resnet-50", 2) / 1e6};
     }},
    {"EX2-a", [] { return Parts{requests_of_8b()}; }},
    {"EX2-b",
     [] {
       return Parts{bytes_of_weights("llama-3.1-8b", 2) / 1e9, kv_of_8b(4096) / 1e9,
                    128 * kv_of_8b(4096) / 1e9};
     }},
    {"EX3-b",
     [] {
       const double faster = decode(kA100, "llama-3.1-8b", 1, 2048).outcome.time /
                             decode(kA100, "llama-3.1-8b", 1, 2048, Precision::int4).outcome.time;
       return Parts{-100 * accuracy(4).at("accuracy_change"), faster};
     }},
    {"EX6-a", [] { return Parts{cheapest_token()}; }},
    {"EX7-b", [] { return Parts{compute_time(20e6, 64e6, 0.1) * 1e3}; }},
    {"EX7-c",
     [] {
       const double watts = outputs(function("18", "device_power"), {{"power", 0.015},
                                                                     {"peak_flops", 128e6},
                                                                     {"memory_bandwidth", 0.064e9},
                                                                     {"cycle_time", 20e6 / (128e6 * 0.3)},
                                                                     {"cycle_flops", 20e6},
                                                                     {"cycle_bytes", 0}})
                                .at("device_power");
       return Parts{watts * compute_time(20e6, 128e6, 0.3) * 1e3};
     }},
    {"EX7-d",
     [] {
       return Parts{compute_time(6e6, 128e6, 0.3) * 1e3, compute_time(6e6, 128e6, 1) * 1e3};
     }},
    {"EX8-b",
     [] {
       const double weights = parameter_count(find_model("llama-3.1-70b"));
       return Parts{stored(weights, 16) / 1e9, stored(weights, 4) / 1e9};
     }},
    {"Q1",
     [] {
       return Parts{memory_time(16e9, kH100.bandwidth) > compute_time(32e9, kH100.peak, 1) ? "memory"
                                                                                           : "compute"};
     }},
    {"Q2", [] { return Parts{memory_time(1, 2.0e12) / memory_time(1, 3.35e12)}; }},
    {"Q4",
     [] {
       return Parts{all_reduce(14e9, 1, 64, {450e9, 0}, {50e9, 0})};
     }},
    {"Q5",
     [] {
       return Parts{gpus_that_fit(16), gpus_that_fit(4)};
     }},
    {"Q9", [] { return Parts{memory_time(16e9, 1e9) / 40e-3}; }},
    {"ACC-1",
     [] {
       return Parts{textbook(on(kA100, "resnet-50", Task::prefill, 1, 0.5)).outcome.time * 1e3, Part::none(),
                    Part::none()};
     }},
    {"ACC-2",
     [] {
       return Parts{textbook(on(kA100, "resnet-50", Task::prefill, 64, 0.5)).outcome.time * 1e3, Part::none(),
                    Part::none()};
     }},
    {"ACC-3",
     [] {
       const Scenario s = at_length(on(kH100, "bert-large", Task::prefill, 1, 0.5), 128);
       return Parts{textbook(s).outcome.time * 1e3, Part::none(), Part::none()};
     }},
    {"ACC-5",
     [] {
       return Parts{feasibility(decode(kH100, "llama-2-70b", 1, 2048)), Part::none(), Part::none()};
     }},
    {"EMP-3", [] { return Parts{decode_ms("llama-3.1-8b", 1, 2048)}; }},
    {"SL-1",
     [] {
       return Parts{
           first_compute_bound([](double batch) { return decode(kH100, "llama-3.1-8b", batch, 128); })};
     }},
    {"SL-2", [] { return Parts{kv_of_8b(4096) / 1e9}; }},
    {"SL-4", [] { return Parts{requests_of_8b()}; }},
    {"SL-5",
     [] {
       return Parts{prefill_ms("llama-3.1-8b", 4096), decode_ms("llama-3.1-8b", 1, 4096)};
     }},
    {"SL-6",
     [] {
       const double wide = memory_time(stored(8.03e9, 16), kH100.bandwidth);
       const double narrow = memory_time(stored(8.03e9, 4), kH100.bandwidth);
       return Parts{wide * 1e3, narrow * 1e3, wide / narrow};
     }},
    {"SL-14", [] { return Parts{binding(decode(kH100, "llama-3.1-8b", 64, 2048))}; }},
    {"LAW-1", [] { return Parts{compute_time(16e9, kH100.peak, 0.5) * 1e3}; }},
    {"LAW-2", [] { return Parts{memory_time(16e9, kH100.bandwidth) * 1e3}; }},
    {"LAW-3",
     [] {
       return Parts{all_reduce(1e9, 1, 8, {450e9, 0}, {50e9, 0}) * 1e3};
     }},
    {"LAW-6",
     [] {
       const Values out =
           outputs(function("11", "optimum"),
                   {{"active_parameters", 1e9}, {"training_tokens", 0}, {"compute_budget", 1e24}});
       return Parts{out.at("optimal_parameters"), out.at("optimal_tokens")};
     }},
    {"MATH-1",
     [] {
       const Prediction p = decode(kH100, "llama-3.1-70b", 32, 4096);
       return Parts{p.memory->kv / 1e9};
     }},
    {"PAP-5",
     [] {
       const Prediction p = decode(kH100, "llama-2-70b", 1, 2048, Precision::fp16, {.tensor = 2});
       return Parts{p.outcome.time * 1e3, Part::none()};
     }},
    {"TUT-09",
     [] {
       return Parts{feasibility(decode(kA100, "llama-3.1-70b", 1, 2048)), Part::none()};
     }},
    {"CAL-3",
     [] {
       return Parts{decode_ms("llama-3.1-8b", 1, 2048), Part::none()};
     }},
    {"CAL-4",
     [] {
       return Parts{decode_ms("llama-3.1-8b", 32, 2048), Part::none()};
     }},
    {"CAL-5",
     [] {
       return Parts{prefill_ms("llama-3.1-8b", 2048), Part::none()};
     }},
};

}  // namespace

std::span<const Computed> claim_values() {
  return kValues;
}

}  // namespace ironlaw::reference
