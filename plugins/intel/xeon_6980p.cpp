// One socket.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 128;
constexpr double kClock = 3.2 * giga;  // all-core turbo

constexpr const char* kArk = "Intel product specifications (ARK); recalled";

constexpr HardwareInfo kInfo{
    .id = "Xeon-6980P", .vendor = "Intel", .family = "granite-rapids", .kind = "cpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, kCores * 64 * kClock, kArk,
     "AVX-512: 2 units x 16 lanes x 2; cores and clock recalled, not read. Under vector load the clock is "
     "lower: that is an efficiency",
     kUnverified},
    {spec::peak_bf16, kCores * 1024 * kClock, kArk,
     "AMX: 16 x 16 x 32 terms in 16 cycles. Under AMX load the clock is lower: that is an efficiency",
     kUnverified},
    {spec::peak_fp16, kCores * 1024 * kClock, kArk, "AMX, as BF16", kUnverified},
    {spec::peak_int8, kCores * 2048 * kClock, kArk, "AMX, twice BF16", kUnverified},
    {spec::memory_capacity, 3072 * gibi, kArk,
     "the most that a socket takes; what a machine has is --set memory_capacity=...", kUnverified},
    {spec::memory_bandwidth, 12 * 8 * 6.4 * giga, kArk,
     "DDR5-6400; with MCR memory 12 channels, 8,800 MT/s: 844.8 GB/s (recalled), --set memory_bandwidth=...",
     kUnverified},
    {spec::power, 500, kArk, "recalled, not read", kUnverified},
    {spec::price, 12460, kArk, "list price since 2025, 17,800 at launch; recalled, not read", kUnverified},
    {spec::cores, kCores, kArk, "recalled, not read", kUnverified},
    {spec::last_level_cache, 504 * mebi, kArk, "L3; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, AmxTiles<kCores>)
