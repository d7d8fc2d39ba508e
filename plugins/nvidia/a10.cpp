#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 72;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/a10-pcie-28gb.json (its memory size is "
    "wrong)";
constexpr const char* kNode = "MLPerf Inference v2.0 to v5.1, system descriptions: nodes of 1 to 4";

constexpr HardwareInfo kInfo{
    .id = "A10", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 31.2 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 62.5 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 125 * tera, kConfig},
    {spec::peak_fp16, 125 * tera, kConfig, "the MLPerf table agrees"},
    {spec::peak_int8, 250 * tera, kConfig, "the MLPerf table agrees"},
    {spec::peak_int4, 500 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 250 * tera, "recalled", "twice the dense rate", kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"}, 500 * tera, "recalled", "twice the dense rate", kSparse | kUnverified},
    {spec::memory_capacity, 24 * gibi, kSheet, "error correction keeps a part: software sees 22.5 GiB"},
    {spec::memory_bandwidth, 600 * giga, kSheet},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 4, kNode},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 150, kSheet},
    {spec::price, 3200, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 125 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
