#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPaper = "NVIDIA H100 page, as quoted: NVL 1,671 BF16 sparse, 350 to 400 W";
constexpr const char* kNode = "MLPerf Training v4.1, Fujitsu's system description: 95830 MiB";
constexpr const char* kNodes = "MLPerf Inference v3.1 to v5.0, system descriptions: nodes of up to 8";

constexpr HardwareInfo kInfo{
    .id = "H100-NVL-94GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 30 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 60 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 417.75 * tera, kPaper, "half of BF16"},
    {spec::peak_bf16, 835.5 * tera, kPaper, "half of the page's 1,671"},
    {spec::peak_fp16, 835.5 * tera, kPaper, "half of the page's 1,671"},
    {spec::peak_fp8, 1670.5 * tera, kSheet},
    {spec::peak_int8, 1670.5 * tera, kSheet},
    {{"peak_bf16_sparse", "FLOP/s"}, 1671 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 1671 * tera, kPaper, "the page's headline", kSparse},
    {spec::memory_capacity, 95830 * mebi, kNode},
    {spec::memory_bandwidth, 3938 * giga, kSheet, "other tables round it to 3,900", kUnverified},
    {spec::scaleup_bandwidth, 64 * giga, "recalled",
     "PCIe 5 x16, among all of a host; an NVLink bridge gives a pair 300 GB/s", kUnverified},
    {spec::scaleup_size, 8, kNodes},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 400, kTables, "may be set to 350 W"},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 4096 * 835.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
