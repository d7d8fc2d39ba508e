// ironlaw schema: what a plan may hold, as a JSON schema made from the code and the loaded plugins.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "framework/cli/commands.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plan.hpp"
#include "framework/cli/plan_quantities.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/report/json.hpp"
#include "framework/report/port_text.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "schema",
    .synopsis = "[plan]",
    .summary =
        "Prints the JSON schema (draft 2020-12) of a plan, made from what is loaded: a setting of a new wall "
        "is in it by itself. Editors and validators read it.",
    .options = {},
    .most_names = 1,
};

Json object(const char* description) {
  return {{"type", "object"}, {"description", description}, {"additionalProperties", false}};
}

Json option_schema(const Option& option) {
  Json json;
  const std::string_view argument = option.argument;
  if (const auto choices = choices_of_option(option.name); !choices.empty())
    json["enum"] = choices;
  else if (argument == "N" || argument == "YYYY")
    json = {{"type", "number"}, {"minimum", 0}};
  else
    json["type"] = "string";
  json["description"] = option.help;
  return json;
}

Json option_schema(std::string_view name) {
  std::vector<Option> options = scenario_options();
  options.push_back({"model", "MODEL", "name of a model, as `ironlaw models` lists them"});
  options.push_back({"hardware", "HARDWARE", "name of an accelerator, as `ironlaw hardware` lists them"});
  for (const Option& option : options)
    if (option.name == name) return option_schema(option);
  throw std::logic_error(fmt::format("no option is called {}", name));
}

// A number of a base unit, as a plan would write it: "3.6e+03 s", "0.5/s".
Json value_text(double value, const std::string& unit) {
  if (unit == "1" || value == 0) return json_number(value);
  return unit.starts_with("1/") ? fmt::format("{}{}", value, unit.substr(1))
                                : fmt::format("{} {}", value, unit);
}

std::string description(const PlanQuantity& quantity) {
  std::string text = quantity.meaning;
  text += fmt::format("{}[{}]", text.empty() ? "" : " ", quantity.unit);
  if (!quantity.owners.empty()) text += fmt::format(", {}", fmt::join(quantity.owners, ", "));
  if (quantity.setting && *quantity.setting->source)
    text += fmt::format(". Default: {}", quantity.setting->source);
  return text;
}

Json quantity_schema(const PlanQuantity& quantity) {
  const ironlaw_port* const port = quantity.setting ? quantity.setting : quantity.parameter;
  Json json;
  if (port && *port->choices) {
    json["enum"] = choice_names(*port);
  } else if (quantity.unit != "1") {  // written with its unit; only 0 goes without
    json["anyOf"] = {{{"type", "string"}}, {{"const", 0}}};
  } else {
    json["type"] = {"number", "string"};
    if (port && std::isfinite(port->min)) json["minimum"] = json_number(port->min);
    if (port && std::isfinite(port->max)) json["maximum"] = json_number(port->max);
  }
  json["description"] = description(quantity);
  if (quantity.setting && std::isfinite(port->neutral))
    json["default"] = *port->choices ? Json(choice_names(*port)[static_cast<std::size_t>(port->neutral)])
                                     : value_text(port->neutral, quantity.unit);
  return json;
}

Json block_schema(const PlanBlock& block, const PlanQuantities& quantities) {
  Json json = object(std::string(block.meaning).c_str());
  json["properties"] = Json::object();
  for (const std::string_view option : block.options)
    json["properties"][plan_key(option)] = option_schema(option);
  for (const auto& [name, quantity] : quantities)
    if (std::find(quantity.blocks.begin(), quantity.blocks.end(), block.name) != quantity.blocks.end())
      json["properties"][name] = quantity_schema(quantity);
  return json;
}

Json constraints_schema() {
  const auto limit = [](const char* text) {
    return Json{{"type", {"number", "string"}}, {"description", text}};
  };
  Json assertion = object("A limit on one result; the exit code is 3 when it is broken.");
  assertion["properties"] = {
      {"metric", {{"type", "string"}, {"description", "time, throughput, ttft, itl, run_cost, mfu, ..."}}},
      {"max", limit("the most that is allowed, with its unit: 50 ms")},
      {"min", limit("the least that is allowed")}};
  assertion["required"] = Json::array({"metric"});
  assertion["anyOf"] = Json::array();
  for (const char* limit_name : {"max", "min"})
    assertion["anyOf"].push_back({{"required", Json::array({limit_name})}});
  Json json = object("What the answer must keep.");
  json["properties"] = {{"assert", {{"type", "array"}, {"items", assertion}}}};
  return json;
}

Json plan_schema(const PluginHost& host) {
  const PlanQuantities quantities = plan_quantities(host);
  Json json = {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "Ironlaw plan"},
      {"description",
       "A scenario for `ironlaw solve PLAN.yaml`. Quantities are written with their unit, as 8 TB/s, "
       "50 ms, 2.5 USD/h; [unit] is the base unit. A wall's setting stands in the block of the "
       "wall's domain: algorithm in workload, node in serving or hardware, data and fleet in fleet, "
       "operations in operations; every other quantity stands in parameters."},
      {"type", "object"},
      {"additionalProperties", false}};
  Json& properties = json["properties"];
  properties["name"] = {{"type", "string"}, {"description", "What people call this plan."}};
  for (const PlanBlock& block : plan_blocks())
    properties[std::string(block.name)] = block_schema(block, quantities);
  properties["constraints"] = constraints_schema();
  for (const std::string_view option : plan_options()) properties[plan_key(option)] = option_schema(option);
  properties["workload"]["required"] = Json::array({"model"});
  properties["hardware"]["required"] = Json::array({"name"});
  json["required"] = Json::array({"workload", "hardware"});
  return json;
}

}  // namespace

ExitCode cmd_schema(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  if (!arguments->names().empty())
    one_of("The schema", arguments->names()[0], std::vector<std::string>{"plan"});
  print(json_text(plan_schema(load_plugins())));
  return ExitCode::ok;
}

}  // namespace ironlaw
