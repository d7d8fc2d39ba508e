#include "framework/report/wall_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

#include "framework/report/port_text.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr const char* kIronLaw = "Time = FLOPs / (N x Peak x MFU x eta_scaling x Goodput)";

bool is_own(const ironlaw_wall& wall) {
  return wall.number > kTaxonomy;
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// The domains in the order of their first walls.
std::vector<std::string> domains_of(Walls walls, bool own) {
  std::vector<std::string> domains;
  for (const ironlaw_wall* w : walls)
    if (is_own(*w) == own && std::find(domains.begin(), domains.end(), w->domain) == domains.end())
      domains.emplace_back(w->domain);
  return domains;
}

std::vector<const ironlaw_wall*> walls_in(Walls walls, const std::string& domain, bool own) {
  std::vector<const ironlaw_wall*> list;
  for (const ironlaw_wall* w : walls)
    if (domain == w->domain && is_own(*w) == own) list.push_back(w);
  return list;
}

// "22 walls in 6 domains: node 7, data 3, ..."
std::string census(Walls walls) {
  const std::vector<std::string> domains = domains_of(walls, false);
  std::vector<std::string> counts;
  std::size_t all = 0;
  for (const std::string& domain : domains) {
    const std::size_t n = walls_in(walls, domain, false).size();
    counts.push_back(fmt::format("{} {}", domain, n));
    all += n;
  }
  return fmt::format("{} walls in {} domains: {}", all, domains.size(), fmt::join(counts, ", "));
}

// The numbers of the taxonomy that no plugin brought.
std::string missing_line(Walls walls) {
  std::vector<std::uint32_t> missing;
  for (std::uint32_t n = 1; n <= kTaxonomy; ++n)
    if (std::none_of(walls.begin(), walls.end(), [n](const ironlaw_wall* w) { return w->number == n; }))
      missing.push_back(n);
  return missing.empty() ? "" : fmt::format("\nNot loaded: {}\n", fmt::join(missing, ", "));
}

// Rows under domain titles share their columns' widths with the rows of the other domains.
struct Widths {
  std::size_t title = 0, term = 0;
};
Widths widths_of(Walls walls) {
  Widths widths;
  for (const ironlaw_wall* w : walls) {
    widths.title = std::max(widths.title, std::string_view(w->title).size());
    widths.term = std::max(widths.term, std::string_view(w->term).size());
  }
  return widths;
}

std::string row_of(const ironlaw_wall& wall, const Widths& widths, const char* text) {
  std::string line =
      fmt::format("{:>4}  {:{}}  {:{}}  ", wall.number, wall.title, widths.title, wall.term, widths.term);
  const std::string indent(line.size(), ' ');
  return line + wrap(text, kPageWidth, indent, line.size()) + "\n";
}

std::string domain_rows(Walls walls, bool own, Heading heading) {
  const Widths widths = widths_of(walls);
  std::string text;
  for (const std::string& domain : domains_of(walls, own)) {
    text += heading(capitalised(domain)) + "\n";
    for (const ironlaw_wall* w : walls_in(walls, domain, own)) text += row_of(*w, widths, w->statement);
  }
  return text;
}

// ---- one wall ------------------------------------------------------------------------------------------

std::string range_text(const ironlaw_port& port) {
  if (*port.choices) return "a choice";
  if (std::isinf(port.min) && std::isinf(port.max)) return "any";
  if (std::isinf(port.max)) return fmt::format("{} or more", format_number(port.min));
  return fmt::format("{} to {}", format_number(port.min), format_number(port.max));
}

std::string setting_text(const ironlaw_port& port) {
  if (*port.choices)
    return fmt::format("one of {}; {} where nobody asks for another", fmt::join(choice_names(port), ", "),
                       value_text(port, port.neutral));
  if (std::isnan(port.neutral)) return "set by a user, a place, a fleet or the datasheet; unknown elsewhere";
  const std::string value = value_text(port, port.neutral);
  return *port.source ? fmt::format("set; usually {} ({})", value, port.source)
                      : fmt::format("set; {} where nobody asks for it", value);
}

std::string parameter_text(const ironlaw_port& port) {
  std::string text =
      fmt::format("fitted; prior {} (sd {} on {}), textbook {}", value_text(port, port.prior_mean),
                  format_number(port.prior_sd), link_name(port.link), value_text(port, port.neutral));
  if (const auto scopes = scope_names(port); !scopes.empty())
    text += fmt::format("; varies by {}", fmt::join(scopes, ", "));
  return text;
}

std::string input_text(const ironlaw_port& port) {
  std::string text = port.meaning;
  if (port.flags & IRONLAW_PORT_PARAMETER) text += fmt::format(". {}", capitalised(parameter_text(port)));
  if (port.flags & IRONLAW_PORT_SETTING) text += fmt::format(". {}", capitalised(setting_text(port)));
  if (port.flags & IRONLAW_PORT_DISCRETE && !*port.choices) text += ". Changes in steps";
  return text;
}

std::string output_text(const ironlaw_port& port) {
  std::string role = role_name(port.role);
  if (*port.target) role += fmt::format(" of {}", port.target);
  return fmt::format("{}: {}", role, port.meaning);
}

// A sentence under a function's title.
std::string sentence(const std::string& text) {
  return fmt::format("  {}\n", wrap(text, kPageWidth, "  ", 2));
}

std::string function_opening(const ironlaw_function& f, Heading heading) {
  std::string text = fmt::format("\n{}\n", heading(function_title(f)));
  if (const std::string support = support_text(f); !support.empty())
    text += sentence(fmt::format("Holds for {}.", support));
  return text;
}

std::string function_text(const ironlaw_function& f, Heading heading) {
  std::string text = function_opening(f, heading);
  TextTable table({Align::left, Align::left, Align::left, Align::left, Align::left});
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
    const ironlaw_port& port = *f.inputs[i];
    table.add({"in", port.name, fmt::format("[{}]", port.unit), range_text(port), input_text(port)});
  }
  for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
    const ironlaw_port& port = *f.outputs[o];
    table.add({"out", port.name, fmt::format("[{}]", port.unit), "", output_text(port)});
  }
  text += table.text("  ", kPageWidth);
  if (f.example) text += sentence(fmt::format("By hand: {}", f.example->text));
  return text;
}

// By hand and, where the function makes something else of the same inputs, what it makes.
std::string example_table(const ironlaw_function& f) {
  constexpr double kDigits = 1e-3;  // examples show three or four
  TextTable table({Align::left, Align::right, Align::left});
  for (std::uint32_t i = 0; i < f.n_inputs; ++i)
    table.add({f.inputs[i]->name, value_text(*f.inputs[i], f.example->inputs[i]), f.inputs[i]->meaning});
  const std::vector<double> computed = example_outputs(f);
  for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
    const ironlaw_port& port = *f.outputs[o];
    const double by_hand = f.example->outputs[o];
    if (std::isnan(by_hand)) continue;
    const bool agrees = std::abs(computed[o] - by_hand) <= kDigits * std::abs(by_hand);
    table.add({fmt::format("= {}", port.name), value_text(port, by_hand),
               agrees ? port.meaning
                      : fmt::format("WRONG: the function makes {} of these", value_text(port, computed[o]))});
  }
  return table.text("    ", kPageWidth);
}

std::string no_functions_text(const ironlaw_wall& wall) {
  return fmt::format(
      "\n{}\n", wrap(fmt::format("An analysis: it has no ports and adds no time. It works on all the other "
                                 "walls composed, their values and exact derivatives. `ironlaw explain {} "
                                 "MODEL HARDWARE` runs it.",
                                 wall.number),
                     kPageWidth, ""));
}

Json input_json(const ironlaw_port& port) {
  Json json{{"name", port.name},
            {"unit", port.unit},
            {"meaning", port.meaning},
            {"min", json_number(port.min)},
            {"max", json_number(port.max)},
            {"discrete", (port.flags & IRONLAW_PORT_DISCRETE) != 0},
            {"parameter", nullptr},
            {"setting", nullptr}};
  if (port.flags & IRONLAW_PORT_PARAMETER)
    json["parameter"] = {{"textbook", json_number(port.neutral)},
                         {"prior_mean", json_number(port.prior_mean)},
                         {"prior_sd", json_number(port.prior_sd)},
                         {"link", link_name(port.link)},
                         {"scopes", scope_names(port)}};
  if (port.flags & IRONLAW_PORT_SETTING)
    json["setting"] = {
        {"value", value_json(port, port.neutral)}, {"source", port.source}, {"choices", choice_names(port)}};
  return json;
}

Json function_json(const ironlaw_function& f) {
  Json json{{"name", f.name},
            {"level", level_name(f.level)},
            {"phases", phase_names(f.phases)},
            {"kinds", kind_names(f.kinds)},
            {"supports", *f.supports ? Json(f.supports) : Json(nullptr)}};
  json["inputs"] = Json::array();
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) json["inputs"].push_back(input_json(*f.inputs[i]));
  json["outputs"] = Json::array();
  for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
    const ironlaw_port& port = *f.outputs[o];
    json["outputs"].push_back({{"name", port.name},
                               {"unit", port.unit},
                               {"role", role_name(port.role)},
                               {"target", *port.target ? Json(port.target) : Json(nullptr)},
                               {"headline", (port.flags & IRONLAW_PORT_HEADLINE) != 0},
                               {"meaning", port.meaning}});
  }
  json["example"] = example_json(f);
  return json;
}

}  // namespace

std::string taxonomy_text(Walls walls, Heading heading) {
  std::string text = heading(census(walls)) + "\n";
  text += fmt::format("{}\nThe third column is the term that a wall binds.\n\n", kIronLaw);
  text += domain_rows(walls, false, heading) + missing_line(walls);
  if (const std::string own = domain_rows(walls, true, heading); !own.empty())
    text += fmt::format("\n{}\n{}", heading("Walls of your own"), own);
  return text + "\n`ironlaw explain WALL` works one through.\n";
}

std::string cheat_sheet_text(Walls walls, Heading heading) {
  std::string text = heading(kIronLaw) + "\n\n";
  const Widths widths = widths_of(walls);
  for (const ironlaw_wall* w : walls) text += row_of(*w, widths, w->equation);
  return text;
}

Json cheat_sheet_json(Walls walls) {
  Json json = Json::array();
  for (const ironlaw_wall* w : walls)
    json.push_back(
        {{"number", w->number}, {"title", w->title}, {"term", w->term}, {"equation", w->equation}});
  return json;
}

std::string wall_opening(const ironlaw_wall& wall, Heading heading) {
  return heading(fmt::format("Wall {}: {}", wall.number, wall.title)) + "\n" +
         wrap(wall.statement, kPageWidth, "") + "\n\n";
}

std::string wall_facts(const ironlaw_wall& wall) {
  TextTable table({Align::left, Align::left});
  table.add({"name", wall.id});
  table.add({"domain", wall.domain});
  table.add({"binds", std::string_view(wall.term) == "none" ? "no term of the Iron Law" : wall.term});
  table.add({"equation", wall.equation});
  table.add({"sources", wall.sources});
  return table.text("  ", kPageWidth);
}

std::string wall_text(const ironlaw_wall& wall, Heading heading) {
  std::string text = wall_opening(wall, heading) + wall_facts(wall);
  if (wall.analyse) return text + no_functions_text(wall);
  for (std::uint32_t f = 0; f < wall.n_functions; ++f) text += function_text(*wall.functions[f], heading);
  return text;
}

Json wall_json(const ironlaw_wall& wall) {
  Json json{{"number", wall.number},
            {"name", wall.id},
            {"title", wall.title},
            {"domain", wall.domain},
            {"term", wall.term},
            {"statement", wall.statement},
            {"equation", wall.equation},
            {"sources", wall.sources},
            {"model_version", wall.model_version},
            {"analysis", wall.analyse != nullptr}};
  json["functions"] = Json::array();
  for (std::uint32_t f = 0; f < wall.n_functions; ++f)
    json["functions"].push_back(function_json(*wall.functions[f]));
  return json;
}

std::string examples_text(const ironlaw_wall& wall, Heading heading) {
  std::string text = wall_opening(wall, heading) + wall_facts(wall);
  if (wall.analyse) return text + no_functions_text(wall);
  for (std::uint32_t n = 0; n < wall.n_functions; ++n) {
    const ironlaw_function& f = *wall.functions[n];
    text += function_opening(f, heading);
    if (!f.example) {
      text += "  It brings no worked example.\n";
      continue;
    }
    text += sentence(f.example->text);
    text += example_table(f);
  }
  return text;
}

}  // namespace ironlaw
