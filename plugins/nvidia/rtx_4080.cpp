#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 76;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "RTX-4080", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 0.76 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 48.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 48.7 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 97.5 * tera, "recalled", "sums in FP32", kUnverified},
    {spec::peak_fp16, 97.5 * tera, "recalled", "sums in FP32; 195 with sums in FP16", kUnverified},
    {spec::peak_fp8, 195 * tera, "recalled", "sums in FP32", kUnverified},
    {spec::peak_int8, 390 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 780 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 16 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 717 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 320, kPrices},
    {spec::price, 1200, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 97.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 64 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
