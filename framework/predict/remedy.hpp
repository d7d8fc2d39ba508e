// What would make an infeasible scenario feasible, each found by trying it.
#pragma once

#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"

namespace ironlaw {

// One change that is enough on its own.
struct Remedy {
  std::string change;  // "2 devices (TP 2 x PP 1 x DP 1)"
  std::string option;  // how to ask for it: "--gpus 2 --tp 2 --pp 1 --dp 1"
};

// Of a scenario that the prediction says does not fit, or cannot serve what arrives: the least number of
// devices (doubling; in a service that of replicas), the narrowest change of precision, the largest batch,
// the longest context, full recomputation, the least ZeRO stage, weights that stream in where the datasheet
// says how fast - as far as they apply and help. May be empty.
std::vector<Remedy> remedies(const Prediction& infeasible, Predictor& predictor,
                             const ParameterSet& parameters);

}  // namespace ironlaw
