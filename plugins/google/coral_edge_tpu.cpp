// The Edge TPU multiplies 8-bit integers only and has no memory but its SRAM. The compiler keeps as many
// weights there as fit; what is left streams from the host for every inference (--set weight_source=host).
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";
constexpr const char* kDocs = "Coral documentation, Edge TPU performance and datasheets; recalled";

constexpr HardwareInfo kInfo{
    .id = "Coral-Edge-TPU", .vendor = "Google", .family = "edge-tpu", .kind = "npu", .year = 2019};

constexpr Spec kSpecs[] = {
    {spec::peak_int8, 4 * tera, kSim, "64^2 cells x 2 x 480 MHz are 3.9; mlsysim keeps it in its FP16 slot",
     kUnverified},
    {spec::memory_capacity, 8 * mebi, kDocs,
     "SRAM for weights and activations, \"approximately 8 MB\"; the 1 GB of other tables is the DRAM of the "
     "development board",
     kUnverified},
    {spec::memory_bandwidth, 61.4 * giga, "derived from size and clock of its array",
     "of the SRAM: 128 B a cycle, one column of weights and one row of inputs of 64 x 64 cells at 480 MHz; "
     "no page says it",
     kUnverified},
    {spec::stream_bandwidth, 0.5 * giga, kDocs,
     "PCIe 2 x1 of the M.2 and Mini PCIe cards; USB 3 is slower in practice", kUnverified},
    {spec::host_link_bandwidth, 0.5 * giga, kDocs, "PCIe 2 x1", kUnverified},
    {spec::scaleup_size, 1, kDocs, "a card; pipelining over several goes through the host", kUnverified},
    {spec::power, 2, kSim, "2 TOPS a watt", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<64>)
