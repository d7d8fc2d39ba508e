// What solve, sensitivity and synthesize share: the answer of a request, and the output that is asked about.
#pragma once

#include <string_view>

#include "framework/cli/request.hpp"
#include "framework/report/analysis_report.hpp"

namespace ironlaw {

// With its evidence. Throws Error where nothing supports an answer (require_support).
Answer answer_of(const Request& request, Predictor& predictor, const ParameterSet& parameters);

// The output called `name`, or Error with suggestions; `field` is how messages call it.
Measure measure_of(std::string_view field, const std::string& name, const ScenarioSystem& system,
                   const Prediction& prediction);
// The same; throws Error where its value is unknown, with what nobody gave.
Measure known_measure_of(std::string_view field, const std::string& name, ScenarioSystem& system,
                         const Prediction& prediction);

}  // namespace ironlaw
