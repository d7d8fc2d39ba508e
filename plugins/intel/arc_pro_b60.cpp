#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr int kCores = 20;

constexpr const char* kPrices =
    "github:huggingface/huggingface.js:packages/tasks/src/hardware*.ts (2026-07-29)";
constexpr const char* kAic =
    "github:ai-dynamo/aiconfigurator@095f58a5:aic-core/src/aiconfigurator_core/systems/b60.yaml";
constexpr const char* kBlog = "github:vllm-project blog, 2025-11-11: 456 GB/s, 24 GB";
constexpr const char* kCard = "MLPerf Inference v5.1, MAXSUN Arc Pro B60 Dual 48G Turbo: two B60 on one card";

constexpr HardwareInfo kInfo{
    .id = "Arc-Pro-B60", .vendor = "Intel", .family = "battlemage", .kind = "gpu", .year = 2025};

constexpr Spec kSpecs[] = {
    {spec::peak_fp32, 12.28 * tera, kAic, "vector rate"},
    {spec::peak_bf16, 98.3 * tera, kAic},
    {spec::peak_fp16, 98.3 * tera, kAic},
    {spec::peak_fp8, 98.3 * tera, kAic, "the chip has no FP8 of its own: as fast as 16 bits", kUnverified},
    {spec::peak_int8, 197 * tera, kAic},
    {spec::memory_capacity, 24 * gibi, kBlog},
    {spec::memory_bandwidth, 456 * giga, kBlog},
    {spec::scaleup_bandwidth, 28.4 * giga, kAic, "PCIe 5 x8"},
    {spec::host_link_bandwidth, 28.4 * giga, kAic, "PCIe 5 x8"},
    {spec::power, 200, kPrices},
    {spec::price, 1200, kPrices, "list or street price", kUnverified},
    {spec::cores, kCores, "recalled", "Xe cores", kUnverified},
    {spec::last_level_cache, 18 * mebi, "recalled", "L2", kUnverified},
};

// A card of two: what both have together. They share nothing but the slot, so a model is split over PCIe or
// each runs its own.
constexpr HardwareInfo kDualInfo{
    .id = "Arc-Pro-B60-Dual", .vendor = "Intel", .family = "battlemage", .kind = "gpu", .year = 2025};

constexpr Spec kDualSpecs[] = {
    {spec::peak_fp32, 2 * 12.28 * tera, kCard, "twice that of one"},
    {spec::peak_bf16, 2 * 98.3 * tera, kCard, "twice that of one"},
    {spec::peak_fp16, 2 * 98.3 * tera, kCard, "twice that of one"},
    {spec::peak_int8, 2 * 197 * tera, kCard, "twice that of one"},
    {spec::memory_capacity, 48 * gibi, kCard},
    {spec::memory_bandwidth, 2 * 456 * giga, kCard, "twice that of one"},
    {spec::host_link_bandwidth, 2 * 28.4 * giga, kCard, "the slot is cut into two of 8 lanes", kUnverified},
    {spec::cores, 2 * kCores, "recalled", "Xe cores", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>,
                       Target<kDualInfo, kDualSpecs, GpuTiles<2 * kCores>>)
