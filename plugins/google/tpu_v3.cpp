#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kBook = "github:jax-ml/scaling-book:tpus.md";
constexpr const char* kPaper =
    "Jouppi et al. 2020, A Domain-Specific Supercomputer for Training DNNs, CACM 63(7), table of TPU v2 and "
    "v3; recalled";

constexpr HardwareInfo kInfo{
    .id = "TPU-v3", .vendor = "Google", .family = "tpu-v3", .kind = "tpu", .year = 2018};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 123 * tera, kPaper,
     "4 arrays x 128^2 x 2 FLOP x 0.94 GHz; the scaling book has 140, mlsysim 105, github:mlco2/impact 90",
     kUnverified},
    {spec::memory_capacity, 32 * gibi, kBook, "read as GiB"},
    {spec::memory_bandwidth, 900 * giga, kBook},
    {spec::scaleup_bandwidth, 328 * giga, kPaper,
     "all 4 links of the torus, 656 Gb/s each and per direction; the scaling book has 100 GB/s a link",
     kUnverified},
    {spec::scaleup_size, 1024, kPaper, "chips of a pod; recalled, not read", kUnverified},
    {spec::power, 450, kPaper, "TDP, recalled; the mean in use is 283 W by github:mlco2/impact", kUnverified},
    {spec::cores, 2, kPaper, "tensor cores, each with two arrays of 128 x 128; recalled, not read",
     kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 4>)
