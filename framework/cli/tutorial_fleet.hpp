// The smallest fleet of a lesson: devices x precisions x tensor parallelism x replicas x places.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/cli/tutorial_run.hpp"

namespace ironlaw {

struct FleetResult {
  std::vector<LessonTable> tables;
  std::vector<LessonRow> rows;  // one a case: tensor, replica_rate, nodes, gpus, itl, cost, energy, carbon
  std::map<std::string, LessonValue>
      found;  // fleet_device, fleet_gpus, ...; none without limits of a year or places
};

// For every combination of the part's axes and every degree of `tensor`: the most that one replica serves
// within the limits of the plan (by bisection over its arrivals), hence how many replicas, whole nodes and,
// with spare ones in every region, devices; then the fleet's own prediction, its rent and its carbon, the
// regions with equal shares in the cleanest of the places. The chosen fleet is the cheapest that keeps all
// limits, else the cheapest. Throws Error.
FleetResult size_fleet(const Lesson& lesson, const LessonPart& part, LessonBench& bench);

// The cases of a part: the cross product of its axes over its plan.
struct LessonCombination {
  std::vector<std::string> labels;
  YAML::Node plan;
};
std::vector<LessonCombination> combinations(const LessonPart& part, const PluginHost& host);

}  // namespace ironlaw
