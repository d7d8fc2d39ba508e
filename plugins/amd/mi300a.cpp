#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 228;

constexpr const char* kRocm = "github:ROCm/ROCm@e396b4898:docs/reference/gpu-arch-specs.rst";

constexpr HardwareInfo kInfo{.id = "MI300A", .vendor = "AMD", .family = "cdna3", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 61.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 122.6 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 490.3 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 980.6 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, 980.6 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp8, 1961.2 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 1961.2 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_bf16_sparse", "FLOP/s"}, 1961.2 * tera, "recalled", "the page shows both", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 1961.2 * tera, "recalled", "the page shows both", kSparse | kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"}, 3922.3 * tera, "recalled", "the page shows both", kSparse | kUnverified},
    {spec::memory_capacity, 128 * gibi, kRocm, "shared with 24 CPU cores"},
    {spec::memory_bandwidth, 5300 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 384 * giga, "recalled",
     "Infinity Fabric to three others; 768 GB/s counts both directions", kUnverified},
    {spec::scaleup_size, 4, "recalled", "a node of four, as in El Capitan", kUnverified},
    {spec::devices_per_node, 4, "recalled", "a node of four, as in El Capitan", kUnverified},
    {spec::power, 550, "recalled", "760 W with liquid cooling", kUnverified},
    {spec::cores, kCores, kRocm, "compute units"},
    {spec::exponential_rate, 16.0 / 2048 * 980.6 * tera,
     "recalled: AMD CDNA ISA guides, transcendentals at a quarter of the vector rate",
     "16 a clock and compute unit, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 256 * mebi, kRocm, "Infinity Cache; the L2 in front of it is 24 MiB"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
