#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 80;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kPage = "Apple specification page; recalled";

constexpr HardwareInfo kInfo{
    .id = "Apple-M3-Ultra-80c", .vendor = "Apple", .family = "apple-m3", .kind = "soc", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 28.4 * tera, kPrices, "of the GPU"},
    {spec::peak_fp16, 28.4 * tera, kPrices, "of the GPU, whose lanes are no faster at 16 bits"},
    {spec::memory_capacity, 512 * gibi, kPrices,
     "the most that is sold; shared with the CPU, and the GPU may by default use about three quarters"},
    {spec::memory_bandwidth, 819 * giga, kPage, "recalled, not read", kUnverified},
    {spec::scaleup_size, 1, "recalled", "a system on a chip", kUnverified},
    {spec::power, 180, kPrices, "estimated there; Apple publishes none", kUnverified},
    {spec::price, 9500, kPrices, "of the machine around it, with the most memory", kUnverified},
    {spec::cores, kCores, kPage, "GPU cores; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
