// What a database holds, counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/build.hpp"

namespace ironlaw {

struct StoreStats {
  std::int64_t file_bytes = 0;             // of the database
  std::vector<BuildReport::Count> tables;  // rows of each
  struct Group {
    std::string table, by;                   // "observation", "device"
    std::vector<BuildReport::Count> counts;  // most rows first; '' where that is not known
  };
  std::vector<Group> groups;
  std::vector<BuildReport::NotLoaded> not_loaded;
};

// Of the database at `path`. Throws Error when there is no database of ours.
StoreStats store_stats(const std::string& path);

// The bytes of all tables in a folder of facts, as they lie there (compressed or not). Throws Error when it
// is none.
std::int64_t facts_bytes(const std::string& facts_dir);

}  // namespace ironlaw
