#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 142;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kViewer = "github:hahnyuan/LLM-Viewer:hardwares/hardware_params.py";
constexpr const char* kNode = "MLPerf Inference v3.0 to v4.0, system descriptions: nodes of up to 10";

constexpr HardwareInfo kInfo{.id = "L40", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.4 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 90.5 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 90.5 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 181.05 * tera, kSheet},
    {spec::peak_fp16, 181.05 * tera, kSheet, "half of an L40S, sums in FP32 at half rate"},
    {spec::peak_fp8, 362 * tera, kSheet},
    {spec::peak_int8, 362 * tera, kViewer, "the MLPerf table agrees"},
    {spec::peak_int4, 724 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"},
     362.1 * tera,
     "recalled",
     "the sheet shows 181.05 | 362.1*",
     kSparse | kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"},
     724 * tera,
     "recalled",
     "the sheet shows 362 | 724*",
     kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"},
     724 * tera,
     "recalled",
     "the sheet shows 362 | 724*",
     kSparse | kUnverified},
    {spec::memory_capacity, 48 * gibi, kSheet,
     "error correction keeps a sixteenth: software sees 45 GiB, as on the L40S"},
    {spec::memory_bandwidth, 864 * giga, kViewer, "the MLPerf table agrees"},
    {spec::scaleup_bandwidth, 32 * giga, "recalled", "no NVLink: PCIe 4 x16", kUnverified},
    {spec::scaleup_size, 8, kNode},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 300, kSheet},
    {spec::price, 7500, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 512 * 181.05 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 512 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 96 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
