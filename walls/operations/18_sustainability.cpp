// Wall 18, Sustainability: what a run draws from the plug, the grid and the tap.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 18,
    .id = "sustainability",
    .title = "Sustainability",
    .domain = "operations",
    .term = "none",
    .statement =
        "A device draws an idle share of its power and the rest by what its arithmetic and its memory do; "
        "hosts, network and cooling come on top, and the place decides the carbon.",
    .equation =
        "P = TDP (i + (1 - i) min(1, compute/c + m x memory));  facility = n (P + host + network) x PUE;  "
        "carbon = energy x intensity + embodied x time/life",
    .sources =
        "Patterson et al. 2021 arXiv:2104.10350; Wu et al. 2022 arXiv:2111.00364; Gupta et al. 2021 "
        "arXiv:2011.02839 (embodied); NVIDIA aiconfigurator, GEMMs with power (fit of c and m)",
};

constexpr double kKilowattHour = 3.6e6;
constexpr double kYear = 365.0 * 86'400;
constexpr const char* kGemmPower =
    "fit to 871 GEMMs larger than the cache on H200, B200 and GB200 (NVIDIA aiconfigurator, measured power): "
    "rms 0.19 of TDP; mlsysim's form has 0.32";

constexpr q::Count kIdleShare{"idle_power_share", "share of its design power that an idle device draws"};
constexpr q::Count kFullPowerCompute{"full_power_compute",
                                     "share of the peak at which arithmetic alone draws the design power"};
constexpr q::Count kMemoryShare{"memory_power_share",
                                "share of the power above idle that memory at its full bandwidth draws"};
constexpr q::Count kHostShare{"host_power_share",
                              "power of the host (CPUs, fans, conversion) over its devices' design power"};
constexpr q::Power kNetworkPower{"network_power", "switches and optics of a network across hosts, a device"};
constexpr q::Count kDevicesPerNode{"devices_per_node", "devices in one host"};
constexpr q::Count kPue{"pue", "power of the facility over that of the machines in it"};
constexpr Name<kDimCarbonIntensity> kCarbonIntensity{"carbon_intensity",
                                                     "CO2 equivalent of the grid's electricity"};
constexpr Name<kDimWaterIntensity> kWaterIntensity{"water_intensity", "water that cooling uses on site"};
constexpr q::Mass kEmbodied{"embodied_carbon", "CO2 equivalent of making one device"};
constexpr q::Time kLifetime{"device_lifetime", "how long a device is used"};
constexpr q::Energy kEnergyPerToken{"energy_per_token", "energy of one token, cooling included"};
constexpr q::Energy kEnergyPerRequest{"energy_per_request", "energy of one request or sample"};
constexpr q::Mass kRunCarbon{"run_carbon", "CO2 equivalent of the run's electricity"};
constexpr q::Mass kRunEmbodied{"run_embodied_carbon", "the run's share of the devices' making"};
constexpr q::Mass kTotalCarbon{"run_total_carbon", "CO2 equivalent of electricity and devices"};
constexpr q::Water kRunWater{"run_water", "water that cooling the run uses on site"};

struct DevicePower {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "device_power";

  template <class T>
  struct In {
    Watts<T> power;
    FlopsPerSecond<T> peak;
    BytesPerSecond<T> bandwidth;
    Flops<T> flops;
    Bytes<T> bytes;
    Seconds<T> time;
    T idle, full_power_compute, memory_share;
    static constexpr auto ports() {
      return std::tuple{
          setting(q::power, &In::power, {.value = kUnknown}),
          input(q::peak_flops, &In::peak, 1.0),
          input(q::memory_bandwidth, &In::bandwidth, 1.0),
          input(q::cycle_flops, &In::flops),
          input(q::cycle_bytes, &In::bytes),
          input(q::cycle_time, &In::time, 1e-12),
          setting(kIdleShare, &In::idle,
                  {.value = 0.30, .source = "mlsysim; 0.19 to 0.34 in GEMMs that wait for their launch"}, 0,
                  1),
          setting(kFullPowerCompute, &In::full_power_compute, {.value = 0.60, .source = kGemmPower}, 0.01, 1),
          setting(kMemoryShare, &In::memory_share, {.value = 0.60, .source = kGemmPower}, 0, 1)};
    }
  };
  template <class T>
  struct Out {
    Watts<T> power;
    static constexpr auto ports() { return std::tuple{account(q::device_power, &Out::power)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T compute = in.flops / (in.peak * in.time);
    const T memory = in.bytes / (in.bandwidth * in.time);
    const T activity = min(compute / in.full_power_compute + memory * in.memory_share, T(1.0));
    return {in.power * (in.idle + (T(1.0) - in.idle) * activity)};
  }
};

struct DevicePowerByHand {
  static constexpr const char* kText =
      "Decode on an H100: 28 ms read 75 GB of 93.8 GB possible (0.80) and compute 1.4 of 27.7 TFLOP "
      "(0.0505); "
      "activity 0.0505/0.6 + 0.6 x 0.80 = 0.564; 700 W x (0.3 + 0.7 x 0.564) = 486 W";
  static constexpr DevicePower::In<double> kIn{Watts<double>(700),
                                               FlopsPerSecond<double>(989.4e12),
                                               BytesPerSecond<double>(3.35e12),
                                               Flops<double>(1.4e12),
                                               Bytes<double>(75e9),
                                               Seconds<double>(0.028),
                                               0.3,
                                               0.6,
                                               0.6};
  static constexpr DevicePower::Out<double> kOut{Watts<double>(486.35)};
};

struct Facility {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "facility";

  template <class T>
  struct In {
    Watts<T> device_power, power, network;
    T devices, devices_per_node, host_share, pue;
    Seconds<T> time;
    T tokens, requests;
    static constexpr auto ports() {
      return std::tuple{
          input(q::device_power, &In::device_power),
          setting(q::power, &In::power, {.value = kUnknown}),
          setting(kNetworkPower, &In::network,
                  {.value = 116,
                   .source = "MLPerf Training v4.0: 59.6 kW of switches, as the submitter estimates, for 512 "
                             "H100"}),
          discrete(q::devices, &In::devices, 1.0),
          whole(setting(kDevicesPerNode, &In::devices_per_node,
                        {.value = 8, .source = "the usual accelerator node"}, 1.0)),
          setting(
              kHostShare, &In::host_share,
              {.value = 0.29,
               .source = "MLPerf at the plug: 8 H100 7.25 kW (Training v4.0), 8 B200 10.4 kW, 8 L40S 3.57 "
                         "kW (Inference), less their design power: 0.29, 0.30, 0.28"}),
          setting(kPue, &In::pue,
                  {.value = 1.12,
                   .source = "mean of the fleets of Google 1.09, Meta 1.08, AWS 1.15, Microsoft 1.17 "
                             "(2023-2025); Uptime's survey has 1.54"},
                  1),
          input(q::run_time, &In::time),
          input(q::run_tokens, &In::tokens),
          input(q::run_requests, &In::requests)};
    }
  };
  template <class T>
  struct Out {
    Watts<T> power;
    Joules<T> energy, per_token, per_request;
    static constexpr auto ports() {
      return std::tuple{account(q::facility_power, &Out::power), headline(q::run_energy, &Out::energy),
                        account(kEnergyPerToken, &Out::per_token),
                        account(kEnergyPerRequest, &Out::per_request)};
    }
  };

  // A host draws its share whatever its devices do. One host needs no network.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Watts<T> network = in.devices > in.devices_per_node ? in.network : Watts<T>(T(0.0));
    const Watts<T> machine = in.device_power + in.power * in.host_share + network;
    const Watts<T> power = machine * (in.devices * in.pue);
    const Joules<T> energy(power.v * in.time.v);
    return {power, energy, each(energy, in.tokens), each(energy, in.requests)};
  }

 private:
  template <class T>
  static Joules<T> each(const Joules<T>& energy, const T& count) {
    return count > T(0.0) ? energy / count : Joules<T>(T(kUnknown));
  }
};

struct FacilityByHand {
  static constexpr const char* kText =
      "256 GPUs at 415.8 W, hosts 0.29 x 700 = 203 W, network 116 W: 734.8 W x 256 = 188.1 kW, x 1.12 = "
      "210.7 "
      "kW; 30 days (2.592e6 s): 546.1 GJ = 151.7 MWh; 1e9 tokens: 546.1 J each";
  static constexpr Facility::In<double> kIn{Watts<double>(415.8),
                                            Watts<double>(700),
                                            Watts<double>(116),
                                            256,
                                            8,
                                            0.29,
                                            1.12,
                                            Seconds<double>(2.592e6),
                                            1e9,
                                            1e6};
  static constexpr Facility::Out<double> kOut{Watts<double>(210'682), Joules<double>(546.09e9),
                                              Joules<double>(546.09), Joules<double>(546'087)};
};

struct Footprint {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "footprint";

  template <class T>
  struct In {
    Joules<T> energy;
    Seconds<T> time;
    T devices;
    CarbonPerJoule<T> carbon_intensity;
    LitresPerJoule<T> water_intensity;
    Carbon<T> embodied;
    Seconds<T> lifetime;
    static constexpr auto ports() {
      return std::tuple{
          input(q::run_energy, &In::energy),
          input(q::run_time, &In::time),
          discrete(q::devices, &In::devices, 1.0),
          setting(kCarbonIntensity, &In::carbon_intensity, {.value = kUnknown}),
          setting(kWaterIntensity, &In::water_intensity,
                  {.value = 0.55 / kKilowattHour,
                   .source = "Li et al. 2023 arXiv:2304.03271: on site, mean of the US, 0.55 L/kWh"}),
          setting(kEmbodied, &In::embodied, {.value = kUnknown}),
          setting(kLifetime, &In::lifetime,
                  {.value = 4 * kYear, .source = "3 to 5 years is usual for accelerators (recalled)"}, 1.0)};
    }
  };
  template <class T>
  struct Out {
    Carbon<T> operational, embodied, total;
    Litres<T> water;
    static constexpr auto ports() {
      return std::tuple{headline(kRunCarbon, &Out::operational), account(kRunEmbodied, &Out::embodied),
                        account(kTotalCarbon, &Out::total), headline(kRunWater, &Out::water)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Carbon<T> operational = in.carbon_intensity * in.energy;
    const Carbon<T> embodied = in.embodied * in.devices * (in.time / in.lifetime);
    return {operational, embodied, operational + embodied, in.water_intensity * in.energy};
  }
};

struct FootprintByHand {
  static constexpr const char* kText =
      "85.84 MWh (309 GJ) at 20 g/kWh (5.5556e-9 kg/J): 1,716.7 kg; water at 1.8 L/kWh (5e-7 L/J): 154.5 kL; "
      "256 devices of 164 kg, 30 of 1,460 days: 862.7 kg; together 2,579 kg";
  static constexpr Footprint::In<double> kIn{Joules<double>(309e9),
                                             Seconds<double>(2.592e6),
                                             256,
                                             CarbonPerJoule<double>(5.5556e-9),
                                             LitresPerJoule<double>(5e-7),
                                             Carbon<double>(164),
                                             Seconds<double>(4 * kYear)};
  static constexpr Footprint::Out<double> kOut{Carbon<double>(1716.7), Carbon<double>(862.68),
                                               Carbon<double>(2579.4), Litres<double>(154.5e3)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<DevicePower, DevicePowerByHand>, Example<Facility, FacilityByHand>,
                    Example<Footprint, FootprintByHand>)
