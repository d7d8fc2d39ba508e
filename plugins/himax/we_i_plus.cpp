// A microcontroller: activations in SRAM, weights in flash, from where they are executed in place (wall 6),
// so that a step takes at least as long as one pass through the flash.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";

constexpr HardwareInfo kInfo{
    .id = "Himax-WE-I-Plus", .vendor = "Himax", .family = "arc-em", .kind = "mcu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 1.6 * giga, "recalled", "ARC EM9D: 2 multiply-accumulates x 400 MHz", kUnverified},
    {spec::memory_capacity, 2 * mebi, kSim, "SRAM", kUnverified},
    {spec::memory_bandwidth, 0.1 * giga, kSim, "mlsysim's figure, which does not say of which memory",
     kUnverified},
    {spec::weight_source, weight_source::flash, "recalled", "recalled, not read", kUnverified},
    {spec::stream_bandwidth, 0.1 * giga, kSim, "mlsysim's only figure; 2 MB of flash", kUnverified},
    {spec::scaleup_size, 1, kSim, "from a secondary source", kUnverified},
    {spec::power, 0.005, kSim, "from a secondary source", kUnverified},
    {spec::cores, 1, "recalled", "recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
