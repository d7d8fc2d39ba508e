#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kNetwork = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kSim = "mlsysim hardware registry (harvard-edge/cs249r_book), which cites the vendor";
constexpr const char* kDocs =
    "github:aws-neuron/aws-neuron-sdk@81ce03ae:about-neuron/arch/neuron-hardware/trainium2.rst";

constexpr HardwareInfo kInfo{
    .id = "Trainium2", .vendor = "AWS", .family = "neuroncore-v3", .kind = "npu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 181 * tera, kDocs},
    {spec::peak_tf32, 667 * tera, kDocs},
    {spec::peak_bf16, 667 * tera, kDocs, "mlsysim has 380"},
    {spec::peak_fp16, 667 * tera, kDocs},
    {spec::peak_fp8, 1299 * tera, kDocs},
    {{"peak_bf16_sparse", "FLOP/s"}, 2563 * tera, kDocs, "4 of 16 weights", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 2563 * tera, kDocs, "4 of 16 weights", kSparse},
    {{"peak_fp8_sparse", "FLOP/s"}, 2563 * tera, kDocs, "4 of 16 weights", kSparse},
    {spec::memory_capacity, 96 * gibi, kDocs},
    {spec::memory_bandwidth, 2900 * giga, kDocs, "mlsysim has 2,400"},
    {spec::scaleup_bandwidth, 640 * giga, kNetwork, "NeuronLink v3; 1,280 in both directions"},
    {spec::scaleup_size, 16, "recalled", "chips of a trn2.48xlarge; an UltraServer joins 64", kUnverified},
    {spec::network_bandwidth, 25 * giga, "recalled", "3.2 Tb/s of a trn2.48xlarge for 16 chips", kUnverified},
    {spec::power, 500, kSim, "no page of AWS says it", kUnverified},
    {spec::cores, 8, kDocs, "NeuronCores v3, each with one array of 128 x 128"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 8>)
