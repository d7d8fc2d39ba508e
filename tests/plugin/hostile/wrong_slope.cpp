// A square whose derivative is that of the number itself; and where it is asked nicely, none.
#include "rude.hpp"
using namespace ironlaw;
namespace {
struct Square {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    Bytes<T> bytes;
    static constexpr auto ports() { return std::tuple{input(q::operator_bytes, &In::bytes)}; }
  };
  template <class T>
  struct Out {
    T copy;
    static constexpr auto ports() { return std::tuple{supply(rude::kCopy, &Out::copy)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.bytes.v * value_of(in.bytes.v)};
  }
};
constexpr WallInfo kInfo = rude::info("wrong_slope", 150);
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Square)
