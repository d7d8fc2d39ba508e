// No memory but the SRAM of its 1,472 tiles, each with a unit that adds products of 16 values to 16 sums
// (PopLibs cuts products and sums alike over the tiles). DRAM of the host's machine streams beside it: --set
// weight_source=host.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kTiles = 1472;

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";
constexpr const char* kPage =
    "stored specification page 57739820209: 1,472 cores, 900 MB, 350 TFLOP/s FP16, 185 W";

constexpr HardwareInfo kInfo{
    .id = "IPU-GC200", .vendor = "Graphcore", .family = "mk2", .kind = "npu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 62.5 * tera, "recalled", "recalled, not read", kUnverified},
    {spec::peak_fp16, kTiles * 128 * 1.325 * giga, kSim, "1.325 GHz; mlsysim and Graphcore round to 250",
     kUnverified},
    {spec::memory_capacity, kTiles * 624 * kibi, "recalled", "SRAM; \"900 MB\"", kUnverified},
    {spec::memory_bandwidth, 45 * tera, kSim, "of the SRAM", kUnverified},
    {spec::stream_bandwidth, 20 * giga, "recalled", "DDR4 of the IPU machine, shared by 4", kUnverified},
    {spec::scaleup_bandwidth, 160 * giga, "recalled", "IPU links; 320 in both directions", kUnverified},
    {spec::scaleup_size, 64, "recalled", "a POD64", kUnverified},
    {spec::cores, kTiles, kPage, "from a secondary source", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, CoreTiles<kTiles, 1, 16, 16, SumsAre::cut>)
