#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 104;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kRocm = "github:ROCm/ROCm@e396b4898:docs/reference/gpu-arch-specs.rst";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/mi210-64gb.json";

constexpr HardwareInfo kInfo{.id = "MI210", .vendor = "AMD", .family = "cdna2", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 22.6 * tera, "recalled", "vector rate; matrix cores reach 45.3", kUnverified},
    {spec::peak_fp32, 22.6 * tera, "recalled", "vector rate; matrix cores reach 45.3", kUnverified},
    {spec::peak_bf16, 181 * tera, kConfig},
    {spec::peak_fp16, 181 * tera, kConfig},
    {spec::peak_int8, 181 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 181 * tera, "recalled", "no faster than INT8", kUnverified},
    {spec::memory_capacity, 64 * gibi, kRocm},
    {spec::memory_bandwidth, 1638 * giga, kConfig},
    {spec::scaleup_bandwidth, 150 * giga, "recalled",
     "Infinity Fabric, 3 links; 300 GB/s counts both directions", kUnverified},
    {spec::scaleup_size, 4, "recalled", "a bridge joins two or four", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 8000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, kRocm, "compute units"},
    {spec::exponential_rate, 16.0 / 1024 * 181 * tera,
     "recalled: AMD CDNA ISA guides, transcendentals at a quarter of the vector rate",
     "16 a clock and compute unit, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 8 * mebi, kRocm, "L2"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
