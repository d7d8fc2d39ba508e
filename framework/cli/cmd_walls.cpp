// ironlaw walls: what constrains a system, by which equation, through which ports.
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/report/wall_report.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "walls",
    .synopsis = "[WALL] [options]",
    .summary =
        "Shows the taxonomy on a page, or one wall (by number or name): its equation and sources, every port "
        "of its functions with its range, setting or prior, and what it holds for.",
    .options = {{"cheatsheet", "", "the equations on a page"}, {"format", "F", "text or json; text"}},
    .most_names = 1,
};

}  // namespace

ExitCode cmd_walls(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const bool is_json = format_of(*arguments, false) == Format::json;
  const bool is_one = !arguments->names().empty();
  const bool is_sheet = arguments->has("cheatsheet");
  if (is_one && is_sheet)
    throw Error("--cheatsheet shows the equations of all walls: leave out " + arguments->names()[0] + ".");

  const PluginHost host = load_plugins();
  if (is_sheet) {
    print(is_json ? json_text(cheat_sheet_json(host.walls())) : cheat_sheet_text(host.walls(), bold));
    return ExitCode::ok;
  }
  std::vector<const ironlaw_wall*> walls(host.walls().begin(), host.walls().end());
  if (is_one) walls = {&host.find_wall(arguments->names()[0])};
  if (is_json) {
    Json json = Json::array();
    for (const ironlaw_wall* wall : walls) json.push_back(wall_json(*wall));
    print(json_text(json));
  } else {
    print(is_one ? wall_text(*walls[0], bold) : taxonomy_text(walls, bold));
  }
  return ExitCode::ok;
}

}  // namespace ironlaw
