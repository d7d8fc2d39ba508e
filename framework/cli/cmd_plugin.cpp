// ironlaw plugin: dispatches to its verbs, each in a file of its own: cmd_plugin_<verb>.cpp.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"

namespace ironlaw {
namespace {

struct Verb {
  const char* name;
  ExitCode (*run)(CommandWords words);
};

constexpr Verb kVerbs[] = {
    {"check", cmd_plugin_check},
    {"list", cmd_plugin_list},
    {"new", cmd_plugin_new},
};

constexpr std::size_t kManyWords = 100;

const Usage kUsage{
    .command = "plugin",
    .synopsis = "check|list|new ... [options]",
    .summary = "The plugins: walls, analyses and hardware targets.",
    .options = {},
    .least_names = 1,
    .most_names = kManyWords,
    .more =
        "  check FILE  run a plugin through the conformance checks\n"
        "  list        what was found: loaded, hidden by others, refused and why\n"
        "  new         a project for a target, a wall or an analysis of your own\n\n"
        "`ironlaw plugin check --help` and so on explain each.",
};

}  // namespace

ExitCode cmd_plugin(CommandWords words) {
  const std::string verb = words.empty() ? "" : words.front();
  if (verb == kPluginCheckChild) return cmd_plugin_check_child(words.subspan(1));
  std::vector<std::string> names;
  for (const Verb& v : kVerbs) {
    if (verb == v.name) return v.run(words.subspan(1));
    names.emplace_back(v.name);
  }
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  throw Error(fmt::format("plugin does not understand '{}'.{} Usage: ironlaw plugin {}", verb,
                          did_you_mean(verb, names), kUsage.synopsis));
}

}  // namespace ironlaw
