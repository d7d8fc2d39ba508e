// The commands, one file each: cmd_<name>.cpp. A new one is declared here and has a line in main.cpp's table.
#pragma once

#include <span>
#include <string>

#include "framework/base/error.hpp"

namespace ironlaw {

// The words behind the command's name. Results go to print(); a failure is an Error.
using CommandWords = std::span<const std::string>;

ExitCode cmd_solve(CommandWords words);
ExitCode cmd_sensitivity(CommandWords words);
ExitCode cmd_synthesize(CommandWords words);
ExitCode cmd_compare(CommandWords words);
ExitCode cmd_audit(CommandWords words);
ExitCode cmd_hardware(CommandWords words);
ExitCode cmd_models(CommandWords words);
ExitCode cmd_places(CommandWords words);
ExitCode cmd_schema(CommandWords words);
ExitCode cmd_walls(CommandWords words);
ExitCode cmd_explain(CommandWords words);
ExitCode cmd_plugin(CommandWords words);
ExitCode cmd_probe(CommandWords words);
ExitCode cmd_db(CommandWords words);
ExitCode cmd_db_devices(CommandWords words);
ExitCode cmd_db_stats(CommandWords words);
ExitCode cmd_calibrate(CommandWords words);
ExitCode cmd_drift(CommandWords words);
ExitCode cmd_tutorial(CommandWords words);
ExitCode cmd_validate(CommandWords words);

// The verbs of `plugin`; the words behind the verb.
ExitCode cmd_plugin_list(CommandWords words);
ExitCode cmd_plugin_check(CommandWords words);
// What `plugin check` starts; not shown in any help.
inline constexpr const char* kPluginCheckChild = "check-child";
ExitCode cmd_plugin_check_child(CommandWords words);
ExitCode cmd_plugin_new(CommandWords words);

}  // namespace ironlaw
