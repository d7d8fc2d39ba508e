// Computes beside its SRAM, which is all the fast memory it has; LPDDR5 streams (--set weight_source=host).
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";
constexpr const char* kTalk = "Untether AI, Boqueria, Hot Chips 34, 2022; recalled";

constexpr HardwareInfo kInfo{
    .id = "speedAI240", .vendor = "Untether", .family = "speedai", .kind = "npu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 1000 * tera, kTalk, "recalled, not read", kUnverified},
    {spec::peak_fp8, 2000 * tera, kSim, "mlsysim keeps it in its FP16 slot", kUnverified},
    {spec::memory_capacity, 238 * mebi, kSim, "SRAM; 0.232 GiB", kUnverified},
    {spec::memory_bandwidth, 1 * peta, kSim, "of the SRAM", kUnverified},
    {spec::stream_bandwidth, 100 * giga, kTalk, "LPDDR5; recalled, not read", kUnverified},
    {spec::power, 75, "recalled", "of the Slim card", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
