// A target, asked of every device that there is.
#pragma once

#include <string>
#include <vector>

#include "framework/cli/request.hpp"
#include "framework/report/analysis_report.hpp"

namespace ironlaw {

// How each device does in the scenario that `ask` describes, with `devices` of each (by the split that was
// asked for, else by the fastest), and with how many it would do. What --set says of the device's own figures
// is not carried to others; `ignored` gets a sentence about it.
std::vector<CatalogueEntry> catalogue_of(const Ask& ask, const Target& target, int devices,
                                         const PluginHost& host, Predictor& predictor,
                                         const ParameterSet& parameters, std::vector<std::string>& ignored);

}  // namespace ironlaw
