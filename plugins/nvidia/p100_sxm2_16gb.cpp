#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 56;

constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";

constexpr HardwareInfo kInfo{
    .id = "P100-SXM2-16GB", .vendor = "NVIDIA", .family = "pascal", .kind = "gpu", .year = 2016};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 5.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 10.6 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 21.2 * tera, "recalled", "vector rate: the chip has no tensor cores", kUnverified},
    {spec::memory_capacity, 16 * gibi, "recalled", "four HBM2 stacks of 4 GiB", kUnverified},
    {spec::memory_bandwidth, 732 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 80 * giga, kLinks, "NVLink 1, 4 links; 160 GB/s counts both directions"},
    {spec::scaleup_size, 8, "recalled", "a DGX-1 holds 8, in a cube mesh where not every pair has a link",
     kUnverified},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 7000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 256 * 21.2 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 256 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 4 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
