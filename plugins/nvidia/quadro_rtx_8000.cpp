#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 72;

constexpr const char* kMlco2 = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kLambda = "github:lambdal/deeplearning-benchmark, price and power columns";

constexpr HardwareInfo kInfo{
    .id = "Quadro-RTX-8000", .vendor = "NVIDIA", .family = "turing", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 0.5 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 16.3 * tera, kMlco2, "vector rate"},
    {spec::peak_fp16, 130.5 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int8, 261 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 522 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 48 * gibi, "recalled", "recalled, not read", kUnverified},
    {spec::memory_bandwidth, 672 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "PCIe 3 x16; an NVLink bridge gives a pair 50 GB/s",
     kUnverified},
    {spec::scaleup_size, 8, "recalled", "GPUs behind one host", kUnverified},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 260, kLambda},
    {spec::price, 6037.5, kLambda, "a shop's price of its time", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 130.5 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
