// What an answer rests on: every number that moves it and where that comes from, and where the case stands to
// what was fitted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/predict/fitted_range.hpp"
#include "framework/predict/predictor.hpp"

namespace ironlaw {

//   given       the user says it: an option, a plan, --set
//   model       follows from the model's published shape
//   datasheet   a figure of the device's datasheet; unverified: one that the datasheet itself calls doubtful
//   fitted      a parameter that rows of this device or this model determine; one that varies by neither:
//               that any rows do
//   inherited   a parameter that only rows of its family, vendor, class, precision or of everything determine
//   assumed     a usual value, a parameter at its prior, or at its textbook value
enum class EvidenceKind { given, model, datasheet, unverified, fitted, inherited, assumed };
inline constexpr EvidenceKind kEvidenceKinds[] = {
    EvidenceKind::given,  EvidenceKind::model,     EvidenceKind::datasheet, EvidenceKind::unverified,
    EvidenceKind::fitted, EvidenceKind::inherited, EvidenceKind::assumed};
const char* name_of(EvidenceKind kind);  // "fitted"

struct EvidenceNumber {
  std::string name, unit;
  std::string step;  // of the steps that read it, where another one reads another value: "decode"; else ""
  double value = 0;
  EvidenceKind kind{};
  bool is_parameter = false;
  std::string source;  // the datasheet's words, "--set power", "device H100-SXM-80GB, all"
  // d log(time per request) / d log(value), at the running batch as it is. 0 of what moves only the memory,
  // or is 0 itself; NaN where it changes in steps.
  double elasticity = 0;
  std::optional<Interval> range;  // of a parameter: one standard error on the link scale to both sides
};

struct Evidence {
  // The numbers that the time or the memory follows, by how much the time does: the most first. What is
  // unknown is not among them: no answer needs it, or it would have been refused.
  std::vector<EvidenceNumber> numbers;
  int others = 0;  // that the case's walls read, but neither time nor memory follows: prices, carbon
  Standing standing;
  std::vector<std::string> warnings;

  int count(EvidenceKind kind) const;
};

// Of an answer with these parameters. Evaluates the case once more, with derivatives by all its inputs.
Evidence evidence_of(const Prediction& prediction, const ParameterSet& parameters);

// Throws Error that says what is missing and what to do, when fitted parameters were asked for and nothing of
// the fit supports the answer: as nothing_supports() has it, or device or work were never measured and
// no parameter that moves the answer is fitted, inherited or given. Textbook answers claim no measurement and
// always pass.
void require_support(const Prediction& prediction, const Evidence& evidence);

}  // namespace ironlaw
