// Wall 23, Thermal throttling: a chip that would get too hot lowers its clock, and its arithmetic slows down.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 23,  // 1 to 22 are the taxonomy's; any number above is yours
    .id = "thermal_throttling",
    .title = "Thermal throttling",
    .domain = "operations",
    .term = "mfu",
    .statement = "A chip that would pass its temperature limit lowers its clock until it does not.",
    .equation =
        "T = inlet + rise (i + (1 - i) activity);  rise = load x (limit - design inlet);  "
        "eta = (1 - softplus(T - limit) / (rise (1 - i) activity))^(1/3)",
    .sources =
        "P ~ f V^2, and V ~ f near the top of the range; a cooler is built to hold the limit at the design "
        "power and a design inlet, which gives its thermal resistance; activity as in wall 18",
};

// What no other wall knows is defined here. Temperatures are plain numbers: degrees Celsius.
constexpr q::Count kInlet{"inlet_temperature", "coolant that reaches a device, in degrees Celsius"};
constexpr q::Count kDesignInlet{"design_inlet_temperature", "warmest coolant that the cooler is built for"};
constexpr q::Count kLimit{"temperature_limit", "junction temperature at which the clock falls"};
constexpr q::Count kLoad{"thermal_load", "temperature rise at the design power over what the design allows"};
constexpr q::Count kEfficiency{"thermal_efficiency", "share of the peak that the temperature leaves"};
// Settings of wall 18: who sets them for the energy sets them for the heat.
constexpr q::Count kIdleShare{"idle_power_share", "share of its design power that an idle device draws"};
constexpr q::Count kFullPowerCompute{"full_power_compute", "share of the peak that draws the design power"};
constexpr q::Count kMemoryShare{"memory_power_share", "share of the power above idle that memory draws"};

// max(x, 0) with its corner rounded over a width: it has a derivative everywhere.
template <class T>
T softplus(const T& x, double width) {
  const T magnitude = max(x, T(0.0) - x);
  return max(x, T(0.0)) + T(width) * log(T(1.0) + exp(magnitude * T(-1.0 / width)));
}

struct Throttle {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "throttle";

  template <class T>
  struct In {
    Seconds<T> compute, memory;
    T idle, full_power_compute, memory_share, inlet, design_inlet, limit, load;
    static constexpr auto ports() {
      return std::tuple{
          input(q::compute_time, &In::compute), input(q::memory_time, &In::memory),
          input(kIdleShare, &In::idle, 0.0, 0.9),
          input(kFullPowerCompute, &In::full_power_compute, 0.01, 1.0),
          input(kMemoryShare, &In::memory_share, 0.0, 1.0),
          setting(kInlet, &In::inlet, {.value = 25, .source = "ASHRAE TC 9.9 recommends 18 to 27"}, -20, 80),
          setting(kDesignInlet, &In::design_inlet, {.value = 35, .source = "ASHRAE class A2: up to 35"}, -20,
                  60),
          setting(kLimit, &In::limit, {.value = 85, .source = "typical of data centre GPUs (recalled)"}, 70,
                  120),
          // Nobody publishes how good a server's coolers are. Calibration fits it for each device.
          parameter(kLoad, &In::load,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 1.0,
                     .prior_mean = 1.0,
                     .prior_sd = 0.3,
                     .scopes = IRONLAW_SCOPE_DEVICE},
                    0.01, 100.0)};
    }
  };
  template <class T>
  struct Out {
    T efficiency;
    static constexpr auto ports() {
      return std::tuple{factor(kEfficiency, &Out::efficiency, q::compute_time)};
    }
  };

  // Of one operator, as if it ran for ever. A heat sink averages over seconds: where a step mixes hot
  // operators with cool ones, it throttles the hot ones less than this says.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Seconds<T> time = max(max(in.compute, in.memory), Seconds<T>(T(1e-12)));
    const T compute = in.compute / time;
    const T memory = in.memory / time;
    const T activity = min(compute / in.full_power_compute + memory * in.memory_share, T(1.0));
    const T rise = in.load * (in.limit - in.design_inlet);  // at the design power
    const T dynamic = max(rise * (T(1.0) - in.idle) * activity, T(1e-3));
    const T excess = in.inlet + rise * in.idle + dynamic - in.limit;
    constexpr double kWidth = 5;          // K: inlets of a rack and hot spots of a chip differ by as much
    constexpr double kLowestClock = 0.2;  // share of the peak's; a chip that is still too hot shuts down
    const T kept =
        max(T(1.0) - softplus(excess, kWidth) / dynamic, T(kLowestClock * kLowestClock * kLowestClock));
    return {pow(kept, 1.0 / 3.0)};
  }
};

// Worked by hand; `ironlaw explain 23` shows it beside what the function makes of the same inputs.
struct ThrottleByHand {
  static constexpr const char* kText =
      "A product at the peak draws the design power: 45 + 50 = 95 degrees, 10 K too hot. Softplus of 10 over "
      "5: "
      "10.63 K of the 0.7 x 50 = 35 K that follow the clock, so (1 - 10.63/35)^(1/3) = 0.886 of it is left";
  static constexpr Throttle::In<double> kIn{
      Seconds<double>(1e-3), Seconds<double>(1e-4), 0.3, 0.6, 0.6, 45, 35, 85, 1};
  static constexpr Throttle::Out<double> kOut{0.8863};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Throttle, ThrottleByHand>)
