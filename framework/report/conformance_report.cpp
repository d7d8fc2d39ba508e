#include "framework/report/conformance_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "framework/conformance/checks.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

using conformance::CheckResult;
using conformance::Nearest;
using conformance::NearestRow;
using conformance::Report;
using conformance::Verdict;

const char* promise_of(const CheckResult& result) {
  return conformance::checks()[conformance::check_index(result.check)].promise;
}

std::string time_text(double seconds) {
  return std::isnan(seconds) ? "-" : format_time(seconds);
}

std::string summary(const Report& report) {
  std::string text = report.conforms() ? "conforms" : "does not conform";
  const char* separator = ": ";
  for (const Verdict v : {Verdict::passed, Verdict::warning, Verdict::failed, Verdict::skipped})
    if (const std::size_t n = report.count(v)) {
      text += fmt::format("{}{} {}{}", separator, n, name_of(v), v == Verdict::warning && n > 1 ? "s" : "");
      separator = ", ";
    }
  return text;
}

std::string checks_text(const Report& report) {
  constexpr std::size_t kVerdictWidth = 9;
  std::size_t widest = 0;
  for (const CheckResult& c : report.checks) widest = std::max(widest, c.check.size());
  const std::string indent(2 + kVerdictWidth, ' ');
  std::string text;
  for (const CheckResult& c : report.checks) {
    text += fmt::format("  {:<{}}{:<{}}  {}\n", name_of(c.verdict), kVerdictWidth, c.check, widest,
                        promise_of(c));
    for (const std::string& remark : c.remarks)
      text += fmt::format("{}- {}\n", indent, wrap(remark, kPageWidth, indent + "  ", indent.size() + 2));
  }
  return text;
}

std::string nearest_text(const Nearest& nearest) {
  TextTable table({Align::left, Align::right, Align::right, Align::right});
  table.add({"workload (one device, textbook)", nearest.candidate, nearest.device, "ratio"});
  for (const NearestRow& row : nearest.rows)
    table.add(
        {row.workload, time_text(row.candidate), time_text(row.nearest),
         std::isnan(row.candidate / row.nearest) ? "-" : format_number(row.candidate / row.nearest, 3)});
  return table.text("  ");
}

}  // namespace

std::string conformance_text(const Report& report, const std::function<std::string(std::string_view)>& bold) {
  std::string text = bold(report.file) + "\n";
  if (!report.identity.id.empty())
    text += fmt::format("{} {}, ABI {}, built by {}\n", report.identity.id, report.identity.version,
                        report.identity.abi, report.identity.build);
  text += fmt::format("\n{}", checks_text(report));
  for (const Nearest& nearest : report.nearest)
    text += fmt::format(
        "\n{}\n{}",
        bold(fmt::format("{} beside {}, the nearest in the catalogue", nearest.candidate, nearest.device)),
        nearest_text(nearest));
  return text + fmt::format("\n{}\n", bold(summary(report)));
}

Json conformance_json(const Report& report) {
  Json json;
  json["file"] = report.file;
  json["conforms"] = report.conforms();
  json["plugin"] = report.identity.id.empty() ? Json() : Json(nlohmann::json(report.identity));
  json["checks"] = Json::array();
  for (const CheckResult& c : report.checks)
    json["checks"].push_back({{"check", c.check},
                              {"promise", promise_of(c)},
                              {"verdict", name_of(c.verdict)},
                              {"remarks", c.remarks}});
  json["nearest"] = Json::array();
  for (const Nearest& nearest : report.nearest) json["nearest"].push_back(Json(nlohmann::json(nearest)));
  return json;
}

}  // namespace ironlaw
