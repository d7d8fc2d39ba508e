// Each core multiplies cubes of 16 x 16 x 16.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 32;

constexpr const char* kPaper =
    "Liao et al. 2021, Ascend: a Scalable and Unified Architecture, HPCA 2021; recalled";

constexpr HardwareInfo kInfo{
    .id = "Ascend-910", .vendor = "Huawei", .family = "ascend-910", .kind = "npu", .year = 2019};

constexpr Spec kSpecs[] = {
    {spec::peak_fp16, 256 * tera, kPaper, "32 cores x 16^3 x 2 FLOP x 1 GHz; recalled, not read",
     kUnverified},
    {spec::peak_int8, 512 * tera, kPaper, "recalled, not read", kUnverified},
    {spec::memory_capacity, 32 * gibi, kPaper, "HBM2; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 1200 * giga, kPaper, "recalled, not read", kUnverified},
    {spec::power, 310, "recalled", "recalled, not read", kUnverified},
    {spec::cores, kCores, kPaper, "recalled, not read", kUnverified},
    {spec::last_level_cache, 32 * mebi, kPaper, "recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, CoreTiles<kCores, 16, 16, 16>)
