#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kDeepEp =
    "github:deepseek-ai/DeepEP@9fe9021:README.md: H800, NVLink about 160 GB/s at the most, ConnectX-7 400 "
    "Gb/s";

constexpr HardwareInfo kInfo{
    .id = "H800-SXM-80GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1 * tera, "recalled", "cut for export", kUnverified},
    {spec::peak_fp32, 67 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 494.7 * tera, "recalled", "as the H100", kUnverified},
    {spec::peak_bf16, 989.4 * tera, "recalled", "as the H100", kUnverified},
    {spec::peak_fp16, 989.4 * tera, "recalled", "as the H100", kUnverified},
    {spec::peak_fp8, 1978.9 * tera, "recalled", "as the H100", kUnverified},
    {spec::peak_int8, 1978.9 * tera, "recalled", "as the H100", kUnverified},
    {{"peak_bf16_sparse", "FLOP/s"}, 1978.9 * tera, "recalled", "as the H100", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 1978.9 * tera, "recalled", "as the H100", kSparse | kUnverified},
    {spec::memory_capacity, 80 * gibi, "recalled", "as the H100", kUnverified},
    {spec::memory_bandwidth, 3350 * giga, "recalled", "as the H100", kUnverified},
    {spec::scaleup_bandwidth, 200 * giga, "recalled",
     "NVLink 4 with 8 of 18 links, for export; DeepEP measures 160 at the most", kUnverified},
    {spec::scaleup_size, 8, "recalled", "recalled, not read", kUnverified},
    {spec::network_bandwidth, 50 * giga, kDeepEp, "400 Gb/s a GPU"},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 700, kPrices},
    {spec::price, 30000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors, as the H100", kUnverified},
    {spec::exponential_rate, 16.0 / 4096 * 989.4 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, "recalled", "L2, as the H100", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
