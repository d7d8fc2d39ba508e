// A factor of 2: the chip would be twice as fast as it is.
#include "rude.hpp"
using namespace ironlaw;
namespace {
constexpr q::Count kBoost{"boost", "what marketing says"};
struct Boost {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    T launches;
    static constexpr auto ports() { return std::tuple{input(q::launches, &In::launches)}; }
  };
  template <class T>
  struct Out {
    T boost;
    static constexpr auto ports() { return std::tuple{factor(kBoost, &Out::boost, q::compute_time)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.launches * 0.0 + T(2.0)};
  }
};
constexpr WallInfo kInfo = rude::info("beats_the_peak", 149);
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Boost)
