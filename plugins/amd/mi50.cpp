#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 60;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kRocm = "github:ROCm/ROCm@e396b4898:docs/reference/gpu-arch-specs.rst";

constexpr HardwareInfo kInfo{.id = "MI50", .vendor = "AMD", .family = "gcn5", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 6.6 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 13.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 26.5 * tera, "recalled", "vector rate: the chip has no matrix cores", kUnverified},
    {spec::peak_int8, 53 * tera, "recalled", "vector rate", kUnverified},
    {spec::memory_capacity, 32 * gibi, kRocm, "there was one of 16 GiB too"},
    {spec::memory_bandwidth, 1024 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 92 * giga, "recalled",
     "Infinity Fabric, two links of a ring; 184 GB/s counts both directions", kUnverified},
    {spec::scaleup_size, 4, "recalled", "recalled, not read", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 1800, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, kRocm, "compute units"},
    {spec::last_level_cache, 4 * mebi, kRocm, "L2"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
