#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kNode =
    "MLPerf Training v5.0, system descriptions: 143771 MiB; 8 GPUs, 4-way NVLink bridges";

constexpr HardwareInfo kInfo{
    .id = "H200-NVL-141GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 30 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 60 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 417.75 * tera, "recalled", "half of BF16", kUnverified},
    {spec::peak_bf16, 835.5 * tera, kSheet},
    {spec::peak_fp16, 835.5 * tera, kSheet},
    {spec::peak_fp8, 1670.5 * tera, kSheet},
    {spec::peak_int8, 1670.5 * tera, kSheet},
    {{"peak_bf16_sparse", "FLOP/s"}, 1671 * tera, "recalled", "the page's headline", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 1671 * tera, "recalled", "the page's headline", kSparse | kUnverified},
    {spec::memory_capacity, 143771 * mebi, kNode},
    {spec::memory_bandwidth, 4800 * giga, kSheet},
    {spec::scaleup_bandwidth, 450 * giga, "recalled",
     "NVLink bridge of 2 or 4 boards; 900 GB/s counts both directions", kUnverified},
    {spec::scaleup_size, 4, kNode, "boards on one bridge; 8 in a node"},
    {spec::devices_per_node, 8, kNode},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 600, kTables},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 4096 * 835.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
