#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 80;

constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/a10g-pcie-24gb.json";
constexpr const char* kNode = "MLPerf Training v3.1, system description: 22.06 GB of memory";

constexpr HardwareInfo kInfo{
    .id = "A10G", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 35 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 35 * tera, "recalled", "half rate with sums in FP32", kUnverified},
    {spec::peak_bf16, 70 * tera, kConfig,
     "dense, sums in FP32; AWS's sheet shows 70 | 140 and does not say for which sums", kUnverified},
    {spec::peak_fp16, 70 * tera, kConfig,
     "dense, sums in FP32; AWS's sheet shows 70 | 140 and does not say for which sums", kUnverified},
    {spec::peak_int8, 140 * tera, kConfig,
     "the sheet's 250 TOPS would be the full rate of 80 multiprocessors", kUnverified},
    {spec::peak_int4, 280 * tera, kConfig, "as for INT8", kUnverified},
    {spec::memory_capacity, 22.05 * gibi, kNode,
     "24 GiB with error correction on; the description's 22.056640625 GB are read as GiB", kUnverified},
    {spec::memory_bandwidth, 600 * giga, kConfig},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 8, "recalled", "AWS g5.48xlarge: 8 behind one host", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors, from AWS's 320 tensor cores", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 70 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
