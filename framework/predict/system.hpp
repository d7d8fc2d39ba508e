// A scenario as one function: what walls 21 and 22 work on (abi.h, ironlaw_system).
//
// Inputs: the pipeline's continuous inputs that have a value and are not off (datasheet figures, settings
// that are not 0, lengths, the batch), its parameters, and the number of devices. Outputs: the quantities of
// the result rows and the accounts and gates of the walls.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"

namespace ironlaw {

// What moves an input: another device, an operator's choice, other work, better software, more devices.
enum class InputKind { hardware, setting, workload, parameter, devices };
const char* name_of(InputKind kind);

class ScenarioSystem {
 public:
  // Throws Error as Predictor::predict does. The predictor and the parameters must outlive the system.
  ScenarioSystem(Predictor& predictor, const Scenario& scenario, const ParameterSet& parameters);
  ScenarioSystem(const ScenarioSystem&) = delete;
  ScenarioSystem& operator=(const ScenarioSystem&) = delete;

  const ironlaw_system& table() const { return table_; }
  const Scenario& scenario() const { return scenario_; }
  // Index of an input or output; throws Error with suggestions. "time" and "throughput" are outputs, too.
  std::uint32_t input(std::string_view name) const;
  std::uint32_t output(std::string_view name) const;
  bool has_input(std::string_view name) const;
  InputKind kind(std::uint32_t input) const { return input_of_[input].kind; }
  // Is more of this output better (a rate, an efficiency, what is left)? Else less is.
  bool is_more_better(std::uint32_t output) const;
  // Why an output has no value in the case as it is: the inputs that nobody knows.
  std::vector<std::string> unknown_behind(std::uint32_t output);

  // What comes out at these inputs; unknown outputs are NaN. A change of `devices` spreads the scenario anew,
  // by the fastest split that fits. Throws Error.
  void evaluate(const double* inputs, double* outputs);
  // The same, and the Jacobian [output][input]. Derivatives are chained through the walls; those of a service
  // include the change of its running batch (implicit function theorem), those of lengths and batch what the
  // host derives from them. They are exact but for jumps (tiles and waves of a matrix product, whole
  // requests), across which they follow the trend.
  void differentiate(const double* inputs, double* outputs, double* jacobian);

 private:
  struct Input {
    InputKind kind;
    std::size_t index;  // of Pipeline::inputs() or parameters()
  };
  void add_inputs();
  void add_outputs();
  void add(std::vector<const ironlaw_variable*>& list, std::uint32_t flags, const char* name,
           const char* unit, const char* meaning, double value, double min, double max);
  bool is_moved(const double* inputs, std::size_t input) const;
  Scenario moved(const double* inputs) const;
  void set(const double* inputs);
  void run(bool with_derivatives);
  void read(double* outputs) const;
  std::vector<double> load_change(std::size_t seeds) const;
  std::vector<double> host_slopes(const double* inputs, std::size_t input) const;

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
  InputKind kind = InputKind::setting;
  double given = 0;  // the input's value in the case
  double value = 0, low = 0, high = 0;
  std::string text;
};

// What an analysis is asked.
struct Query {
  std::string output;
  std::string input;  // empty: every input
  double target = 0;
  int sense = 0;  // of the target: 1 at least, -1 at most, 0 without one
  double change = 0;
};

// Runs an analysis wall on a system. Throws Error of the wall, and for a wall that is no analysis.
std::vector<Finding> analyse(const ironlaw_wall& wall, ScenarioSystem& system, const Query& query);

}  // namespace ironlaw
