#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 128;

constexpr HardwareInfo kInfo{
    .id = "Max-1550", .vendor = "Intel", .family = "ponte-vecchio", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 52 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 52 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 419 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 839 * tera, "recalled", "128 cores x 4,096 FLOP x 1.6 GHz", kUnverified},
    {spec::peak_fp16, 839 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 1678 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 128 * gibi, "recalled", "8 stacks of HBM2e", kUnverified},
    {spec::memory_bandwidth, 3277 * giga, "recalled", "8 stacks x 409.6 GB/s", kUnverified},
    {spec::power, 600, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "Xe cores, in two stacks", kUnverified},
    {spec::last_level_cache, 408 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
