#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>
#include <ironlaw/variants.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 56;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/a30.yaml";

constexpr HardwareInfo kInfo{
    .id = "A30", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 5.2 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 10.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 82 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 165 * tera, kAic},
    {spec::peak_fp16, 165 * tera, kAic, "the MLPerf table agrees"},
    {spec::peak_int8, 330 * tera, kAic},
    {spec::peak_int4, 661 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_bf16_sparse", "FLOP/s"},
     330 * tera,
     "recalled",
     "the sheet shows 165 | 330*",
     kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"},
     330 * tera,
     "recalled",
     "the sheet shows 165 | 330*",
     kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"},
     661 * tera,
     "recalled",
     "the sheet shows 330 | 661*",
     kSparse | kUnverified},
    {spec::memory_capacity, 24 * gibi, kAic, "gpu_mem_capacity 25769803776"},
    {spec::memory_bandwidth, 933 * giga, kAic},
    {spec::scaleup_bandwidth, 32 * giga, kAic, "PCIe 4 x16; an NVLink bridge gives a pair 100 GB/s"},
    {spec::scaleup_size, 8, kAic, "GPUs behind one host"},
    {spec::network_bandwidth, 25 * giga, kAic, "assumed there: 200 Gb/s a GPU", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, kAic, "PCIe 4 x16"},
    {spec::power, 165, kAic},
    {spec::price, 5000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 2048 * 165 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 2,048 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 24 * mebi, "recalled", "L2", kUnverified},
};

constexpr Partition kSlice{.slice_cores = 14, .slice_memory = 1, .chip_memory = 4};
constexpr HardwareInfo kSliceInfo{
    .id = "A30-MIG-1x1g.6gb", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};
constexpr auto kSliceSpecs = partition_specs<kSpecs, kSlice>();

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>,
                       Target<kSliceInfo, kSliceSpecs, GpuTiles<kSlice.slice_cores>>)
