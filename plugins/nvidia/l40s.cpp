#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 142;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite NVIDIA's L40S page";
constexpr const char* kNode =
    "MLPerf Training v4.0, NVIDIA's NVIDIA_L40S system description: 4 GPUs, PCIe Gen4, 2x BlueField-3 400 "
    "Gb/s";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/l40s.yaml";

constexpr HardwareInfo kInfo{.id = "L40S", .vendor = "NVIDIA", .family = "ada", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.4 * tera, kTables, "vector rate; recalled, not read", kUnverified},
    {spec::peak_fp32, 91.6 * tera, kTables, "vector rate"},
    {spec::peak_tf32, 183 * tera, kTables},
    {spec::peak_bf16, 362.05 * tera, kAic},
    {spec::peak_fp16, 362.05 * tera, kAic},
    {spec::peak_fp8, 733 * tera, kTables, "NVIDIA gives slightly more than twice FP16"},
    {spec::peak_int8, 733 * tera, kTables},
    {spec::peak_int4, 733 * tera, kTables, "recalled, not read", kUnverified},
    {{"peak_fp8_sparse", "FLOP/s"}, 1466 * tera, kTables, "the sheet's headline", kSparse},
    {spec::memory_capacity, 46068 * mebi,
     "MLPerf Training v4.0, system descriptions: 46068 MiB GDDR6 with ECC",
     "of 48 GiB error correction keeps a sixteenth; aiconfigurator has the same 48305799168 B"},
    {spec::memory_bandwidth, 864 * giga, kAic, "ml-engineering's tables agree"},
    {spec::scaleup_bandwidth, 32 * giga, kAic,
     "no NVLink: PCIe 4 x16; all-reduces across sockets reach far less"},
    {spec::scaleup_size, 8, kAic, "GPUs behind one host; NVIDIA's own MLPerf nodes hold 4"},
    {spec::network_bandwidth, 25 * giga, kNode, "200 Gb/s a GPU; aiconfigurator assumes 400 Gb/s"},
    {spec::host_link_bandwidth, 32 * giga, kAic, "PCIe 4 x16"},
    {spec::power, 350, kTables},
    {spec::price, 8500, "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)",
     "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors; read in no source yet", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 362.05 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 96 * mebi, kTables, "L2; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
