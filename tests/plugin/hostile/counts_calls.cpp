// Remembers: what comes out depends on how often it was called.
#include "rude.hpp"
using namespace ironlaw;
namespace {
int calls = 0;
struct Counter {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    T launches;
    static constexpr auto ports() { return std::tuple{input(q::launches, &In::launches)}; }
  };
  template <class T>
  struct Out {
    T copy;
    static constexpr auto ports() { return std::tuple{supply(rude::kCopy, &Out::copy)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.launches + T(1e-6 * ++calls)};
  }
};
constexpr WallInfo kInfo = rude::info("counts_calls", 147);
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Counter)
