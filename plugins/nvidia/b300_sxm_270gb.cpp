#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 148;

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendor's page";
constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kHgx = "NVIDIA HGX B300 sheet, an eighth of the board's figures";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/b300_sxm.yaml";

constexpr HardwareInfo kInfo{
    .id = "B300-SXM-270GB", .vendor = "NVIDIA", .family = "blackwell", .kind = "gpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 1.2 * tera, "recalled", "cut in this generation", kUnverified},
    {spec::peak_fp32, 75 * tera, "recalled", "vector rate; ml-engineering has 80, the GB300's", kUnverified},
    {spec::peak_tf32, 1125 * tera, kTables},
    {spec::peak_bf16, 2250 * tera, kTables},
    {spec::peak_fp16, 2250 * tera, kTables},
    {spec::peak_fp8, 4500 * tera, kTables},
    {spec::peak_int8, 150 * tera, kHgx,
     "cut in this generation; aiconfigurator has 153.5, ml-engineering the B200's 4,500", kUnverified},
    {spec::peak_fp4, 13500 * tera, kHgx,
     "108 PFLOP/s of 8; aiconfigurator has 14,000, ml-engineering 12,600 to 15,000", kUnverified},
    {spec::memory_capacity, 288400343040.0, kAic, "of 288 GB; the MLPerf table has 270"},
    {spec::memory_bandwidth, 7700 * giga, kHgx, "aiconfigurator has 7,750, ml-engineering 8,000",
     kUnverified},
    {spec::scaleup_bandwidth, 900 * giga, kLinks, "NVLink 5, 18 links; 1,800 GB/s counts both directions"},
    {spec::scaleup_size, 8, kAic},
    {spec::network_bandwidth, 100 * giga, kAic, "800 Gb/s a GPU"},
    {spec::host_link_bandwidth, 128 * giga, kAic, "PCIe 6 x16"},
    {spec::power, 1100, kAic, "ml-engineering has 1,000, other tables 1,400", kUnverified},
    {spec::price, 45000, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors of both dies", kUnverified},
    {spec::exponential_rate, 32.0 / 8192 * 2250 * tera,
     "recalled: NVIDIA, Inside Blackwell Ultra, twice the exponentials of Blackwell",
     "32 a clock and multiprocessor, which makes 8,192 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 126 * mega, "recalled", "L2", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
