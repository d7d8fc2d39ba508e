#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 20;

constexpr HardwareInfo kInfo{
    .id = "Jetson-AGX-Thor", .vendor = "NVIDIA", .family = "blackwell", .kind = "soc", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 8.06 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 258.8 * tera, "recalled", "an eighth of the headline's 2,070 for FP4 with sparsity",
     kUnverified},
    {spec::peak_bf16, 258.8 * tera, "recalled", "an eighth of the headline's 2,070 for FP4 with sparsity",
     kUnverified},
    {spec::peak_fp8, 517.5 * tera, "recalled", "half of the 1,035 with sparsity", kUnverified},
    {spec::peak_fp4, 1035 * tera, "recalled", "half of the headline's 2,070 with sparsity", kUnverified},
    {{"peak_fp4_sparse", "FLOP/s"}, 2070 * tera, "recalled", "the headline", kSparse | kUnverified},
    {spec::memory_capacity, 128 * gibi, "recalled", "shared with the CPU", kUnverified},
    {spec::memory_bandwidth, 273 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 130, "recalled", "module", kUnverified},
    {spec::price, 3499, "recalled", "developer kit", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 8192 * 258.8 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 8,192 FLOP of fp16 in it", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
