#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 84;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kViewer = "github:hahnyuan/LLM-Viewer:hardwares/hardware_params.py";
constexpr const char* kNode = "MLPerf Inference v2.0 to v3.1, system descriptions: nodes of up to 8";

constexpr HardwareInfo kInfo{
    .id = "A40", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 0.58 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 37.4 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 74.8 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 149.7 * tera, kViewer},
    {spec::peak_fp16, 149.7 * tera, kViewer, "the MLPerf table agrees"},
    {spec::peak_int8, 299.3 * tera, kViewer, "the MLPerf table agrees"},
    {spec::peak_int4, 598.7 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"},
     299.4 * tera,
     "recalled",
     "the sheet shows 149.7 | 299.4*",
     kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"},
     598.6 * tera,
     "recalled",
     "the sheet shows 299.3 | 598.6*",
     kSparse | kUnverified},
    {spec::memory_capacity, 48 * gibi, kSheet, "error correction keeps a sixteenth: software sees 45 GiB"},
    {spec::memory_bandwidth, 696 * giga, kViewer, "the MLPerf table agrees"},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "PCIe 4 x16; an NVLink bridge gives a pair 56 GB/s",
     kUnverified},
    {spec::scaleup_size, 8, kNode},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kSheet},
    {spec::price, 5500, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 149.7 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
