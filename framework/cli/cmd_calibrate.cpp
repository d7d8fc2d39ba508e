// ironlaw calibrate: fits the parameters to every observation that the model can say something about.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <set>

#include "framework/base/error.hpp"
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
    .options =
        {{"force", "", "fit from nothing although a stored fit is current, or only rows were added"},
         {"only", "WHAT=NAME",
          "fit a part and do not store it: suite=training, hardware=, model=, submitter=, source=, round="},
         {"format", "F", "text or json; text"}},
};

// The rows of a full fit, and those that are not in it.
struct FullRows {
  std::vector<Row> rows;
  Unlowered unlowered;
  std::map<std::string, int> precision_basis;
};

FullRows full_rows(Workbench& bench, const std::vector<Observation>& observations) {
  FullRows full;
  full.rows = select_rows(observations, bench.hardware(), full.unlowered);
  const PrecisionRule rule = learn_precisions(full.rows);
  lower_rows(full.rows, rule, bench.predictor(), full.unlowered);
  for (const Row& row : full.rows) ++full.precision_basis[row.precision_basis];
  return full;
}

// The observations of one suite, device, ...
std::vector<Observation> only(const std::string& text, Workbench& bench) {
  constexpr std::string_view kSuite = "suite=";
  std::vector<Observation> result;
  if (text.starts_with(kSuite)) {
    const std::string suite = text.substr(kSuite.size());
    std::set<std::string> suites;
    for (const Observation& o : bench.observations()) {
      suites.insert(o.suite);
      if (o.suite == suite) result.push_back(o);
    }
    if (result.empty())
      throw Error(fmt::format("only: there is no suite '{}'; there are {}.", suite, fmt::join(suites, ", ")));
    return result;
  }
  const HoldOut part = parse_holdout(text, bench.inputs());
  for (const Observation& o : bench.observations())
    if (is_held(o, part)) result.push_back(o);
  return result;
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

std::string outliers_text(const std::vector<Outlier>& outliers) {
  constexpr std::size_t kShown = 20;
  if (outliers.empty()) return "";
  std::string text = fmt::format(
      "\nRows beyond {} scales of their group's noise: {} (all stay in the fit, at the weight Student's t "
      "leaves "
      "them{})\n",
      kOutlier, outliers.size(), outliers.size() > kShown ? "; --format json lists them all" : "");
  TextTable table(
      {Align::right, Align::left, Align::left, Align::left, Align::right, Align::right, Align::right});
  table.add({"observation", "what", "source", "origin", "predicted", "observed", "scales"});
  for (std::size_t i = 0; i < std::min(outliers.size(), kShown); ++i) {
    const Observation& o = outliers[i].row->observation;
    table.add({std::to_string(o.id),
               fmt::format("{} on {} x {}, {}, {}", o.model, o.accelerators.value_or(0), o.device, o.round,
                           o.submitter),
               o.source, o.origin, format_number(outliers[i].predicted, 3), format_number(o.value, 3),
               fmt::format("{:.1f}", outliers[i].scales)});
  }
  return text + table.text("  ");
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
  text += outliers_text(find_outliers(full.rows, fit));
  text += "\nPrecision of the rows:\n";
  for (const auto& [basis, n] : full.precision_basis) text += fmt::format("  {:>5}  {}\n", n, basis);
  text += "\nObservations that are not in the fit:\n";
  std::vector<std::pair<std::string, int>> reasons(full.unlowered.begin(), full.unlowered.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [reason, n] : reasons) text += fmt::format("  {:>5}  {}\n", n, reason);
  return text;
}

std::string to_json(const Fit& fit, const FullRows& full, bool is_current, const std::string& split) {
  Json json;
  json["split"] = split;
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
  json["outliers"] = Json::array();
  const std::vector<Outlier> outliers = find_outliers(full.rows, fit);
  for (const Outlier& outlier : outliers) {
    const Observation& o = outlier.row->observation;
    json["outliers"].push_back({{"observation", o.id},
                                {"source", o.source},
                                {"origin", o.origin},
                                {"round", o.round},
                                {"device", o.device},
                                {"model", o.model},
                                {"submitter", o.submitter},
                                {"predicted", json_number(outlier.predicted)},
                                {"observed", json_number(o.value)},
                                {"scales", json_number(outlier.scales)}});
  }
  json["precision_basis"] = full.precision_basis;
  json["not_lowered"] = Json::array();
  for (const auto& [reason, n] : full.unlowered)
    json["not_lowered"].push_back({{"name", reason}, {"rows", n}});
  return json_text(json);
}

// From the stored fit on where only the data have changed, which is quick when few rows are new.
Fit fit_near(const std::vector<Row>& rows, Workbench& bench) {
  const std::optional<Fit> start = load_start(bench.store(), kFullSplit, bench.identity());
  if (!start) return fit_parameters(rows, bench.options());
  std::fputs(
      "calibrate: the data have changed; the fit goes on from the stored one (--force: from nothing).\n",
      stderr);
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Refitter refitter(rows, bench.options());
  return refitter.refit(all, *start);
}

}  // namespace

ExitCode cmd_calibrate(CommandWords words) {
  const std::optional<Arguments> arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);

  const auto part = arguments->text("only");
  if (part && arguments->has("force"))
    throw Error("--only fits anew each time and stores nothing: --force has no meaning with it.");

  Workbench bench;
  const FullRows full = full_rows(bench, part ? only(*part, bench) : bench.observations());
  std::optional<Fit> fit;
  if (!part && !arguments->has("force")) fit = load_fit(bench.store(), kFullSplit, bench.identity());
  const bool is_current = fit.has_value();
  if (!fit) {
    fit = part || arguments->has("force") ? fit_parameters(full.rows, bench.options())
                                          : fit_near(full.rows, bench);
    if (!part) save_fit(bench.store(), kFullSplit, bench.identity(), *fit, full.rows, {});
  }
  const std::string split = part ? *part : kFullSplit;
  print(format == Format::json ? to_json(*fit, full, is_current, split) : to_text(*fit, full, is_current));
  return ExitCode::ok;
}

}  // namespace ironlaw
