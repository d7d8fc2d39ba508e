#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 14;

constexpr HardwareInfo kInfo{
    .id = "Orin-AGX-32GB", .vendor = "NVIDIA", .family = "ampere", .kind = "soc", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 3.33 * tera, "recalled", "vector rate, 1,792 lanes at 0.93 GHz", kUnverified},
    {spec::peak_fp16, 26.7 * tera, "recalled", "half of the GPU's INT8", kUnverified},
    {spec::peak_int8, 53.3 * tera, "recalled",
     "of the GPU: the 64 GB module's by multiprocessors and clock; the headline is 200", kUnverified},
    {{"peak_int8_dla", "FLOP/s"},
     46 * tera,
     "recalled",
     "of the two deep-learning accelerators beside the GPU, not used for a prediction",
     kUnverified},
    {spec::memory_capacity, 32 * gibi, "recalled", "shared with the CPU", kUnverified},
    {spec::memory_bandwidth, 204.8 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 40, "recalled", "module", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 2048 * 26.7 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 4 * mebi, "recalled", "L2 of the GPU", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
