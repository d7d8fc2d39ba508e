#include "framework/report/hardware_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/base/suggest.hpp"
#include "framework/predict/relatives.hpp"
#include "framework/predict/scenario.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr const char* kSixteenBit = "peak_16bit";
constexpr const char* kYear = "year";
constexpr std::string_view kRidge = "ridge_";
constexpr std::string_view kTexts[] = {"vendor", "family", "kind"};
constexpr int kFirstYear = 1970, kLastYear = 2100;

const ironlaw_spec* spec_of(const ironlaw_hardware& hardware, std::string_view quantity) {
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i)
    if (quantity == hardware.specs[i]->quantity) return hardware.specs[i];
  return nullptr;
}

// Matched loosely: "bandwidth" is answered with the three that there are.
const HardwareFigure& figure_named(std::string_view field, const std::string& name,
                                   std::span<const HardwareFigure> figures) {
  std::vector<std::string> names;
  names.reserve(figures.size());
  for (const HardwareFigure& f : figures) names.push_back(f.name);
  return figures[match_name(fmt::format("{}: the figure", field), name, names)];
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// A ridge point may be given as a plain number: there is one way to count it.
double parse_value(std::string_view field, const std::string& text, const HardwareFigure& figure) {
  const bool is_plain = !text.empty() && text.find_first_not_of("0123456789.e+-") == std::string::npos;
  return parse_quantity(field, text, figure.unit == "FLOP/B" && is_plain ? "1" : figure.unit);
}

bool is_plain_number(const HardwareFigure& figure) {
  return figure.unit == "1";
}

bool holds(const HardwareCondition& condition, double value) {
  switch (condition.comparison) {
    case Compare::less:
      return value < condition.value;
    case Compare::at_most:
      return value <= condition.value;
    case Compare::at_least:
      return value >= condition.value;
    case Compare::more:
      return value > condition.value;
    case Compare::equal:
      break;
  }
  // A figure as people write it, of which the table shows four digits.
  constexpr double shown_digits = 5e-4;
  if (is_plain_number(condition.figure)) return value == condition.value;
  return std::abs(value - condition.value) <= shown_digits * std::abs(condition.value);
}

HardwareColumn text_column(std::string_view name) {
  return {std::string(name), std::string(name), std::nullopt};
}

std::string text_of(const HardwareColumn& column, const ironlaw_hardware& h) {
  if (column.name == "vendor") return h.vendor;
  if (column.name == "family") return h.family;
  return h.kind;
}

// "3.35 T": the unit is in the header.
std::string cell(const HardwareFigure& figure, double value) {
  if (std::isnan(value)) return "-";
  if (is_plain_number(figure)) return format_number(value, 6);
  if (figure.unit == "USD" || figure.unit == "FLOP/B") return format_number(value);
  return trimmed(format_si(value, ""));
}

std::string unit_text(const HardwareFigure& figure) {
  if (is_plain_number(figure)) return "";
  return figure.unit == "J/s" ? "W" : figure.unit;
}

std::vector<HardwareColumn> usual_columns() {
  return {text_column("vendor"),
          text_column("family"),
          {kYear, "year", HardwareFigure{kYear, "1"}},
          {kSixteenBit, "fp16/bf16", HardwareFigure{kSixteenBit, "FLOP/s"}},
          {"peak_fp8", "fp8", HardwareFigure{"peak_fp8", "FLOP/s"}},
          {"memory_capacity", "memory", HardwareFigure{"memory_capacity", "B"}},
          {"memory_bandwidth", "bandwidth", HardwareFigure{"memory_bandwidth", "B/s"}},
          {"scaleup_bandwidth", "link", HardwareFigure{"scaleup_bandwidth", "B/s"}},
          {"power", "power", HardwareFigure{"power", "J/s"}}};
}

}  // namespace

std::vector<HardwareFigure> figures_of(std::span<const ironlaw_hardware* const> targets) {
  std::vector<HardwareFigure> figures;
  std::set<std::string> seen;
  std::set<Precision> precisions;
  for (const ironlaw_hardware* h : targets) {
    for (std::uint32_t i = 0; i < h->n_specs; ++i)
      if (seen.insert(h->specs[i]->quantity).second)
        figures.push_back({h->specs[i]->quantity, h->specs[i]->unit});
    for (const Precision p : precisions_of(*h)) precisions.insert(p);
  }
  figures.push_back({kSixteenBit, "FLOP/s"});
  for (const Precision p : precisions) figures.push_back({fmt::format("{}{}", kRidge, name_of(p)), "FLOP/B"});
  figures.push_back({kYear, "1"});
  return figures;
}

double value_of(const HardwareFigure& figure, const ironlaw_hardware& hardware) {
  if (const ironlaw_spec* spec = spec_of(hardware, figure.name)) return spec->value;
  if (figure.name == kYear) return hardware.year;
  if (figure.name == kSixteenBit) return sixteen_bit_peak(hardware);
  if (!figure.name.starts_with(kRidge)) return NAN;
  const std::string precision = figure.name.substr(kRidge.size());
  return ridge_point(dense_peak(hardware, parse_precision("ridge", precision.c_str())), hardware);
}

HardwareCondition parse_condition(std::string_view field, const std::string& text,
                                  std::span<const HardwareFigure> figures) {
  constexpr std::pair<std::string_view, Compare> signs[] = {
      {"<=", Compare::at_most}, {">=", Compare::at_least}, {"==", Compare::equal},
      {"<", Compare::less},     {">", Compare::more},      {"=", Compare::equal}};
  const std::size_t at = text.find_first_of("<>=");
  if (at == std::string::npos || at == 0)
    throw Error(
        fmt::format("{} is '{}'; it is a figure, one of < <= = >= > and a value. For example: "
                    "memory_bandwidth >= 3 TB/s.",
                    field, text));
  for (const auto& [sign, comparison] : signs) {
    if (!std::string_view(text).substr(at).starts_with(sign)) continue;
    const HardwareFigure& figure = figure_named(field, trimmed(text.substr(0, at)), figures);
    const std::string value = trimmed(text.substr(at + sign.size()));
    return {figure, comparison, parse_value(fmt::format("{} {}", field, figure.name), value, figure), text};
  }
  throw Error(fmt::format("{} is '{}'; it has none of < <= = >= >.", field, text));
}

std::vector<HardwareCondition> parse_years(std::string_view field, const std::string& text) {
  const auto refuse = [&] {
    throw Error(
        fmt::format("{} is '{}'; it is a year from {} to {} or a range: 2024, 2022..2024, 2024.., ..2020.",
                    field, text, kFirstYear, kLastYear));
  };
  const auto parse = [&](std::string_view digits) {
    int year = 0;
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), year);
    if (error != std::errc() || stopped != digits.data() + digits.size() || year < kFirstYear ||
        year > kLastYear)
      refuse();
    return year;
  };
  const HardwareFigure figure{kYear, "1"};
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return {{figure, Compare::equal, static_cast<double>(parse(text)), text}};
  const std::string_view from = std::string_view(text).substr(0, dots),
                         to = std::string_view(text).substr(dots + 2);
  if (from.empty() && to.empty()) refuse();
  std::vector<HardwareCondition> conditions;
  if (!from.empty())
    conditions.push_back({figure, Compare::at_least, static_cast<double>(parse(from)), text});
  if (!to.empty()) conditions.push_back({figure, Compare::at_most, static_cast<double>(parse(to)), text});
  if (conditions.size() == 2 && conditions[0].value > conditions[1].value) refuse();
  return conditions;
}

Selected select_hardware(std::span<const ironlaw_hardware* const> targets,
                         std::span<const HardwareCondition> conditions) {
  Selected selected;
  for (const ironlaw_hardware* h : targets) {
    bool is_met = true, is_unknown = false;
    for (const HardwareCondition& c : conditions) {
      const double value = value_of(c.figure, *h);
      if (std::isnan(value))
        is_unknown = true;
      else
        is_met = is_met && holds(c, value);
    }
    if (is_met && is_unknown) ++selected.unknown;
    if (is_met && !is_unknown) selected.targets.push_back(h);
  }
  return selected;
}

void sort_by(const HardwareFigure& figure, bool descending, std::vector<const ironlaw_hardware*>& targets) {
  const auto key = [&](const ironlaw_hardware* h) {
    const double value = value_of(figure, *h);
    return std::isnan(value) ? INFINITY : descending ? -value : value;
  };
  std::stable_sort(targets.begin(), targets.end(),
                   [&](const ironlaw_hardware* a, const ironlaw_hardware* b) { return key(a) < key(b); });
}

std::vector<HardwareColumn> parse_columns(std::string_view field, const std::string& text,
                                          std::span<const HardwareFigure> figures) {
  if (text.empty()) return usual_columns();
  std::vector<HardwareFigure> known;
  for (const std::string_view name : kTexts) known.push_back({std::string(name), ""});
  known.insert(known.end(), figures.begin(), figures.end());
  std::vector<HardwareColumn> columns;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const HardwareFigure& figure = figure_named(field, trimmed(text.substr(at, end - at)), known);
    columns.push_back(figure.unit.empty() ? text_column(figure.name)
                                          : HardwareColumn{figure.name, figure.name, figure});
    at = end + 1;
  }
  return columns;
}

std::string hardware_list_text(std::span<const ironlaw_hardware* const> targets,
                               std::span<const HardwareColumn> columns) {
  std::vector<Align> align = {Align::left};
  std::vector<std::string> titles = {"name"}, units = {""};
  for (const HardwareColumn& c : columns) {
    align.push_back(c.figure ? Align::right : Align::left);
    titles.push_back(c.title);
    units.push_back(c.figure ? unit_text(*c.figure) : "");
  }
  TextTable table(std::move(align));
  table.add(std::move(titles));
  table.add(std::move(units));
  for (const ironlaw_hardware* h : targets) {
    std::vector<std::string> row = {h->id};
    for (const HardwareColumn& c : columns)
      row.push_back(c.figure ? cell(*c.figure, value_of(*c.figure, *h)) : text_of(c, *h));
    table.add(std::move(row));
  }
  return table.text();
}

std::string hardware_list_csv(std::span<const ironlaw_hardware* const> targets,
                              std::span<const HardwareColumn> columns) {
  std::vector<std::string> header = {"name"};
  for (const HardwareColumn& c : columns) header.push_back(c.name);
  std::string text = csv_line(header);
  for (const ironlaw_hardware* h : targets) {
    std::vector<std::string> row = {h->id};
    for (const HardwareColumn& c : columns) {
      if (!c.figure) {
        row.push_back(text_of(c, *h));
        continue;
      }
      const double value = value_of(*c.figure, *h);
      row.push_back(std::isnan(value) ? "" : fmt::format("{}", value));
    }
    text += csv_line(row);
  }
  return text;
}

}  // namespace ironlaw
