#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 152;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/gb300.yaml";
constexpr const char* kRack = "NVIDIA GB300 NVL72 sheet, a 72nd of the rack's figures";
constexpr const char* kNode =
    "MLPerf Inference v5.1, NVIDIA's GB300-NVL72 system description: 72 GPUs, 4 a tray";

constexpr HardwareInfo kInfo{
    .id = "GB300", .vendor = "NVIDIA", .family = "blackwell", .kind = "gpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.3 * tera, "recalled", "cut in this generation", kUnverified},
    {spec::peak_fp32, 80 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 1250 * tera, kTables},
    {spec::peak_bf16, 2500 * tera, kAic},
    {spec::peak_fp16, 2500 * tera, kAic},
    {spec::peak_fp8, 5000 * tera, kAic},
    {spec::peak_int8, 165 * tera, kAic, "cut in this generation"},
    {spec::peak_fp4, 15000 * tera, kAic, "1,080 PFLOP/s dense a rack"},
    {{"peak_fp8_sparse", "FLOP/s"}, 10000 * tera, kRack, "720 PFLOP/s a rack", kSparse},
    {spec::memory_capacity, 298013687808.0, kAic, "of 288 GB; the MLPerf table has 279"},
    {spec::memory_bandwidth, 8000 * giga, kAic},
    {spec::scaleup_bandwidth, 900 * giga, kAic, "NVLink 5, 18 links; 1,800 GB/s counts both directions"},
    {spec::scaleup_size, 72, kNode, "one NVLink domain a rack"},
    {spec::devices_per_node, 4, kNode, "a tray"},
    {spec::network_bandwidth, 100 * giga, kAic, "800 Gb/s a GPU"},
    {spec::host_link_bandwidth, 225 * giga, "recalled",
     "NVLink-C2C: 900 GB/s both directions of a Grace CPU that two GPUs share", kUnverified},
    {spec::power, 1400, kAic},
    {spec::cores, kCores, "recalled", "streaming multiprocessors of both dies", kUnverified},
    {spec::exponential_rate, 32.0 / 8192 * 2500 * tera,
     "recalled: NVIDIA, Inside Blackwell Ultra, twice the exponentials of Blackwell",
     "32 a clock and multiprocessor, which makes 8,192 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 126 * mega, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
