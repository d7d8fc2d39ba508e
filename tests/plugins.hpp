// The plugins of the build tree.
#pragma once

#include "framework/plugin/plugin_host.hpp"

namespace ironlaw::testing {

inline const PluginHost& host() {
  static const PluginHost host(SearchPath{{{PLUGIN_DIR}}, false});
  return host;
}

}  // namespace ironlaw::testing
