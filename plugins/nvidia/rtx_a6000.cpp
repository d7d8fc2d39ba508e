#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 84;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/a6000-48gb.json";

constexpr HardwareInfo kInfo{
    .id = "RTX-A6000", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.2 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 38.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 77.4 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 154.8 * tera, kConfig},
    {spec::peak_fp16, 154.8 * tera, kConfig},
    {spec::peak_int8, 309.7 * tera, kConfig},
    {spec::peak_int4, 619.2 * tera, kConfig},
    {{"peak_fp16_sparse", "FLOP/s"}, 309.7 * tera, "recalled", "the sheet's headline", kSparse | kUnverified},
    {spec::memory_capacity, 48 * gibi, kConfig},
    {spec::memory_bandwidth, 768 * giga, kConfig},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "PCIe 4 x16; an NVLink bridge gives a pair 56 GB/s",
     kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 4650, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 154.8 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
