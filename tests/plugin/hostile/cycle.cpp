// One of two walls that wait for each other: each reads what the other gives.
#include "rude.hpp"
using namespace ironlaw;
namespace {
constexpr q::Count kHen{"hen", "lays it"}, kEgg{"egg", "hatches it"};
struct Next {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    T other;
    static constexpr auto ports() { return std::tuple{input(IRONLAW_TEST_IS_HEN ? kEgg : kHen, &In::other)}; }
  };
  template <class T>
  struct Out {
    T own;
    static constexpr auto ports() { return std::tuple{supply(IRONLAW_TEST_IS_HEN ? kHen : kEgg, &Out::own)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.other};
  }
};
constexpr WallInfo kInfo =
    rude::info(IRONLAW_TEST_IS_HEN ? "cycle_hen" : "cycle_egg", 152 + IRONLAW_TEST_IS_HEN);
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Next)
