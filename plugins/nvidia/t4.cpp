#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 40;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kMlco2 = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kNode = "MLPerf Inference v2.0 to v5.1, system descriptions: nodes of 1 and 2";

constexpr HardwareInfo kInfo{.id = "T4", .vendor = "NVIDIA", .family = "turing", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 8.141 * tera, kMlco2, "vector rate"},
    {spec::peak_fp16, 65.13 * tera, kMlco2, "the MLPerf table rounds it to 65"},
    {spec::peak_int8, 130 * tera, kSheet},
    {spec::peak_int4, 260 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::memory_capacity, 16 * gibi, kSheet, "error correction keeps a part: software sees 15 GiB"},
    {spec::memory_bandwidth, 320 * giga, kSheet},
    {spec::scaleup_bandwidth, 16 * giga, "recalled", "no NVLink: PCIe 3 x16", kUnverified},
    {spec::scaleup_size, 2, kNode},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 70, kSheet, "mlco2 agrees"},
    {spec::price, 2000, kPrices, "list or street price; mlsysim has 2,500", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 65.13 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 4 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
