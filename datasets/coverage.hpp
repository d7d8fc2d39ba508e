// Which devices the observations are about, and which of them have a target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ironlaw {

// A device as a table writes it, and what it was taken for.
struct DeviceUse {
  std::string suite;    // "inference" or "training"
  std::string written;  // the submitter's words where only those tell, else the table's name
  std::string device;   // canonical; empty: it cannot be told
  bool has_target = false;
  std::int64_t closed_rows = 0;  // observations of the closed division
  std::int64_t other_rows = 0;   // of the others
  std::string reason;  // from the table of aliases: why it is taken so, or has no target; may be empty
};

// All of the database at `path`, those with the most closed rows first. Rows that are no observations (see
// ironlaw db build) are not counted. Throws Error when there is no database of ours.
std::vector<DeviceUse> device_uses(const std::string& path);

}  // namespace ironlaw
