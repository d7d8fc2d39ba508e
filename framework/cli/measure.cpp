#include "framework/cli/measure.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "framework/base/error.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {

Answer answer_of(const Request& request, Predictor& predictor, const ParameterSet& parameters) {
  Answer answer;
  answer.notes = request.notes;
  answer.parameters = parameters.origin;
  answer.set = request.set_text;
  answer.prediction = predictor.predict(request.scenario, parameters);
  answer.evidence = evidence_of(answer.prediction, parameters);
  require_support(answer.prediction, *answer.evidence);
  return answer;
}

Measure measure_of(std::string_view field, const std::string& name, const ScenarioSystem& system,
                   const Prediction& prediction) {
  const auto output = [&] {
    try {
      return system.output(name);
    } catch (const Error& e) {
      throw Error(fmt::format("{}: {}", field, e.what()));
    }
  }();
  const ironlaw_variable& v = *system.table().outputs[output];
  const std::string meaning = v.name == q::cycle_time.name ? prediction.time_is : std::string(v.meaning);
  return {name, v.unit, meaning, v.value, system.is_more_better(output)};
}

Measure known_measure_of(std::string_view field, const std::string& name, ScenarioSystem& system,
                         const Prediction& prediction) {
  Measure m = measure_of(field, name, system, prediction);
  if (!std::isnan(m.value)) return m;
  const std::vector<std::string> missing = system.unknown_behind(system.output(name));
  throw Error(missing.empty() ? fmt::format("{}: {} has no value in this scenario.", field, m.name)
                              : fmt::format("{}: {} is unknown, because nobody gives {} (--set {}=...).",
                                            field, m.name, fmt::join(missing, " and "), missing.front()));
}

}  // namespace ironlaw
