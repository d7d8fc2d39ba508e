// One socket.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 96;
constexpr double kClock = 3.55 * giga;  // all-core boost

constexpr const char* kPage = "AMD product page; recalled";

constexpr HardwareInfo kInfo{
    .id = "EPYC-9654", .vendor = "AMD", .family = "zen4", .kind = "cpu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, kCores * 32 * kClock, kPage,
     "2 units x 8 lanes x 2: Zen 4 runs AVX-512 in two halves; cores and clock recalled, not read",
     kUnverified},
    {spec::peak_bf16, kCores * 64 * kClock, kPage, "AVX-512 BF16, twice FP32", kUnverified},
    {spec::peak_int8, kCores * 128 * kClock, kPage, "VNNI, four times FP32", kUnverified},
    {spec::memory_capacity, 6144 * gibi, kPage,
     "the most that a socket takes; what a machine has is --set memory_capacity=...", kUnverified},
    {spec::memory_bandwidth, 12 * 8 * 4.8 * giga, kPage, "12 channels of 8 B; recalled, not read",
     kUnverified},
    {spec::power, 360, kPage, "TDP; recalled, not read", kUnverified},
    {spec::price, 11805, kPage, "list price at launch; recalled, not read", kUnverified},
    {spec::cores, kCores, kPage, "recalled, not read", kUnverified},
    {spec::last_level_cache, 384 * mebi, kPage, "L3; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, VectorCores<kCores, 16>)
