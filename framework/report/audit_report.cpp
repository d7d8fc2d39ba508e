#include "framework/report/audit_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <sstream>

#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr std::string_view kIndent = "        ";  // of a reason, below its row
constexpr Verdict kVerdicts[] = {Verdict::holds, Verdict::holds_only_if, Verdict::contradicted,
                                 Verdict::not_decidable};

std::string value_text(double value, const MetricFacts& metric) {
  switch (metric.metric) {
    case Metric::mfu:
      return format_percent(value);
    case Metric::token_rate:
    case Metric::user_token_rate:
      return fmt::format("{} tok/s", format_number(value));
    default:
      return metric.is_ratio ? fmt::format("{}x", format_number(value, 3)) : format_si(value, metric.unit);
  }
}

std::string claimed_text(const Claim& claim) {
  const MetricFacts& metric = facts_of(claim.metric);
  const std::string low = value_text(claim.low, metric);
  return claim.high > claim.low ? fmt::format("{} to {}", low, value_text(claim.high, metric)) : low;
}

std::string reading_text(const std::optional<Reading>& reading, const MetricFacts& metric) {
  if (!reading || !reading->has_value()) return "-";
  std::string text = value_text(reading->value, metric);
  if (reading->interval90)
    text += fmt::format(" [{} to {}]", value_text(reading->interval90->low, metric),
                        value_text(reading->interval90->high, metric));
  return text;
}

std::string wall_text(const Audit& a) {
  return a.wall ? fmt::format("{} {}", a.wall->number, a.wall->name) : "-";
}

std::string sides_text(const Claim& claim) {
  return claim.baseline ? fmt::format("{} / {}", claim.product.name, claim.baseline->name)
                        : claim.product.name;
}

bool is_read(const Claim& claim) {
  return claim.status == "read" || claim.status == "yours";
}

std::string status_text(const Claim& claim) {
  if (claim.status == "second-hand") return "second-hand: the claimant's own page was not read";
  if (claim.status == "recalled") return "recalled: nobody read a source";
  return claim.status;
}

// A side as a claim states it.
std::string side_text(const ClaimSide& side) {
  std::string text = side.devices ? fmt::format("{} {}", *side.devices, side.target) : side.target;
  if (side.precision) text += fmt::format(" in {}", name_of(*side.precision));
  if (side.is_sparse) text += *side.is_sparse ? ", sparse" : ", dense";
  if (side.batch) text += fmt::format(", batch {}", *side.batch);
  return text;
}

std::string counts_text(const AuditAnswer& answer) {
  std::vector<std::string> parts;
  for (const Verdict verdict : kVerdicts) {
    std::size_t count = 0;
    for (const Audit& a : answer.audits) count += a.verdict == verdict ? 1 : 0;
    if (count > 0) parts.push_back(fmt::format("{} {}", count, name_of(verdict)));
  }
  return fmt::format("{} claims: {}.", answer.audits.size(), fmt::join(parts, ", "));
}

// Behind its verdict: the reason, and what is predicted where it would hold.
std::string why_text(const Audit& a) {
  const MetricFacts& metric = facts_of(a.claim.metric);
  std::string text = a.reason;
  if (a.verdict == Verdict::holds_only_if && a.changed)
    text += fmt::format("; then {}", reading_text(a.changed, metric));
  if (a.verdict == Verdict::contradicted && a.changed)
    text += fmt::format("; the most is {}, if {}", reading_text(a.changed, metric),
                        fmt::join(a.changes, " and "));
  return text;
}

void add_if(TextTable& table, const char* name, const std::string& text) {
  if (!text.empty()) table.add({name, text});
}

std::string claim_lines(const Audit& a) {
  const Claim& c = a.claim;
  TextTable table({Align::left, Align::left});
  table.add({"Claimed", fmt::format("{} of {}{}", facts_of(c.metric).name, claimed_text(c),
                                    facts_of(c.metric).is_ratio ? fmt::format(" ({})", sides_text(c)) : "")});
  add_if(table, "By", c.source.empty() ? "" : fmt::format("{} ({}), {}", c.vendor, c.year, c.where));
  add_if(table, "Source", c.source);
  table.add({"Status", status_text(c)});
  add_if(table, "Stated too", c.conditions);
  add_if(table, "Left open", fmt::format("{}", fmt::join(a.open, ", ")));
  add_if(table, "Note", c.note);
  return table.text("  ", kPageWidth);
}

std::string reading_lines(const Audit& a) {
  const MetricFacts& metric = facts_of(a.claim.metric);
  TextTable table({Align::left, Align::left});
  add_if(table, "Asked", a.asked);
  add_if(table, "Product", a.product);
  add_if(table, "Baseline", a.baseline);
  if (a.stated)
    table.add({metric.is_figure ? "Datasheet" : "Predicted",
               a.stated->has_value() ? reading_text(a.stated, metric) : a.stated->refused});
  if (a.limit && *a.limit > 0 && !metric.is_figure)
    table.add({"Limit", fmt::format("{} with every efficiency of the product at its ideal",
                                    value_text(*a.limit, metric))});
  return table.text("  ", kPageWidth);
}

std::string verdict_lines(const Audit& a) {
  const MetricFacts& metric = facts_of(a.claim.metric);
  TextTable table({Align::left, Align::left});
  table.add({"Verdict", fmt::format("{}: {}", name_of(a.verdict), a.reason)});
  if (a.changed)
    table.add({a.verdict == Verdict::holds_only_if ? "Then" : "At most",
               fmt::format("{}{}", reading_text(a.changed, metric),
                           a.verdict == Verdict::contradicted
                               ? fmt::format(", if {}", fmt::join(a.changes, " and "))
                               : "")});
  if (a.tried > 0) table.add({"Searched", fmt::format("{} sets of conditions, the fewest first", a.tried)});
  if (a.wall) table.add({"Wall", fmt::format("{}: {}", wall_text(a), a.wall->reason)});
  table.add({"Settled by", a.settles});
  for (const std::string& note : a.notes) table.add({"Doubtful", note});
  return table.text("  ", kPageWidth);
}

std::string factor_lines(const Audit& a) {
  const MetricFacts& metric = facts_of(a.claim.metric);
  TextTable table({Align::right, Align::left});
  double product = 1;
  for (std::size_t i = 0; i < a.factors.size(); ++i) {
    const Factor& f = a.factors[i];
    product *= f.factor;
    table.add({i == 0 ? value_text(f.factor, metric) : fmt::format("x {}", format_number(f.factor)), f.what});
  }
  table.add({fmt::format("= {}", value_text(product, metric)), "all of it"});
  return table.text("  ", kPageWidth);
}

Json reading_json(const std::optional<Reading>& reading) {
  if (!reading || !reading->has_value()) return nullptr;
  Json json{{"value", json_number(reading->value)}, {"low90", nullptr}, {"high90", nullptr}};
  if (reading->interval90) {
    json["low90"] = json_number(reading->interval90->low);
    json["high90"] = json_number(reading->interval90->high);
  }
  return json;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json audit_json(const Audit& a) {
  const Claim& c = a.claim;
  const MetricFacts& metric = facts_of(c.metric);
  Json json{{"id", c.id},
            {"vendor", c.vendor},
            {"claim", c.text},
            {"metric", metric.name},
            {"unit", metric.unit},
            {"claimed", {{"low", json_number(c.low)}, {"high", json_number(c.high)}}},
            {"product", c.product.name},
            {"baseline", c.baseline ? Json(c.baseline->name) : Json(nullptr)},
            {"asked", text_or_null(a.asked)},
            {"product_conditions", text_or_null(a.product)},
            {"baseline_conditions", text_or_null(a.baseline)},
            {"open", a.open},
            {"predicted", reading_json(a.stated)},
            {"verdict", name_of(a.verdict)},
            {"reason", a.reason},
            {"changes", a.changes},
            {"predicted_with_changes", reading_json(a.changed)},
            {"sets_tried", a.tried},
            {"limit", a.limit && *a.limit > 0 ? json_number(*a.limit) : Json(nullptr)},
            {"above_physical_limit", a.is_above_limit}};
  json["factors"] = Json::array();
  for (const Factor& f : a.factors)
    json["factors"].push_back({{"what", f.what}, {"factor", json_number(f.factor)}});
  json["wall"] = a.wall ? Json{{"number", a.wall->number}, {"name", a.wall->name}, {"reason", a.wall->reason}}
                        : Json(nullptr);
  json["settled_by"] = a.settles;
  json["doubtful"] = a.notes;
  json["conditions"] = text_or_null(c.conditions);
  json["where_stated"] = text_or_null(c.where);
  json["source"] = text_or_null(c.source);
  json["year"] = c.year > 0 ? Json(c.year) : Json(nullptr);
  json["status"] = c.status;
  json["note"] = text_or_null(c.note);
  return json;
}

}  // namespace

std::string understood_text(const Claim& claim) {
  const MetricFacts& metric = facts_of(claim.metric);
  std::string text = side_text(claim.product);
  if (claim.baseline) text += " against " + side_text(*claim.baseline);
  text += fmt::format(": {} of at least {}", metric.name, claimed_text(claim));
  if (metric.is_figure) return text;
  text += fmt::format("; model {}", claim.model.empty() ? "left open" : claim.model);
  if (claim.task) text += fmt::format("; {}", name_of(*claim.task));
  if (claim.input_len) text += fmt::format("; {} tokens in", *claim.input_len);
  if (claim.output_len) text += fmt::format("; {} out", *claim.output_len);
  if (claim.latency) text += fmt::format("; at most {} between tokens", format_time(*claim.latency));
  return text;
}

std::string audits_text(const AuditAnswer& answer, std::string (*heading)(std::string_view)) {
  TextTable table(
      {Align::left, Align::left, Align::left, Align::right, Align::left, Align::left, Align::left});
  table.add({"id", "claim", "metric", "claimed", "predicted [90%]", "verdict", "wall"});
  bool has_second_hand = false;
  for (const Audit& a : answer.audits) {
    has_second_hand |= !is_read(a.claim);
    const MetricFacts& metric = facts_of(a.claim.metric);
    table.add({fmt::format("{}{}", a.claim.id, is_read(a.claim) ? "" : "*"), sides_text(a.claim), metric.name,
               claimed_text(a.claim), reading_text(a.stated, metric), name_of(a.verdict), wall_text(a)});
  }
  std::istringstream lines(table.text());
  std::string text;
  std::string line;
  std::getline(lines, line);
  text += heading(line) + "\n";
  for (const Audit& a : answer.audits) {
    std::getline(lines, line);
    text += fmt::format("{}\n{}{}\n", line, kIndent, wrap(why_text(a), kPageWidth, kIndent, kIndent.size()));
  }
  text += fmt::format("\n{}\n", counts_text(answer));
  if (has_second_hand) text += "* rests on a second-hand or recalled quotation.\n";
  return text + fmt::format("Rests on: {}.\n", answer.parameters);
}

std::string audit_page(const AuditAnswer& answer, std::string (*heading)(std::string_view)) {
  const Audit& a = answer.audits.front();
  std::string text = heading(fmt::format("{}: {}", a.claim.id, a.claim.text)) + "\n" + claim_lines(a) + "\n" +
                     heading("What the model says") + "\n" + reading_lines(a) + "\n" + heading("Verdict") +
                     "\n" + verdict_lines(a);
  if (a.factors.size() > 1) text += fmt::format("\n{}\n{}", heading("What it is made of"), factor_lines(a));
  return text + fmt::format("\nRests on: {}.\n", answer.parameters);
}

Json audits_json(const AuditAnswer& answer) {
  Json json;
  json["claims"] = Json::array();
  for (const Audit& a : answer.audits) json["claims"].push_back(audit_json(a));
  json["params"] = answer.parameters;
  return json;
}

std::string audits_csv(const AuditAnswer& answer) {
  std::string text = csv_line({"id", "vendor", "claim", "metric", "unit", "claimed_low", "claimed_high",
                               "predicted", "low90", "high90", "verdict", "reason", "changes",
                               "predicted_with_changes", "wall", "status", "source"});
  const auto number = [](double x) { return fmt::format("{}", x); };
  for (const Audit& a : answer.audits) {
    const MetricFacts& metric = facts_of(a.claim.metric);
    const bool has_value = a.stated && a.stated->has_value();
    const bool has_interval = has_value && a.stated->interval90;
    text +=
        csv_line({a.claim.id, a.claim.vendor, a.claim.text, metric.name, metric.unit, number(a.claim.low),
                  number(a.claim.high), has_value ? number(a.stated->value) : "",
                  has_interval ? number(a.stated->interval90->low) : "",
                  has_interval ? number(a.stated->interval90->high) : "", name_of(a.verdict), a.reason,
                  fmt::format("{}", fmt::join(a.changes, "; ")), a.changed ? number(a.changed->value) : "",
                  a.wall ? a.wall->name : "", a.claim.status, a.claim.source});
  }
  return text;
}

}  // namespace ironlaw
