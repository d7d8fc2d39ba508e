// ironlaw hardware: the targets, and what is known of one.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "calibration/stored_fit.hpp"
#include "framework/base/error.hpp"
#include "framework/base/log.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/facts.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/report/hardware_list.hpp"
#include "framework/report/hardware_report.hpp"

namespace ironlaw {
namespace {

constexpr const char* kListOptions[] = {"vendor", "family", "kind",       "year",
                                        "where",  "sort",   "descending", "columns"};

const Usage kUsage{
    .command = "hardware",
    .synopsis = "[NAME] [options]",
    .summary =
        "Lists, filters and sorts the hardware targets that are loaded; or shows one: its datasheet with "
        "sources, ridge points, what is fitted, what data stands behind it, its nearest relatives, prices.",
    .options = {{"vendor", "V", "only of this vendor", true},
                {"family", "F", "only of this family", true},
                {"kind", "K", "only of this kind: gpu, tpu, cpu, ...", true},
                {"year", "Y", "only of these years: 2024, 2022..2024, 2024.., ..2020"},
                {"where", "COND",
                 "only where a figure is so: 'memory_bandwidth >= 3 TB/s', 'ridge_bf16 < 200'", true},
                {"sort", "FIGURE", "by a figure, smallest first; by vendor and year"},
                {"descending", "", "with --sort: largest first"},
                {"columns", "A,B,C", "these figures, or vendor, family, kind"},
                {"format", "F", "text, json or csv (of a list); text"}},
    .most_names = 1,
    .more =
        "A figure is a quantity of the datasheets (memory_bandwidth, peak_fp8, power, price, ...), "
        "peak_16bit\n"
        "(fp16, else bf16), ridge_<precision> or year. An unknown one meets no condition.\n\n"
        "example: ironlaw hardware --where \"memory_bandwidth >= 3 TB/s\" --sort peak_fp8 --descending",
};

using Targets = std::vector<const ironlaw_hardware*>;

// Keeps the targets of which `text_of` is one of what an option names.
void keep_named(const Arguments& arguments, const char* option, const char* ironlaw_hardware::*text,
                Targets& targets, const Targets& all) {
  if (!arguments.has(option)) return;
  std::set<std::string> unique;
  for (const ironlaw_hardware* h : all) unique.insert(h->*text);
  const std::vector<std::string> known(unique.begin(), unique.end());
  std::set<std::string> wanted;
  for (const std::string& given : arguments.all(option))
    wanted.insert(known[match_name(fmt::format("--{}", option), given, known)]);
  std::erase_if(targets, [&](const ironlaw_hardware* h) { return !wanted.contains(h->*text); });
}

std::vector<HardwareCondition> conditions_of(const Arguments& arguments,
                                             const std::vector<HardwareFigure>& figures) {
  std::vector<HardwareCondition> conditions;
  if (const auto years = arguments.text("year")) conditions = parse_years("--year", *years);
  for (const std::string& text : arguments.all("where"))
    conditions.push_back(parse_condition("--where", text, figures));
  return conditions;
}

void sort_targets(const Arguments& arguments, const std::vector<HardwareFigure>& figures, Targets& targets) {
  const auto name = arguments.text("sort");
  if (!name) {
    if (arguments.has("descending")) throw Error("--descending needs --sort FIGURE.");
    std::stable_sort(targets.begin(), targets.end(),
                     [](const ironlaw_hardware* x, const ironlaw_hardware* y) {
                       return std::pair(std::string_view(x->vendor), x->year) <
                              std::pair(std::string_view(y->vendor), y->year);
                     });
    return;
  }
  const std::vector<HardwareColumn> column = parse_columns("--sort", *name, figures);
  if (column.size() != 1 || !column[0].figure)
    throw Error(fmt::format("--sort is '{}'; it is one figure. --vendor, --family and --kind choose by text.",
                            *name));
  sort_by(*column[0].figure, arguments.has("descending"), targets);
}

ExitCode list(const Arguments& arguments, Format format, const PluginHost& host) {
  const Targets all(host.hardware().begin(), host.hardware().end());
  const std::vector<HardwareFigure> figures = figures_of(all);
  const std::vector<HardwareColumn> columns =
      parse_columns("--columns", arguments.text("columns").value_or(""), figures);
  Targets targets = all;
  keep_named(arguments, "vendor", &ironlaw_hardware::vendor, targets, all);
  keep_named(arguments, "family", &ironlaw_hardware::family, targets, all);
  keep_named(arguments, "kind", &ironlaw_hardware::kind, targets, all);
  Selected selected = select_hardware(targets, conditions_of(arguments, figures));
  sort_targets(arguments, figures, selected.targets);

  const std::string unknown =
      selected.unknown == 0
          ? ""
          : fmt::format("; {} more left out: nobody has published a figure that is asked for",
                        selected.unknown);
  if (format != Format::text && !unknown.empty()) warn(fmt::format("{}.", unknown.substr(2)));
  if (format == Format::json) {
    Json json = Json::array();
    for (const ironlaw_hardware* h : selected.targets)
      json.push_back(hardware_json(*h, plugin_version_of(host, *h)));
    print(json_text(json));
    return ExitCode::ok;
  }
  if (format == Format::csv) {
    print(hardware_list_csv(selected.targets, columns));
    return ExitCode::ok;
  }
  print(hardware_list_text(selected.targets, columns));
  print(fmt::format(
      "\n{} of {} targets{}. Peaks are dense; link and bandwidth are one device's, in one direction.\n",
      selected.targets.size(), all.size(), unknown));
  return ExitCode::ok;
}

// What the last fit says of the target, or why it says nothing.
void add_fit(const PluginHost& host, HardwareDossier& dossier) {
  try {
    const ParameterSet parameters = load_calibrated(database_path(), host.walls(), host.hardware());
    const Pipeline pipeline(host.walls(), dossier.hardware, source_columns());
    dossier.fitted = chip_parameters(*dossier.hardware, pipeline, parameters);
    dossier.parameters = parameters.origin;
  } catch (const Error& e) {
    dossier.no_fit = e.what();
  }
}

void add_data(const PluginHost& host, HardwareDossier& dossier) {
  try {
    const Store store(database_path().string());
    dossier.observed = store.counts(dossier.hardware->id, kFullSplit);
    for (const ironlaw_hardware* h : host.hardware()) {
      if (h == dossier.hardware || std::string_view(h->family) != dossier.hardware->family) continue;
      for (const ObservationCount& c : store.counts(h->id, kFullSplit)) dossier.family_used += c.used;
    }
  } catch (const Error& e) {
    dossier.no_data = e.what();
  }
}

void add_prices(HardwareDossier& dossier) {
  try {
    for (RentalPrice& price : load_rental_prices())
      if (price.device == dossier.hardware->id) dossier.rents.push_back(std::move(price));
  } catch (const Error& e) {
    dossier.no_prices = e.what();
  }
}

ExitCode show(const std::string& name, Format format, const PluginHost& host) {
  HardwareDossier dossier;
  dossier.hardware = &host.find_hardware(name);
  dossier.plugin_version = plugin_version_of(host, *dossier.hardware);
  dossier.relatives = nearest_relatives(*dossier.hardware, host.hardware());
  add_fit(host, dossier);
  add_data(host, dossier);
  add_prices(dossier);
  if (format == Format::json)
    print(json_text(Json::array({dossier_json(dossier)})));
  else
    print(dossier_text(dossier, bold));
  return ExitCode::ok;
}

}  // namespace

ExitCode cmd_hardware(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const bool is_one = !arguments->names().empty();
  const Format format = format_of(*arguments, !is_one);
  for (const char* option : kListOptions)
    if (is_one && arguments->has(option))
      throw Error(fmt::format("--{} chooses among targets; it does not go with the name of one.", option));
  const PluginHost host = load_plugins();
  return is_one ? show(arguments->names()[0], format, host) : list(*arguments, format, host);
}

}  // namespace ironlaw
