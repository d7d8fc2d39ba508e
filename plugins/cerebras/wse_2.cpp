// A wafer of small cores, each with its own SRAM beside its arithmetic. Memory is that SRAM. No shape
// function: what is lost in laying a product out over the fabric has been published by nobody. Its weights
// stream from MemoryX, again for every pass (wall 6); --set weight_source=memory for a model that stays on
// the wafer.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kWiki = "aiwiki.ai/wiki/cerebras_wse_3";
constexpr const char* kTalk = "Lie 2022, Cerebras Architecture Deep Dive, Hot Chips 34; recalled";

constexpr HardwareInfo kInfo{
    .id = "Cerebras-CS2", .vendor = "Cerebras", .family = "wse-2", .kind = "wafer", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp16, 7.5 * peta, kTalk,
     "850,000 cores x 4 lanes x 2 FLOP x 1.1 GHz; recalled, not read. The claims of 62 to 75 PFLOP/s count "
     "sparsity",
     kUnverified},
    {spec::memory_capacity, 40 * giga, kWiki, "SRAM", kUnverified},
    {spec::memory_bandwidth, 20 * peta, kWiki, "of the SRAM", kUnverified},
    {spec::weight_source, weight_source::wafer, kTalk, "weight streaming, as the talk describes it",
     kUnverified},
    {spec::stream_bandwidth, 150 * giga, kTalk, "1.2 Tb/s of Ethernet, one direction", kUnverified},
    {spec::network_bandwidth, 150 * giga, kTalk, "1.2 Tb/s of Ethernet, one direction", kUnverified},
    {spec::scaleup_size, 1, kTalk, "systems are joined over Ethernet (SwarmX)", kUnverified},
    {spec::power, 23000, "recalled", "of the system", kUnverified},
    {spec::cores, 850000, kWiki, "from a secondary source", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
