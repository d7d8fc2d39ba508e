// A wall of one's own: a power cap. A device that may draw less than its datasheet says runs its matrix
// products slower, roughly in proportion to the cube root of the power that is left.
#include <ironlaw/wall.hpp>

using namespace ironlaw;

namespace {

// A quantity that the dictionary lacks is defined beside the wall that needs it.
constexpr q::Count kPowerShare{"power_share", "share of its rated power that a device may draw"};
constexpr q::Count kPowerEfficiency{"power_efficiency", "share of the peak that the power cap leaves"};

struct PowerCap {
  static constexpr Level kLevel = Level::op;

  template <class T>
  struct In {
    T power_share;
    static constexpr auto ports() {
      constexpr Parameter kCap{.link = IRONLAW_LINK_LOGIT,
                               .textbook = 1.0,
                               .prior_mean = 0.9,
                               .prior_sd = 0.5,
                               .scopes = IRONLAW_SCOPE_DEVICE};
      return std::tuple{parameter(kPowerShare, &In::power_share, kCap, 0.1, 1.0)};
    }
  };

  template <class T>
  struct Out {
    T efficiency;
    static constexpr auto ports() {
      return std::tuple{factor(kPowerEfficiency, &Out::efficiency, q::compute_time)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {pow(in.power_share, 1.0 / 3.0)};
  }
};

constexpr WallInfo kInfo{
    .number = 100,
    .id = "my_wall",
    .title = "Power cap",
    .domain = "operations",
    .term = "mfu",
    .statement = "A capped device clocks down until it fits its power.",
    .equation = "eta_power = power_share^(1/3)",
    .sources = "Dynamic power goes as f V^2, and V as f, near the top of the range.",
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, PowerCap)
