#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 10;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kPage = "Apple specification page; recalled";

constexpr HardwareInfo kInfo{
    .id = "Apple-M5-10c", .vendor = "Apple", .family = "apple-m5", .kind = "soc", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 5.7 * tera, kPrices, "vector rate of the GPU", kUnverified},
    {spec::peak_fp16, 5.7 * tera, kPrices,
     "vector rate of the GPU; the neural accelerators in its cores are faster, and Apple publishes no rate "
     "but \"over 4x\"",
     kUnverified},
    {spec::memory_capacity, 32 * gibi, kPrices,
     "the most that is sold; shared with the CPU, and the GPU may by default use about three quarters"},
    {spec::memory_bandwidth, 153 * giga, kPage, "recalled, not read", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 25, kPrices, "estimated there; Apple publishes none", kUnverified},
    {spec::price, 2000, kPrices, "of the machine around it, with the most memory", kUnverified},
    {spec::cores, kCores, kPage, "GPU cores; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
