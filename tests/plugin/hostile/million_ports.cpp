// Says that it has a million inputs and has one.
#include "fixture.hpp"
constexpr ironlaw_function kFunction = fixture::function(fixture::kIns, 1000000);
constexpr const ironlaw_function* kFunctions[] = {&kFunction};
constexpr ironlaw_wall kWall = fixture::wall("million_ports", 111, kFunctions);
constexpr const ironlaw_wall* kWalls[] = {&kWall};
constexpr ironlaw_plugin kPlugin = fixture::plugin(kWalls);
IRONLAW_EXPORT_PLUGIN(kPlugin)
