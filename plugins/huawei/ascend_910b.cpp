// Sold in grades; these are the figures of a middle one. Its core count differs by grade: no shape function.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr HardwareInfo kInfo{
    .id = "Ascend-910B", .vendor = "Huawei", .family = "ascend-910b", .kind = "npu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 94 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, 376 * tera, "recalled", "other grades 280 to 414", kUnverified},
    {spec::peak_int8, 640 * tera, "recalled", "less than twice FP16 in the tables", kUnverified},
    {spec::memory_capacity, 64 * gibi, "recalled", "HBM2e", kUnverified},
    {spec::memory_bandwidth, 1600 * giga, "recalled", "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 196 * giga, "recalled", "HCCS; 392 in both directions", kUnverified},
    {spec::scaleup_size, 8, "recalled", "recalled, not read", kUnverified},
    {spec::power, 400, "recalled", "recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
