#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 58;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/l4.yaml";
constexpr const char* kNode = "MLPerf Inference v3.0 to v5.1, system descriptions: nodes of up to 8";

constexpr HardwareInfo kInfo{.id = "L4", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 0.49 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 30.3 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 60 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 121 * tera, kAic},
    {spec::peak_fp16, 121 * tera, kAic, "the MLPerf table agrees"},
    {spec::peak_fp8, 242 * tera, kAic, "the sheet's headline is twice this, with sparsity"},
    {spec::peak_int8, 242 * tera, kAic},
    {spec::peak_int4, 485 * tera, "recalled", "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 242 * tera, "recalled", "the sheet's headline", kSparse | kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"}, 485 * tera, "recalled", "the sheet's headline", kSparse | kUnverified},
    {spec::memory_capacity, 24 * gibi, kAic,
     "gpu_mem_capacity 25769803776; error correction keeps a part: software sees 22.5 GiB"},
    {spec::memory_bandwidth, 300 * giga, kAic},
    {spec::scaleup_bandwidth, 32 * giga, kAic, "no NVLink; a PCIe 4 x8 or x16 card by table", kUnverified},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 25 * giga, kAic, "assumed there: 200 Gb/s a GPU", kUnverified},
    {spec::host_link_bandwidth, 32 * giga, kAic, "PCIe 4 x16"},
    {spec::power, 72, kAic},
    {spec::price, 2500, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 121 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 48 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
