// Walls 15 to 20: failures, queues, money, carbon.
#include <cmath>

#include "tests/reference/setups.hpp"
#include "tests/reference/values.hpp"

namespace ironlaw::reference {
namespace {

double mtbf(double devices, const Values& changes = {}) {
  return outputs(function("15", "failures"), with({{"devices", devices}}, changes)).at("mtbf");
}
Values interval(double devices, double checkpoint) {
  return outputs(function("15", "interval"), {{"interruption_rate", 1 / mtbf(devices)},
                                              {"checkpoint_stall", checkpoint},
                                              {"checkpoint_write_time", checkpoint}});
}
double queue_wait(double load) {
  return outputs(function("16", "queue"), {{"devices", 64},
                                           {"run_time", kHour},
                                           {"cluster_devices", 64},
                                           {"cluster_load", load},
                                           {"job_duration_cv", 0}})
      .at("queue_wait");
}
double tonnes(double devices, double days, double mfu, const Site& site) {
  return consume(devices, 700, days, mfu, site).carbon / 1e3;
}
double p99(double load) {  // of ten servers, in services
  return outputs(function("7", "tail"), {{"arrival_rate", 10 * load},
                                         {"request_capacity", 10},
                                         {"replicas", 10},
                                         {"replica_request_limit", 1},
                                         {"has_decode", 1},
                                         {"request_time", 1},
                                         {"prefill_step_time", 0},
                                         {"ttft", 1}})
      .at("request_time_p99");
}
// GPUs of which each serves `rate` requests a second, as many as 1,000 a second need.
double fleet(double rate, double gpus_each) {
  double replicas = 1;
  while (outputs(function("7", "tail"), {{"arrival_rate", 1000},
                                         {"request_capacity", replicas * rate},
                                         {"replicas", replicas},
                                         {"replica_request_limit", 1},
                                         {"has_decode", 1},
                                         {"request_time", 1 / rate},
                                         {"prefill_step_time", 0},
                                         {"ttft", 0}})
             .at("service_utilisation") > 1)
    ++replicas;
  return replicas * gpus_each;
}

constexpr Computed kValues[] = {
    {"R3-mtbf", [] { return Parts{mtbf(512) / kHour}; }},
    {"R3-yd", [] { return Parts{interval(512, 60).at("young_interval") / 60}; }},
    {"R3-fail",
     [] {
       return Parts{outputs(function("15", "interruptions"),
                            {{"interruption_rate", 1 / mtbf(512)}, {"run_time", 720 * kHour}})
                        .at("expected_interruptions")};
     }},
    {"R3-goodput", [] { return Parts{interval(512, 60).at("first_order_goodput")}; }},
    {"OV-mtbf",
     [] {
       return Parts{mtbf(1024) / kHour, interval(1024, 60).at("young_interval") / 60};
     }},
    {"TUT-06",
     [] {
       return Parts{mtbf(512, {{"nics_per_node", 0}, {"power_supplies_per_node", 0}}) / kHour};
     }},
    {"W16-wait", [] { return Parts{queue_wait(0.9) / queue_wait(0.5)}; }},
    {"LAW-4", [] { return Parts{queue_wait(0.8) / kHour}; }},
    {"PAP-1",
     [] {
       return Parts{p99(0.8), p99(0.95)};
     }},
    {"Q6",
     [] {
       return Parts{fleet(25, 1), fleet(20, 2)};
     }},
    {"W17-capex", [] { return Parts{own(1024, 30, 0).at("capex") / 1e6}; }},
    {"W17-runcapex", [] { return Parts{own(1024, 30, 0).at("period_capex") / 1e3}; }},
    {"W17-energy",
     [] {
       const double energy = consume(1024, 700, 30, 1, kUsAverage).energy;
       return Parts{own(1024, 30, energy).at("energy_cost") / 1e3};
     }},
    {"W17-maint", [] { return Parts{own(1024, 30, 0).at("maintenance_cost") / 1e3}; }},
    {"W17-share",
     [] {
       return Parts{own(1024, 30, consume(1024, 700, 30, 1, kUsAverage).energy).at("electricity_share")};
     }},
    {"G-6",
     [] {
       const Consumption c = consume(256, 700, 1, 0.45, kUsAverage);
       return Parts{c.energy / kUsAverage.pue / kKilowattHour, c.energy / kKilowattHour, c.carbon, c.water};
     }},
    {"G-7",
     [] {
       const Values out = own(256, 1, consume(256, 700, 1, 0.45, kUsAverage).energy);
       return Parts{out.at("period_capex"), out.at("energy_cost"), out.at("maintenance_cost"),
                    out.at("owned_cost")};
     }},
    {"R3-tco",
     [] {
       const Values out = own(512, 30, consume(512, 700, 30, 0.2649047196608725, kQuebec).energy);
       return Parts{out.at("period_capex") / 1e3, out.at("energy_cost") / 1e3,
                    out.at("maintenance_cost") / 1e3, out.at("owned_cost") / 1e3};
     }},
    {"R3-carbon",
     [] {
       const Consumption quebec = consume(512, 700, 30, 0.2649047196608725, kQuebec);
       const Consumption iowa = consume(512, 700, 30, 0.2649047196608725, kIowa);
       return Parts{quebec.energy / kMegawattHour, quebec.carbon / 1e3, iowa.carbon / 1e3, iowa.water / 1e3};
     }},
    {"OV-train1k",
     [] {
       const Consumption c = consume(1024, 700, 30, 0.42, kUsAverage);
       return Parts{c.carbon / 1e3, c.water / 1e6, own(1024, 30, c.energy).at("owned_cost") / 1e6};
     }},
    {"I2-Quebec",
     [] {
       const Consumption c = consume(256, 700, 30, 0.42, kQuebec);
       return Parts{c.energy / kMegawattHour, c.carbon / 1e3, c.water / 1e3};
     }},
    {"I2-ratio", [] { return Parts{tonnes(256, 30, 0.42, kIowa) / tonnes(256, 30, 0.42, kQuebec)}; }},
    {"A6-carbon", [] { return Parts{carbon_of(1'287'000, 429) / 1e3}; }},
    {"SB-carbon", [] { return Parts{tonnes(256, 74.154, 0.42, kIowa)}; }},
    {"CH-year",
     [] {
       const Consumption c = consume(1, 700, 365, 0.00287, kIowa);
       return Parts{own(1, 365, c.energy).at("owned_cost") / 1e3, c.carbon / 1e3, c.water / 1e3};
     }},
    {"SF",
     [] {
       const Consumption c = consume(1, 700, 365, 1, kUsAverage);
       const Prediction p = textbook(at_length(on(kH100, "llama-3.1-8b", Task::decode, 1, 0.5), 2048));
       char memory[32];
       std::snprintf(memory, sizeof memory, "%.1f/%.1f GB", p.memory->weights / 1e9, kH100.capacity / 1e9);
       return Parts{memory, p.outcome.time * 1e3, c.carbon, own(1, 365, c.energy).at("owned_cost")};
     }},
    {"EX5-b", [] { return Parts{tonnes(256, 30, 0.4, kUsAverage) * 1e3}; }},
    {"EX5-c", [] { return Parts{tonnes(256, 30, 0.4, kQuebec) * 1e3}; }},
    {"Q7",
     [] {
       return Parts{carbon_of(500e3, 390) / 1e3, carbon_of(500e3, 1.2) / 1e3};
     }},
    {"SL-10",
     [] {
       return Parts{consume(256, 700, 30, 0.45, kPoland).energy / kMegawattHour,
                    consume(256, 700, 30, 0.45, kQuebec).energy / kMegawattHour};
     }},
    {"SL-11", [] { return Parts{tonnes(512, 30, 0.45, kPoland) - tonnes(512, 30, 0.45, kQuebec)}; }},
    {"LAW-5", [] { return Parts{carbon_of(1, 820) / carbon_of(1, 20)}; }},
};

}  // namespace

std::span<const Computed> operations_values() {
  return kValues;
}

}  // namespace ironlaw::reference
