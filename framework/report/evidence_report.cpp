#include "framework/report/evidence_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

const char* device_text(Support support) {
  switch (support) {
    case Support::here:
      return "device fitted";
    case Support::other_work:
      return "device fitted at other work";
    case Support::family:
      return "device never fitted, its family is";
    case Support::vendor:
      return "device and family never fitted, its vendor is";
    default:
      return "device, family and vendor never fitted";
  }
}

const char* model_text(Support support) {
  switch (support) {
    case Support::here:
      return "model fitted";
    case Support::other_work:
      return "model fitted at other work";
    case Support::workload:
      return "model never fitted, its class is";
    default:
      return "model and class never fitted";
  }
}

// Counts in full, lengths that are a mean with four digits.
std::string number_text(double x) {
  constexpr int kWhole = 9, kMean = 4;
  return format_number(x, x == std::round(x) ? kWhole : kMean);
}

std::string regime_text(const Regime& r) {
  return fmt::format("{} {} {} {} to {}", r.quantity, number_text(r.given),
                     r.distance() > 0 ? "OUTSIDE" : "within", number_text(r.low), number_text(r.high));
}

std::string name_text(const EvidenceNumber& n) {
  return n.step.empty() ? n.name : fmt::format("{} ({})", n.name, n.step);
}

std::string value_text(const EvidenceNumber& n) {
  std::string text = format_quantity(n.value, n.unit);
  if (n.range)
    text += fmt::format(" ({} .. {})", format_quantity(n.range->low, n.unit),
                        format_quantity(n.range->high, n.unit));
  return text;
}

}  // namespace

std::string counts_text(const Evidence& e) {
  std::vector<std::string> parts;
  const auto add = [&](int n, const char* what) {
    if (n > 0) parts.push_back(fmt::format("{} {}", n, what));
  };
  add(e.count(EvidenceKind::given), "given");
  add(e.count(EvidenceKind::model), "of the model");
  const int unverified = e.count(EvidenceKind::unverified);
  const int figures = e.count(EvidenceKind::datasheet) + unverified;
  add(figures, figures == 1 ? "datasheet figure" : "datasheet figures");
  if (unverified > 0) parts.back() += fmt::format(" ({} unverified)", unverified);
  add(e.count(EvidenceKind::fitted), "fitted");
  add(e.count(EvidenceKind::inherited), "inherited");
  add(e.count(EvidenceKind::assumed), "assumed");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string standing_text(const Evidence& e) {
  const Standing& s = e.standing;
  if (!s.is_fitted) return {};
  std::vector<std::string> parts = {device_text(s.device), model_text(s.model)};
  for (const Regime& r : s.regimes) parts.push_back(regime_text(r));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<std::pair<std::string, std::string>> evidence_rows(const Evidence& e,
                                                               const std::string& parameters) {
  std::vector<std::pair<std::string, std::string>> rows = {
      {"Rests on", fmt::format("{}; parameters: {}", counts_text(e), parameters)}};
  if (const std::string standing = standing_text(e); !standing.empty())
    rows.emplace_back("Fitted range", standing);
  for (const std::string& warning : e.warnings) rows.emplace_back("Note", warning);
  return rows;
}

std::string evidence_list_text(const Evidence& e) {
  TextTable table({Align::left, Align::right, Align::right, Align::left, Align::left});
  table.add({"number", "value (give or take)", "time follows", "kind", "from"});
  for (const EvidenceNumber& n : e.numbers)
    table.add({name_text(n), value_text(n), std::isnan(n.elasticity) ? "-" : format_percent(n.elasticity),
               name_of(n.kind), n.source});
  std::string text = table.text("  ", kPageWidth);
  if (e.others > 0) {
    const std::string more = fmt::format(
        "{} more numbers are read that neither the time nor the memory follows: `ironlaw explain WALL` with "
        "this case shows those of a wall.",
        e.others);
    text += fmt::format("  {}\n", wrap(more, kPageWidth, "  ", 2));
  }
  return text;
}

Json evidence_json(const Evidence& e, bool with_list) {
  Json json;
  json["numbers"] = e.numbers.size();
  json["counts"] = Json::object();
  for (const EvidenceKind kind : kEvidenceKinds) json["counts"][name_of(kind)] = e.count(kind);
  const Standing& s = e.standing;
  json["device"] = s.is_fitted ? Json(name_of(s.device)) : Json(nullptr);
  json["model"] = s.is_fitted ? Json(name_of(s.model)) : Json(nullptr);
  json["precision_fitted"] = s.is_fitted ? Json(s.precision_fitted) : Json(nullptr);
  json["regime"] = Json::array();
  for (const Regime& r : s.regimes)
    json["regime"].push_back({{"class", r.workload},
                              {"quantity", r.quantity},
                              {"given", json_number(r.given)},
                              {"low", json_number(r.low)},
                              {"high", json_number(r.high)},
                              {"inside", r.distance() == 0}});
  json["distance_outside"] = s.distance();
  json["warnings"] = e.warnings;
  if (!with_list) return json;
  json["list"] = Json::array();
  for (const EvidenceNumber& n : e.numbers)
    json["list"].push_back(
        {{"name", n.name},
         {"step", n.step.empty() ? Json(nullptr) : Json(n.step)},
         {"value", json_number(n.value)},
         {"unit", n.unit},
         {"kind", name_of(n.kind)},
         {"parameter", n.is_parameter},
         {"source", n.source},
         {"elasticity", std::isnan(n.elasticity) ? Json(nullptr) : Json(n.elasticity)},
         {"range", n.range ? Json{json_number(n.range->low), json_number(n.range->high)} : Json(nullptr)}});
  return json;
}

}  // namespace ironlaw
