// The words and numbers of a wall's ports, as every page that shows one writes them.
#pragma once

#include <string>
#include <vector>

#include "framework/report/json.hpp"
#include "ironlaw/abi.h"

namespace ironlaw {

const char* level_name(std::uint32_t level);  // "operator"
const char* role_name(std::uint32_t role);    // "bound"
const char* link_name(std::uint32_t link);    // "log"
std::vector<std::string> scope_names(const ironlaw_port& port);
std::vector<std::string> phase_names(std::uint32_t phases);  // of ironlaw_phase bits
std::vector<std::string> kind_names(std::uint32_t kinds);
std::vector<std::string> choice_names(const ironlaw_port& port);  // empty for a number

// "arithmetic: once an operator"
std::string function_title(const ironlaw_function& function);
// "train (decoder, encoder); elsewhere not: checkpoints are written in training", "" where it holds for all.
std::string support_text(const ironlaw_function& function);

// A value in the port's unit with a few digits, or the name of a choice: "3.35 TB/s", "700 W", "fat_tree".
std::string value_text(const ironlaw_port& port, double value);
// A number, the name of a choice, or null where it is unknown.
Json value_json(const ironlaw_port& port, double value);

// What a function makes of the inputs of its example, one value an output; NaN for all when it fails.
std::vector<double> example_outputs(const ironlaw_function& function);
// {name, unit, value} of the ports of an example's inputs and outputs, and what the function makes of them;
// outputs that the example does not show are left out. Null where there is none.
Json example_json(const ironlaw_function& function);

}  // namespace ironlaw
