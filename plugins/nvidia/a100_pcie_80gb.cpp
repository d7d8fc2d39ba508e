#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>
#include <ironlaw/variants.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 108;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/a100_pcie.yaml";
constexpr const char* kNode =
    "MLPerf Training v1.1 to v3.0, Dell's system descriptions: 4 GPUs, 1x ConnectX-5 IB EDR or Omni-Path 100 "
    "Gb/s";

constexpr HardwareInfo kInfo{
    .id = "A100-PCIe-80GB", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 9.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 19.5 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 156 * tera, kTables},
    {spec::peak_bf16, 312 * tera, kAic},
    {spec::peak_fp16, 312 * tera, kAic},
    {spec::peak_int8, 624 * tera, kAic},
    {spec::peak_int4, 1248 * tera, kTables},
    {{"peak_bf16_sparse", "FLOP/s"}, 624 * tera, kTables, "the page shows 312 | 624*", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 624 * tera, kTables, "the page shows 312 | 624*", kSparse},
    {spec::memory_capacity, 80 * gibi, kAic, "gpu_mem_capacity 85899345920"},
    {spec::memory_bandwidth, 1935 * giga, kAic, "the MLPerf table agrees"},
    {spec::scaleup_bandwidth, 32 * giga, kAic, "PCIe 4 x16; an NVLink bridge gives a pair 300 GB/s"},
    {spec::scaleup_size, 8, kAic, "GPUs behind one host"},
    {spec::network_bandwidth, 3.125 * giga, kNode,
     "one port of 100 Gb/s for 4 GPUs; aiconfigurator assumes 200 Gb/s a GPU"},
    {spec::host_link_bandwidth, 32 * giga, kAic, "PCIe 4 x16"},
    {spec::power, 300, kAic},
    {spec::price, 15000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, kTables, "streaming multiprocessors, from 192 KB of L1 each"},
    {spec::exponential_rate, 16.0 / 2048 * 312 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 40 * mebi, kTables, "L2"},
};

constexpr Partition kSlice{.slice_cores = 14, .slice_memory = 1, .chip_memory = 8};
constexpr HardwareInfo kSliceInfo{.id = "A100-PCIe-80GB-MIG-1x1g.10gb",
                                  .vendor = "NVIDIA",
                                  .family = "ampere",
                                  .kind = "gpu",
                                  .year = 2021};
constexpr auto kSliceSpecs = partition_specs<kSpecs, kSlice>();

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>,
                       Target<kSliceInfo, kSliceSpecs, GpuTiles<kSlice.slice_cores>>)
