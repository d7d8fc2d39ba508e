#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kNode = "MLPerf Inference v3.1 to v5.1, system descriptions: one superchip a node";

constexpr HardwareInfo kInfo{
    .id = "GH200-96GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 34 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 67 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 494.7 * tera, "recalled", "half of BF16", kUnverified},
    {spec::peak_bf16, 989.4 * tera, kSheet},
    {spec::peak_fp16, 989.4 * tera, kSheet},
    {spec::peak_fp8, 1978.9 * tera, kSheet},
    {spec::peak_int8, 1978.9 * tera, kSheet},
    {{"peak_bf16_sparse", "FLOP/s"}, 1978.9 * tera, "recalled", "as the H100's page", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 1978.9 * tera, "recalled", "as the H100's page", kSparse | kUnverified},
    {spec::memory_capacity, 96 * gibi, kSheet,
     "HBM3; the 96 GB of the name are read as GiB, as for its siblings"},
    {spec::memory_bandwidth, 4000 * giga, kSheet},
    {spec::scaleup_bandwidth, 450 * giga, kLinks,
     "NVLink 4, 18 links, where superchips are joined; 900 GB/s counts both directions"},
    {spec::scaleup_size, 1, kNode, "the usual node has one; NVL32 racks join 32"},
    {spec::devices_per_node, 1, kNode},
    {spec::host_link_bandwidth, 450 * giga, kLinks,
     "NVLink-C2C to the Grace CPU's LPDDR5X; 900 GB/s counts both directions"},
    {spec::power, 1000, kSheet, "the whole module, CPU included; ml-engineering has 900", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 4096 * 989.4 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
