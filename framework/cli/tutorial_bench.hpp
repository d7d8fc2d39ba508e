// What lessons are worked out with: plans become scenarios, scenarios become rows of results.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/cli/facts.hpp"
#include "framework/cli/tutorial_lesson.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "framework/predict/predictor.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

// A number with its base unit, or a name.
struct LessonValue {
  double number = 0;
  std::string unit;
  std::string text = {};  // of a name
};
std::string shown(const LessonValue& value, bool as_percent = false);
Json to_json(const LessonValue& value);

// One case of a part: what it is called on each axis, and what came out.
struct LessonRow {
  std::vector<std::string> labels;
  std::map<std::string, LessonValue> values;
  bool is_feasible = true;
  std::string why_not;
};

// A scenario and what it was said with.
struct LessonScenario {
  Request request;
  const ParameterSet* parameters = nullptr;
};

class LessonBench {
 public:
  // `params` overrides the parameters that lessons ask for; "": it does not.
  LessonBench(const PluginHost& host, std::string params);

  // The parameters that a plan sets stand in for a fit: with a fit they are left out. `compared`: the places
  // whose carbon will be compared, its own among them; a place has the figures of the newest year they have
  // in common.
  LessonScenario understand(const YAML::Node& plan, const std::string& where,
                            const std::vector<std::string>& compared = {});

  // Fills values with these outputs: an account of a wall, a column of the scenario, run or result, or one of
  //   hardware, precision, gpus, split, batch, binding_wall, fits,
  //     keeps_limits (names)
  //   memory_weights, memory_kv, memory_activations, memory_states, memory_free, memory_lacking
  //   system_mfu: useful FLOPs over the peak of all devices and the time
  //   NAME_per_gpu: NAME over the devices
  // What an infeasible scenario would take is unknown: only names and its memory are filled.
  LessonRow evaluate(const LessonScenario& scenario, const std::vector<std::string>& outputs);
  // Is it feasible, and does it keep the limits of its plan? Changes `scenario` in no way.
  bool keeps_limits(const LessonScenario& scenario);

  const PluginHost& host() const { return host_; }
  Predictor& predictor() { return predictor_; }
  const Place& place(std::string_view name) const { return find_place(places_, name); }
  int common_year(const std::vector<std::string>& places) const;
  // What the results rest on: sources of places and prices, the parameters. Each once.
  const std::vector<std::string>& notes() const { return notes_; }
  void note(const std::string& text);

 private:
  const ParameterSet& parameters(const Ask& ask);
  void leave_to_the_fit(Ask& ask);
  LessonValue output(const Prediction& p, const std::string& name) const;
  std::optional<LessonValue> name_output(const Prediction& p, const std::string& name) const;
  std::optional<LessonValue> memory_output(const Prediction& p, const std::string& name) const;

  const PluginHost& host_;
  std::string params_;
  std::vector<Place> places_;
  Predictor predictor_;
  std::optional<ParameterSet> calibrated_;
  ParameterSet textbook_ = ParameterSet::textbook();
  std::vector<std::string> notes_;
};

}  // namespace ironlaw
