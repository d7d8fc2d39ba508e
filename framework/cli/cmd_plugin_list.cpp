// ironlaw plugin list: what was found, and what became of it.
#include <fmt/format.h>

#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "plugin list",
    .synopsis = "[options]",
    .summary =
        "Lists every plugin file that was found: loaded, hidden by another of the same name, or refused "
        "and why. They are looked for in the folders of $IRONLAW_PLUGIN_PATH (absolute, between colons), "
        "then in lib/ironlaw/plugins beside the folder of this program.",
    .options = {{"format", "F", "text or json; text"}},
};

const char* kind_of(const ironlaw_plugin& plugin) {
  return plugin.n_walls > 0 ? "wall" : "hardware";
}

std::string abi_of(const ironlaw_plugin& plugin) {
  return fmt::format("{}.{}", plugin.abi_major, plugin.abi_minor);
}

Json to_json(const PluginHost& host) {
  Json json = Json::array();
  for (const LoadedPlugin& p : host.plugins())
    json.push_back({{"name", p.table->id},
                    {"state", "loaded"},
                    {"kind", kind_of(*p.table)},
                    {"version", p.table->version},
                    {"abi", abi_of(*p.table)},
                    {"build", p.table->build},
                    {"path", p.path.string()}});
  for (const ShadowedPlugin& p : host.shadowed())
    json.push_back(
        {{"name", p.name}, {"state", "shadowed"}, {"path", p.path.string()}, {"by", p.by.string()}});
  for (const PluginFailure& f : host.failures())
    json.push_back({{"name", f.path.filename().string()},
                    {"state", "failed"},
                    {"path", f.path.string()},
                    {"stage", f.stage},
                    {"reason", f.reason}});
  return json;
}

std::string to_text(const PluginHost& host) {
  std::string text = bold(fmt::format("{} plugins are loaded", host.plugins().size())) + "\n";
  TextTable loaded({Align::left, Align::left, Align::left, Align::left, Align::left});
  if (!host.plugins().empty()) loaded.add({"name", "kind", "version", "ABI", "file"});
  for (const LoadedPlugin& p : host.plugins())
    loaded.add({p.table->id, kind_of(*p.table), p.table->version, abi_of(*p.table), p.path.string()});
  text += loaded.text("  ");
  if (!host.shadowed().empty()) {
    text += fmt::format(
        "\n{}\n", bold(fmt::format("{} are hidden by others of the same name", host.shadowed().size())));
    for (const ShadowedPlugin& p : host.shadowed())
      text += fmt::format("  {} ({})\n    by {}\n", p.path.string(), p.name, p.by.string());
  }
  if (!host.failures().empty()) {
    text += fmt::format("\n{}\n", bold(fmt::format("{} cannot be used", host.failures().size())));
    for (const PluginFailure& f : host.failures())
      text += fmt::format("  {}\n    {}: {}\n", f.path.string(), f.stage, f.reason);
  }
  return text;
}

}  // namespace

ExitCode cmd_plugin_list(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  // Not load_plugins(): failures are results here, not warnings.
  const PluginHost host = find_plugins();
  print(format == Format::json ? json_text(to_json(host)) : to_text(host));
  return ExitCode::ok;
}

}  // namespace ironlaw
