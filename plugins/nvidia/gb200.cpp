#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 152;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/gb200.yaml";
constexpr const char* kRack = "NVIDIA GB200 NVL72 sheet, a 72nd of the rack's figures";
constexpr const char* kNode =
    "MLPerf Training v5.0, NVIDIA's system description: 4 GPUs a tray, 4x ConnectX-7 IB NDR 400 Gb/s, 189471 "
    "MiB a GPU";

constexpr HardwareInfo kInfo{
    .id = "GB200", .vendor = "NVIDIA", .family = "blackwell", .kind = "gpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 40 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 80 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 1250 * tera, kTables},
    {spec::peak_bf16, 2500 * tera, kAic},
    {spec::peak_fp16, 2500 * tera, kAic},
    {spec::peak_fp8, 5000 * tera, kAic},
    {spec::peak_int8, 5000 * tera, kAic},
    {spec::peak_fp4, 10000 * tera, kAic},
    {{"peak_fp8_sparse", "FLOP/s"}, 10000 * tera, kRack, "720 PFLOP/s a rack", kSparse},
    {{"peak_fp4_sparse", "FLOP/s"}, 20000 * tera, kRack, "1,440 PFLOP/s a rack", kSparse},
    {spec::memory_capacity, 189471 * mebi, kNode, "aiconfigurator has the same 198674743296 B"},
    {spec::memory_bandwidth, 8000 * giga, kAic},
    {spec::scaleup_bandwidth, 900 * giga, kAic, "NVLink 5, 18 links; 1,800 GB/s counts both directions"},
    {spec::scaleup_size, 72, kAic, "one NVLink domain a rack"},
    {spec::devices_per_node, 4, kNode, "a tray: two superchips of two GPUs"},
    {spec::network_bandwidth, 50 * giga, kNode, "400 Gb/s a GPU; aiconfigurator assumes 800 Gb/s"},
    {spec::host_link_bandwidth, 225 * giga, "recalled",
     "NVLink-C2C: 900 GB/s both directions of a Grace CPU that two GPUs share", kUnverified},
    {spec::power, 1200, kAic},
    {spec::cores, kCores, "recalled", "streaming multiprocessors of both dies", kUnverified},
    {spec::exponential_rate, 16.0 / 8192 * 2500 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 8,192 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 126 * mega, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
