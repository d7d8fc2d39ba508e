// The plugins, as a command wants them.
#pragma once

#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {

// Loads all plugins from the usual places. Those that cannot be used are warned of, a line each.
PluginHost load_plugins();

// Of the plugin that a hardware target came from.
const char* plugin_version_of(const PluginHost& host, const ironlaw_hardware& hardware);

}  // namespace ironlaw
