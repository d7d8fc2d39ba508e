// A wall worked through for one case: every number that its functions read, where it came from, and every
// number they made of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"

namespace ironlaw {

enum class Source { given, datasheet, usual, host, wall, parameter };
const char* name_of(Source source);  // "datasheet"

// What one scope adds to a fitted parameter.
struct FittedTerm {
  std::string scope, level;    // "vendor", "NVIDIA"; "global", ""
  double value = 0, sd = 0;    // on the link scale
  bool is_determined = false;  // false: the data leave it where the prior put it
};

struct Provenance {
  Source source = Source::host;
  std::string text;               // "--set power", the datasheet's own words, "wall 3 software"
  std::vector<FittedTerm> terms;  // of a fitted parameter
  std::optional<Interval> range;  // of it: one standard error on the link scale to both sides
  bool is_unverified = false;     // a figure that its datasheet calls doubtful
};

struct WorkedInput {
  const ironlaw_port* port;
  double value;         // NaN: unknown
  bool varies = false;  // from operator to operator, which have their own values
  Provenance from;
};

struct WorkedOutput {
  const ironlaw_port* port;
  double value;  // NaN: unknown
  bool varies = false;
  double sum = 0;                     // over the operators of a step, where sums of it make sense; else NaN
  std::vector<std::string> unknown;   // what nobody gave, where it is unknown
  std::optional<std::string> forced;  // who overrides what the function says: "--set memory_time"
};

struct WorkedOperator {
  std::string name;
  double count;    // in one step
  double seconds;  // of all of them, all walls composed
  std::vector<double> inputs, outputs;
};

// A function at one place of the case.
struct WorkedRow {
  std::string step;  // "decode"; "" on the rows of which a case has one
  double runs = 1;   // of the step, until the running requests are served
  std::vector<WorkedInput> inputs;
  std::vector<WorkedOutput> outputs;
  std::vector<WorkedOperator> operators;  // those it is about first, then longest first; operator level
};

struct WorkedFunction {
  const ironlaw_function* function;
  std::string refused;          // why it does not hold for this case, "" when it does
  std::vector<WorkedRow> rows;  // one, or one a step
};

struct WorkedWall {
  const ironlaw_wall* wall;
  std::vector<WorkedFunction> functions;
  LedgerEntry ledger;
};

// Of the case that `predictor` answered last with `prediction`. Throws Error with the reason when the wall
// has functions and none of them holds for the case's phase and model.
WorkedWall work_through(const ironlaw_wall& wall, const Prediction& prediction, const Evaluator& evaluator,
                        const ParameterSet& parameters);

}  // namespace ironlaw
