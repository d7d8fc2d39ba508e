/* A plugin for ABI 2.0: its entry symbol has another name, so nothing in it is called or read. */
#include <stddef.h>

__attribute__((visibility("default"))) const void* ironlaw_plugin_entry_v2(const void* host) {
  (void)host;
  return NULL;
}
