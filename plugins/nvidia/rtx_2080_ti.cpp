#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 68;

constexpr const char* kMlco2 = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "RTX-2080-Ti", .vendor = "NVIDIA", .family = "turing", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 13.45 * tera, kMlco2, "vector rate"},
    {spec::peak_fp16, 53.8 * tera, "recalled", "sums in FP32; 107.6 with sums in FP16", kUnverified},
    {spec::peak_int8, 215 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 430 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 11 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 616 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "PCIe 3 x16; an NVLink bridge gives a pair 50 GB/s",
     kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 250, kMlco2},
    {spec::price, 1000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 53.8 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 5.5 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
