// A card whose "performance memory" is SRAM that multiplies in place; its LPDDR5 ("capacity memory") streams:
// --set weight_source=host. 16-bit rates are not published.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";

constexpr HardwareInfo kInfo{
    .id = "dMatrix-Corsair", .vendor = "d-Matrix", .family = "corsair", .kind = "npu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 2400 * tera, kSim, "MXINT8, which mlsysim takes for FP16", kUnverified},
    {spec::peak_int4, 9600 * tera, "recalled", "MXINT4", kUnverified},
    {spec::memory_capacity, 2 * giga, kSim, "SRAM", kUnverified},
    {spec::memory_bandwidth, 150 * tera, kSim, "of the SRAM", kUnverified},
    {{"lpddr_capacity", "B"}, 256 * giga, "recalled", "shown, not used", kUnverified},
    {spec::stream_bandwidth, 400 * giga, "recalled", "LPDDR5", kUnverified},
    {spec::power, 600, kSim, "from a secondary source", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
