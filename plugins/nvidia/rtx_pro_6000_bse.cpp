#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 188;

constexpr const char* kSheet =
    "vendor datasheet, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/"
    "rtx_pro_6000_server.yaml";
constexpr const char* kNode = "MLPerf Inference v5.1, HPE ProLiant DL380a Gen12: 8 GPUs";

constexpr HardwareInfo kInfo{
    .id = "RTX-PRO-6000-BSE", .vendor = "NVIDIA", .family = "blackwell", .kind = "gpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.97 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 117 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 234 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_bf16, 467.8 * tera, kAic,
     "the MLPerf table has 503.8, from the 4 PFLOP/s of the sheet with FP4 and sparsity", kUnverified},
    {spec::peak_fp16, 467.8 * tera, kAic, "the MLPerf table has 503.8", kUnverified},
    {spec::peak_fp8, 935.6 * tera, kAic, "the MLPerf table has 1007.6", kUnverified},
    {spec::peak_int8, 935.6 * tera, kAic, "the MLPerf table has 1007.6", kUnverified},
    {spec::peak_fp4, 1871.2 * tera, kAic, "the MLPerf table has 2015.2", kUnverified},
    {spec::memory_capacity, 102641958912.0, kAic, "97887 MiB"},
    {spec::memory_bandwidth, 1597 * giga, kSheet, "aiconfigurator has the workstation edition's 1,792",
     kUnverified},
    {spec::scaleup_bandwidth, 64 * giga, kAic, "no NVLink: PCIe 5 x16"},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 50 * giga, kAic, "assumed there: 400 Gb/s a GPU", kUnverified},
    {spec::host_link_bandwidth, 64 * giga, kAic, "PCIe 5 x16"},
    {spec::power, 600, kAic},
    {spec::price, 8600, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 467.8 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 128 * mebi, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
