#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 114;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kPaper =
    "NVIDIA H100 page and architecture whitepaper, as quoted: PCIe 756 dense FP16, 1,513 dense FP8";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/h100_pcie.yaml";

constexpr HardwareInfo kInfo{
    .id = "H100-PCIe-80GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 26 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 51 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 378 * tera, kTables},
    {spec::peak_bf16, 756 * tera, kPaper, "aiconfigurator has 756.5"},
    {spec::peak_fp16, 756 * tera, kPaper, "aiconfigurator has 756.5"},
    {spec::peak_fp8, 1513 * tera, kPaper},
    {spec::peak_int8, 1513 * tera, kPaper},
    {{"peak_bf16_sparse", "FLOP/s"}, 1513 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 1513 * tera, kPaper, "the page's headline", kSparse},
    {{"peak_fp8_sparse", "FLOP/s"}, 3026 * tera, kPaper, "the page's headline", kSparse},
    {spec::memory_capacity, 80 * gibi, kAic, "gpu_mem_capacity 85899345920"},
    {spec::memory_bandwidth, 2039 * giga, kSheet, "aiconfigurator and ml-engineering round it to 2,000",
     kUnverified},
    {spec::scaleup_bandwidth, 64 * giga, kAic, "PCIe 5 x16; an NVLink bridge gives a pair 300 GB/s"},
    {spec::scaleup_size, 8, kAic, "GPUs behind one host"},
    {spec::network_bandwidth, 50 * giga, kAic, "assumed there: 400 Gb/s a GPU", kUnverified},
    {spec::host_link_bandwidth, 64 * giga, kAic, "PCIe 5 x16"},
    {spec::power, 350, kAic},
    {spec::price, 30000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 4096 * 756 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
