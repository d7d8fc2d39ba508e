#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 32;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "Arc-A770", .vendor = "Intel", .family = "alchemist", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 19.7 * tera, "recalled", "vector rate at 2.4 GHz", kUnverified},
    {spec::peak_bf16, 137.6 * tera, "recalled", "matrix rate at 2.1 GHz", kUnverified},
    {spec::peak_fp16, 137.6 * tera, "recalled", "matrix rate at 2.1 GHz", kUnverified},
    {spec::peak_int8, 275 * tera, "recalled", "matrix rate at 2.1 GHz", kUnverified},
    {spec::memory_capacity, 16 * gibi, kPrices, "8 GB cards exist"},
    {spec::memory_bandwidth, 560 * giga, "recalled", "256 lines x 17.5 Gb/s", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 225, kPrices},
    {spec::price, 350, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "Xe cores", kUnverified},
    {spec::last_level_cache, 16 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
