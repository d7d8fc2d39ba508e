#include "framework/report/hardware_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "calibration/fit.hpp"
#include "framework/predict/scenario.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr double kHour = 3600;
constexpr std::uint32_t kChipScopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE;
using Heading = std::string (*)(std::string_view);

std::string level_text(ironlaw_scope scope, const std::string& level) {
  return scope ? fmt::format("{} {}", name_of(scope), level) : "all devices";
}

std::string value_text(const ironlaw_spec& spec) {
  const std::string_view unit = spec.unit;
  if (unit == "USD") return fmt::format("{} USD", format_number(spec.value, 6));
  std::string text = format_si(spec.value, unit == "J/s" ? "W" : unit);
  constexpr double mebi = 1048576.0, gibi = 1024 * mebi;
  // A vendor's "80 GB" of memory are often GiB: then both are shown.
  if (unit == "B" && spec.value >= gibi && std::fmod(spec.value, gibi) == 0)
    text += fmt::format(" ({} GiB)", spec.value / gibi);
  else if (unit == "B" && spec.value >= mebi && std::fmod(spec.value, mebi) == 0)
    text += fmt::format(" ({} MiB)", spec.value / mebi);
  return text;
}

std::string figures_text(const ironlaw_hardware& h, std::vector<std::string>& sources) {
  TextTable figures({Align::left, Align::right, Align::left});
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
  return figures.text("  ", kPageWidth);
}

std::string ridges_text(const ironlaw_hardware& h) {
  TextTable ridges({Align::left, Align::right});
  for (const Precision p : precisions_of(h)) {
    const double ridge = ridge_point(dense_peak(h, p), h);
    ridges.add({name_of(p), std::isnan(ridge) ? "-" : format_number(ridge)});
  }
  return ridges.text("  ");
}

std::string unit_value(double value, const ironlaw_port& port) {
  return format_quantity(value, port.unit);
}

// "determined by device X", "from family hopper; nobody has measured device X", "the prior".
std::string basis_text(const ChipParameter& p) {
  std::string text =
      p.decided_by.empty() ? "its prior: no data determine it" : fmt::format("from {}", p.decided_by);
  if (!p.new_levels.empty()) text += fmt::format("; never fitted: {}", fmt::join(p.new_levels, ", "));
  return text;
}

std::string fitted_text(const HardwareDossier& d) {
  if (!d.no_fit.empty()) return fmt::format("  {}\n", wrap(d.no_fit, kPageWidth, "  ", 2));
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::left});
  table.add({"", "value", "give or take", "prior", ""});
  for (const ChipParameter& p : d.fitted)
    table.add({p.port->name, unit_value(p.value, *p.port),
               fmt::format("{} .. {}", unit_value(p.range.low, *p.port), unit_value(p.range.high, *p.port)),
               unit_value(p.prior, *p.port), basis_text(p)});
  return table.text("  ", kPageWidth) +
         fmt::format("  {}; a workload's class, its precision and its software add theirs.\n", d.parameters);
}

// Of one round: its rows, how many a fit rests on, and of what.
struct RoundSummary {
  std::string round;
  std::int64_t rows = 0, used = 0;
  std::vector<std::string> models;  // "llama-2-70b Offline 12 of 20, Server 3"
};

std::vector<RoundSummary> by_round(const std::vector<ObservationCount>& counts) {
  std::vector<RoundSummary> rounds;
  const ObservationCount* previous = nullptr;
  for (const ObservationCount& c : counts) {
    if (rounds.empty() || rounds.back().round != c.round) rounds.push_back({c.round, 0, 0, {}});
    RoundSummary& r = rounds.back();
    r.rows += c.rows;
    r.used += c.used;
    const std::string what = c.used > 0 ? fmt::format("{} {} of {}", c.scenario, c.used, c.rows)
                                        : fmt::format("{} {}", c.scenario, c.rows);
    if (previous && previous->round == c.round && previous->model == c.model)
      r.models.back() += fmt::format(", {}", what);
    else
      r.models.push_back(fmt::format("{} {}", c.model.empty() ? "unknown model" : c.model, what));
    previous = &c;
  }
  return rounds;
}

std::string observed_text(const HardwareDossier& d) {
  if (!d.no_data.empty()) return fmt::format("  {}\n", wrap(d.no_data, kPageWidth, "  ", 2));
  if (d.observed.empty()) {
    const std::string inherits =
        d.family_used > 0 ? fmt::format("inherits from family {} ({} rows of other devices are in the fit)",
                                        d.hardware->family, d.family_used)
                          : fmt::format(
                                "none of its family {} either: what holds for all devices is used, "
                                "with a wider error bar",
                                d.hardware->family);
    const std::string text = fmt::format("no measurement of it in the database: {}", inherits);
    return fmt::format("  {}\n", wrap(text, kPageWidth, "  ", 2));
  }
  TextTable table({Align::left, Align::right, Align::right, Align::left});
  table.add({"", "rows", "in the fit", "published rows by model and scenario; n of m: n of them in the fit"});
  for (const RoundSummary& r : by_round(d.observed))
    table.add({r.round, std::to_string(r.rows), std::to_string(r.used),
               fmt::format("{}", fmt::join(r.models, "; "))});
  return table.text("  ", kPageWidth);
}

std::string ratio_text(double ratio) {
  return std::isnan(ratio) ? "-" : fmt::format("x{}", format_number(ratio, 3));
}

std::string relatives_text(const HardwareDossier& d) {
  if (d.relatives.empty()) return "  none: too few of its figures are known to tell\n";
  TextTable table(
      {Align::left, Align::left, Align::left, Align::right, Align::right, Align::right, Align::right});
  table.add({"", "vendor", "family", "fp16/bf16", "bandwidth", "capacity", "log distance"});
  for (const Relative& r : d.relatives)
    table.add({r.hardware->id, r.hardware->vendor, r.hardware->family, ratio_text(r.peak),
               ratio_text(r.bandwidth), ratio_text(r.capacity), format_number(r.distance, 3)});
  return table.text("  ") + "  x: theirs over this one's\n";
}

const ironlaw_spec* price_of(const ironlaw_hardware& h) {
  for (std::uint32_t i = 0; i < h.n_specs; ++i)
    if (std::string_view(h.specs[i]->quantity) == "price") return h.specs[i];
  return nullptr;
}

std::string prices_text(const HardwareDossier& d) {
  std::string text;
  if (const ironlaw_spec* price = price_of(*d.hardware)) {
    const bool is_doubtful = (price->flags & IRONLAW_SPEC_UNVERIFIED) != 0;
    text += fmt::format("  to buy: {}{}{}\n", value_text(*price), is_doubtful ? ", UNVERIFIED" : "",
                        *price->note ? fmt::format(" ({})", price->note) : "");
  } else {
    text += "  to buy: nobody has published a price that could be sourced\n";
  }
  if (!d.no_prices.empty()) return text + fmt::format("  to rent: {}\n", d.no_prices);
  if (d.rents.empty()) return text + "  to rent: no price of exactly this device is known\n";
  TextTable table({Align::left, Align::left, Align::left, Align::right, Align::left, Align::left});
  table.add({"to rent", "region", "kind", "USD/h", "date", "stated as"});
  for (const RentalPrice& r : d.rents)
    table.add({r.provider, r.region.empty() ? "-" : r.region, r.price_type,
               format_number(r.usd_per_second * kHour), r.date, r.note});
  return text + table.text("  ", kPageWidth);
}

Json parameter_json(const ChipParameter& p) {
  return {{"name", p.port->name},
          {"unit", p.port->unit},
          {"value", json_number(p.value)},
          {"low", json_number(p.range.low)},
          {"high", json_number(p.range.high)},
          {"prior", json_number(p.prior)},
          {"decided_by", p.decided_by.empty() ? "prior" : p.decided_by},
          {"never_fitted", p.new_levels}};
}

Json observed_json(const ObservationCount& c) {
  return {{"suite", c.suite},
          {"round", c.round},
          {"model", c.model.empty() ? Json(nullptr) : Json(c.model)},
          {"scenario", c.scenario},
          {"rows", c.rows},
          {"in_fit", c.used}};
}

Json relative_json(const Relative& r) {
  return {{"name", r.hardware->id},
          {"vendor", r.hardware->vendor},
          {"family", r.hardware->family},
          {"peak_ratio", json_number(r.peak)},
          {"bandwidth_ratio", json_number(r.bandwidth)},
          {"capacity_ratio", json_number(r.capacity)},
          {"log_distance", json_number(r.distance)}};
}

Json rent_json(const RentalPrice& r) {
  return {{"provider", r.provider},
          {"region", r.region},
          {"price_type", r.price_type},
          {"usd_per_hour", json_number(r.usd_per_second * kHour)},
          {"date", r.date},
          {"source", r.source},
          {"note", r.note}};
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

template <class Item, class ToJson>
Json list_json(const std::vector<Item>& items, ToJson to_json) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

std::vector<ChipParameter> chip_parameters(const ironlaw_hardware& hardware, const Pipeline& pipeline,
                                           const ParameterSet& parameters) {
  const ScopeKey key{hardware.vendor, hardware.family, hardware.id, "", "", ""};
  std::vector<ChipParameter> result;
  for (const ParameterPort& p : pipeline.parameters()) {
    if (!(p.port->scopes & kChipScopes)) continue;
    ironlaw_port port = *p.port;
    port.scopes &= kChipScopes;
    const auto link = static_cast<ironlaw_link>(port.link);
    ChipParameter chip{p.port, parameters.resolve(port, key).value, port.prior_mean, {}, "", {}};
    const double x = to_link(link, chip.value), sd = std::sqrt(std::max(parameters.variance(port, key), 0.0));
    chip.range = {from_link(link, x - sd), from_link(link, x + sd)};
    for (const Term& t : parameters.terms(port, key)) {  // global first, the device last
      const Effect& e = parameters.effects()[static_cast<std::size_t>(t.effect)];
      if (is_determined(e)) chip.decided_by = level_text(e.scope, e.level);
    }
    for (const Unseen& u : parameters.unseen(port, key))
      if (u.scope) chip.new_levels.push_back(level_text(u.scope, u.level));
    result.push_back(std::move(chip));
  }
  return result;
}

Json hardware_json(const ironlaw_hardware& hardware, const std::string& plugin_version) {
  Json json;
  json["name"] = hardware.id;
  json["vendor"] = hardware.vendor;
  json["family"] = hardware.family;
  json["kind"] = hardware.kind;
  json["year"] = hardware.year;
  json["plugin_version"] = plugin_version;
  json["has_shape_function"] = hardware.shape != nullptr;
  json["ridge_points"] = Json::object();
  for (const Precision p : precisions_of(hardware))
    json["ridge_points"][name_of(p)] = json_number(ridge_point(dense_peak(hardware, p), hardware));
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

Json dossier_json(const HardwareDossier& d) {
  Json json = hardware_json(*d.hardware, d.plugin_version);
  json["fit"] = {{"parameters", or_null(d.parameters)},
                 {"missing", or_null(d.no_fit)},
                 {"fitted", list_json(d.fitted, parameter_json)}};
  json["data"] = {{"missing", or_null(d.no_data)},
                  {"observations", list_json(d.observed, observed_json)},
                  {"rows_of_its_family_in_fit", d.no_data.empty() ? Json(d.family_used) : Json(nullptr)}};
  json["relatives"] = list_json(d.relatives, relative_json);
  json["rental_prices"] = list_json(d.rents, rent_json);
  if (!d.no_prices.empty()) json["rental_prices"] = nullptr;
  return json;
}

std::string dossier_text(const HardwareDossier& d, Heading heading) {
  const ironlaw_hardware& h = *d.hardware;
  std::vector<std::string> sources;
  std::string text = heading(fmt::format("{} ({}, {}, {}, {})", h.id, h.vendor, h.family, h.kind, h.year));
  text += fmt::format(
      "\nplugin version {}; {}\n\n", d.plugin_version,
      h.shape ? "knows how the shape of a matrix product fills the chip" : "without a shape function");
  text += figures_text(h, sources);
  const auto section = [&](std::string_view title, const std::string& body) {
    text += fmt::format("\n{}\n{}", heading(title), body);
  };
  section("Ridge points (FLOP for a byte of memory traffic)", ridges_text(h));
  section("Fitted", fitted_text(d));
  section("Data behind it", observed_text(d));
  section("Nearest relatives", relatives_text(d));
  section("Prices", prices_text(d));
  std::string list;
  for (std::size_t i = 0; i < sources.size(); ++i)
    list += fmt::format("  [{}] {}\n", i + 1, wrap(sources[i], kPageWidth, "      ", 6));
  section("Sources", list);
  return text;
}

}  // namespace ironlaw
