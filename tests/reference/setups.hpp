// The reference's setups in terms of our walls and scenarios.
#pragma once

#include <string>

#include "ironlaw/quantities.hpp"
#include "tests/predict/scenarios.hpp"
#include "tests/walls/functions.hpp"

namespace ironlaw::reference {

using testing::function;
using testing::outputs;
using testing::scenario;
using testing::textbook;
using testing::Values;
using testing::with;

inline constexpr double kHour = 3600, kDay = 86400, kKilowattHour = 3.6e6, kMegawattHour = 3.6e9;
inline constexpr double kGibi = 1073741824.0;

// ---- the reference's device records ----------------------------------------------------------------------
struct Device {
  const char* name;
  double peak, bandwidth, capacity;  // FP16 dense, FLOP/s, B/s, B
};
inline constexpr Device kA100{"a100", 312e12, 2.039e12, 80 * kGibi};
inline constexpr Device kH100{"h100", 989e12, 3.35e12, 80 * kGibi};
inline constexpr Device kB200{"b200", 2250e12, 8.0e12, 180 * kGibi};

inline void give(Scenario& s, const char* name, double value) {
  s.given[name] = {value, "reference"};
}

// A scenario on one of them with the reference's one efficiency, which it applies to arithmetic alone.
inline Scenario on(const Device& device, const char* model, Task task, double batch, double efficiency,
                   Parallelism split = {}, Precision precision = Precision::fp16) {
  Scenario s = scenario(model, device.name, task, batch, precision, split);
  give(s, "peak_flops", device.peak);
  give(s, "memory_bandwidth", device.bandwidth);
  give(s, "memory_capacity", device.capacity);
  for (const char* name : {"matmul_efficiency", "attention_efficiency", "convolution_efficiency"})
    give(s, name, efficiency);
  return s;
}
inline Scenario at_length(Scenario s, double tokens) {
  s.input_len = tokens;
  if (s.task == Task::decode) s.output_len = 0;
  return s;
}

// ---- reading an answer -----------------------------------------------------------------------------------
inline std::string binding(const Prediction& p) {
  return p.ledger[*p.binding].name;
}
inline double column(const Prediction& p, ironlaw_level level, const char* name) {
  const int index = p.resolved.pipeline->column(level, name);
  EXPECT_GE(index, 0) << name;
  return testing::predictor().evaluator().table(level).column(index)[0];
}
inline double intensity(const Prediction& p) {  // FLOP a byte
  return column(p, IRONLAW_LEVEL_RUN, "cycle_flops") / column(p, IRONLAW_LEVEL_RUN, "cycle_bytes");
}
inline double mfu_of(const Prediction& p) {
  return p.peak_seconds / p.outcome.time;
}
inline double memory_needed(const MemoryUse& m) {
  return m.weights + m.kv + m.activations + m.states;
}
inline double account(const Prediction& p, std::string_view name) {
  for (const Account& a : p.accounts)
    if (a.name == name) return a.value;
  ADD_FAILURE() << "no account " << name;
  return 0;
}
inline double bytes_of_weights(const char* model, double bytes) {
  return parameter_count(find_model(model)) * bytes;
}

// ---- walls 1 to 3 by themselves --------------------------------------------------------------------------
inline double compute_time(double flops, double peak, double efficiency) {
  const double at_peak = outputs(function("1", "arithmetic"), {{"operator_flops", flops},
                                                               {"operator_peak", peak},
                                                               {"operator_weight_bytes", 0},
                                                               {"weight_flop_factor", 1}})
                             .at("compute_time");
  return at_peak / outputs(function("3", "kernels"), {{"is_matmul", 1},
                                                      {"is_attention", 0},
                                                      {"is_convolution", 0},
                                                      {"is_vector", 0},
                                                      {"attention_tiles", 0},
                                                      {"attention_scores", 0},
                                                      {"is_training", 0},
                                                      {"memory_bandwidth", 1e12},
                                                      {"launches", 1},
                                                      {"matmul_efficiency", efficiency}})
                       .at("compute_efficiency");
}
inline double memory_time(double bytes, double bandwidth) {
  return outputs(function("2", "traffic"), {{"operator_bytes", bytes},
                                            {"memory_bandwidth", bandwidth},
                                            {"operator_weight_bytes", 0},
                                            {"weight_byte_factor", 1},
                                            {"values_from_memory", 1},
                                            {"weights_from_memory", 1}})
      .at("memory_time");
}
// Wall 13: weights of `parameters` at `bits`, without scales as the reference has them.
inline double stored(double parameters, double bits) {
  return outputs(function("13", "storage"),
                 {{"stored_weight_bytes", parameters * bits / 8}, {"weight_bits", bits}, {"scale_bits", 0}})
      .at("weight_bytes");
}

// ---- wall 14 by itself -----------------------------------------------------------------------------------
struct Link {
  double bandwidth, latency;
};
inline double all_reduce(double bytes, double inside, double across, const Link& scaleup,
                         const Link& network) {
  return outputs(function("14", "collectives"), {{"is_all_reduce", 1},
                                                 {"is_gather", 0},
                                                 {"is_all_to_all", 0},
                                                 {"is_point_to_point", 0},
                                                 {"message_bytes", bytes},
                                                 {"ranks_inside", inside},
                                                 {"ranks_across", across},
                                                 {"scaleup_bandwidth", scaleup.bandwidth},
                                                 {"network_path_bandwidth", network.bandwidth},
                                                 {"network_bisection_bandwidth", network.bandwidth},
                                                 {"network_hops", 4},
                                                 {"network_neighbour_hops", 4},
                                                 {"memory_bandwidth", 3.35e12},
                                                 {"scaleup_latency", scaleup.latency},
                                                 {"network_latency", network.latency}})
      .at("collective_time");
}
// A training step of these times on one stage: what communication and bubbles add.
inline Values exposure(double node, double tensor, double data, double idle_slots = 0,
                       double micro_batches = 1, double backward_share = 2.0 / 3) {
  return outputs(function("14", "exposure"), {{"node_time", node},
                                              {"tensor_time", tensor},
                                              {"pipeline_time", 0},
                                              {"data_time", data},
                                              {"expert_time", 0},
                                              {"idle_slots", idle_slots},
                                              {"micro_batches", micro_batches},
                                              {"interleave", 1},
                                              {"backward_share", backward_share}});
}

// ---- walls 17 and 18 at the reference's power law --------------------------------------------------------
struct Site {
  double grams, pue, litres;  // g/kWh, -, L/kWh
};
inline constexpr Site kUsAverage{429, 1.12, 1.8}, kIowa{680, 1.12, 1.8}, kQuebec{20, 1.06, 0},
    kPoland{820, 1.58, 1.8};
struct Consumption {
  double energy, carbon, water;  // J, kg, L
};
// Devices only, and their power by their MFU only, as the reference counts.
inline Consumption consume(double devices, double watts, double days, double mfu, const Site& site) {
  const double power = outputs(function("18", "device_power"), {{"power", watts},
                                                                {"peak_flops", 1e15},
                                                                {"memory_bandwidth", 1e12},
                                                                {"cycle_time", 1},
                                                                {"cycle_flops", mfu * 1e15},
                                                                {"cycle_bytes", 0},
                                                                {"full_power_compute", 1},
                                                                {"memory_power_share", 0}})
                           .at("device_power");
  const double energy = outputs(function("18", "facility"), {{"device_power", power},
                                                             {"power", watts},
                                                             {"devices", devices},
                                                             {"pue", site.pue},
                                                             {"host_power_share", 0},
                                                             {"network_power", 0},
                                                             {"run_time", days * kDay},
                                                             {"run_tokens", 0},
                                                             {"run_requests", 0}})
                            .at("run_energy");
  const Values footprint =
      outputs(function("18", "footprint"), {{"run_energy", energy},
                                            {"run_time", days * kDay},
                                            {"devices", devices},
                                            {"carbon_intensity", site.grams * 1e-3 / kKilowattHour},
                                            {"water_intensity", site.litres / kKilowattHour}});
  return {energy, footprint.at("run_carbon"), footprint.at("run_water")};
}
inline double carbon_of(double kilowatt_hours, double grams) {
  return outputs(function("18", "footprint"), {{"run_energy", kilowatt_hours * kKilowattHour},
                                               {"run_time", kDay},
                                               {"devices", 1},
                                               {"carbon_intensity", grams * 1e-3 / kKilowattHour}})
      .at("run_carbon");
}
inline Values own(double devices, double days, double energy, double price = 25'000) {
  return outputs(function("17", "owned"),
                 {{"price", price}, {"devices", devices}, {"run_time", days * kDay}, {"run_energy", energy}});
}

}  // namespace ironlaw::reference
