// A wall explained with a case.
#pragma once

#include <string>
#include <vector>

#include "framework/predict/system.hpp"
#include "framework/report/prediction_report.hpp"
#include "framework/report/wall_report.hpp"
#include "framework/report/worked_wall.hpp"

namespace ironlaw {

// Every function with its numbers and where they came from; of operators the few that take longest.
std::string explain_text(const WorkedWall& worked, const Answer& answer, Heading heading);
// The same with everything: all operators, all terms of fitted parameters.
Json explain_json(const WorkedWall& worked, const Answer& answer);

// What an analysis finds about a case: wall 21 asks about its time, wall 22 how to shorten it.
struct AnalysedWall {
  const ironlaw_wall* wall;
  std::string output, unit;  // asked about
  double value, target;      // of it now, and as it should be
  double change;             // relative, of an input
  std::vector<Finding> findings;
};
std::string explain_text(const AnalysedWall& analysed, const Answer& answer, Heading heading);
Json explain_json(const AnalysedWall& analysed, const Answer& answer);

}  // namespace ironlaw
