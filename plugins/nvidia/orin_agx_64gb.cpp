#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 16;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "Orin-AGX-64GB", .vendor = "NVIDIA", .family = "ampere", .kind = "soc", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 5.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 42.5 * tera, "recalled", "half of the GPU's INT8", kUnverified},
    {spec::peak_int8, 85 * tera, kSheet,
     "of the GPU; the headline of 275 counts sparsity and the two accelerators beside it"},
    {{"peak_int8_dla", "FLOP/s"},
     52.5 * tera,
     kSheet,
     "of the two deep-learning accelerators beside the GPU, not used for a prediction"},
    {{"peak_int8_sparse", "FLOP/s"}, 170 * tera, "recalled", "of the GPU", kSparse | kUnverified},
    {spec::memory_capacity, 64 * gibi, kSheet, "shared with the CPU"},
    {spec::memory_bandwidth, 204.8 * giga, kSheet},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 60, kSheet, "module; modes of 15, 30 and 50 W lower its clocks"},
    {spec::price, 2000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 2048 * 42.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 4 * mebi, "recalled", "L2 of the GPU", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
