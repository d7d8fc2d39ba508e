#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 68;

constexpr const char* kMlco2 = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "RTX-3080-10GB", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 29.77 * tera, kMlco2, "vector rate"},
    {spec::peak_tf32, 29.8 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 59.5 * tera, "recalled", "sums in FP32", kUnverified},
    {spec::peak_fp16, 59.5 * tera, "recalled", "sums in FP32; 119 with sums in FP16", kUnverified},
    {spec::peak_int8, 238 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 476 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 10 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 760 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 320, kMlco2},
    {spec::price, 800, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 59.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 5 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
