#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 120;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kRocm = "github:ROCm/ROCm@e396b4898:docs/reference/gpu-arch-specs.rst";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/mi100-32gb.json";

constexpr HardwareInfo kInfo{.id = "MI100", .vendor = "AMD", .family = "cdna1", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 11.5 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 23.1 * tera, "recalled", "vector rate; matrix cores reach 46.1", kUnverified},
    {spec::peak_bf16, 92.3 * tera, "recalled", "half of FP16 on this chip", kUnverified},
    {spec::peak_fp16, 184.6 * tera, kConfig},
    {spec::peak_int8, 184.6 * tera, "recalled", "the configuration's 369.2 is not AMD's figure", kUnverified},
    {spec::memory_capacity, 32 * gibi, kRocm},
    {spec::memory_bandwidth, 1228.8 * giga, kConfig},
    {spec::scaleup_bandwidth, 138 * giga, "recalled",
     "Infinity Fabric, 3 links; 276 GB/s counts both directions", kUnverified},
    {spec::scaleup_size, 4, "recalled", "a bridge joins four", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 6400, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, kRocm, "compute units"},
    {spec::exponential_rate, 16.0 / 1024 * 184.6 * tera,
     "recalled: AMD CDNA ISA guides, transcendentals at a quarter of the vector rate",
     "16 a clock and compute unit, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 8 * mebi, kRocm, "L2"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
