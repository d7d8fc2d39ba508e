// Microbenchmarks as rows of a fit: one or two operators, timed by themselves, with the same walls and
// parameters that time them inside a model.
#pragma once

#include <span>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// The measurements that can be predicted, as rows whose observed "rate" is one over the time [1/s]:
//   matrix products; where the activations are quantised first, as the frameworks' FP8 and FP4 products do,
//     with that kernel before it
//   attention of a prompt (causal) and of one token against a cache; collectives inside a node
// A row's class is the framework whose kernels ran ("kernels trtllm") or, where none is stated, the source;
// NCCL's sends and receives are a class apart from its collectives, as are caches of another precision. Its
// software generation the first of all: what a system loses beyond its kernels is left to the classes and
// generations of systems. Left out and counted: what is known to be wrong, launched by the host, or has no
// such operator here. `thin`: of the many products and kernels of prompt attention only every so many-th site
// (shape) is kept, by a hash; 1 keeps all.
std::vector<Row> operator_rows(const std::vector<OperatorRecord>& records,
                               const std::vector<const ironlaw_hardware*>& hardware, Predictor& predictor,
                               int thin, Unlowered& unlowered);

// [s] Time of a row's operators, one after the other. `gradient`, unless empty, gets d log(time) / d
// link-scale parameter, one entry a parameter of the pipeline.
double time_of_operators(const Row& row, const CaseParameters& parameters, Evaluator& evaluator,
                         std::span<double> gradient);

}  // namespace ironlaw
