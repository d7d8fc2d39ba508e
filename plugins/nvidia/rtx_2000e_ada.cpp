#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 22;

constexpr const char* kNode = "MLPerf Inference v5.1, Lenovo ThinkEdge SE100: one card of 16 GB";

constexpr HardwareInfo kInfo{
    .id = "RTX-2000E-Ada", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 8.9 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_bf16, 35.6 * tera, "recalled", "four times FP32, as on its larger siblings", kUnverified},
    {spec::peak_fp16, 35.6 * tera, "recalled", "four times FP32, as on its larger siblings", kUnverified},
    {spec::peak_fp8, 71.2 * tera, "recalled", "eight times FP32, as on its larger siblings", kUnverified},
    {spec::peak_int8, 71.2 * tera, "recalled", "eight times FP32, as on its larger siblings", kUnverified},
    {spec::memory_capacity, 16 * gibi, kNode, "error correction may keep a part", kUnverified},
    {spec::memory_bandwidth, 224 * giga, "recalled", "other tables have 256, at 16 Gb/s a pin", kUnverified},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "no NVLink: PCIe 4 x8", kUnverified},
    {spec::scaleup_size, 1, kNode},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 4 x8", kUnverified},
    {spec::power, 50, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 35.6 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
