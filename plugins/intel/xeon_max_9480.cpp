// One socket.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 56;
constexpr double kClock = 2.6 * giga;  // all-core turbo

constexpr const char* kArk = "Intel product specifications (ARK); recalled";

constexpr HardwareInfo kInfo{
    .id = "Xeon-Max-9480", .vendor = "Intel", .family = "sapphire-rapids", .kind = "cpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, kCores * 64 * kClock, kArk,
     "AVX-512: 2 units x 16 lanes x 2; cores and clock recalled, not read. Under vector load the clock is "
     "lower: that is an efficiency",
     kUnverified},
    {spec::peak_bf16, kCores * 1024 * kClock, kArk,
     "AMX: 16 x 16 x 32 terms in 16 cycles. Under AMX load the clock is lower: that is an efficiency",
     kUnverified},
    {spec::peak_int8, kCores * 2048 * kClock, kArk, "AMX, twice BF16", kUnverified},
    {spec::memory_capacity, 64 * gibi, kArk,
     "HBM2e in the package, 4 stacks of 16 GiB, used as the only memory (HBM-only mode)", kUnverified},
    {spec::memory_bandwidth, 4 * 409.6 * giga, kArk,
     "of the HBM2e, 4 stacks; programs see about half of it (recalled)", kUnverified},
    {spec::stream_bandwidth, 8 * 8 * 4.8 * giga, kArk,
     "of the DDR5 beside it, 8 channels: --set weight_source=host for weights that lie there", kUnverified},
    {spec::power, 350, kArk, "recalled, not read", kUnverified},
    {spec::price, 12980, kArk, "list price; recalled, not read", kUnverified},
    {spec::cores, kCores, kArk, "recalled, not read", kUnverified},
    {spec::last_level_cache, 112.5 * mebi, kArk, "L3; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, AmxTiles<kCores>)
