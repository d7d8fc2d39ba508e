// Does not want this host.
#include "fixture.hpp"
extern "C" __attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1(
    const ironlaw_host*) {
  return nullptr;
}
