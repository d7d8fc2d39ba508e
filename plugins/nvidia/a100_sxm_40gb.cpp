#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 108;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/a100-sxm-40gb.json";
constexpr const char* kNode =
    "MLPerf Training v0.7, NVIDIA's DGX A100 system description: 8 GPUs, compute 8x ConnectX-6 IB HDR 200 "
    "Gb/s";

constexpr HardwareInfo kInfo{
    .id = "A100-SXM-40GB", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 9.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 19.5 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 156 * tera, kTables},
    {spec::peak_bf16, 312 * tera, kTables},
    {spec::peak_fp16, 312 * tera, kTables},
    {spec::peak_int8, 624 * tera, kTables},
    {spec::peak_int4, 1248 * tera, kTables},
    {{"peak_bf16_sparse", "FLOP/s"}, 624 * tera, kTables, "the page shows 312 | 624*", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 624 * tera, kTables, "the page shows 312 | 624*", kSparse},
    {spec::memory_capacity, 40 * gibi, kConfig, "the 40 GB of the name are GiB, as for the 80 GB board"},
    {spec::memory_bandwidth, 1555 * giga, kConfig, "the MLPerf table agrees"},
    {spec::scaleup_bandwidth, 300 * giga, kLinks, "NVLink 3, 12 links; 600 GB/s counts both directions"},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 25 * giga, kNode, "200 Gb/s a GPU"},
    {spec::host_link_bandwidth, 32 * giga, "recalled", "PCIe 4 x16", kUnverified},
    {spec::power, 400, kSheet},
    {spec::price, 15000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, kTables, "streaming multiprocessors, from 192 KB of L1 each"},
    {spec::exponential_rate, 16.0 / 2048 * 312 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 40 * mebi, kTables, "L2"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
