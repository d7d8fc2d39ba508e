// A microcontroller: activations in SRAM, weights in flash, from where they are executed in place (wall 6),
// so that a step takes at least as long as one pass through the flash.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";
constexpr const char* kTrm =
    "ESP32-S3 Technical Reference Manual, chapter on processor instruction extensions (128-bit vectors); "
    "recalled";

constexpr HardwareInfo kInfo{
    .id = "ESP32-S3", .vendor = "Espressif", .family = "xtensa-lx7", .kind = "mcu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 2 * 16 * 2 * 240 * mega, kTrm,
     "2 cores x 16 multiply-accumulates x 240 MHz; kernels usually run on one. mlsysim has 2.4 GOP/s",
     kUnverified},
    {spec::peak_fp32, 500 * mega, kSim, "about one multiply-accumulate in two cycles, of both cores",
     kUnverified},
    {spec::memory_capacity, 512 * kibi, kTrm, "SRAM; mlsysim has 520 KiB, the older ESP32's", kUnverified},
    {spec::memory_bandwidth, 0.96 * giga, kSim,
     "SRAM: 4 B x 240 MHz; a vector load takes 16 B, which could make it four times that", kUnverified},
    {{"flash_capacity", "B"},
     4 * mega,
     kSim,
     "of a usual module; shown, not used: whether the weights fit into the flash is not checked",
     kUnverified},
    {spec::weight_source, weight_source::flash, kSim, "from a secondary source", kUnverified},
    {spec::stream_bandwidth, 80 * mega, kSim, "external flash over SPI; four lines at 80 MHz give 40",
     kUnverified},
    {spec::scaleup_size, 1, kSim, "from a secondary source", kUnverified},
    {spec::power, 0.4, kSim, "0.05 to 1.2 with the radio", kUnverified},
    {spec::embodied_carbon, 5, kSim, "of a module", kUnverified},
    {spec::cores, 2, kTrm, "recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
