#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 128;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kMlco2 = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kNode = "MLPerf Training v4.0 to v5.0, system descriptions: 6 GPUs of 24 GB a node";

constexpr HardwareInfo kInfo{
    .id = "RTX-4090", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 82.6 * tera, kMlco2, "vector rate"},
    {spec::peak_tf32, 82.6 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 165.2 * tera, kSheet, "sums in FP32"},
    {spec::peak_fp16, 165.2 * tera, kSheet, "sums in FP32; twice that with sums in FP16"},
    {spec::peak_fp8, 330.3 * tera, kSheet, "sums in FP32; twice that with sums in FP16"},
    {spec::peak_int8, 660.6 * tera, kSheet},
    {spec::peak_int4, 1321 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"},
     660.6 * tera,
     "recalled",
     "sums in FP32; the headline of 1,321 has sums in FP16",
     kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"}, 1321 * tera, "recalled", "the headline", kSparse | kUnverified},
    {spec::memory_capacity, 24 * gibi, kNode},
    {spec::memory_bandwidth, 1008 * giga, kSheet},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16; no peer-to-peer either",
     kUnverified},
    {spec::scaleup_size, 6, kNode, "GPUs behind one host"},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 450, kSheet},
    {spec::price, 1600, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 165.2 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 72 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
