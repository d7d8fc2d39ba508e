// What differs in what two golden grids were made from, in words.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "calibration/drift/golden.hpp"

namespace ironlaw {

struct Changes {
  // By name; the text says what of it: "memory_bandwidth 3.35e+12 -> 3.9e+12".
  std::map<std::string, std::string> walls, devices, models, files, fit;
  // Walls whose numbers moved at the fixed points, with or without a new version.
  std::set<std::string> recomputed;
  // Rows were added to the database beyond its facts: its data changed and nothing that it is made of did.
  bool has_imports = false;
};

Changes changes_between(const MadeFrom& was, const MadeFrom& is);

}  // namespace ironlaw
