/* A plugin that answers to the entry symbol of version 1 and says that its tables are of 2.0. */
#include "abi_1_0.h"

static const ironlaw_plugin kPlugin = {
    .struct_size = sizeof(ironlaw_plugin), .abi_major = 2, .id = "says_major_2", .version = "1", .build = ""};

__attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1(const ironlaw_host* host) {
  (void)host;
  return &kPlugin;
}
