// Loads, and returns NaN.
#include "fixture.hpp"
using namespace ironlaw;

namespace {

struct Nan {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    Bytes<T> bytes;
    static constexpr auto ports() { return std::tuple{input(q::operator_bytes, &In::bytes)}; }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::Time{"nan_time", ""}, &Out::time)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {Seconds<T>(in.bytes.v * std::numeric_limits<double>::quiet_NaN())};
  }
};

constexpr WallInfo kInfo{.number = 121,
                         .id = "nan",
                         .title = "Nan",
                         .domain = "node",
                         .term = "mfu",
                         .statement = "It returns no number.",
                         .equation = "t = x",
                         .sources = "none"};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Nan)
