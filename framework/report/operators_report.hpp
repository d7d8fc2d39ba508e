// How well single operators are predicted, as text and JSON.
#pragma once

#include <string>

#include "calibration/operator_study.hpp"

namespace ironlaw {

std::string operators_text(const OperatorStudy& study, const Unlowered& unlowered);
std::string operators_json(const OperatorStudy& study, const Unlowered& unlowered);

}  // namespace ironlaw
