#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kTables =
    "github:stas00/ml-engineering@744d01e:compute/accelerator/README.md, tables that cite the vendors' pages";
constexpr const char* kNetwork = "github:stas00/ml-engineering@744d01e:network/README.md";
constexpr const char* kDocs =
    "Google Cloud TPU pages, as quoted in a stored fact-check note: 2,307 and 4,614 TFLOP/s, 192 GiB, 7,380 "
    "GiBps, ICI 1,200 GBps, 9,216 chips";

constexpr HardwareInfo kInfo{
    .id = "TPU-v7x", .vendor = "Google", .family = "tpu-v7", .kind = "tpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 2307 * tera, kDocs, "8 arrays x 256^2 x 2 FLOP x 2.2 GHz"},
    {spec::peak_fp8, 4614 * tera, kDocs},
    {spec::memory_capacity, 192 * gibi, kDocs},
    {spec::memory_bandwidth, 7380 * giga, kDocs,
     "read as GB/s: 8 stacks at 7.2 Gb/s a line are 7,373 GB/s; the page writes GiBps, which would be 7.4% "
     "more",
     kUnverified},
    {spec::scaleup_bandwidth, 600 * giga, kNetwork, "one direction; 1,200 in both"},
    {spec::scaleup_size, 9216, kDocs, "chips of a pod"},
    {spec::devices_per_node, 4, kTables, "chips a host"},
    {spec::cores, 2, kDocs, "chiplets with a tensor core each; a \"device\" of the software is one of them"},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<256, 8>)
