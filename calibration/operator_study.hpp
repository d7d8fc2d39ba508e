// How well single operators are predicted: shapes that were not fitted, devices that were never measured.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/validation.hpp"

namespace ironlaw {

// One group of measurements: an operator, a precision, a device; "" is all of them.
struct OperatorErrors {
  std::string op, precision, device;
  Metrics metrics;
};

struct OperatorStudy {
  int fitted = 0, held = 0;
  std::vector<OperatorErrors> shapes;   // sites that were held out, on devices that were measured
  std::vector<OperatorErrors> devices;  // devices that were held out
  ParameterSet parameters;              // of the fit on all devices
};

// Fits the rows of `records` that are not held, predicts the held ones; then, for each device, fits the others
// and predicts its held rows. Products with n and k of at least 1024 and caches of at least 256 tokens only:
// what serving and training run. Throws Error where nothing is left to fit.
OperatorStudy study_operators(const std::vector<OperatorRecord>& records,
                              const std::vector<const ironlaw_hardware*>& hardware, Predictor& predictor,
                              const FitOptions& options, int thin, Unlowered& unlowered);

}  // namespace ironlaw
