// What moves an output (wall 21) and what it would take to meet a target (wall 22), for people and scripts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/predict/requirements.hpp"
#include "framework/report/prediction_report.hpp"

namespace ironlaw {

// An output of a scenario.
struct Measure {
  std::string name, unit, meaning;
  double value = 0;  // NaN: unknown
  bool is_more_better = false;
};

struct SensitivityAnswer {
  Answer answer;
  Measure output;
  double change = 0;              // of an input, for the tornado
  std::vector<Finding> findings;  // largest first
  std::size_t n_found = 0;        // before the smallest were left out
};
Json sensitivity_json(const SensitivityAnswer& s);
std::string sensitivity_csv(const SensitivityAnswer& s);
std::string sensitivity_text(const SensitivityAnswer& s, std::string (*heading)(std::string_view));

// How one device of the catalogue does in the same scenario.
struct CatalogueEntry {
  std::string hardware;
  bool meets = false;
  double value = 0;                  // of the output with the same number of devices; NaN: none
  std::string split;                 // "TP 8 x PP 1 x DP 1"
  std::string reason;                // why it does not meet the target, "" where it does
  std::optional<int> least_devices;  // with which the fastest split meets it; none: no number does
};
struct SynthesisAnswer {
  Answer answer;
  Measure output;
  Target target;
  std::vector<Requirement> requirements;
  int devices = 1;
  std::vector<CatalogueEntry> catalogue;
  std::vector<std::string> ignored;  // overrides that are this device's and were not carried to others
};
Json synthesis_json(const SynthesisAnswer& s);
std::string synthesis_csv(const SynthesisAnswer& s);
std::string synthesis_text(const SynthesisAnswer& s, std::string (*heading)(std::string_view));

}  // namespace ironlaw
