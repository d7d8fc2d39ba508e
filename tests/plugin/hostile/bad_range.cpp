// An input whose range ends before it begins.
#include "fixture.hpp"
using namespace ironlaw;

namespace {

struct Backwards {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    Bytes<T> bytes;
    static constexpr auto ports() { return std::tuple{input(q::operator_bytes, &In::bytes, 2, 1)}; }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::Time{"backwards_time", ""}, &Out::time)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {Seconds<T>(in.bytes.v)};
  }
};

constexpr WallInfo kInfo{.number = 112,
                         .id = "bad_range",
                         .title = "Backwards",
                         .domain = "node",
                         .term = "mfu",
                         .statement = "Its range is backwards.",
                         .equation = "t = x",
                         .sources = "none"};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Backwards)
