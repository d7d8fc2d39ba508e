// Qualcomm Cloud AI 100: one chip (the Ultra: four) on cards of different clocks and core counts. Lite has no
// target: its rates could not be sourced.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kPage = "Qualcomm Cloud AI 100 product pages; recalled";

constexpr HardwareInfo kInfo{
    .id = "AI100-Pro", .vendor = "Qualcomm", .family = "cloud-ai-100", .kind = "npu", .year = 2021};

constexpr Spec kSpecs[] = {
    {spec::peak_fp16, 200 * tera, kPage, "half of INT8; recalled, not read", kUnverified},
    {spec::peak_int8, 400 * tera, kPage, "recalled, not read", kUnverified},
    {spec::memory_capacity, 32 * gibi, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 137 * giga, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::host_link_bandwidth, 16 * giga, kPage, "PCIe 4 x8", kUnverified},
    {spec::power, 75, kPage, "recalled, not read", kUnverified},
    {spec::scratchpad, 144 * mega, kPage, "SRAM of the cores; recalled, not read", kUnverified},
};

constexpr HardwareInfo kStandardInfo{
    .id = "AI100-Standard", .vendor = "Qualcomm", .family = "cloud-ai-100", .kind = "npu", .year = 2021};

constexpr Spec kStandardSpecs[] = {
    {spec::peak_fp16, 175 * tera, kPage, "half of INT8; recalled, not read", kUnverified},
    {spec::peak_int8, 350 * tera, kPage, "recalled, not read", kUnverified},
    {spec::memory_capacity, 16 * gibi, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 137 * giga, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::power, 75, kPage, "recalled, not read", kUnverified},
    {spec::scratchpad, 126 * mega, kPage, "SRAM of the cores; recalled, not read", kUnverified},
};

// Four chips on a card: what they have together. A model is split over them behind a PCIe switch.
constexpr HardwareInfo kUltraInfo{
    .id = "AI100-Ultra", .vendor = "Qualcomm", .family = "cloud-ai-100", .kind = "npu", .year = 2023};

constexpr Spec kUltraSpecs[] = {
    {spec::peak_fp16, 288 * tera, kPage, "recalled, not read", kUnverified},
    {spec::peak_int8, 870 * tera, kPage, "recalled, not read", kUnverified},
    {spec::memory_capacity, 128 * gibi, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 548 * giga, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::power, 150, kPage, "recalled, not read", kUnverified},
    {spec::scratchpad, 576 * mega, kPage, "SRAM of the cores; recalled, not read", kUnverified},
};

constexpr HardwareInfo kDm2Info{
    .id = "AI100-DM2", .vendor = "Qualcomm", .family = "cloud-ai-100", .kind = "npu", .year = 2021};

constexpr Spec kDm2Specs[] = {
    {spec::peak_fp16, 100 * tera, kPage, "half of INT8; recalled, not read", kUnverified},
    {spec::peak_int8, 200 * tera, kPage, "recalled, not read", kUnverified},
    {spec::memory_capacity, 16 * gibi, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 137 * giga, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::power, 25, kPage, "recalled, not read", kUnverified},
    {spec::scratchpad, 72 * mega, kPage, "half of Pro's, as the INT8 peak is; recalled, not read",
     kUnverified},
};

constexpr HardwareInfo kDm2eInfo{
    .id = "AI100-DM2e", .vendor = "Qualcomm", .family = "cloud-ai-100", .kind = "npu", .year = 2021};

constexpr Spec kDm2eSpecs[] = {
    {spec::peak_fp16, 35 * tera, kPage, "half of INT8; recalled, not read", kUnverified},
    {spec::peak_int8, 70 * tera, kPage, "recalled, not read", kUnverified},
    {spec::memory_capacity, 8 * gibi, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::memory_bandwidth, 68 * giga, kPage, "LPDDR4x; recalled, not read", kUnverified},
    {spec::power, 15, kPage, "recalled, not read", kUnverified},
    {spec::scratchpad, 63 * mega, kPage, "7 of Pro's 16 cores, 9 MB each; recalled, not read", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs>, Target<kStandardInfo, kStandardSpecs>,
                       Target<kUltraInfo, kUltraSpecs>, Target<kDm2Info, kDm2Specs>,
                       Target<kDm2eInfo, kDm2eSpecs>)
