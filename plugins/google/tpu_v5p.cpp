#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md: 459 TFLOP/s, 95 GB, 2.76 TB/s";
constexpr const char* kDocs =
    "Google Cloud TPU v5p page, as quoted: 459 TFLOP/s, 2,575 GiB/s, ICI 4,800 Gb/s, pod of 8,960 chips";

constexpr HardwareInfo kInfo{
    .id = "TPU-v5p", .vendor = "Google", .family = "tpu-v5", .kind = "tpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 459 * tera, kDocs, "8 arrays x 128^2 x 2 FLOP x 1.75 GHz"},
    {spec::peak_int8, 918 * tera, kTables, "mlsysim, which cites Google's page, agrees"},
    {spec::memory_capacity, 95 * gibi, kTables,
     "read as GiB, since Google counts its bandwidth in GiB/s; mlsysim agrees", kUnverified},
    {spec::memory_bandwidth, 2575 * gibi, kDocs, "2,765 GB/s in other tables is the same number"},
    {spec::scaleup_bandwidth, 600 * giga, kDocs,
     "all 6 links of the torus together, 1,200 GB/s in both directions by another line of the page; an axis "
     "of "
     "the torus has a third. github:jax-ml/scaling-book:tpus.md counts 90 GB/s a link, 540 together, which "
     "is "
     "what programs see: that is an efficiency, as the raw rate of NVLink is kept too",
     kUnverified},
    {spec::scaleup_size, 8960, kDocs,
     "chips of a pod's 3D torus; the largest slice in MLPerf Training v4.0 is 6,144"},
    {spec::cores, 2, "recalled", "tensor cores, each with 4 arrays of 128 x 128; read in no source yet",
     kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 8>)
