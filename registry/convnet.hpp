// ResNet-50 v1.5: its layers, and how it lowers. Used by lowering.cpp and models.cpp.
#pragma once

#include "registry/lowering.hpp"

namespace ironlaw {

double convnet_parameters();
double convnet_weights();  // without biases and norms

// Throws Error for anything but data parallelism.
void check_convnet_split(const StepPlan& plan);

template <class T>
void lower_convnet(const StepPlan& plan, const StepLoad<T>& load, double micro_batches, Step<T>& step);

}  // namespace ironlaw
