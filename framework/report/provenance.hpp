// Where the numbers of a case come from.
#pragma once

#include "framework/report/worked_wall.hpp"

namespace ironlaw {

class Provenances {
 public:
  Provenances(const Case& c, const ParameterSet& parameters) : case_(c), parameters_(parameters) {}

  // Of an input of a function on rows of `level`, in a step of this slot (any, where there are no steps).
  Provenance of(const ironlaw_port& port, ironlaw_level level, int slot) const;
  // Of an input of the pipeline.
  Provenance of_input(std::size_t input) const;
  // Who overrides a column that a wall makes; nothing when nobody does.
  std::optional<std::string> forced(ironlaw_level level, int column, const char* name) const;

 private:
  Provenance of_parameter(const ironlaw_port& port, int slot) const;
  Provenance of_setting(const ironlaw_port& port, double value) const;
  Provenance of_host(const std::string& name) const;
  std::optional<Provenance> of_figure(const std::string& name) const;
  std::optional<Provenance> of_wall(const std::string& name, int slot) const;
  Interval range_of(const ironlaw_port& port, const ScopeKey& key, double value) const;

  const Case& case_;
  const ParameterSet& parameters_;
};

}  // namespace ironlaw
