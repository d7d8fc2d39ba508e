#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 64;

constexpr const char* kNode = "MLPerf Training v2.1 to v3.1, system descriptions: 2 GPUs of 24 GB";

constexpr HardwareInfo kInfo{
    .id = "RTX-A5000", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 27.8 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 55.6 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 111.1 * tera, "recalled", "half of the sheet's 222.2 with sparsity", kUnverified},
    {spec::peak_fp16, 111.1 * tera, "recalled", "half of the sheet's 222.2 with sparsity", kUnverified},
    {spec::peak_int8, 222.2 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 222.2 * tera, "recalled", "the sheet's headline", kSparse | kUnverified},
    {spec::memory_capacity, 24 * gibi, kNode},
    {spec::memory_bandwidth, 768 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "PCIe 4 x16; an NVLink bridge gives a pair 56 GB/s",
     kUnverified},
    {spec::scaleup_size, 2, kNode},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 230, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 111.1 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
