// One socket.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 40;
constexpr double kClock = 3.0 * giga;  // all-core turbo

constexpr const char* kArk = "Intel product specifications (ARK); recalled";

constexpr HardwareInfo kInfo{
    .id = "Xeon-8380", .vendor = "Intel", .family = "ice-lake", .kind = "cpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, kCores * 64 * kClock, kArk,
     "AVX-512: 2 units x 16 lanes x 2; cores and clock recalled, not read. Under vector load the clock is "
     "lower: that is an efficiency",
     kUnverified},
    {spec::peak_int8, kCores * 256 * kClock, kArk, "VNNI: four times FP32", kUnverified},
    {spec::memory_capacity, 6144 * gibi, kArk,
     "the most that a socket takes; what a machine has is --set memory_capacity=...", kUnverified},
    {spec::memory_bandwidth, 8 * 8 * 3.2 * giga, kArk, "8 channels of 8 B; recalled, not read", kUnverified},
    {spec::power, 270, kArk, "recalled, not read", kUnverified},
    {spec::price, 8099, kArk, "list price; recalled, not read", kUnverified},
    {spec::cores, kCores, kArk, "recalled, not read", kUnverified},
    {spec::last_level_cache, 60 * mebi, kArk, "L3; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, VectorCores<kCores, 16>)
