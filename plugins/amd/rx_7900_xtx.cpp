#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 96;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kNode = "MLPerf Training v4.0 to v5.0, system descriptions: 6 GPUs of 24 GB a node";

constexpr HardwareInfo kInfo{
    .id = "RX-7900-XTX", .vendor = "AMD", .family = "rdna3", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.9 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 61.4 * tera, "recalled", "vector rate, two operations a lane", kUnverified},
    {spec::peak_bf16, 122.8 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, 122.8 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 122.8 * tera, "recalled", "no faster than FP16", kUnverified},
    {spec::peak_int4, 245.6 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 24 * gibi, kNode},
    {spec::memory_bandwidth, 960 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 6, kNode, "GPUs behind one host"},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 355, kPrices},
    {spec::price, 1000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "compute units", kUnverified},
    {spec::last_level_cache, 96 * mebi, "recalled", "Infinity Cache", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
