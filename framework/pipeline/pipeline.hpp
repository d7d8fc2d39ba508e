// The walls in order: which function runs when, over which columns.
//
// A Pipeline is made once for a set of walls and one hardware target (whose shape function takes part),
// checks that everything fits together, and resolves every name to a column index. After that nothing looks
// up a name.
//
// Columns live on five levels (abi.h, ironlaw_level). A function reads columns of its own level and of the
// scenario, on result rows also of the run; the host repeats what comes from elsewhere on every row.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw {

inline constexpr int kLevels = 5;
inline constexpr std::size_t kMaxWalls = 64;   // a WallMask has a bit for each
inline constexpr std::size_t kMaxBounds = 16;  // on one level

// A column that the host itself fills: what a plan, a datasheet, the lowering or the reduction provides.
struct SourceColumn {
  const char* name;
  const char* unit;
  ironlaw_level level;
};

// A fitted input, one for all the ports that name it.
struct ParameterPort {
  const ironlaw_port* port;
  std::string owner;  // "wall 3 software"
};

// A scenario column that nobody computes: what the host knows of a case, or a setting of a wall.
struct ScenarioInput {
  std::string name;
  std::string unit;
  const ironlaw_port* setting;  // null: the host
  std::string owner;            // of a setting: "wall 18 sustainability"
  bool is_discrete;             // all that read it say so
  int column;                   // of the scenario stage; -1: nobody reads it
};

// One call of a function, with its columns resolved.
struct Call {
  const ironlaw_function* function;
  int wall;                  // index into Pipeline::walls(); -1 for the hardware's shape function
  std::vector<int> in, out;  // columns of the level's table

  // Does the function hold for this row?
  bool holds(std::uint32_t phase, std::uint32_t kind) const {
    return (function->phases & phase) != 0 && (function->kinds & kind) != 0;
  }
  bool holds_everywhere() const {
    return function->phases == IRONLAW_EVERY_PHASE && function->kinds == IRONLAW_EVERY_KIND;
  }
};

// A column of one level that repeats a column of an outer one or a parameter.
struct Import {
  int column;           // here
  ironlaw_level level;  // where it comes from: the scenario, or on result rows the run
  int source;           // column there, or -1
  int parameter;        // parameter index, or -1
};

// All that happens on one level.
struct Stage {
  std::vector<std::string> columns;  // names, by index
  std::vector<Call> calls;           // in an order in which every input is ready
  std::vector<Import> imports;
  bool holds_everywhere = true;  // does every call hold for every row?
};

// What the composition rule needs to know of one output port.
struct Contribution {
  int column;
  int wall;  // -1: the hardware or the host
};
struct Bound {
  int column;
  int wall;
  std::vector<Contribution> factors;  // efficiencies that divide it
};

// The composition rule of one level, written over roles; see compose.hpp.
struct Rule {
  std::vector<Bound> bounds;
  std::vector<Contribution> replica_addends;  // of walls that bind flops, n, peak or mfu
  std::vector<Contribution> scaling_addends;  // of walls that bind eta_scaling
  std::vector<Contribution> run_addends;      // of walls that bind goodput
  std::vector<Contribution> run_factors;      // FACTOR ports of goodput
  std::vector<Contribution> gates;
  int overlap_loss = -1;  // operator level; -1: perfect overlap
  int overlap_wall = -1;
};

class Pipeline {
 public:
  // Throws Error that lists every fault by name, naming both sides: two producers of a column, an input that
  // nothing provides (with suggestions), units that differ, a cycle, ports of one parameter or setting that
  // disagree, a time or gate where the composition would not see it, more walls or bounds than it can hold.
  Pipeline(std::span<const ironlaw_wall* const> walls, const ironlaw_hardware* hardware,
           std::span<const SourceColumn> sources);

  const Stage& stage(ironlaw_level level) const { return stages_[level]; }
  const Rule& rule(ironlaw_level level) const { return rules_[level]; }
  // The walls that take part, without those that are an analysis.
  std::span<const ironlaw_wall* const> walls() const { return walls_; }
  // What a case must bring: the host's scenario columns in the order of `sources`, then the settings.
  const std::vector<ScenarioInput>& inputs() const { return inputs_; }
  // Index into inputs(), or -1.
  int input(std::string_view name) const;
  const std::vector<ParameterPort>& parameters() const { return parameters_; }
  const std::string& hardware() const { return hardware_; }  // id of the target; empty without one

  // The index of a column on a level, or -1 when nothing reads or writes it.
  int column(ironlaw_level level, std::string_view name) const;
  // Index into parameters(), or -1.
  int parameter(std::string_view name) const;

 private:
  class Builder;
  std::vector<const ironlaw_wall*> walls_;
  std::string hardware_;
  std::array<Stage, kLevels> stages_;
  std::array<Rule, kLevels> rules_;
  std::vector<ParameterPort> parameters_;
  std::vector<ScenarioInput> inputs_;
};

}  // namespace ironlaw
