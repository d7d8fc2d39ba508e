// Wall 15, Fragility: parts fail, and a job that needs all of them stops when one does. What it has done
// since its last durable checkpoint is done again.
#include <ironlaw/wall.hpp>

#include "checkpointing.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 15,
    .id = "fragility",
    .title = "Fragility",
    .domain = "fleet",
    .term = "goodput",
    .statement =
        "A job on many parts is interrupted at the sum of their failure rates; each interruption costs a "
        "restart and the work since the last durable checkpoint.",
    .equation =
        "rate = n (1/MTTF_device + NICs/MTTF_NIC + PSUs/MTTF_PSU);  goodput = (t/M) / (e^(R/M) (e^((t + "
        "d)/M) "
        "- 1)), at the interval t with 1 - t/M = e^-((t + d)/M);  serving: 1 / (1 + rate x R)",
    .sources =
        "Daly 2006 doi:10.1016/j.future.2004.11.016 (exact for exponential failures); Young 1974 "
        "doi:10.1145/361147.361115 (first order); Grattafiori et al. 2024 arXiv:2407.21783, Kokolis et al. "
        "2024 arXiv:2410.21680 (fleets)",
};

constexpr double kHour = 3600;
constexpr const char* kReferenceRates = "mlsysim, ReliabilityModel: its usual mean times to failure";
constexpr const char* kWhereItRuns = "one step alone is not interrupted";
constexpr std::uint32_t kLongRuns = phase::train | phase::offline | phase::serve;

constexpr q::Time kDeviceMttf{"device_mttf", "mean time to failure of one device"};
constexpr q::Time kNicMttf{"nic_mttf", "mean time to failure of one network card"};
constexpr q::Time kPowerSupplyMttf{"power_supply_mttf", "mean time to failure of one power supply"};
constexpr q::Count kDevicesPerNode{"devices_per_node", "devices in one host"};
constexpr q::Count kNicsPerNode{"nics_per_node", "network cards in one host"};
constexpr q::Count kPowerSuppliesPerNode{"power_supplies_per_node",
                                         "power supplies whose failure stops a host"};
constexpr q::Time kRestartTime{"restart_time",
                               "time to notice a failure, replace the host, load and warm up"};
constexpr q::Time kGivenInterval{"checkpoint_interval_given", "time between two checkpoints; 0: the best"};
constexpr q::Time kMtbf{"mtbf", "mean time between two interruptions of the whole job"};
constexpr q::Time kYoungInterval{"young_interval", "checkpoint interval by Young's first order"};
constexpr q::Count kFirstOrderGoodput{"first_order_goodput",
                                      "goodput at Young's interval without the work done twice"};
constexpr q::Count kExpectedInterruptions{"expected_interruptions", "interruptions in the whole run"};
constexpr q::Count kInterruptionProbability{"interruption_probability",
                                            "probability that the run is interrupted at all"};

constexpr Setting kUsualRestart{
    .value = 300, .source = "Kokolis et al. 2024 arXiv:2410.21680 assume 5 min; mlsysim has the same"};

template <class T>
PerSecond<T> failure_rate(const T& parts, const Seconds<T>& mttf) {
  return PerSecond<T>(parts / mttf.v);
}
template <class T>
Seconds<T> mean_time(const PerSecond<T>& rate) {
  return Seconds<T>(T(1.0) / rate.v);
}

struct Failures {
  static constexpr Level kLevel = Level::run;
  static constexpr const char* kName = "failures";
  static constexpr std::uint32_t kPhases = kLongRuns;
  static constexpr const char* kSupports = kWhereItRuns;

  template <class T>
  struct In {
    T devices, devices_per_node, nics, power_supplies;
    Seconds<T> device, nic, power_supply;
    T scale;
    static constexpr auto ports() {
      return std::tuple{
          discrete(q::devices, &In::devices, 1.0),
          whole(setting(kDevicesPerNode, &In::devices_per_node,
                        {.value = 8, .source = "the usual accelerator node"}, 1.0)),
          setting(kNicsPerNode, &In::nics, {.value = 8, .source = "DGX H100: one network card a GPU"}),
          setting(kPowerSuppliesPerNode, &In::power_supplies, {.value = 2, .source = kReferenceRates}),
          setting(kDeviceMttf, &In::device, {.value = 50'000 * kHour, .source = kReferenceRates}, 1.0),
          setting(kNicMttf, &In::nic, {.value = 150'000 * kHour, .source = kReferenceRates}, 1.0),
          setting(kPowerSupplyMttf, &In::power_supply, {.value = 100'000 * kHour, .source = kReferenceRates},
                  1.0),
          setting(q::failure_scale, &In::scale, {.value = 1})};
    }
  };
  template <class T>
  struct Out {
    PerSecond<T> rate;
    Seconds<T> mtbf;
    static constexpr auto ports() {
      return std::tuple{supply(q::interruption_rate, &Out::rate, 0), account(kMtbf, &Out::mtbf)};
    }
  };

  // A device has its share of the parts of its host. Without failures there is no time between them.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T nodes = in.devices / in.devices_per_node;
    const PerSecond<T> rate = (failure_rate(in.devices, in.device) + failure_rate(nodes * in.nics, in.nic) +
                               failure_rate(nodes * in.power_supplies, in.power_supply)) *
                              in.scale;
    if (value_of(rate.v) == 0) return {rate, Seconds<T>(T(kUnknown))};
    return {rate, mean_time(rate)};
  }
};

struct FailuresByHand {
  static constexpr const char* kText =
      "512 GPUs, 64 hosts: per host 8/50,000 + 8/150,000 + 2/100,000 = 2.333e-4 an hour, so one failure in "
      "4,285.7 h; the job: 4,285.7 / 64 = 66.96 h = 241,071 s";
  static constexpr Failures::In<double> kIn{
      512, 8, 8, 2, Seconds<double>(1.8e8), Seconds<double>(5.4e8), Seconds<double>(3.6e8), 1};
  static constexpr Failures::Out<double> kOut{PerSecond<double>(4.1481e-6), Seconds<double>(241'071)};
};

struct Interval {
  static constexpr Level kLevel = Level::run;
  static constexpr const char* kName = "interval";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = "checkpoints are written in training";

  template <class T>
  struct In {
    PerSecond<T> rate;
    Seconds<T> stall, write, given, restart;
    static constexpr auto ports() {
      return std::tuple{input(q::interruption_rate, &In::rate), input(q::checkpoint_stall, &In::stall),
                        input(q::checkpoint_write_time, &In::write),
                        setting(kGivenInterval, &In::given, {.value = 0}),
                        setting(kRestartTime, &In::restart, kUsualRestart)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> interval, young;
    T first_order;
    static constexpr auto ports() {
      return std::tuple{supply(q::checkpoint_interval, &Out::interval, 0),
                        account(kYoungInterval, &Out::young), account(kFirstOrderGoodput, &Out::first_order)};
    }
  };

  // A checkpoint is durable before the next begins. Without failures none is needed: 0.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool is_given = in.given.v > T(0.0);
    if (value_of(in.rate.v) == 0)
      return {is_given ? in.given : Seconds<T>(T(0.0)), Seconds<T>(T(kUnknown)), T(kUnknown)};
    const Seconds<T> mtbf = mean_time(in.rate);
    const T stall = in.stall * in.rate;
    const Seconds<T> best = max(mtbf * checkpointing::best_interval(stall), in.write - in.stall);
    const T young = stall > T(0.0) ? sqrt(stall * T(2.0)) : stall;
    const T lost = stall > T(0.0) ? stall / young : stall;
    return {is_given ? in.given : best, mtbf * young, T(1.0) - lost - in.restart * in.rate};
  }
};

struct IntervalByHand {
  static constexpr const char* kText =
      "A synchronous checkpoint of 60 s, M = 241,071 s: Young sqrt(2 x 60 x 241,071) = 5,378.5 s (89.64 min) "
      "and 1 - 60/5,378.5 - 300/241,071 = 0.98760; the exact interval is 2/3 x 60 = 40 s shorter";
  static constexpr Interval::In<double> kIn{PerSecond<double>(1 / 241'071.43), Seconds<double>(60),
                                            Seconds<double>(60), Seconds<double>(0), Seconds<double>(300)};
  static constexpr Interval::Out<double> kOut{Seconds<double>(5338.6), Seconds<double>(5378.5), 0.98760};
};

struct Goodput {
  static constexpr Level kLevel = Level::run;
  static constexpr const char* kName = "goodput";
  static constexpr std::uint32_t kPhases = kLongRuns;
  static constexpr const char* kSupports = kWhereItRuns;

  template <class T>
  struct In {
    T is_training, replicas;
    PerSecond<T> rate;
    Seconds<T> interval, stall, write, restart;
    static constexpr auto ports() {
      return std::tuple{discrete(q::is_training, &In::is_training, 0, 1),
                        discrete(q::replicas, &In::replicas, 1.0),
                        input(q::interruption_rate, &In::rate),
                        input(q::checkpoint_interval, &In::interval),
                        input(q::checkpoint_stall, &In::stall),
                        input(q::checkpoint_write_time, &In::write),
                        setting(kRestartTime, &In::restart, kUsualRestart)};
    }
  };
  template <class T>
  struct Out {
    T goodput;
    static constexpr auto ports() { return std::tuple{factor(q::goodput, &Out::goodput, q::steps_time)}; }
  };

  static constexpr double kLeast = 1e-100;  // a job that never ends still has a time

  // Training stops as a whole and goes back; in a service, a replica that fails is away until it is back.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (in.is_training < T(0.5)) return {T(1.0) / (T(1.0) + in.rate * in.restart / in.replicas)};
    const Seconds<T> period = in.interval + in.stall;
    const T unstalled = in.interval.v > T(0.0) ? in.interval / period : T(1.0);
    if (value_of(in.rate.v) == 0) return {unstalled};
    const Seconds<T> lag = max(in.write - in.stall, Seconds<T>(T(0.0)));
    const T kept = exp(-((in.restart + lag) * in.rate)) * checkpointing::decay(period * in.rate);
    return {max(unstalled * kept, T(kLeast))};
  }
};

struct GoodputByHand {
  static constexpr const char* kText =
      "M = 241,071 s, 60 s for a checkpoint after 5,338.6 s, restart 300 s: 5,338.6/5,398.6 = 0.98889 of the "
      "time is no stall, e^-(300/M) = 0.99876 and about 1 - 5,398.6/(2 M) = 0.98880 of it stay: 0.9766";
  static constexpr Goodput::In<double> kIn{1,
                                           64,
                                           PerSecond<double>(1 / 241'071.43),
                                           Seconds<double>(5338.6),
                                           Seconds<double>(60),
                                           Seconds<double>(60),
                                           Seconds<double>(300)};
  static constexpr Goodput::Out<double> kOut{0.97662};
};

struct Interruptions {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "interruptions";
  static constexpr std::uint32_t kPhases = kLongRuns;
  static constexpr const char* kSupports = kWhereItRuns;

  template <class T>
  struct In {
    PerSecond<T> rate;
    Seconds<T> run;
    static constexpr auto ports() {
      return std::tuple{input(q::interruption_rate, &In::rate), input(q::run_time, &In::run)};
    }
  };
  template <class T>
  struct Out {
    T expected, probability;
    static constexpr auto ports() {
      return std::tuple{account(kExpectedInterruptions, &Out::expected),
                        account(kInterruptionProbability, &Out::probability)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T expected = in.rate * in.run;
    return {expected, -checkpointing::expm1(-expected)};
  }
};

struct InterruptionsByHand {
  static constexpr const char* kText =
      "30 days with one failure in 66.964 h: 720 / 66.964 = 10.75 interruptions; the chance of none is "
      "e^-10.75 = 2e-5";
  static constexpr Interruptions::In<double> kIn{PerSecond<double>(1 / 241'071.43),
                                                 Seconds<double>(2'592'000)};
  static constexpr Interruptions::Out<double> kOut{10.752, 0.99998};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Failures, FailuresByHand>, Example<Interval, IntervalByHand>,
                    Example<Goodput, GoodputByHand>, Example<Interruptions, InterruptionsByHand>)
