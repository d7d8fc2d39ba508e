#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>
#include <ironlaw/variants.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 132;

constexpr const char* kPaper =
    "NVIDIA H100 page and architecture whitepaper, as quoted, of the 700 W board: BF16 989.4 dense, 1,978.9 "
    "sparse";
constexpr const char* kNode =
    "MLPerf Training v3.1, Lenovo's system description: 4 GPUs of 96 GB HBM2e, NVLink";
constexpr const char* kTitan =
    "github:pytorch/torchtitan:benchmarks/*.md, footnote: H100 96GB HBM2e, 2.4 TB/s, limited to 500 W";

constexpr HardwareInfo kInfo{
    .id = "H100-SXM-96GB", .vendor = "NVIDIA", .family = "hopper", .kind = "gpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp64, 34 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_fp32, 67 * tera, "recalled", "vector rate", kUnverified},
    {spec::peak_tf32, 494.7 * tera, kPaper,
     "of the 700 W board; the shape function takes off what 500 W leave", kUnverified},
    {spec::peak_bf16, 989.4 * tera, kPaper,
     "of the 700 W board; the shape function takes off what 500 W leave", kUnverified},
    {spec::peak_fp16, 989.4 * tera, kPaper,
     "of the 700 W board; the shape function takes off what 500 W leave", kUnverified},
    {spec::peak_fp8, 1978.9 * tera, kPaper,
     "of the 700 W board; the shape function takes off what 500 W leave", kUnverified},
    {spec::peak_int8, 1978.9 * tera, kPaper,
     "of the 700 W board; the shape function takes off what 500 W leave", kUnverified},
    {{"peak_bf16_sparse", "FLOP/s"}, 1978.9 * tera, kPaper, "of the 700 W board", kSparse | kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 1978.9 * tera, kPaper, "of the 700 W board", kSparse | kUnverified},
    {spec::memory_capacity, 96 * gibi, kNode, "the 96 GB of the name are read as GiB, as for its siblings",
     kUnverified},
    {spec::memory_bandwidth, 2400 * giga, kTitan},
    {spec::scaleup_bandwidth, 450 * giga, "recalled", "NVLink 4, 18 links, as its siblings", kUnverified},
    {spec::scaleup_size, 8, "recalled", "4 in Lenovo's nodes", kUnverified},
    {spec::host_link_bandwidth, 64 * giga, "recalled", "PCIe 5 x16", kUnverified},
    {spec::power, 500, kTitan, "whether Lenovo's boards are limited as Meta's are is not stated",
     kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors, as its siblings", kUnverified},
    {spec::exponential_rate, 16.0 / 4096 * 989.4 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 4,096 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 50 * mebi, "recalled", "L2, as its siblings", kUnverified},
};

constexpr int kCapWatts = 500, kDesignWatts = 700;

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, PowerCapped<GpuTiles<kCores>, kCapWatts, kDesignWatts>)
