// A bandwidth in GB/s, which would be a billion times too small.
#include "fixture.hpp"
using namespace ironlaw;
constexpr HardwareInfo kInfo{
    .id = "Bad-Unit", .vendor = "None", .family = "none", .kind = "gpu", .year = 2026};
constexpr Spec kSpecs[] = {{{"memory_bandwidth", "GB/s"}, 3350, "invented"}};
IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
