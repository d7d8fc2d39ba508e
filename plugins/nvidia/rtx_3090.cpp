#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 82;

constexpr const char* kMlco2 = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "RTX-3090", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 0.56 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 35.58 * tera, kMlco2, "vector rate"},
    {spec::peak_tf32, 35.6 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 71 * tera, "recalled", "sums in FP32", kUnverified},
    {spec::peak_fp16, 71 * tera, "recalled", "sums in FP32; 142 with sums in FP16", kUnverified},
    {spec::peak_int8, 284 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 568 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_int8_sparse", "FLOP/s"}, 568 * tera, "recalled", "the headline", kSparse | kUnverified},
    {spec::memory_capacity, 24 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 936 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "PCIe 4 x16; an NVLink bridge gives a pair 56 GB/s",
     kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 350, kPrices},
    {spec::price, 1500, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 71 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
