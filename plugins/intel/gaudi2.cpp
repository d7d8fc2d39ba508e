#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kNetwork = "github:stas00/ml-engineering@744d01e:network/README.md";

constexpr HardwareInfo kInfo{
    .id = "Gaudi2", .vendor = "Intel", .family = "gaudi2", .kind = "npu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 432 * tera, kTables, "2 engines x 256^2 x 2 FLOP x 1.65 GHz"},
    {spec::peak_fp8, 865 * tera, kTables},
    {spec::memory_capacity, 96 * gibi, kTables, "6 stacks of 16 GiB"},
    {spec::memory_bandwidth, 2460 * giga, kTables, "6 stacks x 409.6 GB/s; others round to 2,450"},
    {spec::scaleup_bandwidth, 262.5 * giga, kNetwork,
     "21 of the 24 x 100 GbE ports join the 8 of a node; 300 GB/s counts all"},
    {spec::scaleup_size, 8, kNetwork},
    {spec::network_bandwidth, 37.5 * giga, kNetwork, "the other 3 ports"},
    {spec::power, 600, kTables},
    {spec::price, 8125, "recalled", "Intel at Computex 2024: 65,000 for eight on a baseboard", kUnverified},
    {spec::cores, 2, "recalled", "matrix engines", kUnverified},
    {spec::scratchpad, 48 * mebi, kTables, "SRAM, managed by software"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, OutputStationaryArray<256, 2>)
