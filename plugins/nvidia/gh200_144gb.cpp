#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kNode =
    "MLPerf Inference v4.1 to v5.1, system descriptions: one or two superchips a node";

constexpr HardwareInfo kInfo{
    .id = "GH200-144GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 34 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 67 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 494.7 * tera, kTables, "half of BF16"},
    {spec::peak_bf16, 989.4 * tera, kSheet, "ml-engineering rounds it to 989"},
    {spec::peak_fp16, 989.4 * tera, kSheet, "ml-engineering rounds it to 989"},
    {spec::peak_fp8, 1978.9 * tera, kSheet},
    {spec::peak_int8, 1978.9 * tera, kSheet},
    {{"peak_bf16_sparse", "FLOP/s"}, 1978.9 * tera, "recalled", "as the H100's page", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 1978.9 * tera, "recalled", "as the H100's page", kSparse | kUnverified},
    {spec::memory_capacity, 144 * gibi, kSheet,
     "HBM3e; ml-engineering has 141 GB; read as GiB, as for its siblings", kUnverified},
    {spec::memory_bandwidth, 4900 * giga, kSheet, "ml-engineering has 4,800", kUnverified},
    {spec::scaleup_bandwidth, 450 * giga, kLinks,
     "NVLink 4, 18 links, where superchips are joined; 900 GB/s counts both directions"},
    {spec::scaleup_size, 2, kNode, "GH200 NVL2"},
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
