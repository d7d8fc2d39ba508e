#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr HardwareInfo kInfo{
    .id = "Warboy", .vendor = "FuriosaAI", .family = "warboy", .kind = "npu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 64 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 16 * gibi, "recalled", "LPDDR4X", kUnverified},
    {spec::memory_bandwidth, 66 * giga, "recalled", "LPDDR4X", kUnverified},
    {spec::power, 60, "recalled", "the upper of 40 to 60", kUnverified},
    {spec::scratchpad, 32 * mebi, "recalled", "SRAM", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
