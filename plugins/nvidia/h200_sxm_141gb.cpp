#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>
#include <ironlaw/variants.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite NVIDIA's H200 page";
constexpr const char* kPaper =
    "NVIDIA H100 page and architecture whitepaper, as quoted, of the same chip: BF16 989.4 dense, 1,978.9 "
    "sparse";
constexpr const char* kNode =
    "MLPerf Training v4.0, NVIDIA's H200 system description: 8 GPUs, compute 8x ConnectX-7 IB NDR 400 Gb/s";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/h200_sxm.yaml";

constexpr HardwareInfo kInfo{
    .id = "H200-SXM-141GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 34 * tera, kTables, "vector rate; recalled, not read", kUnverified},
    {spec::peak_fp32, 67 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 494.7 * tera, kPaper, "half of BF16; the tables round it to 494.5"},
    {spec::peak_bf16, 989.4 * tera, kPaper},
    {spec::peak_fp16, 989.4 * tera, kPaper},
    {spec::peak_fp8, 1978.9 * tera, kPaper},
    {spec::peak_int8, 1978.9 * tera, kPaper},
    {{"peak_bf16_sparse", "FLOP/s"}, 1978.9 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 1978.9 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp8_sparse", "FLOP/s"}, 3957.8 * tera, kPaper, "the page's headline", kSparse},
    {spec::memory_capacity, 141 * gibi, kAic,
     "gpu_mem_capacity 151397597184 = 141 GiB, as for its siblings; mlsysim reads the name as 141e9 B = 131 "
     "GiB",
     kUnverified},
    {spec::memory_bandwidth, 4800 * giga, kAic, "ml-engineering's tables agree"},
    {spec::scaleup_bandwidth, 450 * giga, kAic, "NVLink 4, 18 links; 900 GB/s counts both directions"},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 50 * giga, kNode, "400 Gb/s a GPU"},
    {spec::host_link_bandwidth, 64 * giga, kAic, "PCIe 5 x16"},
    {spec::power, 700, kTables, "the CTS variant may draw 1,000 W"},
    {spec::price, 32000, "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)",
     "list or street price; mlsysim has 35,000", kUnverified},
    {spec::cores, kCores, kTables, "streaming multiprocessors, from 33 MiB of L1 at 256 KiB each"},
    {spec::exponential_rate, 16.0 / 4096 * 989.4 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, kTables, "L2"},
};

// The custom thermal solution: the same board, allowed to draw more.
constexpr HardwareInfo kCtsInfo{
    .id = "H200-SXM-141GB-CTS", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2024};
constexpr auto kCtsSpecs =
    with_figure<kSpecs>({spec::power, 1000, kTables, "what its clock gains is not published"});

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>, Target<kCtsInfo, kCtsSpecs, GpuTiles<kCores>>)
