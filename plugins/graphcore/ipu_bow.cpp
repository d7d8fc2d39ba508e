// No memory but the SRAM of its 1,472 tiles, each with a unit that adds products of 16 values to 16 sums
// (PopLibs cuts products and sums alike over the tiles). DRAM of the host's machine streams beside it: --set
// weight_source=host.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kTiles = 1472;

constexpr const char* kPage =
    "stored specification page 57739820209: 1,472 cores, 900 MB, 350 TFLOP/s FP16, 185 W";
constexpr const char* kBow = "secondary quotation, document 2158258437: Bow-2000, 4 chips, 1.4 PFLOP/s FP16";

constexpr HardwareInfo kInfo{
    .id = "IPU-Bow", .vendor = "Graphcore", .family = "mk2", .kind = "npu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 87 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, kTiles * 128 * 1.85 * giga, kBow, "1.85 GHz; Graphcore rounds to 350", kUnverified},
    {spec::memory_capacity, kTiles * 624 * kibi, "recalled", "SRAM; \"900 MB\"", kUnverified},
    {spec::memory_bandwidth, 65.4 * tera, "recalled", "of the SRAM", kUnverified},
    {spec::stream_bandwidth, 20 * giga, "recalled", "DDR4 of the IPU machine, shared by 4", kUnverified},
    {spec::scaleup_bandwidth, 160 * giga, "recalled", "IPU links; 320 in both directions", kUnverified},
    {spec::scaleup_size, 64, "recalled", "a POD64", kUnverified},
    {spec::power, 185, kPage, "the page may mean the GC200", kUnverified},
    {spec::cores, kTiles, kPage, "from a secondary source", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, CoreTiles<kTiles, 1, 16, 16, SumsAre::cut>)
