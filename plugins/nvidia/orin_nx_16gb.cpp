#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 8;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";

constexpr HardwareInfo kInfo{
    .id = "Orin-NX-16GB", .vendor = "NVIDIA", .family = "ampere", .kind = "soc", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 1.88 * tera, "recalled", "vector rate, 1,024 lanes at 0.918 GHz", kUnverified},
    {spec::peak_fp16, 15 * tera, "recalled", "half of the GPU's INT8", kUnverified},
    {spec::peak_int8, 30 * tera, "recalled",
     "of the GPU, by multiprocessors and clock; with its accelerators 50 dense, 100 in the headline",
     kUnverified},
    {{"peak_int8_dla", "FLOP/s"},
     20 * tera,
     "recalled",
     "of the two deep-learning accelerators beside the GPU, not used for a prediction",
     kUnverified},
    {spec::memory_capacity, 16 * gibi, kSheet, "shared with the CPU"},
    {spec::memory_bandwidth, 102.4 * giga, kSheet},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 25, kSheet, "module; MLPerf's MaxQ rows ran at less"},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 2048 * 15 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
