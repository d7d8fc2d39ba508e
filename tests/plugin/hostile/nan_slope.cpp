// A root whose slope at 0 is infinite.
#include "rude.hpp"
using namespace ironlaw;
namespace {
struct Root {
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
    return {sqrt(in.bytes.v * 0.0)};
  }
};
constexpr WallInfo kInfo = rude::info("nan_slope", 151);
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Root)
