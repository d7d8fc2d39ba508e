#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>
#include <ironlaw/variants.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 108;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite NVIDIA's A100 page";
constexpr const char* kLaunch =
    "https://www.tweaktown.com/news/72487/nvidia-ampere-a100-specs-54-billion-transistors-40gb-hbm2-7nm-tsmc/"
    "index.html, the launch's figures with sparsity";
constexpr const char* kNode =
    "MLPerf Training v2.1, NVIDIA's DGX A100 system description: 8 GPUs, compute 8x ConnectX-6 IB HDR 200 "
    "Gb/s";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/a100_sxm.yaml";

constexpr HardwareInfo kInfo{
    .id = "A100-SXM-80GB", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 9.7 * tera, kTables, "vector rate; recalled, not read", kUnverified},
    {spec::peak_fp32, 19.5 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 156 * tera, kTables},
    {spec::peak_bf16, 312 * tera, kTables},
    {spec::peak_fp16, 312 * tera, kTables},
    {spec::peak_int8, 624 * tera, kTables},
    {spec::peak_int4, 1248 * tera, kTables},
    {{"peak_bf16_sparse", "FLOP/s"}, 624 * tera, kTables, "the page shows 312 | 624*", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 624 * tera, kTables, "the page shows 312 | 624*", kSparse},
    {{"peak_tf32_sparse", "FLOP/s"}, 312 * tera, kLaunch, "twice the dense 156, as for BF16", kSparse},
    {{"peak_int8_sparse", "FLOP/s"}, 1248 * tera, kLaunch, "twice the dense 624, as for BF16", kSparse},
    {spec::memory_capacity, 80 * gibi, kAic, "the 80 GB of the name are GiB: gpu_mem_capacity 85899345920"},
    {spec::memory_bandwidth, 2039 * giga, kAic, "ml-engineering's tables agree"},
    {spec::scaleup_bandwidth, 300 * giga, kAic, "NVLink 3, 12 links; 600 GB/s counts both directions"},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 25 * giga, kNode, "200 Gb/s a GPU"},
    {spec::host_link_bandwidth, 32 * giga, kAic, "PCIe 4 x16"},
    {spec::power, 400, kTables, "the CTS variant may draw 500 W"},
    {spec::price, 15000, "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)",
     "list or street price", kUnverified},
    {spec::embodied_carbon, 150, "mlsysim registry, embodied: Luccioni et al. 2023 (BLOOM)",
     "what that paper assumes for the GPU", kUnverified},
    {spec::cores, kCores, kTables, "streaming multiprocessors, from 192 KB of L1 each"},
    {spec::exponential_rate, 16.0 / 2048 * 312 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 40 * mebi, kTables, "L2"},
};

// The custom thermal solution: the same board, allowed to draw more.
constexpr HardwareInfo kCtsInfo{
    .id = "A100-SXM-80GB-CTS", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};
constexpr auto kCtsSpecs =
    with_figure<kSpecs>({spec::power, 500, kTables, "what its clock gains is not published"});

constexpr Partition kSlice{.slice_cores = 14, .slice_memory = 1, .chip_memory = 8};
constexpr HardwareInfo kSliceInfo{
    .id = "A100-SXM-80GB-MIG-1x1g.10gb", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2020};
constexpr auto kSliceSpecs = partition_specs<kSpecs, kSlice>();

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>, Target<kCtsInfo, kCtsSpecs, GpuTiles<kCores>>,
                       Target<kSliceInfo, kSliceSpecs, GpuTiles<kSlice.slice_cores>>)
