// What an input would have to be for an output to be as wanted: wall 22's answers, with reasons.
#pragma once

#include <string>
#include <vector>

#include "framework/predict/system.hpp"

namespace ironlaw {

// "itl at most 50 ms".
struct Target {
  std::string output;
  double value = 0;  // in the output's base unit
  int sense = -1;    // 1 at least, -1 at most
  bool is_met_by(double x) const { return x * sense >= value * sense; }
};

struct Requirement {
  std::string input, unit;
  InputKind kind = InputKind::hardware;
  double present = 0;   // NaN: the scenario does not know it
  double required = 0;  // NaN: no value of it alone will do
  bool has_effect = true;
  // Why there is no value; of a value that makes it fit but does not move the output, that it is so.
  std::string text;
};

// One for each name of `inputs`, which may be hardware figures that the scenario has no use for; other names
// that are no inputs throw Error.
std::vector<Requirement> requirements_of(const ironlaw_wall& synthesis, ScenarioSystem& system,
                                         const Target& target, const std::vector<std::string>& inputs,
                                         Predictor& predictor, const ParameterSet& parameters);

// What people buy: the inputs that are asked about where nobody says which.
std::vector<std::string> usual_requirements();

}  // namespace ironlaw
