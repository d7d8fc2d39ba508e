// How well single operators are predicted: shapes that were not fitted, devices that were never measured.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/validation.hpp"

namespace ironlaw {

// Groups beyond an operator's own: decode attention over more than 50 MB, and all collectives.
inline constexpr const char* kLargeCache = "attention_decode above 50 MB";
inline constexpr const char* kCollectives = "collectives";

// One group of measurements: an operator (or a group of them), a precision, a device and framework; "" is
// all.
struct OperatorErrors {
  std::string op, precision, device;
  Metrics metrics;
};

struct OperatorStudy {
  int fitted = 0, held = 0;
  std::vector<OperatorErrors> shapes;   // sites that were held out, on devices that were measured
  std::vector<OperatorErrors> devices;  // held sites of devices that were held out
  ParameterSet parameters;              // of the fit on all devices
};

// Fits the rows of `records` that are not held, predicts the held ones; then, for each device, fits the
// others and predicts its held rows. Products with n and k of at least 1024 and caches of at least 256 tokens
// only: what serving and training run. Of products and
// prompt attention one site in four is fitted. Throws Error where nothing is left to fit.
OperatorStudy study_operators(const std::vector<OperatorRecord>& records,
                              const std::vector<const ironlaw_hardware*>& hardware, Predictor& predictor,
                              const FitOptions& options, Unlowered& unlowered);

}  // namespace ironlaw
