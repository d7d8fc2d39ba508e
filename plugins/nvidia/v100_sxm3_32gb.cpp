#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>
#include <ironlaw/variants.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 80;

constexpr const char* kLinks = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kViewer = "github:hahnyuan/LLM-Viewer:hardwares/hardware_params.py";
constexpr const char* kConfig =
    "github:cli99/llm-analysis@d841e40aec:llm_analysis/gpu_configs/v100-sxm-32gb.json, of the same chip";
constexpr const char* kNode =
    "MLPerf Training v0.7, NVIDIA's DGX-2 system description: 16 GPUs (350 W; 450 W in a DGX-2H), compute 8x "
    "ConnectX-5 IB EDR 100 Gb/s";

constexpr HardwareInfo kInfo{
    .id = "V100-SXM3-32GB", .vendor = "NVIDIA", .family = "volta", .kind = "gpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 7.8 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 15.7 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp16, 125 * tera, kConfig,
     "a DGX-2's 2 PFLOP/s of 16; its higher boost clock would give 131"},
    {spec::peak_int8, 62 * tera, kViewer, "vector rate (dp4a): the tensor cores have no 8-bit integers"},
    {spec::memory_capacity, 32 * gibi, kNode},
    {spec::memory_bandwidth, 900 * giga, kConfig, "the SXM2 board's; other tables have 981 for this one",
     kUnverified},
    {spec::scaleup_bandwidth, 150 * giga, kLinks, "NVLink 2, 6 links; 300 GB/s counts both directions"},
    {spec::scaleup_size, 16, kNode, "a DGX-2: 16 behind NVSwitch"},
    {spec::devices_per_node, 16, kNode},
    {spec::network_bandwidth, 6.25 * giga, kNode, "eight ports of 100 Gb/s for 16 GPUs"},
    {spec::host_link_bandwidth, 16 * giga, "recalled", "PCIe 3 x16", kUnverified},
    {spec::power, 350, kNode},
    {spec::cores, kCores, "recalled", "streaming multiprocessors", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 125 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 6 * mebi, "recalled", "L2", kUnverified},
};

// The board of a DGX-2H.
constexpr HardwareInfo kHotInfo{
    .id = "V100-SXM3-32GB-450W", .vendor = "NVIDIA", .family = "volta", .kind = "gpu", .year = 2018};
constexpr auto kHotSpecs =
    with_figure<kSpecs>({spec::power, 450, kNode, "what its clock gains is not published"});

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>, Target<kHotInfo, kHotSpecs, GpuTiles<kCores>>)
