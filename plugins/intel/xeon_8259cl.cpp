// One socket.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 24;
constexpr double kClock = 3.1 * giga;  // what AWS says all cores hold of it

constexpr const char* kArk = "Intel product specifications (ARK); recalled";

constexpr HardwareInfo kInfo{
    .id = "Xeon-8259CL", .vendor = "Intel", .family = "cascade-lake", .kind = "cpu", .year = 2019};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, kCores * 64 * kClock, kArk,
     "AVX-512: 2 units x 16 lanes x 2; cores and clock recalled, not read. Under vector load the clock is "
     "lower: that is an efficiency",
     kUnverified},
    {spec::peak_int8, kCores * 256 * kClock, kArk, "VNNI: four times FP32", kUnverified},
    {spec::memory_capacity, 1024 * gibi, kArk,
     "the most that a socket takes; what a machine has is --set memory_capacity=...", kUnverified},
    {spec::memory_bandwidth, 6 * 8 * 2.933 * giga, kArk, "6 channels of 8 B; recalled, not read",
     kUnverified},
    {spec::power, 210, kArk, "recalled, not read", kUnverified},
    {spec::cores, kCores, kArk, "recalled, not read", kUnverified},
    {spec::last_level_cache, 35.75 * mebi, kArk, "L3; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, VectorCores<kCores, 16>)
