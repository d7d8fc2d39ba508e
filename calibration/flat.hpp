// The flat fit beside the hierarchical one, and how far answers about what is new lean on it.
//
// Effects of devices and models describe those that were measured; what they leave for all is what remains,
// not what suits a stranger best. One value a parameter for everything, fitted alone, is that. Which of the
// two, or what between them, is found by stacking (Wolpert, "Stacked generalization", Neural Networks 5,
// 1992; Breiman, "Stacked regressions", Machine Learning 24, 1996): rows are predicted as if their device or
// model were new, without its effects.
#pragma once

#include <span>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/row_model.hpp"

namespace ironlaw {

// Makes the flat fit part of the other, with the shares of it (ParameterSet::flat_shares) and the errors that
// are left with them (novelty_errors). `fitted` are the
// rows of both, in the order of their predictions; `model` is of the hierarchical one, with `set` as its
// theta.
void add_flat(Fit& fit, const Fit& flat, const std::vector<Row>& rows, std::span<const std::size_t> fitted,
              RowModel& model, const ParameterSet& set);

// The flat fit that is part of another: its parameters as global effects, and its noise.
Fit flat_of(const Fit& fit);

}  // namespace ironlaw
