#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 10;

constexpr const char* kBoard = "recalled: NVIDIA A16 datasheet, a quarter of the board's figures";
constexpr const char* kNode =
    "MLPerf Inference v2.0, Lenovo ThinkSystem SR650 V2: 8 GPUs, each as fast as an A2, so 2 boards";

constexpr HardwareInfo kInfo{
    .id = "A16", .vendor = "NVIDIA", .family = "ampere", .kind = "gpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 4.5 * tera, kBoard, "one of the four GPUs of a board; vector rate; recalled, not read",
     kUnverified},
    {spec::peak_tf32, 9 * tera, kBoard, "recalled, not read", kUnverified},
    {spec::peak_bf16, 17.9 * tera, kBoard, "recalled, not read", kUnverified},
    {spec::peak_fp16, 17.9 * tera, kBoard, "recalled, not read", kUnverified},
    {spec::peak_int8, 35.9 * tera, kBoard, "recalled, not read", kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"}, 35.9 * tera, kBoard, "recalled, not read", kSparse | kUnverified},
    {{"peak_int8_sparse", "FLOP/s"}, 71.8 * tera, kBoard, "recalled, not read", kSparse | kUnverified},
    {spec::memory_capacity, 16 * gibi, kBoard,
     "64 GB a board; error correction keeps a part; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 200 * giga, kBoard, "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 8 * giga, kBoard, "four GPUs share the board's PCIe 4 x16; recalled, not read",
     kUnverified},
    {spec::scaleup_size, 8, kNode},
    {spec::power, 62.5, kBoard, "250 W a board; recalled, not read", kUnverified},
    {spec::cores, kCores, "recalled", "streaming multiprocessors of one GPU, as the A2's", kUnverified},
    {spec::exponential_rate, 16.0 / 1024 * 17.9 * tera,
     "recalled: CUDA C++ Programming Guide, throughput of native arithmetic instructions",
     "16 a clock and multiprocessor, which makes 1,024 FLOP of fp16 in it", kUnverified},
    {spec::last_level_cache, 2 * mebi, "recalled", "L2, as the A2's", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
