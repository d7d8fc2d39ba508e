// What a probe found: the machine, what was measured, and how that compares with the model.
#pragma once

#include <string>
#include <vector>

#include "framework/kit/project.hpp"
#include "framework/probe/measurement.hpp"
#include "framework/probe/predicted.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

struct ProbeReport {
  ProbeResult result;
  HardwareProject target;  // the machine as a hardware target
  PredictedProbe predicted;
  std::string parameters;          // "textbook"
  std::string stored;              // what became of the rows in the database
  std::string folder;              // of the project; empty: none was written
  std::vector<std::string> files;  // in it
};

Json probe_json(const ProbeReport& report);
std::string probe_text(const ProbeReport& report, std::string (*heading)(std::string_view));
// The rows as a table that `ironlaw db import` takes (datasets/records.hpp, ProbeRecord).
std::string probe_csv(const ProbeResult& result);

}  // namespace ironlaw
