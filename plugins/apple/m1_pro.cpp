#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 16;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kPage = "Apple specification page; recalled";

constexpr HardwareInfo kInfo{
    .id = "Apple-M1-Pro-16c", .vendor = "Apple", .family = "apple-m1", .kind = "soc", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 5.2 * tera, kPrices, "of the GPU"},
    {spec::peak_fp16, 5.2 * tera, kPrices, "of the GPU, whose lanes are no faster at 16 bits"},
    {spec::memory_capacity, 32 * gibi, kPrices,
     "the most that is sold; shared with the CPU, and the GPU may by default use about three quarters"},
    {spec::memory_bandwidth, 200 * giga, kPage, "recalled, not read", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 30, kPrices, "estimated there; Apple publishes none", kUnverified},
    {spec::price, 2900, kPrices, "of the machine around it, with the most memory", kUnverified},
    {spec::cores, kCores, kPage, "GPU cores; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
