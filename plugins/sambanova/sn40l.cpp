// Three tiers of memory: 520 MiB of SRAM, HBM, and DDR for the models that wait. The HBM is what weights are
// read from; those that lie in the DDR stream (--set weight_source=host). How products fill its 1,040 units
// is not published.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kPaper = "Prabhakar et al. 2024, SambaNova SN40L, arXiv:2405.07518; recalled";

constexpr HardwareInfo kInfo{
    .id = "SambaNova-SN40L", .vendor = "SambaNova", .family = "sn40", .kind = "npu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 638 * tera, kPaper, "recalled, not read", kUnverified},
    {spec::memory_capacity, 64 * gibi, kPaper, "HBM", kUnverified},
    {spec::memory_bandwidth, 1800 * giga, kPaper, "HBM; sources differ, up to 2,000", kUnverified},
    {{"ddr_capacity", "B"}, 1536 * gibi, kPaper, "the third tier; shown, not used", kUnverified},
    {spec::stream_bandwidth, 200 * giga, kPaper, "DDR; \"more than 200 GB/s\"", kUnverified},
    {spec::scaleup_size, 16, kTables, "16 in a SambaRack"},
    {spec::cores, 1040, kPaper, "pattern compute units", kUnverified},
    {spec::scratchpad, 520 * mebi, kPaper, "SRAM", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
