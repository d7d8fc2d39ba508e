#include "framework/report/validation_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kReasonsShown = 12;

std::string percent(const std::optional<double>& fraction) {
  return fraction ? fmt::format("{:.1f}%", 100 * *fraction) : "-";
}
std::string signed_percent(const std::optional<double>& fraction) {
  return fraction ? fmt::format("{:+.1f}%", 100 * *fraction) : "-";
}

std::string verdict(const Metrics& m) {
  if (m.n == 0) return "no row";
  if (m.cells < kCellsForVerdict) return "too few cells for a verdict";
  return "";
}

std::vector<std::string> cells_of(const std::string& label, const Metrics& m) {
  return {label,
          std::to_string(m.n),
          std::to_string(m.cells),
          percent(m.median_ape),
          percent(m.mean_ape),
          percent(m.p90_ape),
          signed_percent(m.bias),
          percent(m.coverage50),
          percent(m.coverage90),
          verdict(m)};
}

TextTable table_of(const std::string& first) {
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right, Align::right, Align::left});
  table.add({first, "rows", "cells", "median", "mean", "p90", "bias", "in 50%", "in 90%", ""});
  return table;
}

std::string section(const std::string& first, const std::vector<Metrics>& metrics) {
  TextTable table = table_of(first);
  for (const Metrics& m : metrics) table.add(cells_of(m.group, m));
  return table.text("  ");
}

// The baselines on all rows, beside the model.
std::string comparison(const Validation& v) {
  TextTable table = table_of("predictor");
  table.add(cells_of("ironlaw", v.groups.back()));
  for (const auto& [name, groups] : v.baselines) table.add(cells_of(name, groups.back()));
  return table.text("  ");
}

Json number(const std::optional<double>& value) {
  return value ? json_number(*value) : Json(nullptr);
}

Json to_json(const std::vector<Metrics>& metrics) {
  Json list = Json::array();
  for (const Metrics& m : metrics)
    list.push_back({{"group", m.group},
                    {"n", m.n},
                    {"cells", m.cells},
                    {"median_ape", number(m.median_ape)},
                    {"mean_ape", number(m.mean_ape)},
                    {"p90_ape", number(m.p90_ape)},
                    {"bias", number(m.bias)},
                    {"coverage50", number(m.coverage50)},
                    {"coverage90", number(m.coverage90)}});
  return list;
}

}  // namespace

std::string validation_text(const Validation& v) {
  std::string text = fmt::format(
      "Held out: {}\nFitted {} rows in {} cells{}; predicted {} rows in {} cells.\n"
      "Absolute error of the predicted rate; bias above 0 is too fast; share of rows inside the 50% and 90% "
      "intervals.\n\n",
      v.holdout, v.fitted_rows, v.fitted_cells, v.reused ? " (stored fit)" : "", v.held_rows, v.held_cells);
  text += section("group", v.groups) + "\n" + comparison(v);
  text +=
      "  textbook: the same model with first-principles parameters; ridge: a regression on model, device, "
      "precision,\n"
      "  date and count; peak: the median share of peak FLOP/s of the fitted rows.\n\n";
  text += section("model", v.by_model) + "\n" + section("device", v.by_device);
  text += "\nPrecision of the predicted rows (never chosen by their rate):\n";
  for (const auto& [basis, n] : v.precision_basis) text += fmt::format("  {:>5}  {}\n", n, basis);
  std::vector<std::pair<std::string, int>> reasons(v.unlowered.begin(), v.unlowered.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  int total = 0;
  for (const auto& [reason, n] : reasons) total += n;
  text += fmt::format("\nHeld-out observations that were not predicted: {}\n", total);
  for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i)
    text += fmt::format("  {:>5}  {}\n", reasons[i].second, reasons[i].first);
  if (reasons.size() > kReasonsShown)
    text += fmt::format("         and {} further reasons (--format json lists them all)\n",
                        reasons.size() - kReasonsShown);
  return text;
}

std::string validation_json(const Validation& v) {
  Json json;
  json["holdout"] = v.holdout;
  json["fitted"] = {{"rows", v.fitted_rows}, {"cells", v.fitted_cells}};
  json["held_out"] = {{"rows", v.held_rows}, {"cells", v.held_cells}};
  json["groups"] = to_json(v.groups);
  json["baselines"] = Json::object();
  for (const auto& [name, groups] : v.baselines) json["baselines"][name] = to_json(groups);
  json["by_model"] = to_json(v.by_model);
  json["by_device"] = to_json(v.by_device);
  json["by_suite"] = to_json(v.by_suite);
  json["precision_basis"] = v.precision_basis;
  json["not_lowered"] = Json::array();
  for (const auto& [reason, n] : v.unlowered) json["not_lowered"].push_back({{"name", reason}, {"rows", n}});
  return json_text(json);
}

}  // namespace ironlaw
