#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr HardwareInfo kInfo{
    .id = "RBLN-ATOM", .vendor = "Rebellions", .family = "atom", .kind = "npu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp16, 32 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 128 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 16 * gibi, "recalled", "GDDR6", kUnverified},
    {spec::memory_bandwidth, 256 * giga, "recalled", "GDDR6", kUnverified},
    {spec::scratchpad, 64 * mebi, "recalled", "SRAM", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
