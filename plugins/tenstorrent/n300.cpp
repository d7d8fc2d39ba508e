// Tensix cores: each multiplies tiles of 32 x 32 held in its own SRAM.
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 128;

constexpr const char* kPage = "Tenstorrent product page; recalled";
constexpr const char* kHunt = "github:dstackai/gpuhunt:constraints.py";

constexpr HardwareInfo kInfo{
    .id = "Tenstorrent-n300", .vendor = "Tenstorrent", .family = "wormhole", .kind = "npu", .year = 2024};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 131 * tera, kPage, "FP16 on the page; recalled, not read", kUnverified},
    {spec::peak_fp16, 131 * tera, kPage, "recalled, not read", kUnverified},
    {spec::peak_fp8, 466 * tera, kPage, "recalled, not read", kUnverified},
    {spec::memory_capacity, 24 * gibi, kHunt, "12 for each of the two chips"},
    {spec::memory_bandwidth, 576 * giga, kPage, "both chips together; recalled, not read", kUnverified},
    {spec::scaleup_bandwidth, 50 * giga, kPage, "two QSFP-DD ports of 200 GbE; recalled, not read",
     kUnverified},
    {spec::power, 300, kPage, "recalled, not read", kUnverified},
    {spec::price, 1399, kPage, "list price; recalled, not read", kUnverified},
    {spec::cores, kCores, kPage, "Tensix cores of both chips; recalled, not read", kUnverified},
    {spec::scratchpad, 192 * mega, kPage, "SRAM of the cores", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, CoreTiles<kCores, 32, 32, 32>)
