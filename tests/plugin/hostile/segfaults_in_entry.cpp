// Writes to nowhere when it is asked for its table.
#include "fixture.hpp"
static int* volatile nowhere = nullptr;
extern "C" __attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1(
    const ironlaw_host*) {
  *nowhere = 1;
  return nullptr;
}
