#include "framework/report/operators_report.hpp"

#include <fmt/format.h>

#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

std::string percent(const std::optional<double>& fraction) {
  return fraction ? fmt::format("{:.1f}%", 100 * *fraction) : "-";
}

std::string table_of(const std::vector<OperatorErrors>& groups) {
  TextTable table({Align::left, Align::left, Align::left, Align::right, Align::right, Align::right,
                   Align::right, Align::right});
  table.add({"operator", "precision", "device and framework", "rows", "median", "p90", "bias", "in 90%"});
  for (const OperatorErrors& e : groups)
    table.add({e.op, e.precision, e.device, std::to_string(e.metrics.n), percent(e.metrics.median_ape),
               percent(e.metrics.p90_ape), percent(e.metrics.bias), percent(e.metrics.coverage90)});
  return table.text("  ");
}

Json json_of(const std::vector<OperatorErrors>& groups) {
  Json list = Json::array();
  const auto number = [](const std::optional<double>& x) { return x ? Json(*x) : Json(); };
  for (const OperatorErrors& e : groups)
    list.push_back({{"operator", e.op},
                    {"precision", e.precision},
                    {"device_and_framework", e.device},
                    {"rows", e.metrics.n},
                    {"sites", e.metrics.cells},
                    {"median_ape", number(e.metrics.median_ape)},
                    {"p90_ape", number(e.metrics.p90_ape)},
                    {"bias", number(e.metrics.bias)},
                    {"coverage90", number(e.metrics.coverage90)}});
  return list;
}

}  // namespace

std::string operators_text(const OperatorStudy& study, const Unlowered& unlowered) {
  std::string text = fmt::format(
      "Single operators: {} measurements fitted, {} predicted\n\nShapes that were held out, on devices that "
      "were "
      "measured\n{}\nDevices that were held out\n{}\nMeasurements that are not used:\n",
      study.fitted, study.held, table_of(study.shapes), table_of(study.devices));
  for (const auto& [reason, count] : unlowered) text += fmt::format("{:7}  {}\n", count, reason);
  return text;
}

std::string operators_json(const OperatorStudy& study, const Unlowered& unlowered) {
  Json json{{"fitted", study.fitted},
            {"predicted", study.held},
            {"shapes", json_of(study.shapes)},
            {"devices", json_of(study.devices)}};
  json["not_used"] = Json::object();
  for (const auto& [reason, count] : unlowered) json["not_used"][reason] = count;
  return json_text(json);
}

}  // namespace ironlaw
