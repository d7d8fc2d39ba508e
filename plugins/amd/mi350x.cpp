#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 256;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";

constexpr HardwareInfo kInfo{.id = "MI350X", .vendor = "AMD", .family = "cdna4", .kind = "gpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 72.1 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 144.2 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_bf16, 2306.9 * tera, kSheet, "other tables round it to 2,300"},
    {spec::peak_fp16, 2306.9 * tera, kSheet, "other tables round it to 2,300"},
    {spec::peak_fp8, 4613.7 * tera, kSheet},
    {spec::peak_int8, 4613.7 * tera, kSheet},
    {spec::peak_fp4, 9227.5 * tera, kSheet, "MXFP4"},
    {{"peak_bf16_sparse", "FLOP/s"}, 4613.7 * tera, "recalled", "the page shows both", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 4613.7 * tera, "recalled", "the page shows both", kSparse | kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"}, 9227.5 * tera, "recalled", "the page shows both", kSparse | kUnverified},
    {spec::memory_capacity, 288 * gibi, kTables, "8 stacks of 36; read as GiB, as for the MI300X",
     kUnverified},
    {spec::memory_bandwidth, 8000 * giga, kTables},
    {spec::scaleup_bandwidth, 535.5 * giga, kLinks,
     "xGMI, 7 links of 76.5 GB/s; to one neighbour a device has 76.5"},
    {spec::scaleup_size, 8, kLinks, "a full mesh of 8"},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 1000, kTables},
    {spec::cores, kCores, "recalled", "compute units", kUnverified},
    {spec::exponential_rate, 32.0 / 4096 * 2306.9 * tera,
     "recalled: AMD CDNA 4 whitepaper, twice the transcendental rate of CDNA 3",
     "32 a clock and compute unit, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 256 * mebi, kTables, "Infinity Cache"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
