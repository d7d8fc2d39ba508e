#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 108;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kViewer = "github:hahnyuan/LLM-Viewer:hardwares/hardware_params.py";

constexpr HardwareInfo kInfo{
    .id = "A800-SXM-80GB", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 9.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 19.5 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 156 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 312 * tera, kViewer},
    {spec::peak_fp16, 312 * tera, kViewer},
    {spec::peak_int8, 624 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_int4, 1248 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_bf16_sparse", "FLOP/s"},
     624 * tera,
     "recalled",
     "the A100's page shows 312 | 624*",
     kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"},
     624 * tera,
     "recalled",
     "the A100's page shows 312 | 624*",
     kSparse | kUnverified},
    {spec::memory_capacity, 80 * gibi, kViewer, "the A100's; GiB as there"},
    {spec::memory_bandwidth, 2039 * giga, kViewer},
    {spec::scaleup_bandwidth, 200 * giga, "recalled",
     "NVLink 3 with 8 of 12 links, for export; 400 GB/s counts both directions", kUnverified},
    {spec::scaleup_size, 8, "recalled", "recalled, not read", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 400, kPrices},
    {spec::price, 12000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors, as the A100's", kUnverified},
    {spec::exponential_rate, 16.0 / 2048 * 312 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 40 * mebi, "recalled", "L2, as the A100's", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
