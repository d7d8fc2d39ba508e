// What a user asks about, from the command line or a plan, and what it means.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/cli/options.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "framework/predict/predictor.hpp"

namespace ironlaw {

// One thing that was said, and how messages call it: {"64", "--batch"} or {"64", "workload.batch
// (a.yaml:3)"}.
struct Said {
  std::string text, field;
  std::string block = {};  // of a plan: "workload"; empty on the command line
};

// A stated limit on a result: at most `max`, at least `min`.
struct Assertion {
  Said metric;  // an output of the scenario: "itl", "run_cost", "throughput"
  std::optional<Said> max, min;
};

// Everything that was said about one scenario, not yet understood.
struct Ask {
  std::string title;                 // of a plan
  std::map<std::string, Said> said;  // by the name of the option without its dashes; "model", "hardware"
  std::map<std::string, Said> set;   // quantities by name
  std::vector<Assertion> assertions;
};

// The options that describe a scenario; every command that answers about one takes them.
std::vector<Option> scenario_options();
// The values that an option of scenario_options() takes; empty where they are no short list.
std::vector<std::string> choices_of_option(std::string_view option);
// Those options and what --set says. Names are not looked at.
Ask ask_of(const Arguments& arguments);
// A plan with the options of the command line on top.
Ask with_plan(Ask plan, const Ask& on_top);
// MODEL HARDWARE or the file of a plan, with the options of the command line on top.
Ask ask_of_names(const Arguments& arguments, std::size_t first = 0);
// Is this the name of a plan's file?
bool is_plan(std::string_view name);

// A scenario with all names resolved.
struct Request {
  std::string title;
  Scenario scenario;
  std::vector<Assertion> assertions;
  std::vector<std::string> notes;
  // How each quantity in scenario.given was written: "memory_bandwidth" -> "8 TB/s (--set)".
  std::map<std::string, std::string> set_text;
};

// Throws Error that names the field, what was given and what is allowed. `predictor` knows the quantities
// that may be set.
Request understand(const Ask& ask, const PluginHost& host, Predictor& predictor,
                   const ParameterSet& parameters);

// The parameters that --params asks for.
ParameterSet parameters_of(const Ask& ask, const PluginHost& host);

// The index of a choice's name; nothing for a name that is none.
std::optional<double> choice_of(const ironlaw_port& port, std::string_view name);

// [base unit] of a quantity that may be set or is a result, by name; "" when it is not known.
std::string unit_of(const Pipeline& pipeline, std::string_view name);

}  // namespace ironlaw
