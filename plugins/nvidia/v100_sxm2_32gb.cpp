#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 80;

constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kViewer = "github:hahnyuan/LLM-Viewer:hardwares/hardware_params.py";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/v100-sxm-32gb.json";

constexpr HardwareInfo kInfo{
    .id = "V100-SXM2-32GB", .vendor = "NVIDIA", .family = "volta", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 7.8 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 15.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 125 * tera, kConfig},
    {spec::peak_int8, 62 * tera, kViewer, "vector rate (dp4a): the tensor cores have no 8-bit integers"},
    {spec::memory_capacity, 32 * gibi, kConfig, "four HBM2 stacks of 8 GiB"},
    {spec::memory_bandwidth, 900 * giga, kConfig},
    {spec::scaleup_bandwidth, 150 * giga, kLinks, "NVLink 2, 6 links; 300 GB/s counts both directions"},
    {spec::scaleup_size, 8, "recalled", "a DGX-1 holds 8, in a cube mesh where not every pair has a link",
     kUnverified},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 300, kPrices},
    {spec::price, 10000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 125 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
