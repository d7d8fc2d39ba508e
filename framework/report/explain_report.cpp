#include "framework/report/explain_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/report/port_text.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kShownOperators = 4;
constexpr std::size_t kShownFindings = 12;

// ---- what the wall adds to the time --------------------------------------------------------------------

bool has_role(const ironlaw_wall& wall, std::initializer_list<ironlaw_role> roles) {
  for (std::uint32_t f = 0; f < wall.n_functions; ++f)
    for (std::uint32_t o = 0; o < wall.functions[f]->n_outputs; ++o)
      if (std::find(roles.begin(), roles.end(), wall.functions[f]->outputs[o]->role) != roles.end())
        return true;
  return false;
}

std::string effect_text(const WorkedWall& worked, const Prediction& p) {
  const LedgerEntry& entry = worked.ledger;
  const std::string time = fmt::format("The time, {}, is {}.", p.time_is, format_time(p.outcome.time));
  if (entry.in_time)
    return fmt::format(
        "{} The wall adds {} to it in the ledger, and {} of it follows its bounds and "
        "addends.",
        time, format_time(entry.seconds), format_percent(entry.elasticity));
  if (has_role(*worked.wall, {IRONLAW_ROLE_WORK, IRONLAW_ROLE_SUPPLY}))
    return time +
           " The wall has no part of its own in it: it says how much there is to do, or how fast, and other "
           "walls take it from there.";
  return time + " The wall adds nothing to it: it says what follows from it.";
}

// ---- the functions -------------------------------------------------------------------------------------

std::string source_text(const ironlaw_port& port, const Provenance& from) {
  std::string text = from.text;
  if (from.source == Source::given || from.source == Source::datasheet || from.source == Source::usual)
    text = fmt::format("{}: {}", name_of(from.source), text);
  if (from.range)
    text += fmt::format("; 68% within {} to {}", value_text(port, from.range->low),
                        value_text(port, from.range->high));
  return text;
}

std::string made_text(const WorkedOutput& out) {
  std::string role = role_name(out.port->role);
  if (*out.port->target) role += fmt::format(" of {}", out.port->target);
  if (out.forced) role += fmt::format(", given: {}", *out.forced);
  std::string text = fmt::format("{}: {}", role, out.port->meaning);
  if (!out.unknown.empty()) text += fmt::format(". Unknown without {}", fmt::join(out.unknown, ", "));
  return text;
}

// The inputs and outputs that are one number.
std::string numbers_text(const WorkedRow& row) {
  TextTable table({Align::left, Align::right, Align::left});
  for (const WorkedInput& in : row.inputs)
    if (!in.varies)
      table.add({in.port->name, value_text(*in.port, in.value), source_text(*in.port, in.from)});
  for (const WorkedOutput& out : row.outputs)
    if (!out.varies)
      table.add({fmt::format("= {}", out.port->name), value_text(*out.port, out.value), made_text(out)});
  return table.text("    ", kPageWidth);
}

// Where a number that varies from operator to operator comes from, in a word or two.
std::string short_source(const Provenance& from) {
  if (from.source != Source::wall) return from.source == Source::host ? "model" : name_of(from.source);
  return from.text.substr(0, from.text.find(' ', std::string_view("wall ").size()));
}

// The first operators, a column each, and the sum of all.
TextTable operators_table(const WorkedRow& row, std::size_t shown) {
  std::vector<Align> columns(shown + 2, Align::right);
  columns.front() = Align::left;
  columns.push_back(Align::left);
  TextTable table(std::move(columns));
  const auto add = [&](const std::string& name, const std::string& sum, const std::string& from,
                       const auto& cell) {
    std::vector<std::string> cells = {name};
    for (std::size_t k = 0; k < shown; ++k) cells.push_back(cell(row.operators[k]));
    cells.insert(cells.end(), {sum, from});
    table.add(std::move(cells));
  };
  double seconds = 0;
  double count = 0;
  for (const WorkedOperator& op : row.operators) {
    seconds += op.seconds;
    count += op.count;
  }
  add("operator", fmt::format("all {}", row.operators.size()), "",
      [](const WorkedOperator& op) { return op.name; });
  add("in one step", format_number(count), "model",
      [](const WorkedOperator& op) { return format_number(op.count); });
  add("their time", format_time(seconds), "all walls",
      [](const WorkedOperator& op) { return format_time(op.seconds); });
  for (std::size_t i = 0; i < row.inputs.size(); ++i) {
    const WorkedInput& in = row.inputs[i];
    if (in.varies)
      add(in.port->name, "", short_source(in.from),
          [&](const WorkedOperator& op) { return value_text(*in.port, op.inputs[i]); });
  }
  for (std::size_t o = 0; o < row.outputs.size(); ++o) {
    const WorkedOutput& out = row.outputs[o];
    if (out.varies)
      add(fmt::format("= {}", out.port->name), std::isnan(out.sum) ? "" : value_text(*out.port, out.sum),
          role_name(out.port->role),
          [&](const WorkedOperator& op) { return value_text(*out.port, op.outputs[o]); });
  }
  return table;
}

std::size_t widest_line(std::string_view text) {
  std::size_t widest = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    widest = std::max(widest, end);
    text.remove_prefix(end + 1);
  }
  return widest;
}

// As many operators as a page has room for.
std::string operators_text(const WorkedRow& row) {
  for (std::size_t shown = std::min(kShownOperators, row.operators.size());; --shown) {
    std::string text = operators_table(row, shown).text("    ");
    if (shown == 1 || widest_line(text) <= kPageWidth) return text;
  }
}

std::string row_text(const WorkedRow& row) {
  std::string text;
  if (!row.step.empty())
    text += fmt::format("  {} step{}\n", row.step,
                        row.runs == 1 ? "" : fmt::format(" (runs {} times)", format_number(row.runs)));
  text += numbers_text(row);
  const bool any_varies =
      std::any_of(row.inputs.begin(), row.inputs.end(), [](const WorkedInput& in) { return in.varies; }) ||
      std::any_of(row.outputs.begin(), row.outputs.end(), [](const WorkedOutput& o) { return o.varies; });
  return any_varies ? text + operators_text(row) : text;
}

std::string function_text(const WorkedFunction& f, Heading heading) {
  std::string text = fmt::format("\n{}\n", heading(function_title(*f.function)));
  if (!f.refused.empty()) {
    const std::string why = fmt::format("Not for this case: it is for {}.", f.refused);
    return fmt::format("{}  {}\n", text, wrap(why, kPageWidth, "  ", 2));
  }
  for (const WorkedRow& row : f.rows) text += row_text(row);
  return text;
}

// ---- JSON ----------------------------------------------------------------------------------------------

Json provenance_json(const Provenance& from) {
  Json json{{"source", name_of(from.source)}, {"text", from.text}};
  if (from.source != Source::parameter) return json;
  json["low"] = from.range ? json_number(from.range->low) : Json(nullptr);
  json["high"] = from.range ? json_number(from.range->high) : Json(nullptr);
  json["terms"] = Json::array();
  for (const FittedTerm& t : from.terms)
    json["terms"].push_back({{"scope", t.scope},
                             {"level", t.level},
                             {"value_link", json_number(t.value)},
                             {"se_link", json_number(t.sd)},
                             {"determined", t.is_determined}});
  return json;
}

Json row_json(const WorkedRow& row) {
  Json json{{"step", row.step.empty() ? Json(nullptr) : Json(row.step)}, {"runs", json_number(row.runs)}};
  json["inputs"] = Json::array();
  for (const WorkedInput& in : row.inputs)
    json["inputs"].push_back({{"name", in.port->name},
                              {"unit", in.port->unit},
                              {"value", value_json(*in.port, in.value)},
                              {"varies", in.varies},
                              {"from", provenance_json(in.from)}});
  json["outputs"] = Json::array();
  for (const WorkedOutput& out : row.outputs)
    json["outputs"].push_back({{"name", out.port->name},
                               {"unit", out.port->unit},
                               {"role", role_name(out.port->role)},
                               {"meaning", out.port->meaning},
                               {"value", value_json(*out.port, out.value)},
                               {"varies", out.varies},
                               {"sum", json_number(out.sum)},
                               {"unknown", out.unknown},
                               {"given", out.forced ? Json(*out.forced) : Json(nullptr)}});
  json["operators"] = Json::array();
  for (const WorkedOperator& op : row.operators) {
    Json entry{{"name", op.name}, {"count", json_number(op.count)}, {"seconds", json_number(op.seconds)}};
    entry["inputs"] = Json::object();
    for (std::size_t i = 0; i < op.inputs.size(); ++i)
      entry["inputs"][row.inputs[i].port->name] = value_json(*row.inputs[i].port, op.inputs[i]);
    entry["outputs"] = Json::object();
    for (std::size_t o = 0; o < op.outputs.size(); ++o)
      entry["outputs"][row.outputs[o].port->name] = value_json(*row.outputs[o].port, op.outputs[o]);
    json["operators"].push_back(std::move(entry));
  }
  return json;
}

Json case_json(const Answer& answer) {
  const Prediction& p = answer.prediction;
  Json json = scenario_json(p);
  json["params"] = answer.parameters;
  json["feasible"] = p.feasible;
  json["time_s"] = p.feasible ? json_number(p.outcome.time) : Json(nullptr);
  json["time_is"] = p.time_is;
  json["set"] = answer.set;
  return json;
}

std::string opening(const ironlaw_wall& wall, const Answer& answer, Heading heading) {
  return wall_opening(wall, heading) + wall_facts(wall) + "\n" + heading("This case worked through") + "\n" +
         scenario_text(answer.prediction, [](std::string_view text) { return std::string(text); });
}

std::string closing(const Answer& answer) {
  TextTable table({Align::left, Align::left});
  if (!answer.prediction.feasible) table.add({"Memory", answer.prediction.infeasible_because});
  table.add({"Rests on", answer.parameters});
  for (const auto& [name, value] : answer.set) table.add({"Set", fmt::format("{} = {}", name, value)});
  for (const std::string& note : answer.notes) table.add({"Note", note});
  return fmt::format("\n{}", table.text("  ", kPageWidth));
}

ironlaw_port port_of(const char* name, const char* unit) {
  ironlaw_port port{};
  port.name = name;
  port.unit = unit;
  port.choices = "";
  return port;
}

}  // namespace

std::string explain_text(const WorkedWall& worked, const Answer& answer, Heading heading) {
  std::string text = opening(*worked.wall, answer, heading);
  text += wrap(effect_text(worked, answer.prediction), kPageWidth, "") + "\n";
  for (const WorkedFunction& f : worked.functions) text += function_text(f, heading);
  return text + closing(answer);
}

Json explain_json(const WorkedWall& worked, const Answer& answer) {
  Json json{{"wall", wall_json(*worked.wall)}, {"case", case_json(answer)}};
  json["ledger"] = {{"in_time", worked.ledger.in_time},
                    {"seconds", json_number(worked.ledger.seconds)},
                    {"elasticity", json_number(worked.ledger.elasticity)}};
  json["functions"] = Json::array();
  for (const WorkedFunction& f : worked.functions) {
    Json entry{{"name", f.function->name},
               {"level", level_name(f.function->level)},
               {"holds", f.refused.empty()},
               {"refused", f.refused.empty() ? Json(nullptr) : Json(f.refused)}};
    entry["rows"] = Json::array();
    for (const WorkedRow& row : f.rows) entry["rows"].push_back(row_json(row));
    json["functions"].push_back(std::move(entry));
  }
  return json;
}

std::string explain_text(const AnalysedWall& a, const Answer& answer, Heading heading) {
  const ironlaw_port output = port_of(a.output.c_str(), a.unit.c_str());
  const bool inverts = !std::isnan(a.target);
  std::string text = opening(*a.wall, answer, heading);
  text += inverts ? fmt::format("Each input alone that would bring {} from {} to {}:\n\n", a.output,
                                value_text(output, a.value), value_text(output, a.target))
                  : fmt::format("{} is {}. What moves it, most first:\n\n", a.output,
                                value_text(output, a.value));
  // What the values of an analysis of one's own are, its equation says.
  constexpr std::uint32_t kSensitivity = 21;
  const bool is_tornado = a.wall->number == kSensitivity;
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  std::vector<std::string> titles = {"input", "is",
                                     inverts      ? "should be"
                                     : is_tornado ? "elasticity"
                                                  : "value"};
  if (is_tornado)
    for (const char* side : {"less", "more"})
      titles.push_back(fmt::format("at {} {}", format_percent(a.change), side));
  table.add(std::move(titles));
  const auto known = [](const ironlaw_port& port, double value) {
    return std::isnan(value) ? "" : value_text(port, value);
  };
  for (std::size_t i = 0; i < std::min(kShownFindings, a.findings.size()); ++i) {
    const Finding& f = a.findings[i];
    const ironlaw_port input = port_of(f.input.c_str(), f.unit.c_str());
    table.add({f.input, value_text(input, f.given),
               inverts ? known(input, f.value) : format_number(f.value, 3), known(output, f.low),
               known(output, f.high), f.text});
  }
  text += table.text("  ", kPageWidth);
  if (a.findings.size() > kShownFindings)
    text += fmt::format("  and {} more (--format json)\n", a.findings.size() - kShownFindings);
  return text + closing(answer);
}

Json explain_json(const AnalysedWall& a, const Answer& answer) {
  Json json{{"wall", wall_json(*a.wall)}, {"case", case_json(answer)}};
  json["output"] = {{"name", a.output},
                    {"unit", a.unit},
                    {"value", json_number(a.value)},
                    {"target", json_number(a.target)}};
  json["change"] = a.change;
  json["findings"] = Json::array();
  for (const Finding& f : a.findings)
    json["findings"].push_back({{"input", f.input},
                                {"unit", f.unit},
                                {"given", json_number(f.given)},
                                {"value", json_number(f.value)},
                                {"low", json_number(f.low)},
                                {"high", json_number(f.high)},
                                {"text", f.text}});
  return json;
}

}  // namespace ironlaw
