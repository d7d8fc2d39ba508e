// ironlaw hardware: the targets, and their datasheets.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/predict/scenario.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "hardware",
    .synopsis = "[NAME] [options]",
    .summary =
        "Lists the hardware targets that are loaded, or shows the datasheet of one: every figure with "
        "its unit and where it was read.",
    .options = {{"format", "F", "text or json; text"}},
    .most_names = 1,
};

// [FLOP/B] At how many operations a byte of memory traffic a precision stops being bound by the memory.
double ridge_point(const ironlaw_hardware& hardware, Precision precision) {
  return dense_peak(hardware, precision) / figure(hardware, "memory_bandwidth");
}

Json to_json(const PluginHost& host, const ironlaw_hardware& hardware) {
  Json json;
  json["name"] = hardware.id;
  json["vendor"] = hardware.vendor;
  json["family"] = hardware.family;
  json["kind"] = hardware.kind;
  json["year"] = hardware.year;
  json["plugin_version"] = plugin_version_of(host, hardware);
  json["has_shape_function"] = hardware.shape != nullptr;
  json["ridge_points"] = Json::object();
  for (const Precision p : precisions_of(hardware))
    json["ridge_points"][name_of(p)] = json_number(ridge_point(hardware, p));
  json["specs"] = Json::array();
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i) {
    const ironlaw_spec& spec = *hardware.specs[i];
    json["specs"].push_back({{"quantity", spec.quantity},
                             {"unit", spec.unit},
                             {"value", json_number(spec.value)},
                             {"sparse", (spec.flags & IRONLAW_SPEC_SPARSE) != 0},
                             {"unverified", (spec.flags & IRONLAW_SPEC_UNVERIFIED) != 0},
                             {"source", spec.source},
                             {"note", spec.note}});
  }
  return json;
}

// What nobody published is a dash.
std::string shown(double value, const char* unit) {
  return std::isnan(value) ? "-" : format_si(value, unit);
}

// Of fp16 or, where a chip lacks it (TPUs), bf16.
double half_precision_peak(const ironlaw_hardware& hardware) {
  const double fp16 = dense_peak(hardware, Precision::fp16);
  return std::isnan(fp16) ? dense_peak(hardware, Precision::bf16) : fp16;
}

std::string list(std::span<const ironlaw_hardware* const> targets) {
  TextTable table({Align::left, Align::left, Align::left, Align::right, Align::right, Align::right,
                   Align::right, Align::right, Align::right, Align::right});
  table.add({"name", "vendor", "family", "year", "fp16/bf16", "fp8", "memory", "bandwidth", "link", "power"});
  for (const ironlaw_hardware* h : targets)
    table.add({h->id, h->vendor, h->family, std::to_string(h->year), shown(half_precision_peak(*h), "FLOP/s"),
               shown(dense_peak(*h, Precision::fp8), "FLOP/s"), shown(figure(*h, "memory_capacity"), "B"),
               shown(figure(*h, "memory_bandwidth"), "B/s"), shown(figure(*h, "scaleup_bandwidth"), "B/s"),
               shown(figure(*h, "power"), "W")});
  return table.text() + "\nPeaks are dense; link and bandwidth are one device's, in one direction.\n";
}

std::string value_text(const ironlaw_spec& spec) {
  const std::string_view unit = spec.unit;
  if (unit == "USD") return fmt::format("{} USD", format_number(spec.value, 6));
  std::string text = format_si(spec.value, unit == "J/s" ? "W" : unit);
  constexpr double kMebi = 1048576.0, kGibi = 1024 * kMebi;
  // A vendor's "80 GB" of memory are often GiB: then both are shown.
  if (unit == "B" && spec.value >= kGibi && std::fmod(spec.value, kGibi) == 0)
    text += fmt::format(" ({} GiB)", spec.value / kGibi);
  else if (unit == "B" && spec.value >= kMebi && std::fmod(spec.value, kMebi) == 0)
    text += fmt::format(" ({} MiB)", spec.value / kMebi);
  return text;
}

std::string datasheet(const PluginHost& host, const ironlaw_hardware& h) {
  std::string text = bold(fmt::format("{} ({}, {}, {}, {})", h.id, h.vendor, h.family, h.kind, h.year));
  text += fmt::format(
      "\nplugin version {}; {}\n\n", plugin_version_of(host, h),
      h.shape ? "knows how the shape of a matrix product fills the chip" : "without a shape function");
  TextTable figures({Align::left, Align::right, Align::left});
  std::vector<std::string> sources;
  for (std::uint32_t i = 0; i < h.n_specs; ++i) {
    const ironlaw_spec& spec = *h.specs[i];
    auto known = std::find(sources.begin(), sources.end(), spec.source);
    if (known == sources.end()) known = sources.insert(sources.end(), spec.source);
    std::string remark = fmt::format("[{}]", known - sources.begin() + 1);
    if (spec.flags & IRONLAW_SPEC_SPARSE) remark += " SPARSE (never used as a peak)";
    if (spec.flags & IRONLAW_SPEC_UNVERIFIED) remark += " UNVERIFIED";
    if (*spec.note) remark += fmt::format("{} {}", remark.ends_with(']') ? "" : ":", spec.note);
    figures.add({spec.quantity, value_text(spec), std::move(remark)});
  }
  text +=
      figures.text("  ", kPageWidth) + "\n" + bold("Ridge points (FLOP for a byte of memory traffic)") + "\n";
  TextTable ridges({Align::left, Align::right});
  for (const Precision p : precisions_of(h)) ridges.add({name_of(p), format_number(ridge_point(h, p))});
  text += ridges.text("  ") + "\n" + bold("Sources") + "\n";
  for (std::size_t i = 0; i < sources.size(); ++i)
    text += fmt::format("  [{}] {}\n", i + 1, wrap(sources[i], kPageWidth, "      ", 6));
  return text;
}

}  // namespace

ExitCode cmd_hardware(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const PluginHost host = load_plugins();
  std::vector<const ironlaw_hardware*> targets(host.hardware().begin(), host.hardware().end());
  const bool is_one = !arguments->names().empty();
  if (is_one) targets = {&host.find_hardware(arguments->names()[0])};

  if (format == Format::json) {
    Json json = Json::array();
    for (const ironlaw_hardware* h : targets) json.push_back(to_json(host, *h));
    print(json_text(json));
  } else {
    print(is_one ? datasheet(host, *targets[0]) : list(targets));
  }
  return ExitCode::ok;
}

}  // namespace ironlaw
