#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 80;

constexpr const char* kNode = "MLPerf Training v0.7, Dell's system description: 8 GPUs of 32 GB a node";

constexpr HardwareInfo kInfo{
    .id = "V100S-PCIe-32GB", .vendor = "NVIDIA", .family = "volta", .kind = "gpu", .year = 2019};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 8.2 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 16.4 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 130 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 32 * gibi, kNode},
    {spec::memory_bandwidth, 1134 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "no NVLink: PCIe 3 x16", kUnverified},
    {spec::scaleup_size, 8, kNode},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 250, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 130 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
