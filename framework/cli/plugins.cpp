#include "framework/cli/plugins.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "framework/base/log.hpp"
#include "framework/predict/scenario.hpp"

namespace ironlaw {

namespace {

using Plugins = std::vector<const ironlaw_plugin*>;

// Why the walls do not fit together without these plugins; empty when they do.
std::string misfit(const PluginHost& host, const Plugins& without) try {
  std::vector<const ironlaw_wall*> walls;
  for (const LoadedPlugin& p : host.plugins())
    if (std::find(without.begin(), without.end(), p.table) == without.end())
      walls.insert(walls.end(), p.table->walls, p.table->walls + p.table->n_walls);
  const Pipeline pipeline(walls, nullptr, source_columns());
  return {};
} catch (const Error& e) {
  return e.what();
}

// Failures are shown a line each; "a:\n  b" is "a: b".
std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = c == '\n' || c == ' ';
    if (!is_blank || !line.ends_with(' ')) line += is_blank ? ' ' : c;
  }
  return line;
}

// The one or two plugins without which the rest fits; of several such, those found first, since the user's
// own folders come before the installed ones. None where there are more.
Plugins culprits(const PluginHost& host) {
  Plugins all;
  for (const LoadedPlugin& p : host.plugins())
    if (p.table->n_walls > 0) all.push_back(p.table);
  for (const ironlaw_plugin* one : all)
    if (misfit(host, {one}).empty()) return {one};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j)
      if (misfit(host, {all[i], all[j]}).empty()) return {all[i], all[j]};
  return {};
}

}  // namespace

PluginHost find_plugins() {
  PluginHost host(search_path());
  const std::string reason = misfit(host, {});
  if (reason.empty()) return host;
  for (const ironlaw_plugin* plugin : culprits(host)) host.leave_out(*plugin, "fit", on_one_line(reason));
  return host;
}

PluginHost load_plugins() {
  PluginHost host = find_plugins();
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
