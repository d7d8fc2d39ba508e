// Keeps an intermediate result where every thread does.
#include "rude.hpp"
using namespace ironlaw;
namespace {
volatile double scratch;
volatile int waste;  // time, in which others come by
struct Sharing {
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
    scratch = value_of(in.launches);
    for (int i = 0; i < 200; ++i) waste = i;
    return {in.launches * 0.0 + T(double{scratch})};
  }
};
constexpr WallInfo kInfo = rude::info("shares_scratch", 148);
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Sharing)
