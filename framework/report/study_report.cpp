#include "framework/report/study_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kWorstShown = 12;
constexpr int kRowsForWorst = 3;

std::string percent(const std::optional<double>& fraction) {
  return fraction ? fmt::format("{:.1f}%", 100 * *fraction) : "-";
}
std::string signed_percent(const std::optional<double>& fraction) {
  return fraction ? fmt::format("{:+.1f}%", 100 * *fraction) : "-";
}
std::string median(const Metrics& m) {
  if (!m.median_low) return percent(m.median_ape);
  return fmt::format("{} ({:.1f}-{:.1f})", percent(m.median_ape), 100 * *m.median_low, 100 * *m.median_high);
}

const char* label(const std::string& group) {
  return group == "seen"         ? "device and model seen"
         : group == "new_device" ? "new device"
         : group == "new_model"  ? "new model"
         : group == "new_both"   ? "both new"
                                 : "all";
}

std::set<std::string> suites_of(const Study& study) {
  std::set<std::string> suites;
  for (const HeldRow& h : study.rows) suites.insert(h.row->observation.suite);
  return suites;
}

std::vector<const HeldRow*> of(const Study& study, const std::string& key, const std::string& suite,
                               const std::string& group) {
  return study.select(key, [&](const HeldRow& h) {
    return h.row->observation.suite == suite && (group == "all" || h.group == group);
  });
}

std::vector<std::string> groups() {
  std::vector<std::string> all(std::begin(kSeenGroups), std::end(kSeenGroups));
  all.emplace_back("all");
  return all;
}

bool has_kind(const Study& study, const std::string& key) {
  return std::any_of(study.rows.begin(), study.rows.end(),
                     [&](const HeldRow& h) { return study.holdouts[h.holdout].holdout.key == key; });
}

StudyTable goals_table(const Study& study) {
  StudyTable t{"Goals",
               "Median absolute error out of sample, rounds pooled over rolling origins; in brackets where "
               "the median lies with 90% confidence (bootstrap over cells).",
               {{"held out", "known today", "goal", "reached", "in 90%", "rows", "cells"}}};
  for (const Goal& g : goals()) {
    const std::optional<Metrics> m = reached(g, study);
    t.rows.push_back({g.what, g.known, fmt::format("{:.0f}%", 100 * g.goal), m ? median(*m) : "no row yet",
                      m ? percent(m->coverage90) : "-", m ? std::to_string(m->n) : "0",
                      m ? std::to_string(m->cells) : "0"});
  }
  return t;
}

std::vector<std::string> cells_of(const std::string& name, const Metrics& m) {
  return {name,
          std::to_string(m.n),
          std::to_string(m.cells),
          median(m),
          percent(m.p90_ape),
          signed_percent(m.bias),
          percent(m.coverage50),
          percent(m.coverage90)};
}
const std::vector<std::string> kHead = {"", "rows", "cells", "median", "p90", "bias", "in 50%", "in 90%"};

StudyTable rounds_table(const Study& study, const std::string& suite) {
  StudyTable t{
      fmt::format("Each {} round from what was published before it", suite),
      "textbook: first-principles parameters; ridge: a regression on model, device, precision, date and "
      "count; peak: the median share of peak FLOP/s; no hierarchy: one value a parameter for all.",
      {kHead}};
  for (const std::string& group : groups()) {
    const auto rows = of(study, "round", suite, group);
    if (rows.empty()) continue;
    t.rows.push_back(cells_of(label(group), measure(group, rows)));
    for (std::size_t r = 0; r < kRivals; ++r) {
      const Metrics m = measure(group, rows, static_cast<Rival>(r));
      if (m.n > 0) t.rows.push_back(cells_of(fmt::format("  {}", kRivalNames[r]), m));
    }
  }
  return t;
}

std::vector<const HeldRow*> rows_of(const Study& study, std::size_t holdout) {
  std::vector<const HeldRow*> rows;
  for (const HeldRow& h : study.rows)
    if (h.holdout == holdout) rows.push_back(&h);
  return rows;
}

StudyTable each_round_table(const Study& study) {
  StudyTable t{"Round by round", "", {kHead}};
  t.rows[0].insert(t.rows[0].begin() + 1, "fitted");
  for (std::size_t i = 0; i < study.holdouts.size(); ++i) {
    const StudiedHoldOut& h = study.holdouts[i];
    if (h.holdout.key != "round") continue;
    if (!h.skipped.empty()) {
      t.note += fmt::format("{}{}: {}", t.note.empty() ? "Left out: " : "; ", h.holdout.value, h.skipped);
      continue;
    }
    std::vector<std::string> cells = cells_of(h.holdout.value, measure("", rows_of(study, i)));
    cells.insert(cells.begin() + 1, std::to_string(h.fitted_rows));
    t.rows.push_back(std::move(cells));
  }
  return t;
}

StudyTable kinds_table(const Study& study) {
  StudyTable t{
      "One device, model, submitter or source predicted from all others", "All of a kind pooled.", {kHead}};
  for (const char* key : kHoldOutKeys) {
    if (std::string_view(key) == "round") continue;
    for (const std::string& suite : suites_of(study)) {
      const auto rows = of(study, key, suite, "all");
      if (!rows.empty()) t.rows.push_back(cells_of(fmt::format("{}, {}", key, suite), measure("", rows)));
    }
  }
  return t;
}

StudyTable worst_table(const Study& study) {
  StudyTable t{
      "Predicted worst",
      "Devices and models that were held out; what is suspected follows from the predictions themselves.",
      {{"held out", "rows", "median", "bias", "suspected"}}};
  for (const WorstGroup& w : worst_groups(study, kWorstShown))
    t.rows.push_back({w.holdout, std::to_string(w.metrics.n), percent(w.metrics.median_ape),
                      signed_percent(w.metrics.bias), fmt::format("{}", fmt::join(w.suspicions, "; "))});
  return t;
}

// What a hold-out could not determine beyond what the full fit could not.
StudyTable undetermined_table(const Study& study) {
  StudyTable t{"Not determined without what was held out", "", {{"parameter", "hold-outs"}}};
  std::set<std::string> always;
  for (const Effect& e : study.full.parameters.effects())
    if (!e.scope && !is_determined(e)) always.insert(e.parameter);
  std::map<std::string, std::vector<std::string>> by_parameter;
  for (const StudiedHoldOut& h : study.holdouts)
    for (const std::string& p : h.undetermined)
      if (!always.contains(p)) by_parameter[p].push_back(h.holdout.text());
  for (const auto& [parameter, holdouts] : by_parameter) {
    const std::size_t shown = std::min<std::size_t>(holdouts.size(), 4);
    std::string text = fmt::format(
        "{}", fmt::join(holdouts.begin(), holdouts.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (shown < holdouts.size()) text += fmt::format(" and {} more", holdouts.size() - shown);
    t.rows.push_back({parameter, text});
  }
  if (!always.empty()) t.note = fmt::format("Not even by all rows: {}.", fmt::join(always, ", "));
  return t;
}

StudyTable cold_table(const Study& study) {
  StudyTable t{
      "Warm starts against fits from nothing",
      "Difference of the predicted rates, and of the largest in sds of its prediction.",
      {{"held out", "median difference", "largest", "in sds", "median error, warm", "from nothing"}}};
  for (const StudiedHoldOut& h : study.holdouts)
    if (h.cold)
      t.rows.push_back({h.holdout.text(), percent(std::expm1(h.cold->median)),
                        percent(std::expm1(h.cold->largest)), fmt::format("{:.2f}", h.cold->in_sds),
                        percent(h.cold->median_ape_warm), percent(h.cold->median_ape_cold)});
  return t;
}

StudyTable coverage_table(const Study& study) {
  StudyTable t{"Coverage",
               "Share of rows inside central intervals, rounds pooled.",
               {{"suite", "50%", "80%", "90%", "95%"}}};
  for (const std::string& suite : suites_of(study)) {
    std::vector<Scored> rows;
    for (const HeldRow* h : of(study, "round", suite, "all")) rows.push_back(h->scored());
    if (rows.empty()) continue;
    std::vector<std::string> line = {suite};
    for (const double content : {0.5, 0.8, 0.9, 0.95}) line.push_back(percent(coverage_at(rows, content)));
    t.rows.push_back(line);
  }
  return t;
}

Json number(const std::optional<double>& value) {
  return value ? json_number(*value) : Json(nullptr);
}

Json to_json(const Metrics& m) {
  return {{"n", m.n},
          {"cells", m.cells},
          {"median_ape", number(m.median_ape)},
          {"median_low", number(m.median_low)},
          {"median_high", number(m.median_high)},
          {"mean_ape", number(m.mean_ape)},
          {"p90_ape", number(m.p90_ape)},
          {"bias", number(m.bias)},
          {"coverage50", number(m.coverage50)},
          {"coverage90", number(m.coverage90)}};
}

}  // namespace

std::vector<WorstGroup> worst_groups(const Study& study, std::size_t most) {
  std::vector<WorstGroup> result;
  for (std::size_t i = 0; i < study.holdouts.size(); ++i) {
    const HoldOut& h = study.holdouts[i].holdout;
    if (h.key != "hardware" && h.key != "model") continue;
    const auto rows = rows_of(study, i);
    if (rows.size() < kRowsForWorst) continue;
    std::vector<Missed> missed;
    missed.reserve(rows.size());
    for (const HeldRow* row : rows) missed.push_back({row->row, &row->insight, row->scored().log_error});
    result.push_back({h.text(), measure("", rows), suspect(missed)});
  }
  std::stable_sort(result.begin(), result.end(), [](const WorstGroup& a, const WorstGroup& b) {
    return *a.metrics.median_ape > *b.metrics.median_ape;
  });
  if (result.size() > most) result.resize(most);
  return result;
}

StudyTable peers_table(const Study& study) {
  StudyTable t{
      "Other programs on the same rows",
      "Median absolute error over the rows that the peer answered, and Ironlaw's on the same rows, whose "
      "source, shape or model it was not fitted to. Calculon's Megatron cases include those it was tuned "
      "on.",
      {{"peer", "its predictions", "comparable", "answered", "peer", "ironlaw"}}};
  for (const PeerComparison& p : study.peers)
    t.rows.push_back({p.peer, p.rows, std::to_string(p.predictable), std::to_string(p.answered),
                      median(p.theirs), median(p.ours)});
  return t;
}

std::vector<StudyTable> study_tables(const Study& study) {
  std::vector<StudyTable> tables = {goals_table(study), peers_table(study)};
  for (const std::string& suite : suites_of(study))
    if (!of(study, "round", suite, "all").empty()) tables.push_back(rounds_table(study, suite));
  tables.push_back(each_round_table(study));
  tables.push_back(coverage_table(study));
  if (has_kind(study, "hardware")) {
    tables.push_back(kinds_table(study));
    tables.push_back(worst_table(study));
    tables.push_back(undetermined_table(study));
  }
  tables.push_back(cold_table(study));
  std::erase_if(tables, [](const StudyTable& t) { return t.rows.size() < 2; });
  return tables;
}

std::string study_text(const Study& study) {
  std::string text;
  for (const StudyTable& t : study_tables(study)) {
    text += t.title + "\n";
    if (!t.note.empty()) text += t.note + "\n";
    std::vector<Align> columns(t.rows[0].size(), Align::right);
    columns.front() = Align::left;
    const bool has_words = t.rows[0].back() == "suspected" || t.rows[0].back() == "hold-outs";
    if (has_words) columns.back() = Align::left;
    TextTable table(columns);
    for (std::vector<std::string> row : t.rows) {
      if (t.title == "Goals") row[1].clear();  // the pages show what others reach; a line has no room
      table.add(row);
    }
    text += table.text("  ") + "\n";
  }
  text += fmt::format("{} of {} observations can be predicted; {} hold-outs in {:.0f} s.\n", study.lowered,
                      study.observations, study.holdouts.size(), study.seconds);
  return text;
}

std::string study_json(const Study& study) {
  Json json;
  json["observations"] = study.observations;
  json["predictable"] = study.lowered;
  json["goals"] = Json::array();
  for (const Goal& g : goals()) {
    const std::optional<Metrics> m = reached(g, study);
    json["goals"].push_back({{"held_out", g.what},
                             {"known", g.known},
                             {"goal", g.goal},
                             {"reached", m ? to_json(*m) : Json(nullptr)}});
  }
  json["peers"] = Json::array();
  for (const PeerComparison& p : study.peers)
    json["peers"].push_back({{"peer", p.peer},
                             {"predictions", p.rows},
                             {"comparable", p.predictable},
                             {"answered", p.answered},
                             {"theirs", to_json(p.theirs)},
                             {"ours", to_json(p.ours)}});
  json["rounds"] = Json::object();
  json["kinds"] = Json::object();
  json["coverage"] = Json::object();
  for (const std::string& suite : suites_of(study)) {
    for (const std::string& group : groups()) {
      const auto rows = of(study, "round", suite, group);
      Json entry = {{"ironlaw", to_json(measure(group, rows))}};
      for (std::size_t r = 0; r < kRivals; ++r)
        entry[kRivalNames[r]] = to_json(measure(group, rows, static_cast<Rival>(r)));
      json["rounds"][suite][group] = entry;
    }
    for (const char* key : kHoldOutKeys)
      if (const auto rows = of(study, key, suite, "all"); !rows.empty())
        json["kinds"][key][suite] = to_json(measure("", rows));
    std::vector<Scored> scored;
    for (const HeldRow* h : of(study, "round", suite, "all")) scored.push_back(h->scored());
    json["coverage"][suite] = Json::array();
    for (int c = 5; c < 100; c += 5)
      json["coverage"][suite].push_back({{"content", c / 100.0}, {"share", coverage_at(scored, c / 100.0)}});
  }
  json["holdouts"] = Json::array();
  for (std::size_t i = 0; i < study.holdouts.size(); ++i) {
    const StudiedHoldOut& h = study.holdouts[i];
    Json entry = {{"holdout", h.holdout.text()},
                  {"fitted", {{"rows", h.fitted_rows}, {"cells", h.fitted_cells}}},
                  {"converged", h.converged},
                  {"undetermined", h.undetermined},
                  {"skipped", h.skipped.empty() ? Json(nullptr) : Json(h.skipped)},
                  {"metrics", to_json(measure("", rows_of(study, i)))}};
    if (h.cold)
      entry["cold"] = {{"largest", h.cold->largest},
                       {"median", h.cold->median},
                       {"in_sds", h.cold->in_sds},
                       {"median_ape_warm", h.cold->median_ape_warm},
                       {"median_ape_cold", h.cold->median_ape_cold}};
    json["holdouts"].push_back(std::move(entry));
  }
  json["worst"] = Json::array();
  for (const WorstGroup& w : worst_groups(study, kWorstShown))
    json["worst"].push_back(
        {{"holdout", w.holdout}, {"metrics", to_json(w.metrics)}, {"suspicions", w.suspicions}});
  return json_text(json);
}

std::string study_markdown(const Study& study, const std::string& date) {
  std::string text = fmt::format(
      "Made on {} by `ironlaw validate {}--report`: {} of {} observations can be predicted, {} hold-outs.\n",
      date, has_kind(study, "hardware") ? "" : "--quick ", study.lowered, study.observations,
      study.holdouts.size());
  for (const StudyTable& t : study_tables(study)) {
    text += fmt::format("\n### {}\n\n", t.title);
    if (!t.note.empty()) text += t.note + "\n\n";
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
      text += fmt::format("| {} |\n", fmt::join(t.rows[r], " | "));
      if (r == 0)
        for (std::size_t c = 0; c <= t.rows[0].size(); ++c) text += c < t.rows[0].size() ? "|---" : "|\n";
    }
  }
  return text;
}

}  // namespace ironlaw
