// Cites nobody, and the case worked by hand is wrong.
#include "rude.hpp"
using namespace ironlaw;
namespace {
using Copy = rude::Copy<rude::behave>;
struct ByHand {
  static constexpr const char* kText = "3 launches are 4";
  static constexpr Copy::In<double> kIn{3};
  static constexpr Copy::Out<double> kOut{4};
};
constexpr WallInfo kInfo{.number = 154,
                         .id = "says_nothing",
                         .title = "Says nothing",
                         .domain = "node",
                         .term = "none",
                         .statement = "It is so.",
                         .equation = "y = x",
                         .sources = "TODO"};
}  // namespace
IRONLAW_EXPORT_WALL(kInfo, Example<Copy, ByHand>)
