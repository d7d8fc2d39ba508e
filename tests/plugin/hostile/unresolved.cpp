// Calls what nobody defines.
#include "fixture.hpp"
extern "C" int ironlaw_test_nobody_defines_this();
extern "C" __attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1(
    const ironlaw_host*) {
  ironlaw_test_nobody_defines_this();
  return nullptr;
}
