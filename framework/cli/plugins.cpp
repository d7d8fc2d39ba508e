#include "framework/cli/plugins.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/log.hpp"

namespace ironlaw {

PluginHost load_plugins() {
  PluginHost host(search_path());
  for (const PluginFailure& f : host.failures())
    warn(fmt::format("{} is left out ({}): {}", f.path.string(), f.stage, f.reason));
  detail(fmt::format("{} plugins are loaded: {} walls, {} hardware targets", host.plugins().size(),
                     host.walls().size(), host.hardware().size()));
  return host;
}

const char* plugin_version_of(const PluginHost& host, const ironlaw_hardware& hardware) {
  for (const LoadedPlugin& plugin : host.plugins()) {
    const auto* const* end = plugin.table->hardware + plugin.table->n_hardware;
    if (std::find(plugin.table->hardware, end, &hardware) != end) return plugin.table->version;
  }
  return "";
}

}  // namespace ironlaw
