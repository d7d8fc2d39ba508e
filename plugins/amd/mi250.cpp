#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 208;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kRocm = "github:ROCm/ROCm@e396b4898:docs/reference/gpu-arch-specs.rst";

constexpr HardwareInfo kInfo{.id = "MI250", .vendor = "AMD", .family = "cdna2", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 45.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 45.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_bf16, 362 * tera, kTables, "of the package: two dies, which software sees as two devices"},
    {spec::peak_fp16, 362 * tera, kTables, "of the package"},
    {spec::peak_int8, 362 * tera, kTables},
    {spec::peak_int4, 362 * tera, kTables, "no faster than INT8"},
    {spec::memory_capacity, 128 * gibi, kRocm},
    {spec::memory_bandwidth, 3280 * giga, kTables},
    {spec::power, 560, kTables},
    {spec::price, 10000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, kRocm, "compute units of both dies"},
    {spec::exponential_rate, 16.0 / 1024 * 362 * tera,
     "recalled: AMD CDNA ISA guides, transcendentals at a quarter of the vector rate",
     "16 a clock and compute unit, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 16 * mebi, kRocm, "L2, 8 MiB a die"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
