#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 10;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kNode = "MLPerf Inference v2.0 to v5.1, system descriptions: nodes of 1 to 8";

constexpr HardwareInfo kInfo{.id = "A2", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 4.5 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 9 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 18 * tera, kSheet},
    {spec::peak_fp16, 18 * tera, kSheet},
    {spec::peak_int8, 36 * tera, kSheet},
    {spec::peak_int4, 72 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 36 * tera, "recalled", "twice the dense rate", kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"}, 72 * tera, "recalled", "twice the dense rate", kSparse | kUnverified},
    {spec::memory_capacity, 16 * gibi, kSheet, "error correction keeps a part: software sees 15 GiB"},
    {spec::memory_bandwidth, 200 * giga, kSheet},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "no NVLink: PCIe 4 x8", kUnverified},
    {spec::scaleup_size, 8, kNode},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 4 x8", kUnverified},
    {spec::power, 60, kSheet, "may be set to 40 W"},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 18 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 2 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
