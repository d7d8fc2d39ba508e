#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kNetwork = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kPaper =
    "Intel Gaudi 3 AI Accelerator White Paper, 2024 (eight matrix engines of 256 x 256 cells); recalled";

constexpr HardwareInfo kInfo{
    .id = "Gaudi3", .vendor = "Intel", .family = "gaudi3", .kind = "npu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 229 * tera, kTables, "at a clock that the tables do not say; 1,677 is at 1.6 GHz",
     kUnverified},
    {spec::peak_tf32, 459 * tera, kTables, "at a clock that the tables do not say", kUnverified},
    {spec::peak_bf16, 1677 * tera, kTables,
     "8 engines x 256^2 x 2 FLOP x 1.6 GHz, as shipped; the white paper says 1,835, at 1.75 GHz",
     kUnverified},
    {spec::peak_fp16, 459 * tera, kTables, "the tables give FP16 no more than TF32", kUnverified},
    {spec::peak_fp8, 1677 * tera, kTables, "no faster than BF16; the white paper says 1,835, at 1.75 GHz",
     kUnverified},
    {spec::memory_capacity, 128 * gibi, kTables, "8 stacks of 16 GiB"},
    {spec::memory_bandwidth, 3700 * giga, kTables},
    {spec::scaleup_bandwidth, 525 * giga, kNetwork,
     "21 of the 24 x 200 GbE ports join the 8 of a node; 600 GB/s counts all"},
    {spec::scaleup_size, 8, kNetwork},
    {spec::network_bandwidth, 75 * giga, kNetwork, "the other 3 ports"},
    {spec::power, 900, kTables, "HL-325L"},
    {spec::price, 15625, "recalled", "Intel at Computex 2024: 125,000 for eight on a baseboard", kUnverified},
    {spec::cores, 8, kPaper, "matrix engines; recalled, not read", kUnverified},
    {spec::last_level_cache, 96 * mebi, kTables},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, OutputStationaryArray<256, 8>)
