// Tensix cores: each multiplies tiles of 32 x 32 held in its own SRAM.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 140;

constexpr const char* kPage = "Tenstorrent product page; recalled";
constexpr const char* kHunt = "github:dstackai/gpuhunt:constraints.py";

constexpr HardwareInfo kInfo{
    .id = "Tenstorrent-p150", .vendor = "Tenstorrent", .family = "blackhole", .kind = "npu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 387 * tera, kPage, "half of 8 bits; with all 140 cores, later boards enable 120",
     kUnverified},
    {spec::peak_fp8, 774 * tera, kPage,
     "block FP8, with all 140 cores; later boards enable 120 and reach 664", kUnverified},
    {spec::memory_capacity, 32 * gibi, kHunt},
    {spec::memory_bandwidth, 512 * giga, kPage, "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 400 * giga, kPage, "four ports of 800 GbE; recalled, not read", kUnverified},
    {spec::power, 300, kPage, "recalled, not read", kUnverified},
    {spec::cores, kCores, kPage, "Tensix cores; recalled, not read", kUnverified},
    {spec::scratchpad, 210 * mega, kPage, "SRAM of the cores", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, CoreTiles<kCores, 32, 32, 32>)
