#include "framework/cli/limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/predict/system.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

// The output of the scenario that an assertion is about.
const ironlaw_variable& output_of(const Assertion& assertion, const ScenarioSystem& system) {
  try {
    return *system.table().outputs[system.output(assertion.metric.text)];
  } catch (const Error& e) {
    throw Error(fmt::format("{}: {}", assertion.metric.field, e.what()));
  }
}

[[noreturn]] void refuse_unknown(const Assertion& assertion, const Prediction& prediction) {
  std::string missing;
  for (const Account& account : prediction.accounts)
    if (account.name == assertion.metric.text && !account.unknown.empty())
      missing = fmt::format(" Set {}.", fmt::join(account.unknown, ", "));
  throw Error(fmt::format("{}: {} is unknown here, so no limit can be held against it.{}",
                          assertion.metric.field, assertion.metric.text, missing));
}

std::string shown(double value, const std::string& unit) {
  if (unit == "s") return format_time(value);
  if (unit.starts_with("1/")) return fmt::format("{}{}", format_number(value), unit.substr(1));
  return format_si(value, unit);
}

std::string line_of(const BrokenLimit& b) {
  std::string actual = shown(b.actual, b.unit);
  // A hair's breadth off, and the rounded numbers look the same.
  if (actual == shown(b.limit, b.unit)) actual = fmt::format("{:.12g} {}", b.actual, b.unit);
  return fmt::format("{} is {}; {} {} is allowed: {}", b.metric, actual, b.is_max ? "at most" : "at least",
                     b.said.text, b.said.field);
}

}  // namespace

std::vector<BrokenLimit> broken_limits(const Request& request, const Prediction& prediction,
                                       Predictor& predictor, const ParameterSet& parameters) {
  std::vector<BrokenLimit> broken;
  if (request.assertions.empty()) return broken;
  const ScenarioSystem system(predictor, request.scenario, parameters);
  for (const Assertion& assertion : request.assertions) {
    const ironlaw_variable& output = output_of(assertion, system);
    const auto limit = [&](const std::optional<Said>& said, double otherwise) {
      return said ? parse_quantity(said->field, said->text, output.unit) : otherwise;
    };
    const double least = limit(assertion.min, -HUGE_VAL);
    const double most = limit(assertion.max, HUGE_VAL);
    if (most < least)
      throw Error(fmt::format("{} is {}, below its min of {}: nothing can keep both.", assertion.max->field,
                              assertion.max->text, assertion.min->text));
    if (!prediction.feasible) continue;
    if (std::isnan(output.value)) refuse_unknown(assertion, prediction);
    const std::string& metric = assertion.metric.text;
    if (output.value > most)
      broken.push_back({metric, output.unit, true, most, output.value, *assertion.max});
    if (output.value < least)
      broken.push_back({metric, output.unit, false, least, output.value, *assertion.min});
  }
  return broken;
}

std::string limits_text(const std::vector<BrokenLimit>& broken) {
  std::string text =
      fmt::format("{} stated limit{} broken.", broken.size(), broken.size() == 1 ? " is" : "s are");
  for (const BrokenLimit& b : broken) text += fmt::format("\n  {}", line_of(b));
  return text;
}

Json limits_json(const std::vector<BrokenLimit>& broken) {
  Json json = Json::array();
  for (const BrokenLimit& b : broken)
    json.push_back({{"metric", b.metric},
                    {"unit", b.unit},
                    {"kind", b.is_max ? "max" : "min"},
                    {"limit", json_number(b.limit)},
                    {"actual", json_number(b.actual)},
                    {"stated", b.said.field}});
  return json;
}

}  // namespace ironlaw
