#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 48;

constexpr const char* kNode = "MLPerf Inference v5.1, HPE ProLiant ML30 Gen11: one card of 20 GB";

constexpr HardwareInfo kInfo{
    .id = "RTX-4000-Ada", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 26.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_bf16, 106.9 * tera, "recalled",
     "four times FP32; NVIDIA's 327.6 for FP8 with sparsity is less than the clock gives", kUnverified},
    {spec::peak_fp16, 106.9 * tera, "recalled",
     "four times FP32; NVIDIA's 327.6 for FP8 with sparsity is less than the clock gives", kUnverified},
    {spec::peak_fp8, 213.8 * tera, "recalled", "eight times FP32, as on its larger siblings", kUnverified},
    {spec::peak_int8, 213.8 * tera, "recalled", "eight times FP32, as on its larger siblings", kUnverified},
    {spec::memory_capacity, 20 * gibi, kNode, "error correction may keep a part", kUnverified},
    {spec::memory_bandwidth, 360 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 1, kNode},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 130, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 106.9 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 48 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
