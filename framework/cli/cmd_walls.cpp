// ironlaw walls: what constrains a system, by which equation, through which ports.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/pipeline/parameters.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "walls",
    .synopsis = "[WALL] [options]",
    .summary =
        "Lists the walls that are loaded, or shows one (by number or name): its equation, sources, and "
        "every port of its functions.",
    .options = {{"format", "F", "text or json; text"}},
    .most_names = 1,
};

const char* level_name(std::uint32_t level) {
  constexpr const char* kNames[] = {"scenario", "operator", "step", "run"};
  return level < std::size(kNames) ? kNames[level] : "unknown";
}

const char* role_name(std::uint32_t role) {
  constexpr const char* kNames[] = {"", "work", "bound", "factor", "supply", "addend", "gate", "account"};
  return role < std::size(kNames) ? kNames[role] : "unknown";
}

const char* link_name(std::uint32_t link) {
  constexpr const char* kNames[] = {"identity", "log", "logit"};
  return link < std::size(kNames) ? kNames[link] : "unknown";
}

std::vector<std::string> scope_names(const ironlaw_port& port) {
  std::vector<std::string> names;
  for (const ironlaw_scope scope : kScopes)
    if (port.scopes & static_cast<std::uint32_t>(scope)) names.emplace_back(name_of(scope));
  return names;
}

Json input_json(const ironlaw_port& port) {
  Json json{{"name", port.name},
            {"unit", port.unit},
            {"meaning", port.meaning},
            {"min", json_number(port.min)},
            {"max", json_number(port.max)},
            {"discrete", (port.flags & IRONLAW_PORT_DISCRETE) != 0},
            {"parameter", nullptr}};
  if (port.flags & IRONLAW_PORT_PARAMETER)
    json["parameter"] = {{"textbook", json_number(port.neutral)},
                         {"prior_mean", json_number(port.prior_mean)},
                         {"prior_sd", json_number(port.prior_sd)},
                         {"link", link_name(port.link)},
                         {"scopes", scope_names(port)}};
  return json;
}

Json to_json(const ironlaw_wall& wall) {
  Json json{{"number", wall.number},     {"name", wall.id},         {"title", wall.title},
            {"domain", wall.domain},     {"term", wall.term},       {"statement", wall.statement},
            {"equation", wall.equation}, {"sources", wall.sources}, {"model_version", wall.model_version}};
  json["functions"] = Json::array();
  for (std::uint32_t f = 0; f < wall.n_functions; ++f) {
    const ironlaw_function& function = *wall.functions[f];
    Json entry{{"name", function.name}, {"level", level_name(function.level)}};
    entry["inputs"] = Json::array();
    for (std::uint32_t i = 0; i < function.n_inputs; ++i)
      entry["inputs"].push_back(input_json(*function.inputs[i]));
    entry["outputs"] = Json::array();
    for (std::uint32_t o = 0; o < function.n_outputs; ++o) {
      const ironlaw_port& port = *function.outputs[o];
      entry["outputs"].push_back({{"name", port.name},
                                  {"unit", port.unit},
                                  {"role", role_name(port.role)},
                                  {"target", *port.target ? Json(port.target) : Json(nullptr)},
                                  {"meaning", port.meaning}});
    }
    json["functions"].push_back(std::move(entry));
  }
  return json;
}

std::string list(std::span<const ironlaw_wall* const> walls) {
  TextTable table({Align::right, Align::left, Align::left, Align::left, Align::left});
  table.add({"wall", "title", "domain", "term", "statement"});
  for (const ironlaw_wall* w : walls)
    table.add({std::to_string(w->number), w->title, w->domain, w->term, w->statement});
  return table.text("", kPageWidth);
}

std::string range_text(const ironlaw_port& port) {
  if (std::isinf(port.min) && std::isinf(port.max)) return "any";
  if (std::isinf(port.max)) return fmt::format("{} or more", format_number(port.min));
  return fmt::format("{} to {}", format_number(port.min), format_number(port.max));
}

std::string parameter_text(const ironlaw_port& port) {
  if (!(port.flags & IRONLAW_PORT_PARAMETER)) return port.flags & IRONLAW_PORT_DISCRETE ? "steps" : "";
  std::string text =
      fmt::format("fitted: prior {} (sd {} on {}), textbook {}", format_number(port.prior_mean),
                  format_number(port.prior_sd), link_name(port.link), format_number(port.neutral));
  if (const auto scopes = scope_names(port); !scopes.empty())
    text += fmt::format(", by {}", fmt::join(scopes, ", "));
  return text;
}

std::string function_text(const ironlaw_function& function) {
  std::string text = fmt::format(
      "\n{}\n",
      bold(fmt::format("{} (a row a{} {})", *function.name ? function.name : "function",
                       function.level == IRONLAW_LEVEL_OPERATOR ? "n" : "", level_name(function.level))));
  TextTable table({Align::left, Align::left, Align::left, Align::left, Align::left});
  for (std::uint32_t i = 0; i < function.n_inputs; ++i) {
    const ironlaw_port& port = *function.inputs[i];
    table.add({"in", port.name, fmt::format("[{}]", port.unit), range_text(port), parameter_text(port)});
  }
  for (std::uint32_t o = 0; o < function.n_outputs; ++o) {
    const ironlaw_port& port = *function.outputs[o];
    std::string role = role_name(port.role);
    if (*port.target) role += fmt::format(" of {}", port.target);
    table.add({"out", port.name, fmt::format("[{}]", port.unit), std::move(role), port.meaning});
  }
  return text + table.text("  ", kPageWidth);
}

std::string show(const ironlaw_wall& wall) {
  std::string text = bold(fmt::format("Wall {}: {}", wall.number, wall.title)) + "\n";
  text += fmt::format("{}\n\n", wrap(wall.statement, kPageWidth, ""));
  TextTable table({Align::left, Align::left});
  table.add({"name", wall.id});
  table.add({"domain", wall.domain});
  table.add({"binds", wall.term});
  table.add({"equation", wall.equation});
  table.add({"sources", wall.sources});
  table.add({"version", std::to_string(wall.model_version)});
  text += table.text("  ", kPageWidth);
  for (std::uint32_t f = 0; f < wall.n_functions; ++f) text += function_text(*wall.functions[f]);
  return text;
}

}  // namespace

ExitCode cmd_walls(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const PluginHost host = load_plugins();
  std::vector<const ironlaw_wall*> walls(host.walls().begin(), host.walls().end());
  const bool is_one = !arguments->names().empty();
  if (is_one) walls = {&host.find_wall(arguments->names()[0])};

  if (format == Format::json) {
    Json json = Json::array();
    for (const ironlaw_wall* wall : walls) json.push_back(to_json(*wall));
    print(json_text(json));
  } else {
    print(is_one ? show(*walls[0]) : list(walls));
  }
  return ExitCode::ok;
}

}  // namespace ironlaw
