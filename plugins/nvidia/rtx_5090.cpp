#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 170;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "RTX-5090", .vendor = "NVIDIA", .family = "blackwell", .kind = "gpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.6 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 104.8 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 104.8 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 209.5 * tera, "recalled", "sums in FP32", kUnverified},
    {spec::peak_fp16, 209.5 * tera, "recalled", "sums in FP32; twice that with sums in FP16", kUnverified},
    {spec::peak_fp8, 419 * tera, "recalled", "sums in FP32; twice that with sums in FP16", kUnverified},
    {spec::peak_int8, 838 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp4, 1676 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp4_sparse", "FLOP/s"},
     3352 * tera,
     "recalled",
     "the headline's 3,352 AI TOPS",
     kSparse | kUnverified},
    {spec::memory_capacity, 32 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 1792 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 64 * giga, "recalled", "no NVLink: PCIe 5 x16; no peer-to-peer either",
     kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 575, kPrices},
    {spec::price, 2000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 209.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 96 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
