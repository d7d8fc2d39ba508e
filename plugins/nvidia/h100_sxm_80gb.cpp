#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite NVIDIA's H100 page";
constexpr const char* kPaper =
    "NVIDIA H100 page and architecture whitepaper, as quoted: BF16 989.4 dense, 1,978.9 sparse, 700 W";
constexpr const char* kNode =
    "MLPerf Training v4.0, NVIDIA's DGX H100 system description: 8 GPUs, compute 8x ConnectX-7 IB NDR 400 "
    "Gb/s";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/h100_sxm.yaml";

constexpr HardwareInfo kInfo{
    .id = "H100-SXM-80GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 34 * tera, kTables, "vector rate; recalled, not read", kUnverified},
    {spec::peak_fp32, 67 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 494.7 * tera, kPaper, "half of BF16; the tables round it to 494.5"},
    {spec::peak_bf16, 989.4 * tera, kPaper},
    {spec::peak_fp16, 989.4 * tera, kPaper},
    {spec::peak_fp8, 1978.9 * tera, kPaper, "half of the 3,958 that the page gives with sparsity"},
    {spec::peak_int8, 1978.9 * tera, kPaper, "half of the 3,958 that the page gives with sparsity"},
    {{"peak_bf16_sparse", "FLOP/s"}, 1978.9 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 1978.9 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp8_sparse", "FLOP/s"}, 3957.8 * tera, kPaper, "the page's headline", kSparse},
    {spec::memory_capacity, 80 * gibi, kAic, "the 80 GB of the name are GiB: gpu_mem_capacity 85899345920"},
    {spec::memory_bandwidth, 3350 * giga, kAic, "ml-engineering's tables agree"},
    {spec::scaleup_bandwidth, 450 * giga, kAic, "NVLink 4, 18 links; 900 GB/s counts both directions"},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 50 * giga, kNode, "400 Gb/s a GPU"},
    {spec::host_link_bandwidth, 64 * giga, kAic, "PCIe 5 x16"},
    {spec::power, 700, kPaper},
    {spec::price, 30000, "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)",
     "list or street price; mlsysim had 30,000 and now has 25,000", kUnverified},
    {spec::embodied_carbon, 164, "mlsysim registry, embodied: NVIDIA HGX H100 product carbon footprint",
     "an eighth of the board's, read second-hand", kUnverified},
    {spec::cores, kCores, kTables, "streaming multiprocessors, from 256 KiB of L1 each"},
    {spec::exponential_rate, 16.0 / 4096 * 989.4 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, kTables, "L2"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
