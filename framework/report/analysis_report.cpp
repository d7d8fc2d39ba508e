#include "framework/report/analysis_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/report/evidence_report.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

// A quantity that is nobody's knowledge is a dash in a table.
std::string cell(double value, std::string_view unit) {
  return std::isnan(value) ? "-" : format_quantity(value, unit);
}
std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

std::string marked(const Answer& answer, const std::string& input) {
  return answer.set.contains(input) ? input + " *" : input;
}

// What the answer rests on, below every page.
std::string closing_lines(const Answer& answer, const std::vector<std::string>& more = {}) {
  TextTable table({Align::left, Align::left});
  if (!answer.prediction.feasible)
    table.add({"Limit", answer.prediction.infeasible_because + " What is said here is as if it worked."});
  for (const auto& [name, text] : answer.set) table.add({"Set *", fmt::format("{} = {}", name, text)});
  for (const auto& [label, text] : rests_on(answer)) table.add({label, text});
  for (const auto* notes : {&answer.notes, &answer.prediction.notes, &more})
    for (const std::string& note : *notes) table.add({"Note", note});
  return table.text("  ", kPageWidth);
}

void add_closing(const Answer& answer, Json& json) {
  const Prediction& p = answer.prediction;
  json["binding_wall"] = p.binding ? Json(p.ledger[*p.binding].name) : Json(nullptr);
  json["feasible"] = p.feasible;
  json["infeasible_because"] = p.feasible ? Json(nullptr) : Json(p.infeasible_because);
  json["params"] = answer.parameters;
  json["evidence"] = answer.evidence ? evidence_json(*answer.evidence, answer.explain) : Json(nullptr);
  json["set"] = answer.set;
  json["notes"] = answer.notes;
  for (const std::string& note : p.notes) json["notes"].push_back(note);
}

Json measure_json(const Measure& m) {
  return {{"name", m.name}, {"unit", m.unit}, {"value", json_number(m.value)}};
}

std::string binding_text(const Prediction& p) {
  if (!p.binding) return "none";
  const LedgerEntry& wall = p.ledger[*p.binding];
  return fmt::format("{} {}: {} of the time follows it", wall.number, wall.name,
                     format_percent(wall.elasticity));
}

bool is_time(const Measure& m) {
  return m.name == "time" || m.name == "cycle_time";
}

// ---- wall 21 -------------------------------------------------------------------------------------------

bool helps_more(const Finding& f, const Measure& output) {
  return (f.value > 0) == output.is_more_better;
}

// "1% more memory_bandwidth makes it 0.64% faster."
std::string effect_of(const Finding& f, const Measure& output) {
  const char* const direction = helps_more(f, output) ? "more" : "less";
  const double percent = std::abs(f.value) / 100;
  if (is_time(output))
    return fmt::format("1% {} {} makes it {} faster", direction, f.input, format_percent(percent));
  return fmt::format("1% {} {} {} {} by {}", direction, f.input, output.is_more_better ? "raises" : "lowers",
                     output.name, format_percent(percent));
}

// The largest of a kind that may still move in the direction that helps.
const Finding* largest(const SensitivityAnswer& s, InputKind kind) {
  constexpr double kWorthSaying = 0.001;
  const auto found = std::find_if(s.findings.begin(), s.findings.end(), [&](const Finding& f) {
    const double better = helps_more(f, s.output) ? f.high : f.low;
    return f.kind == kind && std::abs(f.value) >= kWorthSaying && !std::isnan(better);
  });
  return found == s.findings.end() ? nullptr : &*found;
}

// What to change next: of the device, of the software, of what is set.
std::vector<std::string> next_steps(const SensitivityAnswer& s) {
  std::vector<std::string> steps;
  if (const Finding* f = largest(s, InputKind::hardware))
    steps.push_back(effect_of(*f, s.output) + ".");
  else
    steps.push_back(fmt::format("Nothing of the device moves {}.", s.output.name));
  if (const Finding* f = largest(s, InputKind::parameter))
    steps.push_back(fmt::format("Of the software: {}.", effect_of(*f, s.output)));
  if (const Finding* f = largest(s, InputKind::setting))
    steps.push_back(fmt::format("Of the settings: {}.", effect_of(*f, s.output)));
  return steps;
}

// Both ends around the present value, each drawn with the sign of the change that leads there.
std::string tornado_bar(const Finding& f, double value, double most) {
  constexpr double kHalf = 10;
  std::string left;
  std::string right;
  for (const auto& [end, sign] : {std::pair{f.low, '-'}, {f.high, '+'}}) {
    if (std::isnan(end) || most <= 0) continue;
    const auto length = static_cast<std::size_t>(std::round(kHalf * std::abs(end - value) / most));
    std::string& side = end < value ? left : right;
    if (length > side.size()) side.insert(0, length - side.size(), sign);
  }
  std::reverse(right.begin(), right.end());
  return std::string(static_cast<std::size_t>(kHalf) - left.size(), ' ') + left + "|" + right;
}

double largest_swing(const SensitivityAnswer& s) {
  double most = 0;
  for (const Finding& f : s.findings)
    for (const double end : {f.low, f.high})
      if (!std::isnan(end)) most = std::max(most, std::abs(end - s.output.value));
  return most;
}

}  // namespace

Json sensitivity_json(const SensitivityAnswer& s) {
  Json json = scenario_json(s.answer.prediction);
  json["output"] = measure_json(s.output);
  json["change"] = s.change;
  json["next"] = next_steps(s);
  json["elasticities"] = Json::array();
  for (const Finding& f : s.findings)
    json["elasticities"].push_back({{"input", f.input},
                                    {"kind", name_of(f.kind)},
                                    {"value", json_number(f.given)},
                                    {"unit", f.unit},
                                    {"elasticity", json_number(f.value)},
                                    {"low", json_number(f.low)},
                                    {"high", json_number(f.high)},
                                    {"is_set", s.answer.set.contains(f.input)}});
  add_closing(s.answer, json);
  return json;
}

std::string sensitivity_csv(const SensitivityAnswer& s) {
  std::string text =
      csv_line({"output", "input", "kind", "value", "unit", "elasticity", "low", "high", "is_set"});
  for (const Finding& f : s.findings)
    text +=
        csv_line({s.output.name, f.input, name_of(f.kind), csv_number(f.given), f.unit, csv_number(f.value),
                  csv_number(f.low), csv_number(f.high), s.answer.set.contains(f.input) ? "1" : "0"});
  return text;
}

std::string sensitivity_text(const SensitivityAnswer& s, std::string (*heading)(std::string_view)) {
  const Prediction& p = s.answer.prediction;
  TextTable top({Align::left, Align::left});
  top.add({s.output.name, fmt::format("{}  {}", cell(s.output.value, s.output.unit), s.output.meaning)});
  top.add({"Binding wall", binding_text(p)});
  bool is_first = true;
  for (const std::string& step : next_steps(s)) {
    top.add({is_first ? "Change next" : "", step});
    is_first = false;
  }
  TextTable table(
      {Align::left, Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  table.add({"input", "", "present", "elasticity", fmt::format("-{}", format_percent(s.change)),
             fmt::format("+{}", format_percent(s.change)), ""});
  const double most = largest_swing(s);
  for (const Finding& f : s.findings)
    table.add({marked(s.answer, f.input), name_of(f.kind), cell(f.given, f.unit),
               fmt::format("{:+.4f}", f.value), cell(f.low, s.output.unit), cell(f.high, s.output.unit),
               tornado_bar(f, s.output.value, most)});
  std::string text = scenario_text(p, heading) + "\n" + top.text("  ", kPageWidth) + "\n";
  text +=
      heading(fmt::format("Elasticities of {}: percent for one percent more of an input", s.output.name)) +
      "\n" + table.text("  ");
  if (s.findings.size() < s.n_found)
    text += fmt::format("  ... and {} smaller ones (--top {})\n", s.n_found - s.findings.size(), s.n_found);
  return text + "\n" + closing_lines(s.answer);
}

// ---- wall 22 -------------------------------------------------------------------------------------------

namespace {

std::string target_text(const SynthesisAnswer& s) {
  return fmt::format("{} {}", s.target.sense < 0 ? "at most" : "at least",
                     format_quantity(s.target.value, s.output.unit));
}

double ratio_of(const Requirement& r) {
  return r.required / r.present;
}

std::vector<std::string> without_effect(const SynthesisAnswer& s) {
  std::vector<std::string> names;
  for (const Requirement& r : s.requirements)
    if (!r.has_effect && std::isnan(r.required))
      names.push_back(std::isnan(r.present) ? fmt::format("{} ({})", r.input, r.text) : r.input);
  return names;
}

std::string requirement_lines(const SynthesisAnswer& s) {
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::left});
  table.add({"input", "present", "required", "ratio", ""});
  for (const Requirement& r : s.requirements) {
    if (!r.has_effect && std::isnan(r.required)) continue;
    const bool has_value = !std::isnan(r.required);
    table.add({marked(s.answer, r.input), cell(r.present, r.unit),
               has_value ? cell(r.required, r.unit) : "none",
               has_value ? fmt::format("{:.4g}x", ratio_of(r)) : "", r.text});
  }
  std::string text = table.text("  ", kPageWidth);
  if (const std::vector<std::string> idle = without_effect(s); !idle.empty())
    text += "  " + wrap(fmt::format("without effect here: {}", fmt::join(idle, ", ")), kPageWidth, "  ", 2) +
            "\n";
  return text;
}

std::string catalogue_lines(const SynthesisAnswer& s) {
  TextTable table({Align::left, Align::left, Align::right, Align::right, Align::left});
  table.add({"device", "meets it", s.output.name, "least count", ""});
  for (const CatalogueEntry& e : s.catalogue)
    table.add({e.hardware, e.meets ? "yes" : "no", cell(e.value, s.output.unit),
               e.least_devices ? std::to_string(*e.least_devices) : "-", e.meets ? e.split : e.reason});
  return table.text("  ", kPageWidth);
}

}  // namespace

Json synthesis_json(const SynthesisAnswer& s) {
  Json json = scenario_json(s.answer.prediction);
  json["output"] = measure_json(s.output);
  json["target"] = {{"value", s.target.value}, {"sense", s.target.sense < 0 ? "at most" : "at least"}};
  json["is_met"] = s.answer.prediction.feasible && s.target.is_met_by(s.output.value);
  json["requirements"] = Json::array();
  for (const Requirement& r : s.requirements)
    json["requirements"].push_back({{"input", r.input},
                                    {"unit", r.unit},
                                    {"present", json_number(r.present)},
                                    {"required", json_number(r.required)},
                                    {"ratio", json_number(ratio_of(r))},
                                    {"has_effect", r.has_effect},
                                    {"text", r.text},
                                    {"is_set", s.answer.set.contains(r.input)}});
  json["catalogue"] = Json::array();
  for (const CatalogueEntry& e : s.catalogue)
    json["catalogue"].push_back({{"hardware", e.hardware},
                                 {"meets", e.meets},
                                 {"value", json_number(e.value)},
                                 {"devices", s.devices},
                                 {"split", e.split},
                                 {"least_devices", e.least_devices ? Json(*e.least_devices) : Json(nullptr)},
                                 {"reason", e.meets ? Json(nullptr) : Json(e.reason)}});
  add_closing(s.answer, json);
  for (const std::string& note : s.ignored) json["notes"].push_back(note);
  return json;
}

std::string synthesis_csv(const SynthesisAnswer& s) {
  std::string text =
      csv_line({"kind", "name", "unit", "present", "required", "ratio", "meets", "least_devices", "text"});
  for (const Requirement& r : s.requirements)
    text += csv_line({"input", r.input, r.unit, csv_number(r.present), csv_number(r.required),
                      csv_number(ratio_of(r)), "", "", r.text});
  for (const CatalogueEntry& e : s.catalogue)
    text +=
        csv_line({"device", e.hardware, s.output.unit, csv_number(e.value), csv_number(s.target.value), "",
                  e.meets ? "1" : "0", e.least_devices ? std::to_string(*e.least_devices) : "", e.reason});
  return text;
}

std::string synthesis_text(const SynthesisAnswer& s, std::string (*heading)(std::string_view)) {
  const Prediction& p = s.answer.prediction;
  TextTable top({Align::left, Align::left});
  const bool is_met = p.feasible && s.target.is_met_by(s.output.value);
  top.add({"Target", fmt::format("{} {}", s.output.name, target_text(s))});
  top.add({"Now", fmt::format("{}: {}", cell(s.output.value, s.output.unit),
                              is_met       ? "met"
                              : p.feasible ? "not met"
                                           : "not met, it is not feasible")});
  top.add({"Binding wall", binding_text(p)});
  std::string text = scenario_text(p, heading) + "\n" + top.text("  ", kPageWidth) + "\n";
  text += heading(is_met ? "How far each could go down, the others as they are"
                         : "What each would have to be, the others as they are") +
          "\n" + requirement_lines(s) + "\n";
  if (!s.catalogue.empty())
    text += heading(fmt::format(
                "The catalogue with {} device{}, and the least count of each by its fastest split", s.devices,
                s.devices == 1 ? "" : "s")) +
            "\n" + catalogue_lines(s) + "\n";
  return text + closing_lines(s.answer, s.ignored);
}

}  // namespace ironlaw
