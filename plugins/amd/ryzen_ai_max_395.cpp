#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 40;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "Ryzen-AI-Max+-395", .vendor = "AMD", .family = "rdna3.5", .kind = "soc", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 29.7 * tera, "recalled", "vector rate of the GPU, two operations a lane", kUnverified},
    {spec::peak_bf16, 59.4 * tera, "recalled", "of the GPU; the headline of 126 TOPS adds CPU and NPU",
     kUnverified},
    {spec::peak_fp16, 59.4 * tera, "recalled", "of the GPU; the headline of 126 TOPS adds CPU and NPU",
     kUnverified},
    {spec::memory_capacity, 128 * gibi, "recalled",
     "shared with the CPU; the GPU may be given 96 GiB under Windows", kUnverified},
    {spec::memory_bandwidth, 256 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 120, kPrices, "of the chip"},
    {spec::price, 1500, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "compute units", kUnverified},
    {spec::last_level_cache, 32 * mebi, "recalled", "MALL", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
