#include "framework/conformance/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"

namespace ironlaw::conformance {
namespace {

constexpr std::size_t kMostRemarks = 5;  // of one kind
constexpr std::array kVerdicts = {Verdict::passed, Verdict::warning, Verdict::failed, Verdict::skipped};

void append(std::vector<std::string>& all, const std::vector<std::string>& some) {
  const std::size_t shown = std::min(some.size(), kMostRemarks);
  all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < some.size()) all.push_back(fmt::format("and {} more like these", some.size() - shown));
}

double number_or_nan(const nlohmann::json& json) {
  return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::warning:
      return "warning";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

Verdict parse_verdict(std::string_view text) {
  for (const Verdict v : kVerdicts)
    if (text == name_of(v)) return v;
  throw Error(fmt::format("verdict '{}' is not known.", text));
}

std::string counted(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(), [&](const auto& c) { return c.verdict == verdict; }));
}

void Findings::add(Verdict verdict, std::string text) {
  std::vector<std::string>& texts = verdict == Verdict::failed ? failures_ : warnings_;
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
  if (verdict == Verdict::failed || worst_ == Verdict::passed) worst_ = verdict;
}

void Findings::note(std::string text) {
  notes_.push_back(std::move(text));
}

void Findings::skip(std::string text) {
  has_skipped_ = true;
  notes_.push_back(std::move(text));
}

CheckResult Findings::result(std::string check) const {
  CheckResult result{std::move(check), worst_, {}};
  if (worst_ == Verdict::passed && has_skipped_) result.verdict = Verdict::skipped;
  append(result.remarks, failures_);
  append(result.remarks, warnings_);
  append(result.remarks, notes_);
  return result;
}

void to_json(nlohmann::json& json, const CheckResult& result) {
  json = {{"check", result.check}, {"verdict", name_of(result.verdict)}, {"remarks", result.remarks}};
}

void from_json(const nlohmann::json& json, CheckResult& result) {
  result.check = json.at("check").get<std::string>();
  result.verdict = parse_verdict(json.at("verdict").get<std::string>());
  result.remarks = json.at("remarks").get<std::vector<std::string>>();
}

void to_json(nlohmann::json& json, const Nearest& nearest) {
  json = {{"candidate", nearest.candidate}, {"device", nearest.device}, {"distance", nearest.distance}};
  json["rows"] = nlohmann::json::array();
  for (const NearestRow& row : nearest.rows)
    json["rows"].push_back(
        {{"workload", row.workload}, {"candidate_s", row.candidate}, {"nearest_s", row.nearest}});
}

void from_json(const nlohmann::json& json, Nearest& nearest) {
  nearest.candidate = json.at("candidate").get<std::string>();
  nearest.device = json.at("device").get<std::string>();
  nearest.distance = json.at("distance").get<double>();
  for (const nlohmann::json& row : json.at("rows"))
    nearest.rows.push_back({row.at("workload").get<std::string>(), number_or_nan(row.at("candidate_s")),
                            number_or_nan(row.at("nearest_s"))});
}

void to_json(nlohmann::json& json, const Identity& identity) {
  json = {
      {"id", identity.id}, {"version", identity.version}, {"abi", identity.abi}, {"build", identity.build}};
}

void from_json(const nlohmann::json& json, Identity& identity) {
  identity = {json.at("id").get<std::string>(), json.at("version").get<std::string>(),
              json.at("abi").get<std::string>(), json.at("build").get<std::string>()};
}

}  // namespace ironlaw::conformance
