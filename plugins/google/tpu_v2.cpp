#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kImpact = "github:mlco2/impact:data/gpus.csv";
constexpr const char* kPaper =
    "Jouppi et al. 2020, A Domain-Specific Supercomputer for Training DNNs, CACM 63(7), table of TPU v2 and "
    "v3; recalled";

constexpr HardwareInfo kInfo{
    .id = "TPU-v2", .vendor = "Google", .family = "tpu-v2", .kind = "tpu", .year = 2017};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 45 * tera, kImpact, "2 arrays x 128^2 x 2 FLOP x 0.7 GHz are 45.9; the paper says 46"},
    {spec::memory_capacity, 16 * gibi, kPaper, "8 GB of HBM a core; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 700 * giga, kPaper, "recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 248 * giga, kPaper,
     "all 4 links of the torus, 496 Gb/s each and per direction; recalled, not read", kUnverified},
    {spec::scaleup_size, 256, kPaper, "chips of a pod; recalled, not read", kUnverified},
    {spec::power, 280, kPaper, "TDP, recalled; the mean in use is 221 W by github:mlco2/impact", kUnverified},
    {spec::cores, 2, kPaper, "tensor cores, each with one array of 128 x 128; recalled, not read",
     kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 2>)
