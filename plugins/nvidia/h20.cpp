#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 78;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "H20", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1 * tera, "recalled", "cut for export", kUnverified},
    {spec::peak_fp32, 44 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 74 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 148 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, 148 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp8, 296 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 296 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 96 * gibi, "recalled",
     "the 96 GB of the name are read as GiB, as for its siblings", kUnverified},
    {spec::memory_bandwidth, 4000 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 450 * giga, "recalled", "NVLink 4, 18 links; 900 GB/s counts both directions",
     kUnverified},
    {spec::scaleup_size, 8, "recalled", "recalled, not read", kUnverified},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 400, kPrices},
    {spec::price, 13500, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 148 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 60 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
