// The plugins that every command works with.
#pragma once

#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {

// Loads the plugins of the usual places. A wall that does not fit the others (it reads what nothing provides,
// in another unit, or two wait for each other) would stop every answer: it is left out, as a failure of stage
// "fit".
PluginHost find_plugins();

// The same, and says on stderr what could not be used.
PluginHost load_plugins();

// The version of the plugin that holds this target.
const char* plugin_version_of(const PluginHost& host, const ironlaw_hardware& hardware);

}  // namespace ironlaw
