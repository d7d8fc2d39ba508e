#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 148;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite NVIDIA's pages";
constexpr const char* kHgx = "NVIDIA HGX B200 sheet, an eighth of the board's figures";
constexpr const char* kDgx = "NVIDIA DGX B200 page: 72 PFLOP/s FP8, 144 PFLOP/s FP4, both sparse, of 8 GPUs";
constexpr const char* kNode =
    "MLPerf Training v5.0, NVIDIA's DGX B200 system description: 8 GPUs, 8x ConnectX-7 IB NDR 400 Gb/s";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/b200_sxm.yaml";

constexpr HardwareInfo kInfo{
    .id = "B200-SXM-180GB", .vendor = "NVIDIA", .family = "blackwell", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 37 * tera, kHgx, "vector rate; 40 elsewhere is the GB200's; recalled, not read",
     kUnverified},
    {spec::peak_fp32, 75 * tera, kHgx, "vector rate; 80 elsewhere is the GB200's; recalled, not read",
     kUnverified},
    {spec::peak_tf32, 1125 * tera, kTables},
    {spec::peak_bf16, 2250 * tera, kTables},
    {spec::peak_fp16, 2250 * tera, kTables},
    {spec::peak_fp8, 4500 * tera, kTables},
    {spec::peak_int8, 4500 * tera, kTables},
    {spec::peak_fp4, 9000 * tera, kTables},
    {{"peak_fp8_sparse", "FLOP/s"}, 9000 * tera, kDgx, "", kSparse},
    {{"peak_fp4_sparse", "FLOP/s"}, 18000 * tera, kDgx, "", kSparse},
    {spec::memory_capacity, 180 * gibi, kAic,
     "gpu_mem_capacity 193273528320 = 180 GiB; MLPerf Training v5.0 descriptions: 183359 MiB = 179.1 GiB"},
    {spec::memory_bandwidth, 7700 * giga, kHgx,
     "aiconfigurator agrees; the DGX page and ml-engineering say 8,000, the rate of all 192 GB of the "
     "stacks: "
     "180 of them give 7,680 at 8 Gb/s a pin",
     kUnverified},
    {spec::scaleup_bandwidth, 900 * giga, kAic, "NVLink 5, 18 links; 1,800 GB/s counts both directions"},
    {spec::scaleup_size, 8, kNode},
    {spec::network_bandwidth, 50 * giga, kNode, "400 Gb/s a GPU; aiconfigurator assumes 800 Gb/s"},
    {spec::host_link_bandwidth, 64 * giga, "mlsysim: NVIDIA Blackwell documentation",
     "PCIe 5 x16; aiconfigurator has 128, PCIe 6", kUnverified},
    {spec::power, 1000, kTables},
    {spec::price, 40000, "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)",
     "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors of both dies; read in no source yet",
     kUnverified},
    {spec::exponential_rate, 16.0 / 8192 * 2250 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 8,192 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 126 * mega, kTables, "L2; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
