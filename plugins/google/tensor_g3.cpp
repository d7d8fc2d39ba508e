#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";

constexpr HardwareInfo kInfo{
    .id = "Tensor-G3", .vendor = "Google", .family = "tensor-g", .kind = "soc", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 15 * tera, kSim,
     "of the TPU block; mlsysim's figure (it keeps it in its FP16 slot), Google publishes none", kUnverified},
    {spec::memory_capacity, 8 * gibi, kSim, "of a Pixel 8, shared with everything else", kUnverified},
    {spec::memory_bandwidth, 60 * giga, kSim, "mlsysim's rounded figure; four LPDDR5X channels could give 68",
     kUnverified},
    {spec::scaleup_size, 1, "recalled", "a phone", kUnverified},
    {spec::power, 5, kSim, "what a phone can get rid of for long", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
