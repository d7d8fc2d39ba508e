// An analysis: asked about a few scenarios, its findings looked at one by one.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/conformance/checks.hpp"
#include "framework/conformance/evaluate.hpp"
#include "framework/conformance/grid.hpp"
#include "framework/predict/system.hpp"

namespace ironlaw::conformance {
namespace {

constexpr std::size_t kScenarios = 6;
constexpr std::size_t kMostFindings = 100'000;

// What came of one question.
struct Answer {
  std::int32_t status = IRONLAW_OK;
  std::string message, fault;
  std::vector<std::uint32_t> inputs;
  Row numbers;  // value, low and high of each finding
};

void take(void* sink, const ironlaw_finding* found) {
  Answer& answer = *static_cast<Answer*>(sink);
  const auto fault = [&](std::string text) {
    if (answer.fault.empty()) answer.fault = std::move(text);
  };
  if (!found || !IRONLAW_HAS(found, text) || !found->text)
    return fault("emitted a finding that is null or cut short");
  if (answer.inputs.size() >= kMostFindings) return fault("emitted more than 100000 findings");
  answer.inputs.push_back(found->input);
  answer.numbers.insert(answer.numbers.end(), {found->value, found->low, found->high});
  if (!std::isfinite(found->value) && !*found->text)
    fault(fmt::format("says of input {} that its value is {}, and not why", found->input, found->value));
}

Answer ask(const ironlaw_wall& wall, ScenarioSystem& system, const ironlaw_question& question) {
  Answer answer;
  ironlaw_error error{};
  try {
    answer.status = wall.analyse(&system.table(), &question, take, &answer, &error);
  } catch (const std::exception& e) {
    answer.fault = fmt::format("threw across the boundary: {}", e.what());
  }
  error.message[sizeof error.message - 1] = '\0';
  answer.message = error.message;
  for (const std::uint32_t input : answer.inputs)
    if (input >= system.table().n_inputs && answer.fault.empty())
      answer.fault = fmt::format("names input {} of {}", input, system.table().n_inputs);
  return answer;
}

// The time, to be 20% shorter; of every input and of each of the first few.
std::vector<ironlaw_question> questions_of(const ScenarioSystem& system) {
  constexpr double kShorter = 0.8;
  constexpr double kChange = 0.1;
  constexpr std::uint32_t kFirst = 3;
  const std::uint32_t time = system.output("time");
  std::vector<ironlaw_question> result;
  std::vector<std::uint32_t> inputs = {IRONLAW_EVERY_INPUT};
  inputs.reserve(1 + kFirst);
  for (std::uint32_t i = 0; i < std::min(kFirst, system.table().n_inputs); ++i) inputs.push_back(i);
  result.reserve(inputs.size());
  for (const std::uint32_t input : inputs)
    result.push_back(
        {sizeof(ironlaw_question), time, input, kShorter * system.table().outputs[time]->value, kChange, -1});
  return result;
}

void check_one(const ironlaw_wall& wall, ScenarioSystem& system, const std::string& where,
               std::size_t& findings_seen, Findings& findings) {
  for (const ironlaw_question& question : questions_of(system)) {
    const Answer first = ask(wall, system, question);
    const Answer again = ask(wall, system, question);
    const std::string who = fmt::format("wall {}, {}", wall.id, where);
    if (!first.fault.empty()) return findings.fail(fmt::format("{}: {}", who, first.fault));
    if (first.status != IRONLAW_OK && first.status != IRONLAW_FAILED)
      return findings.fail(fmt::format("{}: returned status {}, which is none", who, first.status));
    if (first.status == IRONLAW_FAILED && first.message.empty())
      return findings.fail(fmt::format("{}: failed without saying why", who));
    if (first.status == IRONLAW_FAILED && question.input == IRONLAW_EVERY_INPUT)
      findings.warn(fmt::format("{}: failed: {}", who, first.message));
    if (first.inputs != again.inputs || bits_of(first.numbers) != bits_of(again.numbers))
      return findings.fail(fmt::format("{}: finds something else when it is asked again", who));
    findings_seen += first.inputs.size();
  }
}

}  // namespace

void check_analysis(Subject& subject, Findings& findings) {
  std::size_t seen = 0;
  bool has_one = false;
  for (const ironlaw_wall* wall : subject.own_walls()) {
    if (!wall->analyse) continue;
    has_one = true;
    if (subject.without().walls().empty() || subject.devices().empty())
      return findings.warn("no walls or no hardware are installed: it was asked nothing");
    for (const Scenario& s : grid_of(subject, kScenarios)) {
      subject.at(fmt::format("wall {}, {}", wall->id, described(s)));
      try {
        const ParameterSet parameters = ParameterSet::textbook();
        ScenarioSystem system(subject.predictor_with(), s, parameters);
        check_one(*wall, system, described(s), seen, findings);
      } catch (const Error& e) {
        findings.note(fmt::format("{} cannot be asked about: {}", described(s), e.what()));
      }
    }
  }
  if (!has_one) return findings.skip("it holds no analysis");
  if (seen == 0) findings.warn("it found nothing in any scenario");
  findings.note(counted(seen, "finding"));
}

}  // namespace ironlaw::conformance
