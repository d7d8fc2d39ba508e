#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 48;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "DGX-Spark", .vendor = "NVIDIA", .family = "blackwell", .kind = "soc", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 31 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_bf16, 125 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, 125 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp8, 250 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 250 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp4, 500 * tera, "recalled", "half of the headline's 1 PFLOP/s", kUnverified},
    {{"peak_fp4_sparse", "FLOP/s"}, 1000 * tera, "recalled", "the headline", kSparse | kUnverified},
    {spec::memory_capacity, 128 * giga, "recalled",
     "of chip GB10, shared with its CPU; software sees 119 GiB, which are 128e9 B", kUnverified},
    {spec::memory_bandwidth, 273 * giga, "recalled", "mlsysim agrees", kUnverified},
    {spec::scaleup_bandwidth, 25 * giga, "recalled", "ConnectX-7, 200 Gb/s between two machines",
     kUnverified},
    {spec::scaleup_size, 2, "recalled", "recalled, not read", kUnverified},
    {spec::devices_per_node, 1, "recalled", "a desktop", kUnverified},
    {spec::power, 140, kPrices, "of the chip; mlsysim has 200 for the machine"},
    {spec::price, 3999, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 125 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 24 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
