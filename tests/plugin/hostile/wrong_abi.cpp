// Built for a host of another major version: the entry symbol has another name.
extern "C" __attribute__((visibility("default"))) const void* ironlaw_plugin_entry_v7(const void*) {
  return nullptr;
}
