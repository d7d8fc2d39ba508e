// Its cores have a systolic array too, of a size that AWS does not say: no shape function.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kDocs =
    "github:aws-neuron/aws-neuron-sdk@81ce03ae:about-neuron/arch/neuron-hardware/inferentia.rst";

constexpr HardwareInfo kInfo{
    .id = "Inferentia1", .vendor = "AWS", .family = "neuroncore-v1", .kind = "npu", .year = 2019};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 64 * tera, kDocs},
    {spec::peak_fp16, 64 * tera, kDocs},
    {spec::peak_int8, 128 * tera, kDocs},
    {spec::memory_capacity, 8 * gibi, kDocs, "read as GiB"},
    {spec::memory_bandwidth, 50 * giga, kDocs, "DDR4"},
    {spec::cores, 4, kDocs, "NeuronCores"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)
