// A scenario as one function: what walls 21 and 22 work on (abi.h, ironlaw_system).
//
// Inputs: the pipeline's continuous inputs that have a value (datasheet figures, settings), its parameters,
// and the number of devices. Outputs: the quantities of the result rows and the headlines of the walls, and
// the Iron Law's terms.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"

namespace ironlaw {

class ScenarioSystem {
 public:
  // Throws Error as Predictor::predict does. The predictor and the parameters must outlive the system.
  ScenarioSystem(Predictor& predictor, const Scenario& scenario, const ParameterSet& parameters);
  ScenarioSystem(const ScenarioSystem&) = delete;
  ScenarioSystem& operator=(const ScenarioSystem&) = delete;

  const ironlaw_system& table() const { return table_; }
  // Index of an input or output; throws Error with suggestions.
  std::uint32_t input(std::string_view name) const;
  std::uint32_t output(std::string_view name) const;

  // What comes out at these inputs; unknown outputs are NaN. A change of `devices` completes the split anew
  // (data-parallel copies first, as the plain command line would). Throws Error.
  void evaluate(const double* inputs, double* outputs);
  // The same, and the Jacobian [output][input]. Exact: derivatives are chained through the walls; those of a
  // service include the change of its running batch (implicit function theorem).
  void differentiate(const double* inputs, double* outputs, double* jacobian);

 private:
  // What an input stands for.
  struct Input {
    enum class Kind { pipeline, parameter, devices } kind;
    std::size_t index;  // of Pipeline::inputs() or parameters()
  };
  void add_inputs();
  void add_outputs();
  void add(std::vector<const ironlaw_variable*>& list, std::uint32_t flags, const char* name,
           const char* unit, const char* meaning, double value, double min, double max);
  void set(const double* inputs);
  void run(bool with_derivatives);
  void read(double* outputs) const;

  Predictor& predictor_;
  const ParameterSet& parameters_;
  Scenario scenario_;
  Case case_;
  CaseParameters values_;
  std::vector<Case> block_;
  bool is_balanced_ = false;  // a service whose load follows what arrives
  Evaluator evaluator_;
  std::size_t row_ = 0;
  std::deque<ironlaw_variable> variables_;
  std::vector<const ironlaw_variable*> inputs_, outputs_;
  std::vector<Input> input_of_;
  std::vector<std::pair<ironlaw_level, int>> output_of_;
  ironlaw_system table_{};
};

// One thing that an analysis found.
struct Finding {
  std::string input, unit, meaning;
  double given = 0;  // the input's value in the case
  double value = 0, low = 0, high = 0;
  std::string text;
};
// Runs an analysis wall on a system. `input` empty: every input. Throws Error of the wall, and for a wall
// that is no analysis.
std::vector<Finding> analyse(const ironlaw_wall& wall, ScenarioSystem& system, std::string_view output,
                             std::string_view input, double target, double change);

}  // namespace ironlaw
