// What a conformance run finds: a verdict for each check, why, and how the candidate compares.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::conformance {

enum class Verdict { passed, warning, failed, skipped };
const char* name_of(Verdict verdict);          // "passed"
Verdict parse_verdict(std::string_view text);  // throws Error

// "1 function", "3 functions".
std::string counted(std::size_t n, std::string_view what);

struct CheckResult {
  std::string check;  // id: "derivatives"
  Verdict verdict = Verdict::passed;
  std::vector<std::string> remarks;  // why, and what was looked at
};

// One workload on the candidate and on the catalogue's nearest device.
struct NearestRow {
  std::string workload;
  double candidate = 0, nearest = 0;  // [s]; NaN: it cannot be computed there
};
struct Nearest {
  std::string candidate, device;
  double distance = 0;  // root of the mean squared ln ratio of peak, bandwidth and capacity
  std::vector<NearestRow> rows;
};

// What the plugin says that it is.
struct Identity {
  std::string id, version, abi, build;
};

struct Report {
  std::string file;
  Identity identity;                // empty when it could not be loaded
  std::vector<CheckResult> checks;  // in the order of kChecks
  std::vector<Nearest> nearest;

  std::size_t count(Verdict verdict) const;
  bool conforms() const { return count(Verdict::failed) == 0; }
};

// Collects what one check finds. The worst that was said is the verdict.
class Findings {
 public:
  void fail(std::string text) { add(Verdict::failed, std::move(text)); }
  void warn(std::string text) { add(Verdict::warning, std::move(text)); }
  // What was looked at; changes no verdict.
  void note(std::string text);
  // There is nothing to look at. Anything else that is said wins.
  void skip(std::string text);

  // Of a long list the first ones are kept and the rest counted.
  CheckResult result(std::string check) const;

 private:
  void add(Verdict verdict, std::string text);

  Verdict worst_ = Verdict::passed;
  bool has_skipped_ = false;
  std::vector<std::string> failures_, warnings_, notes_;
};

// As lines of JSON between the processes of a run, and in answers. NaN is null.
void to_json(nlohmann::json& json, const CheckResult& result);
void from_json(const nlohmann::json& json, CheckResult& result);
void to_json(nlohmann::json& json, const Nearest& nearest);
void from_json(const nlohmann::json& json, Nearest& nearest);
void to_json(nlohmann::json& json, const Identity& identity);
void from_json(const nlohmann::json& json, Identity& identity);

}  // namespace ironlaw::conformance
