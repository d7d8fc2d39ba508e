#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 80;

constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/v100-pcie-32gb.json";

constexpr HardwareInfo kInfo{
    .id = "V100-PCIe-32GB", .vendor = "NVIDIA", .family = "volta", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 14 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 112 * tera, kConfig},
    {spec::peak_int8, 56 * tera, "recalled", "vector rate (dp4a): the tensor cores have no 8-bit integers",
     kUnverified},
    {spec::memory_capacity, 32 * gibi, kConfig},
    {spec::memory_bandwidth, 900 * giga, kConfig},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "no NVLink: PCIe 3 x16", kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 250, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 112 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
