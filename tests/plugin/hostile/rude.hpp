// A wall that computes what it should, and does something else beside it: `misbehave` runs in every row.
#pragma once

#include "fixture.hpp"

namespace rude {

using namespace ironlaw;

inline constexpr q::Count kCopy{"rude_copy", "the operator's FLOPs once more"};

template <void (*misbehave)()>
struct Copy {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    T launches;
    static constexpr auto ports() { return std::tuple{input(q::launches, &In::launches)}; }
  };
  template <class T>
  struct Out {
    T copy;
    static constexpr auto ports() { return std::tuple{supply(kCopy, &Out::copy)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    misbehave();
    return {in.launches};
  }
};

inline void behave() {}

constexpr WallInfo info(const char* id, std::uint32_t number) {
  return {.number = number,
          .id = id,
          .title = "Rude",
          .domain = "node",
          .term = "none",
          .statement = "It does something else beside its work.",
          .equation = "y = x",
          .sources = "tests/plugin/hostile"};
}

}  // namespace rude

// In every row.
#define RUDE_WALL(id, number, misbehave)                      \
  constexpr ironlaw::WallInfo kInfo = rude::info(id, number); \
  IRONLAW_EXPORT_WALL(kInfo, rude::Copy<misbehave>)

// Once, when it is loaded.
#define RUDE_CONSTRUCTOR(id, number, misbehave)                \
  __attribute__((constructor)) static void run_constructor() { \
    misbehave();                                               \
  }                                                            \
  RUDE_WALL(id, number, rude::behave)
