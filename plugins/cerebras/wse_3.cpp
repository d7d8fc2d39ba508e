// A wafer of small cores, each with its own SRAM beside its arithmetic. Memory is that SRAM. No shape
// function: what is lost in laying a product out over the fabric has been published by nobody. Inference
// keeps the weights on one or more wafers (--pp). Training streams them from MemoryX, again for every pass:
// --set weight_source=wafer.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kWiki = "aiwiki.ai/wiki/cerebras_wse_3";
constexpr const char* kAwesome = "awesomeagents.ai/hardware/cerebras-wse-3: 23 kW, 2 to 3 million USD";
constexpr const char* kYobitel = "yobitel.com/knowledge-base/cerebras-wse-3: 125 PFLOP/s are sparse FP16";
constexpr const char* kTalk = "Lie 2022, Cerebras Architecture Deep Dive, Hot Chips 34; recalled";
constexpr const char* kIo = "sbhn.g1b.me, a comment: 150 GB/s of I/O";
constexpr const char* kEstimate = "estimate of the datasheet collection: a tenth of the vendor's sparse rate";

constexpr HardwareInfo kInfo{
    .id = "Cerebras-CS3", .vendor = "Cerebras", .family = "wse-3", .kind = "wafer", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp16, 12.5 * peta, kEstimate,
     "Cerebras publishes no dense rate; 8 lanes in each of 900,000 cores at 1.1 GHz would be 15.8",
     kUnverified},
    {{"peak_fp16_sparse", "FLOP/s"},
     125 * peta,
     kYobitel,
     "the headline, with unstructured sparsity; other sites call it FP8; mlsysim takes it for dense",
     kSparse | kUnverified},
    {spec::memory_capacity, 44 * giga, kWiki, "SRAM", kUnverified},
    {spec::memory_bandwidth, 21 * peta, kWiki, "of the SRAM", kUnverified},
    {spec::stream_bandwidth, 150 * giga, kIo, "1.2 Tb/s, 12 x 100 GbE; mlsysim reads 1.2 TB/s", kUnverified},
    {spec::network_bandwidth, 150 * giga, kIo, "1.2 Tb/s, 12 x 100 GbE", kUnverified},
    {spec::scaleup_size, 1, kTalk, "systems are joined over Ethernet (SwarmX)", kUnverified},
    {spec::power, 23000, kAwesome, "of the system", kUnverified},
    {spec::price, 2500000, kAwesome, "2 to 3 million", kUnverified},
    {spec::cores, 900000, "recalled", "recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
