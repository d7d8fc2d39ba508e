// Good by itself; built twice, so that two files have one id.
#include "fixture.hpp"
using namespace ironlaw;
constexpr HardwareInfo kInfo{.id = "Twin-1", .vendor = "None", .family = "none", .kind = "gpu", .year = 2026};
constexpr Spec kSpecs[] = {{spec::memory_bandwidth, 1 * tera, "invented"}};
IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
