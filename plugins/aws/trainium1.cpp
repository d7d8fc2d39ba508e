#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kDocs =
    "github:aws-neuron/aws-neuron-sdk@81ce03ae:about-neuron/arch/neuron-hardware/trainium.rst and "
    "trn1-arch.rst";

constexpr HardwareInfo kInfo{
    .id = "Trainium1", .vendor = "AWS", .family = "neuroncore-v2", .kind = "npu", .year = 2022};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 47.5 * tera, kDocs},
    {spec::peak_tf32, 190 * tera, kDocs},
    {spec::peak_bf16, 190 * tera, kDocs, "2 arrays x 128^2 x 2 FLOP x 2.8 GHz are 183.5"},
    {spec::peak_fp16, 190 * tera, kDocs},
    {spec::peak_fp8, 190 * tera, kDocs, "as fast as 16 bits"},
    {spec::peak_int8, 380 * tera, kDocs},
    {spec::memory_capacity, 32 * gibi, kDocs},
    {spec::memory_bandwidth, 820 * gibi, kDocs, "820 GiB/s are 880 GB/s"},
    {spec::scaleup_bandwidth, 192 * gibi, kDocs,
     "half of the 384 GiB/s a chip of trn1 (trn1n: 768), which is read as both directions", kUnverified},
    {spec::scaleup_size, 16, kDocs, "chips of a trn1.32xlarge, in a 2D torus"},
    {spec::network_bandwidth, 6.25 * giga, "recalled",
     "800 Gb/s of a trn1.32xlarge for 16 chips; trn1n has twice that", kUnverified},
    {spec::cores, 2, kDocs, "NeuronCores v2, each with one array of 128 x 128"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 2>)
