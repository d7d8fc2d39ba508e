// Habana never published the rate of its first matrix engine, so this target has no peak: a time cannot be
// computed, and says so.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kHunt = "github:dstackai/gpuhunt:constraints.py (32 GB)";

constexpr HardwareInfo kInfo{
    .id = "Gaudi", .vendor = "Intel", .family = "gaudi", .kind = "npu", .year = 2019};

constexpr Spec kSpecs[] = {
    {spec::memory_capacity, 32 * gibi, kHunt, "read as GiB"},
    {spec::memory_bandwidth, 1000 * giga, "recalled", "HBM2, 4 stacks", kUnverified},
    {spec::scaleup_bandwidth, 125 * giga, "recalled",
     "10 x 100 GbE in all; a node of 8 uses 7 of them inside", kUnverified},
    {spec::scaleup_size, 8, "recalled", "HLS-1", kUnverified},
    {spec::power, 350, "recalled", "HL-205", kUnverified},
    {spec::scratchpad, 24 * mega, "recalled", "SRAM", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
