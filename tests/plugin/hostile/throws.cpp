// Loads, and throws when it is called.
#include <stdexcept>

#include "fixture.hpp"
using namespace ironlaw;

namespace {

struct Throws {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    Bytes<T> bytes;
    static constexpr auto ports() { return std::tuple{input(q::operator_bytes, &In::bytes)}; }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::Time{"throws_time", ""}, &Out::time)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (in.bytes.v >= 0) throw std::domain_error("traffic is negative");
    return {Seconds<T>(in.bytes.v)};
  }
};

constexpr WallInfo kInfo{.number = 120,
                         .id = "throws",
                         .title = "Throws",
                         .domain = "node",
                         .term = "mfu",
                         .statement = "It throws.",
                         .equation = "t = x",
                         .sources = "none"};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Throws)
