#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 142;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "RTX-6000-Ada", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.4 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 91.1 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 182 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 364 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, 364 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp8, 728 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 728 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 1457 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"}, 1457 * tera, "recalled", "the sheet's headline", kSparse | kUnverified},
    {spec::memory_capacity, 48 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 960 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 6800, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 364 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 96 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
