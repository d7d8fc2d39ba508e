#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kDocs =
    "Google Cloud TPU pages, as quoted in a stored fact-check note: 918 TFLOP/s, 1,836 INT8, 1,638 GiBps, "
    "ICI 800 GBps";

constexpr HardwareInfo kInfo{
    .id = "TPU-v6e", .vendor = "Google", .family = "tpu-v6", .kind = "tpu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 918 * tera, kDocs, "4 arrays x 256^2 x 2 FLOP x 1.75 GHz are 917.5"},
    {spec::peak_int8, 1836 * tera, kDocs},
    {spec::memory_capacity, 32 * gibi, kTables, "read as GiB"},
    {spec::memory_bandwidth, 1638 * giga, kDocs,
     "read as GB/s, as 1,638.4 = 4 x 1,024 lines x 3.2 Gb/s; the page writes GiBps, other tables 1,640 GB/s, "
     "mlsysim 1,600",
     kUnverified},
    {spec::scaleup_bandwidth, 400 * giga, kDocs,
     "4 links x 100 GB/s, 800 in both directions; the scaling book counts 90 a link, which is what programs "
     "see",
     kUnverified},
    {spec::scaleup_size, 256, "recalled", "chips of a 2D torus", kUnverified},
    {spec::devices_per_node, 8, kTables, "chips a host"},
    {spec::cores, 1, "recalled",
     "tensor core; two arrays of 256 x 256 by the pages, but only four explain the peak below 2 GHz",
     kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<256, 4>)
