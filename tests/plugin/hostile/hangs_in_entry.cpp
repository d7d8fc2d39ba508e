// Waits for ever for a licence.
#include <unistd.h>

#include "fixture.hpp"
extern "C" __attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1(
    const ironlaw_host*) {
  while (true) pause();
}
