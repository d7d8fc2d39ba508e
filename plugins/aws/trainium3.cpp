#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kDocs =
    "github:aws-neuron/aws-neuron-sdk@81ce03ae:about-neuron/arch/neuron-hardware/trainium3.rst and "
    "trn3-arch.rst";

constexpr HardwareInfo kInfo{
    .id = "Trainium3", .vendor = "AWS", .family = "neuroncore-v4", .kind = "npu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 183 * tera, kDocs},
    {spec::peak_tf32, 671 * tera, kDocs},
    {spec::peak_bf16, 671 * tera, kDocs},
    {spec::peak_fp16, 671 * tera, kDocs},
    {spec::peak_fp8, 2517 * tera, kDocs, "MXFP8"},
    {spec::peak_fp4, 2517 * tera, kDocs, "MXFP4, as fast as MXFP8"},
    {{"peak_bf16_sparse", "FLOP/s"}, 2517 * tera, kDocs, "4 of 16 weights", kSparse},
    {{"peak_fp16_sparse", "FLOP/s"}, 2517 * tera, kDocs, "4 of 16 weights", kSparse},
    {spec::memory_capacity, 144 * gibi, kDocs, "read as GiB"},
    {spec::memory_bandwidth, 4900 * giga, kDocs},
    {spec::scaleup_bandwidth, 1280 * giga, kDocs,
     "half of the 2,560 of NeuronLink v4, which is read as both directions", kUnverified},
    {spec::scaleup_size, 144, "recalled", "chips of a Trn3 UltraServer", kUnverified},
    {spec::cores, 8, kDocs, "NeuronCores v4, each with one array of 128 x 128"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 8>)
