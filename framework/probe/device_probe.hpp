// The probe of an accelerator, by a library of its own (probe_device.h).
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "framework/probe/probe.hpp"
#include "framework/probe/probe_device.h"

namespace ironlaw {

// The accelerator's part `kind` ("cuda") of the probe in `folder`. Throws Error where this build has none or
// it cannot be loaded (its driver is missing).
const ironlaw_probe_device& load_probe_device(const std::filesystem::path& folder, const std::string& kind);

// Products at every precision, triads and empty launches on the accelerator. Throws Error where there is no
// device that this process may use; what a device cannot do is left out and noted.
ProbeResult run_device_probe(bool is_quick, const Machine& machine, const ironlaw_probe_device& device,
                             const Clock& clock, const std::function<void(const std::string&)>& progress);

}  // namespace ironlaw
