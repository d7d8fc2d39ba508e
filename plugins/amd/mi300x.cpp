#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 304;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite AMD's MI300X page";
constexpr const char* kLinks =
    "github:stas00/ml-engineering@744d01e:network/README.md: xGMI, 7 links of 64 GB/s";
constexpr const char* kRocm = "github:ROCm/ROCm@e396b4898:docs/reference/gpu-arch-specs.rst";

constexpr HardwareInfo kInfo{.id = "MI300X", .vendor = "AMD", .family = "cdna3", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 81.7 * tera, kTables, "vector rate; recalled, not read", kUnverified},
    {spec::peak_fp32, 163.4 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 653.7 * tera, kTables},
    {spec::peak_bf16, 1307.4 * tera, kTables, "its summary rounds to 1,300"},
    {spec::peak_fp16, 1307.4 * tera, kTables, "its summary rounds to 1,300"},
    {spec::peak_fp8, 2614.9 * tera, kTables, "its summary rounds to 2,610"},
    {spec::peak_int8, 2614.9 * tera, kTables},
    {{"peak_bf16_sparse", "FLOP/s"}, 2614.9 * tera, kTables, "the page shows both", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 2614.9 * tera, kTables, "the page shows both", kSparse},
    {{"peak_fp8_sparse", "FLOP/s"}, 5229.8 * tera, kTables, "the page shows both", kSparse},
    {spec::memory_capacity, 192 * gibi, kRocm, "ROCm lists GiB: 8 stacks of 24 GiB; mlsysim agrees"},
    {spec::memory_bandwidth, 5300 * giga, kTables},
    {spec::scaleup_bandwidth, 448 * giga, kLinks,
     "all 7 links together: to one neighbour a device has 64 GB/s; 896 GB/s counts both directions"},
    {spec::scaleup_size, 8, kLinks, "a full mesh of 8"},
    {spec::power, 750, kTables},
    {spec::price, 15000, "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)",
     "list or street price", kUnverified},
    {spec::cores, kCores, kRocm, "compute units"},
    {spec::exponential_rate, 16.0 / 2048 * 1307.4 * tera,
     "recalled: AMD CDNA ISA guides, transcendentals at a quarter of the vector rate",
     "16 a clock and compute unit, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 256 * mebi, kRocm,
     "Infinity Cache; the L2 in front of it is 8 x 4 MiB, one a die"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
