#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 6;

constexpr HardwareInfo kInfo{
    .id = "Xavier-NX", .vendor = "NVIDIA", .family = "volta", .kind = "soc", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 0.845 * tera, "recalled", "vector rate, 384 lanes at 1.1 GHz", kUnverified},
    {spec::peak_fp16, 6 * tera, "recalled", "half of the GPU's INT8", kUnverified},
    {spec::peak_int8, 12 * tera, "recalled", "of the GPU; with its accelerators 21", kUnverified},
    {{"peak_int8_dla", "FLOP/s"},
     9 * tera,
     "recalled",
     "of the two deep-learning accelerators beside the GPU, not used for a prediction",
     kUnverified},
    {spec::memory_capacity, 8 * gibi, "recalled", "shared with the CPU", kUnverified},
    {spec::memory_bandwidth, 59.7 * giga, "recalled", "51.2 in the first sheets", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 15, "recalled", "module; 20 W in a later mode", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 6 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 0.5 * mebi, "recalled", "L2 of the GPU", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
