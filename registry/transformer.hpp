// Transformers: how one lowers. Used by lowering.cpp.
#pragma once

#include "registry/lowering.hpp"

namespace ironlaw {

// `micro_batches` of them make the step; the plan is checked already.
template <class T>
void lower_transformer(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step);

}  // namespace ironlaw
