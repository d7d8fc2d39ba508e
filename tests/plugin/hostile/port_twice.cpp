// Declares an input twice.
#include "fixture.hpp"
constexpr const ironlaw_port* kTwice[] = {&fixture::kIn, &fixture::kIn};
constexpr ironlaw_function kFunction = fixture::function(kTwice, 2);
constexpr const ironlaw_function* kFunctions[] = {&kFunction};
constexpr ironlaw_wall kWall = fixture::wall("port_twice", 110, kFunctions);
constexpr const ironlaw_wall* kWalls[] = {&kWall};
constexpr ironlaw_plugin kPlugin = fixture::plugin(kWalls);
IRONLAW_EXPORT_PLUGIN(kPlugin)
