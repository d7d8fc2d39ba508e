#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";

constexpr HardwareInfo kInfo{
    .id = "Snapdragon-8-Gen-3", .vendor = "Qualcomm", .family = "hexagon", .kind = "soc", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 45 * tera, kSim,
     "of the Hexagon NPU; mlsysim's figure (it keeps it in its FP16 slot), Qualcomm publishes none",
     kUnverified},
    {spec::memory_capacity, 12 * gibi, kSim, "of a usual phone, shared with everything else", kUnverified},
    {spec::memory_bandwidth, 77 * giga, kSim, "LPDDR5X, 4 x 16 lines x 9.6 Gb/s = 76.8", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a phone", kUnverified},
    {spec::power, 5, kSim, "what a phone can get rid of for long", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
