#include "framework/report/compare_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/report/evidence_report.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What a table of contenders shows of each; NaN: unknown. What does not exist for a case is no knowledge
// either, but a row that exists for nobody is left out.
struct Measured {
  const char* name;
  const char* unit;
  double value;
  bool exists = true;
};

Measured account(const Prediction& p, const char* name, const char* unit) {
  for (const Account& a : p.accounts)
    if (a.name == name) return {name, unit, a.value, true};
  return {name, unit, kUnknown, false};
}

// The same names in the same order for every prediction.
std::vector<Measured> measures_of(const Prediction& p) {
  const double headroom = p.outcome.memory_headroom;
  std::vector<Measured> result = {{"time", "s", p.outcome.time},
                                  {"throughput", "1/s", p.throughput},
                                  {"mfu", "1", p.iron_law.mfu.value_or(kUnknown)},
                                  account(p, "run_cost", "USD"),
                                  account(p, "cost_per_million_tokens", "USD"),
                                  account(p, "cost_per_request", "USD"),
                                  account(p, "run_energy", "J"),
                                  account(p, "energy_per_token", "J"),
                                  account(p, "energy_per_request", "J"),
                                  account(p, "run_carbon", "kgCO2e")};
  if (!p.feasible)
    for (Measured& m : result) m.value = kUnknown;
  result.push_back({"memory_headroom", "B", std::isfinite(headroom) ? headroom : kUnknown});
  return result;
}

// People want it for a token where there are tokens.
bool is_shown(const ComparisonAnswer& a, std::size_t measure) {
  bool exists = false;
  bool has_tokens = false;
  bool is_for_request = false;
  for (const Contender& c : a.comparison.contenders) {
    if (!c.refused.empty()) continue;
    const Measured m = measures_of(c.prediction)[measure];
    exists |= m.exists;
    has_tokens |= c.prediction.throughput_unit == "tokens/s";
    is_for_request = std::string_view(m.name).ends_with("_per_request");
  }
  return exists && !(has_tokens && is_for_request);
}

std::string binding_wall(const Prediction& p) {
  return p.binding ? fmt::format("{} {}", p.ledger[*p.binding].number, p.ledger[*p.binding].name) : "-";
}

std::string split_text(const Parallelism& s) {
  return s.devices() == 1 ? "1"
                          : fmt::format("{} (TP{} PP{} DP{})", s.devices(), s.tensor, s.pipeline, s.data);
}

// The contenders that were answered, in the order in which they were named.
std::vector<std::size_t> answered(const ComparisonAnswer& a) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < a.names.size(); ++i)
    if (a.comparison.contenders[i].refused.empty()) result.push_back(i);
  return result;
}

TextTable columns_for(std::size_t contenders) {
  std::vector<Align> columns(contenders + 1, Align::right);
  columns[0] = Align::left;
  return TextTable(std::move(columns));
}

std::string measure_lines(const ComparisonAnswer& a) {
  const std::vector<std::size_t> shown = answered(a);
  TextTable table = columns_for(shown.size());
  const auto add = [&](const std::string& name, const auto& cell) {
    std::vector<std::string> row = {name};
    for (const std::size_t i : shown) row.push_back(cell(a.comparison.contenders[i].prediction));
    table.add(std::move(row));
  };
  std::vector<std::string> header = {""};
  for (const std::size_t i : shown) header.push_back(a.names[i]);
  table.add(std::move(header));
  add("devices", [](const Prediction& p) { return split_text(p.resolved.scenario.split); });
  add("precision", [](const Prediction& p) { return std::string(name_of(p.resolved.scenario.precision)); });
  const std::size_t n_measures = measures_of(a.comparison.contenders[shown[0]].prediction).size();
  for (std::size_t m = 0; m < n_measures; ++m) {
    const auto of = [&](const Prediction& p) { return measures_of(p)[m]; };
    if (is_shown(a, m))
      add(of(a.comparison.contenders[shown[0]].prediction).name, [&](const Prediction& p) {
        const Measured x = of(p);
        return std::isnan(x.value) ? "-" : format_quantity(x.value, x.unit);
      });
  }
  add("binding wall", binding_wall);
  return table.text("  ");
}

std::string ledger_lines(const ComparisonAnswer& a) {
  const Comparison& c = a.comparison;
  TextTable table = columns_for(c.ranking.size());
  std::vector<std::string> header = {"wall"};
  for (const std::size_t i : c.ranking) header.push_back(a.names[i]);
  table.add(std::move(header));
  const auto add = [&](const std::string& name, const auto& seconds) {
    std::vector<std::string> row = {name};
    bool is_used = false;
    for (const std::size_t i : c.ranking) {
      const Prediction& p = c.contenders[i].raced();
      row.push_back(format_time(seconds_for_same_work(c, p, seconds(p))));
      is_used |= seconds(p) != 0;
    }
    if (is_used) table.add(std::move(row));
  };
  add("at peak", [](const Prediction& p) { return p.peak_seconds; });
  const Prediction& first = c.contenders[c.ranking[0]].raced();
  for (std::size_t e = 0; e < first.ledger.size(); ++e)
    if (first.ledger[e].in_time)
      add(fmt::format("{} {}", first.ledger[e].number, first.ledger[e].name),
          [e](const Prediction& p) { return p.ledger[e].seconds; });
  add("time", [](const Prediction& p) { return p.outcome.time; });
  return table.text("  ");
}

std::string gap_text(const ComparisonAnswer& a, const Gap& gap) {
  const Comparison& c = a.comparison;
  constexpr double kSame = 1e-9;
  const std::string& winner = a.names[c.ranking[0]];
  if (gap.factor - 1 < kSame) return fmt::format("{} and {} are equal.", winner, a.names[gap.loser]);
  std::string text = fmt::format("{} beats {} {}x", winner, a.names[gap.loser], format_number(gap.factor));
  if (gap.factor90)
    text += fmt::format(" (90% interval {} to {})", format_number(gap.factor90->low),
                        format_number(gap.factor90->high));
  if (gap.wall) {
    const LedgerEntry& wall = c.contenders[gap.loser].raced().ledger[*gap.wall];
    text += fmt::format(" because of wall {} {} ({} slower there, {} in all)", wall.number, wall.name,
                        format_time(gap.wall_seconds), format_time(gap.all_seconds));
  }
  return text + ".";
}

// "H100 below 37, MI300X from 37 (H100 is overtaken), nothing fits from 900".
std::string scan_text(const ComparisonAnswer& a, const Scan& scan) {
  const auto name = [&](const Stretch& s) { return s.winner ? a.names[*s.winner] : "nothing fits"; };
  const auto number = [](double x) { return format_number(x, 7); };
  const std::vector<Stretch>& all = scan.stretches;
  if (all.size() == 1)
    return fmt::format("{} at all from {} to {}", name(all[0]), number(scan.low), number(scan.high));
  std::vector<std::string> parts = {fmt::format("{} below {}", name(all[0]), number(all[1].from))};
  for (std::size_t i = 1; i < all.size(); ++i) {
    parts.push_back(fmt::format("{} from {}", name(all[i]), number(all[i].from)));
    if (all[i].winner && all[i - 1].winner && !all[i].why.empty())
      parts.back() += fmt::format(" ({} {})", name(all[i - 1]),
                                  all[i].why == "overtaken" ? "is overtaken" : "does not fit any more");
  }
  if (all.back().winner) parts.back() += fmt::format(" to {}", number(scan.high));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string verdict_lines(const ComparisonAnswer& a) {
  const Comparison& c = a.comparison;
  TextTable table({Align::left, Align::left});
  if (c.ranked_by.empty()) {
    table.add({"Winner", "none: they do different work, so only the table above compares them."});
    return table.text("  ", kPageWidth);
  }
  if (c.ranking.empty()) {
    table.add({"Winner", "none: nothing here is feasible."});
  } else {
    const Contender& best = c.contenders[c.ranking[0]];
    table.add({"Winner",
               fmt::format("{} with {} {}", a.names[c.ranking[0]], format_number(*best.score), c.ranked_by)});
  }
  for (const Gap& gap : c.gaps) table.add({"", gap_text(a, gap)});
  for (const Scan& scan : c.scans) table.add({fmt::format("By {}", scan.along), scan_text(a, scan)});
  return table.text("  ", kPageWidth);
}

std::string closing_lines(const ComparisonAnswer& a) {
  TextTable table({Align::left, Align::left});
  for (std::size_t i = 0; i < a.names.size(); ++i) {
    const Contender& c = a.comparison.contenders[i];
    if (!c.refused.empty()) table.add({"Refused", fmt::format("{}: {}", a.names[i], c.refused)});
    if (c.refused.empty() && !c.prediction.feasible)
      table.add({"Limit", fmt::format("{}: {}", a.names[i], c.prediction.infeasible_because)});
  }
  for (const auto& [name, text] : a.set) table.add({"Set", fmt::format("{} = {}", name, text)});
  table.add({"Rests on", a.parameters});
  for (std::size_t i = 0; i < a.evidence.size(); ++i) {
    if (!a.evidence[i]) continue;
    const auto add = [&](const char* label, const std::string& text) {
      if (!text.empty()) table.add({label, fmt::format("{}: {}", a.names[i], text)});
    };
    add("", counts_text(*a.evidence[i]));
    add("", standing_text(*a.evidence[i]));
    for (const std::string& warning : a.evidence[i]->warnings) add("Note", warning);
  }
  for (const std::string& note : a.notes) table.add({"Note", note});
  return table.text("  ", kPageWidth);
}

Json stretch_json(const ComparisonAnswer& a, const Stretch& s) {
  return {{"from", json_number(s.from)},
          {"winner", s.winner ? Json(a.names[*s.winner]) : Json(nullptr)},
          {"because", s.why.empty() ? Json(nullptr) : Json(s.why)}};
}

Json contender_json(const ComparisonAnswer& a, std::size_t i) {
  const Contender& c = a.comparison.contenders[i];
  Json json{{"name", a.names[i]}, {"refused", c.refused.empty() ? Json(nullptr) : Json(c.refused)}};
  if (!c.refused.empty()) return json;
  const Prediction& p = c.prediction;
  const Scenario& s = p.resolved.scenario;
  json["model"] = s.model->id;
  json["hardware"] = s.hardware->id;
  json["phase"] = name_of(s.task);
  json["precision"] = name_of(s.precision);
  json["gpus"] = s.split.devices();
  json["tp"] = s.split.tensor;
  json["pp"] = s.split.pipeline;
  json["dp"] = s.split.data;
  json["feasible"] = p.feasible;
  json["infeasible_because"] = p.feasible ? Json(nullptr) : Json(p.infeasible_because);
  if (i < a.evidence.size() && a.evidence[i]) json["evidence"] = evidence_json(*a.evidence[i], false);
  json["binding_wall"] = p.binding ? Json(p.ledger[*p.binding].name) : Json(nullptr);
  json["throughput_unit"] = p.throughput_unit;
  for (const Measured& m : measures_of(p)) json[m.name] = json_number(m.value);
  json["ledger"] = Json::array();
  for (const LedgerEntry& entry : p.ledger)
    if (entry.in_time)
      json["ledger"].push_back({{"number", entry.number}, {"name", entry.name}, {"seconds", entry.seconds}});
  return json;
}

}  // namespace

Json comparison_json(const ComparisonAnswer& a) {
  const Comparison& c = a.comparison;
  Json json;
  json["contenders"] = Json::array();
  for (std::size_t i = 0; i < a.names.size(); ++i) json["contenders"].push_back(contender_json(a, i));
  json["ranked_by"] = c.ranked_by.empty() ? Json(nullptr) : Json(c.ranked_by);
  json["winner"] = c.ranking.empty() ? Json(nullptr) : Json(a.names[c.ranking[0]]);
  json["gaps"] = Json::array();
  for (const Gap& gap : c.gaps) {
    const Prediction& p = c.contenders[gap.loser].raced();
    json["gaps"].push_back(
        {{"loser", a.names[gap.loser]},
         {"factor", gap.factor},
         {"factor90", gap.factor90 ? Json{gap.factor90->low, gap.factor90->high} : Json(nullptr)},
         {"wall", gap.wall ? Json(p.ledger[*gap.wall].name) : Json(nullptr)},
         {"wall_seconds", gap.wall_seconds},
         {"all_seconds", gap.all_seconds}});
  }
  json["scans"] = Json::array();
  for (const Scan& scan : c.scans) {
    Json stretches = Json::array();
    for (const Stretch& s : scan.stretches) stretches.push_back(stretch_json(a, s));
    json["scans"].push_back({{"along", scan.along},
                             {"low", json_number(scan.low)},
                             {"high", json_number(scan.high)},
                             {"stretches", stretches}});
  }
  json["params"] = a.parameters;
  json["set"] = a.set;
  json["notes"] = a.notes;
  return json;
}

std::string comparison_csv(const ComparisonAnswer& a) {
  const auto number = [](double x) { return std::isfinite(x) ? fmt::format("{}", x) : std::string(); };
  std::string text;
  for (std::size_t i = 0; i < a.names.size(); ++i) {
    const Contender& c = a.comparison.contenders[i];
    const bool has_answer = c.refused.empty();
    std::vector<std::string> header = {"name", "feasible", "binding_wall", "devices"};
    std::vector<std::string> row = {
        a.names[i], has_answer && c.prediction.feasible ? "1" : "0",
        has_answer ? binding_wall(c.prediction) : "",
        has_answer ? std::to_string(c.prediction.resolved.scenario.split.devices()) : ""};
    for (const Measured& m : measures_of(c.prediction)) {
      header.emplace_back(m.name);
      row.push_back(has_answer ? number(m.value) : "");
    }
    if (i == 0) text += csv_line(header);
    text += csv_line(row);
  }
  return text;
}

std::string comparison_text(const ComparisonAnswer& a, std::string (*heading)(std::string_view)) {
  std::string text = heading(a.title) + "\n\n";
  if (!answered(a).empty()) text += measure_lines(a) + "\n";
  text += verdict_lines(a) + "\n";
  if (a.comparison.ranking.size() > 1)
    text += heading(fmt::format("Wall by wall, time of {}", a.comparison.same_work_is)) + "\n" +
            ledger_lines(a) + "\n";
  return text + closing_lines(a);
}

}  // namespace ironlaw
