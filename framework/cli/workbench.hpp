// What calibrate and validate work on: the plugins, the observations, and what identifies a fit of them.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "calibration/stored_fit.hpp"
#include "calibration/validation.hpp"
#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {

// Loads everything. Throws Error when the database is missing or is not ours.
class Workbench {
 public:
  Workbench();

  ValidationInputs inputs();
  Store& store() { return *store_; }
  Predictor& predictor() { return *predictor_; }
  const std::vector<Observation>& observations() const { return observations_; }
  const std::vector<const ironlaw_hardware*>& hardware() const { return hardware_; }
  const FitIdentity& identity() const { return identity_; }
  FitOptions options() const;

 private:
  PluginHost host_;
  std::vector<const ironlaw_hardware*> hardware_;
  std::unique_ptr<Predictor> predictor_;
  std::unique_ptr<Store> store_;
  std::vector<Observation> observations_;
  std::vector<Round> rounds_;
  FitIdentity identity_;
};

// Says to stderr what is going on, once more than a second has passed.
std::function<void(const std::string&)> slow_progress(const char* command);

}  // namespace ironlaw
