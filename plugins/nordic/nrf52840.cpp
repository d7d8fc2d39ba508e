// A microcontroller: activations in SRAM, weights in flash, from where they are executed in place (wall 6),
// so that a step takes at least as long as one pass through the flash.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";
constexpr const char* kTrm =
    "Arm Cortex-M4 Technical Reference Manual (SMLAD: two 16-bit multiply-accumulates in a cycle); recalled";

constexpr HardwareInfo kInfo{
    .id = "nRF52840", .vendor = "Nordic", .family = "cortex-m4", .kind = "mcu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 256 * mega, kTrm,
     "2 multiply-accumulates x 64 MHz: 8-bit kernels widen to 16 bits. mlsysim counts one a cycle, 128",
     kUnverified},
    {spec::peak_fp32, 64 * mega, kSim, "one multiply-accumulate in two cycles", kUnverified},
    {spec::memory_capacity, 256 * kibi, kSim, "SRAM", kUnverified},
    {spec::memory_bandwidth, 256 * mega, kSim, "SRAM: 4 B x 64 MHz", kUnverified},
    {{"flash_capacity", "B"},
     1 * mebi,
     kSim,
     "shown, not used: whether the weights fit into the flash is not checked",
     kUnverified},
    {spec::weight_source, weight_source::flash, kSim, "from a secondary source", kUnverified},
    {spec::stream_bandwidth, 64 * mega, kSim, "flash, behind its cache", kUnverified},
    {spec::scaleup_size, 1, kSim, "from a secondary source", kUnverified},
    {spec::power, 0.015, kSim, "running from flash", kUnverified},
    {spec::cores, 1, kSim, "from a secondary source", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
