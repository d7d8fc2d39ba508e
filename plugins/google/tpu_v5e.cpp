#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kDocs =
    "Google Cloud TPU pages, as quoted in a stored fact-check note: 197 TFLOP/s, 800 GiBps, ICI 400 GBps, "
    "256 chips";
constexpr const char* kMlperf =
    "vendor figures, as entered by hand beside the MLPerf Inference results v2.0 to v5.1";

constexpr HardwareInfo kInfo{
    .id = "TPU-v5e", .vendor = "Google", .family = "tpu-v5", .kind = "tpu", .year = 2023};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 197 * tera, kDocs, "4 arrays x 128^2 x 2 FLOP x 1.5 GHz"},
    {spec::peak_int8, 393 * tera, kMlperf, "other tables round to 394"},
    {spec::memory_capacity, 16 * gibi, kTables, "read as GiB"},
    {spec::memory_bandwidth, 819 * giga, kTables,
     "2 stacks x 1,024 lines x 3.2 Gb/s are 819.2 GB/s; the page's 800 GiB/s would be 859 and is 819.2 over "
     "1.024",
     kUnverified},
    {spec::scaleup_bandwidth, 200 * giga, kDocs,
     "4 links x 50 GB/s, 400 in both directions; the scaling book counts 45 a link, which is what programs "
     "see",
     kUnverified},
    {spec::scaleup_size, 256, kDocs, "chips of a 2D torus"},
    {spec::devices_per_node, 8, kTables, "chips a host"},
    {spec::cores, 1, "recalled", "tensor core, with 4 arrays of 128 x 128", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<128, 4>)
