// What the pipeline of a case begins with: the host's columns, settings, and what a user overrides.
#pragma once

#include "framework/predict/scenario.hpp"

namespace ironlaw {

// Fixes the parameters and columns of c that somebody gave (c.scenario.given), as far as they are no inputs.
// Throws Error for a name that nothing knows, one that follows from other choices, a value out of range.
void apply_given(Case& c);

// Fills c.inputs and c.origins in the order of Pipeline::inputs(): what is given, else what the host knows,
// else the datasheet's figure of that name and unit, else the setting's usual value.
void fill_inputs(Case& c);

}  // namespace ironlaw
