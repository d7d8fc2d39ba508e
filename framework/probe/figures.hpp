// A probed machine as a hardware target: the figures of its datasheet are what was measured of it.
#pragma once

#include <string>
#include <vector>

#include "framework/kit/project.hpp"
#include "framework/probe/measurement.hpp"

namespace ironlaw {

// The machine as a target's project. Peaks are the best product of each precision, the memory bandwidth is
// the best triad, capacity, cores and caches are what the kernel says. Power, price and links are not
// measured and so absent. `id`: "" makes one of the CPU's name and the machine's identity. The year is the
// measurement's.
HardwareProject project_of(const ProbeResult& result, const std::string& id);

// A project's target as the pipeline takes it, without a plugin. Must not be moved while in use.
class ProjectTarget {
 public:
  explicit ProjectTarget(HardwareProject project);
  ProjectTarget(const ProjectTarget&) = delete;
  ProjectTarget& operator=(const ProjectTarget&) = delete;
  const ironlaw_hardware& hardware() const { return hardware_; }

 private:
  HardwareProject project_;
  std::vector<ironlaw_spec> specs_;
  std::vector<const ironlaw_spec*> pointers_;
  ironlaw_hardware hardware_{};
};

}  // namespace ironlaw
