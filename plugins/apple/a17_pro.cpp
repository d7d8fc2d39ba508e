#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";

constexpr HardwareInfo kInfo{
    .id = "Apple-A17-Pro", .vendor = "Apple", .family = "apple-a17", .kind = "soc", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 35 * tera, kSim,
     "of the Neural Engine; Apple does not say the precision, mlsysim keeps it in its FP16 slot",
     kUnverified},
    {spec::memory_capacity, 8 * gibi, kSim, "of an iPhone 15 Pro, shared with everything else", kUnverified},
    {spec::memory_bandwidth, 51.2 * giga, kSim, "from a secondary source", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a phone", kUnverified},
    {spec::power, 5, kSim, "what a phone can get rid of for long", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
