// The limits that a plan states for its results.
#pragma once

#include <string>
#include <vector>

#include "framework/cli/request.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

// A limit that a result breaks.
struct BrokenLimit {
  std::string metric, unit;
  bool is_max;  // else it is the least that is allowed
  double limit, actual;
  Said said;  // the limit
};

// Holds the results of a request against its assertions. Where the request is infeasible there are no results
// to hold, and only what the assertions say is checked. Throws Error for a metric that is no output of the
// scenario, a limit in the wrong unit, a maximum below its minimum, and a result that is unknown (with what
// is missing).
std::vector<BrokenLimit> broken_limits(const Request& request, const Prediction& prediction,
                                       Predictor& predictor, const ParameterSet& parameters);

// For people, a line each below a heading.
std::string limits_text(const std::vector<BrokenLimit>& broken);
Json limits_json(const std::vector<BrokenLimit>& broken);

}  // namespace ironlaw
