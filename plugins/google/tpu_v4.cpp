#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kPaper = "Jouppi et al. 2023, TPU v4, ISCA, as quoted by mlsysim";
constexpr const char* kDocs =
    "Google Cloud TPU pages, as quoted in a stored fact-check note: 275 TFLOP/s, 4,096 chips in a 3D torus";

constexpr HardwareInfo kInfo{
    .id = "TPU-v4", .vendor = "Google", .family = "tpu-v4", .kind = "tpu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 275 * tera, kDocs, "8 arrays x 128^2 x 2 FLOP x 1.05 GHz"},
    {spec::peak_int8, 275 * tera, kTables, "as fast as BF16"},
    {spec::memory_capacity, 32 * gibi, kTables, "read as GiB"},
    {spec::memory_bandwidth, 1228 * giga, kTables, "mlsysim has 1,200"},
    {spec::scaleup_bandwidth, 300 * giga, kPaper,
     "6 links x 50 GB/s; the scaling book counts 45 a link, 270, which is what programs see", kUnverified},
    {spec::scaleup_size, 4096, kDocs, "chips of a pod"},
    {spec::power, 192, kTables,
     "the most that production work drew, mean 170 (recalled from the paper): no limit of the board",
     kUnverified},
    {spec::cores, 2, "recalled", "tensor cores, each with 4 arrays of 128 x 128", kUnverified},
    {spec::scratchpad, 128 * mebi, "recalled", "CMEM, shared by the two cores; 32 MiB of vector memory more",
     kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 8>)
