// ironlaw calibrate: fits the parameters to every observation that the model can say something about.
#include <fmt/format.h>

#include <algorithm>

#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/workbench.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "calibrate",
    .synopsis = "[options]",
    .summary =
        "Fits the parameters of walls and hardware to the observations in the database and stores the fit "
        "with "
        "its residuals and standard errors. Does nothing while the stored fit is still that of these data, "
        "walls "
        "and datasheets.",
    .options = {{"force", "", "fit again although the stored fit is current"},
                {"format", "F", "text or json; text"}},
};

// The rows of a full fit, and those that are not in it.
struct FullRows {
  std::vector<Row> rows;
  Unlowered unlowered;
  std::map<std::string, int> precision_basis;
};

FullRows full_rows(Workbench& bench) {
  FullRows full;
  full.rows = select_rows(bench.observations(), bench.hardware(), full.unlowered);
  const PrecisionRule rule = learn_precisions(full.rows);
  lower_rows(full.rows, rule, bench.predictor(), full.unlowered);
  for (const Row& row : full.rows) ++full.precision_basis[row.precision_basis];
  return full;
}

// A global parameter in its own unit.
struct Global {
  const Effect* effect;
  const ironlaw_port* port;
  double value, low, high;  // one standard error on the link scale to both sides
};

std::vector<Global> globals_of(const Fit& fit, const std::vector<Row>& rows) {
  std::map<std::string, const ironlaw_port*> ports;
  for (const Row& row : rows)
    for (const ParameterPort& p : row.lowered.pipeline->parameters()) ports[p.port->name] = p.port;
  std::vector<Global> globals;
  for (const Effect& e : fit.parameters.effects()) {
    if (e.scope) continue;
    const ironlaw_port* port = ports.at(e.parameter);
    const auto link = static_cast<ironlaw_link>(port->link);
    const double x = to_link(link, port->prior_mean) + e.value;
    globals.push_back({&e, port, from_link(link, x), from_link(link, x - e.sd), from_link(link, x + e.sd)});
  }
  return globals;
}

std::string value_text(const Global& g, double value) {
  return std::string_view(g.port->unit) == "s" ? format_time(value) : format_number(value, 3);
}

std::string to_text(const Fit& fit, const FullRows& full, bool is_current) {
  std::string text =
      fmt::format("{}\n\n", bold(fmt::format("Fit of {} rows in {} cells{}", fit.rows, fit.cells,
                                             is_current ? " (stored, current)" : "")));
  TextTable parameters({Align::left, Align::right, Align::right, Align::right, Align::left});
  parameters.add({"parameter", "prior", "fitted", "68% range", ""});
  for (const Global& g : globals_of(fit, full.rows))
    parameters.add({g.effect->parameter, value_text(g, g.port->prior_mean), value_text(g, g.value),
                    fmt::format("{} to {}", value_text(g, g.low), value_text(g, g.high)),
                    is_determined(*g.effect) ? "" : "not determined by these data"});
  text += parameters.text("  ");
  const auto levels = std::count_if(fit.parameters.effects().begin(), fit.parameters.effects().end(),
                                    [](const Effect& e) { return e.scope != ironlaw_scope{}; });
  text += fmt::format(
      "\n  and {} effects of vendors, families, devices, classes, precisions and generations:\n"
      "  ironlaw db query \"SELECT name, scope, level, value_link, se_link FROM parameter\"\n",
      levels);
  text += "\nLeft over, as a share of the rate (one sd):\n";
  for (const auto& [group, noise] : fit.noise)
    text += fmt::format(
        "  {:<18} {} between the model and a configuration, {} between rows of one configuration\n", group,
        format_percent(noise.discrepancy), format_percent(noise.within));
  text += "\nPrecision of the rows:\n";
  for (const auto& [basis, n] : full.precision_basis) text += fmt::format("  {:>5}  {}\n", n, basis);
  text += "\nObservations that are not in the fit:\n";
  std::vector<std::pair<std::string, int>> reasons(full.unlowered.begin(), full.unlowered.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [reason, n] : reasons) text += fmt::format("  {:>5}  {}\n", n, reason);
  return text;
}

std::string to_json(const Fit& fit, const FullRows& full, bool is_current) {
  Json json;
  json["split"] = kFullSplit;
  json["current"] = is_current;
  json["rows"] = fit.rows;
  json["cells"] = fit.cells;
  json["parameters"] = Json::array();
  for (const Global& g : globals_of(fit, full.rows))
    json["parameters"].push_back({{"name", g.effect->parameter},
                                  {"unit", g.port->unit},
                                  {"prior", json_number(g.port->prior_mean)},
                                  {"value", json_number(g.value)},
                                  {"low", json_number(g.low)},
                                  {"high", json_number(g.high)},
                                  {"determined", is_determined(*g.effect)}});
  json["noise"] = Json::object();
  for (const auto& [group, noise] : fit.noise)
    json["noise"][group] = {{"discrepancy", noise.discrepancy}, {"within", noise.within}};
  json["precision_basis"] = full.precision_basis;
  json["not_lowered"] = Json::array();
  for (const auto& [reason, n] : full.unlowered)
    json["not_lowered"].push_back({{"name", reason}, {"rows", n}});
  return json_text(json);
}

}  // namespace

ExitCode cmd_calibrate(CommandWords words) {
  const std::optional<Arguments> arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);

  Workbench bench;
  const FullRows full = full_rows(bench);
  std::optional<Fit> fit;
  if (!arguments->has("force")) fit = load_fit(bench.store(), kFullSplit, bench.identity());
  const bool is_current = fit.has_value();
  if (!fit) {
    fit = fit_parameters(full.rows, bench.options());
    save_fit(bench.store(), kFullSplit, bench.identity(), *fit, full.rows, {});
  }
  print(format == Format::json ? to_json(*fit, full, is_current) : to_text(*fit, full, is_current));
  return ExitCode::ok;
}

}  // namespace ironlaw
