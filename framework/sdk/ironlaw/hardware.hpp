// What the author of a hardware target includes. A target is a plugin of one .cpp file: a table of figures,
// each with its unit and where it was read, and where the chip needs it a shape function.
//
//   #include <ironlaw/hardware.hpp>
//   using namespace ironlaw;
//   constexpr const char* kSheet = "vendor datasheet, page 3, revision 2";
//   constexpr HardwareInfo kInfo{.id = "Chip-1", .vendor = "Vendor", .family = "one", .kind = "gpu", .year =
//   2026}; constexpr Spec kSpecs[] = {
//       {spec::peak_fp16, 500 * tera, kSheet},
//       {spec::memory_bandwidth, 2 * tera, kSheet},
//       {spec::memory_capacity, 64 * gibi, kSheet},
//   };
//   IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs)                    // or (kInfo, kSpecs, Shape)
//
// A shape function sees every operator: matmul_m, n and k are 0 where there is no matrix product, and the
// share must then be 1. shapes.hpp has functions for GPUs and systolic arrays.
//
// Rules: peaks are dense (mark a sparse one kSparse: it is shown and never used); bandwidth is per direction
// and per device; GB is 1e9 (giga), GiB is 2^30 (gibi), as the vendor counts. A figure nobody published is
// left out: the tool then says what it cannot compute.
#pragma once

#include <cstddef>

#include "ironlaw/wall.hpp"

namespace ironlaw {

inline constexpr double kilo = 1e3, mega = 1e6, giga = 1e9, tera = 1e12, peta = 1e15;
inline constexpr double kibi = 1024.0, mebi = kibi * 1024, gibi = mebi * 1024;

struct HardwareInfo {
  const char* id;
  const char* vendor;
  const char* family;
  const char* kind;
  std::uint32_t year;
};

enum SpecFlags : std::uint32_t {
  kDense = 0,
  kSparse = IRONLAW_SPEC_SPARSE,
  kUnverified = IRONLAW_SPEC_UNVERIFIED
};

// What a figure is of, with its unit.
struct SpecName {
  const char* quantity;
  const char* unit;
};

struct Spec {
  SpecName name;
  double value;
  const char* source;
  const char* note = "";
  std::uint32_t flags = kDense;
};

// The figures that walls know. A target may add others: they are shown, stored and not used.
namespace spec {
inline constexpr SpecName peak_fp64{"peak_fp64", "FLOP/s"}, peak_fp32{"peak_fp32", "FLOP/s"},
    peak_tf32{"peak_tf32", "FLOP/s"}, peak_bf16{"peak_bf16", "FLOP/s"}, peak_fp16{"peak_fp16", "FLOP/s"},
    peak_fp8{"peak_fp8", "FLOP/s"}, peak_int8{"peak_int8", "FLOP/s"}, peak_fp4{"peak_fp4", "FLOP/s"},
    peak_int4{"peak_int4", "FLOP/s"};
inline constexpr SpecName memory_capacity{"memory_capacity", "B"},
    memory_bandwidth{"memory_bandwidth", "B/s"};
// The link inside one scale-up domain (NVLink, xGMI, ICI, PCIe), per device and direction.
inline constexpr SpecName scaleup_bandwidth{"scaleup_bandwidth", "B/s"}, scaleup_size{"scaleup_size", "1"};
// The network port that a usual node gives each device, per direction.
inline constexpr SpecName network_bandwidth{"network_bandwidth", "B/s"};
inline constexpr SpecName power{"power", "J/s"}, price{"price", "USD"};
inline constexpr SpecName cores{"cores", "1"};  // streaming multiprocessors, compute units, tensor cores
// exp2 of the special function units, all cores together: what a softmax needs for each score.
inline constexpr SpecName exponential_rate{"exponential_rate", "1/s"};
// On-chip memory: the last cache, or what a compiler fills itself (SRAM of the cores).
inline constexpr SpecName last_level_cache{"last_level_cache", "B"}, scratchpad{"scratchpad", "B"};
// Figures that fill a wall's setting of the same name.
// The link to the host (PCIe, NVLink-C2C), per device and direction.
inline constexpr SpecName host_link_bandwidth{"host_link_bandwidth", "B/s"};
inline constexpr SpecName devices_per_node{"devices_per_node", "1"};  // that share one host
// Where the weights live (weight_source::...), where that is not the device's memory, and the rate at which
// they reach one device from there.
inline constexpr SpecName weight_source{"weight_source", "1"}, stream_bandwidth{"stream_bandwidth", "B/s"};
// CO2 equivalent of making one device.
inline constexpr SpecName embodied_carbon{"embodied_carbon", "kgCO2e"};
// All of the above.
inline constexpr SpecName known[] = {peak_fp64,
                                     peak_fp32,
                                     peak_tf32,
                                     peak_bf16,
                                     peak_fp16,
                                     peak_fp8,
                                     peak_int8,
                                     peak_fp4,
                                     peak_int4,
                                     memory_capacity,
                                     memory_bandwidth,
                                     scaleup_bandwidth,
                                     scaleup_size,
                                     network_bandwidth,
                                     power,
                                     price,
                                     cores,
                                     exponential_rate,
                                     last_level_cache,
                                     scratchpad,
                                     host_link_bandwidth,
                                     devices_per_node,
                                     weight_source,
                                     stream_bandwidth,
                                     embodied_carbon};
}  // namespace spec

// The values of spec::weight_source, as wall 6 numbers them.
namespace weight_source {
inline constexpr double host = 1, flash = 2, wafer = 3;
}  // namespace weight_source

namespace detail {

template <const auto& kSpecs>
struct SpecTable {
  static constexpr std::size_t kCount = std::size(kSpecs);
  static constexpr auto make_rows() {
    std::array<ironlaw_spec, kCount> rows{};
    for (std::size_t i = 0; i < kCount; ++i) {
      const Spec& s = kSpecs[i];
      rows[i] = {sizeof(ironlaw_spec), s.flags, s.name.quantity, s.name.unit, s.value, s.source, s.note};
    }
    return rows;
  }
  static constexpr auto kRows = make_rows();
  static constexpr auto make_pointers() {
    std::array<const ironlaw_spec*, kCount> pointers{};
    for (std::size_t i = 0; i < kCount; ++i) pointers[i] = &kRows[i];
    return pointers;
  }
  static constexpr auto kPointers = make_pointers();
};

template <class... Shape>
constexpr const ironlaw_function* shape_function() {
  if constexpr (sizeof...(Shape) == 1)
    return (&kFunction<Shape>, ...);
  else
    return nullptr;
}

// One target's table; several of one plugin stand side by side in it.
template <const HardwareInfo& kInfo, const auto& kSpecs, class... Shape>
struct Target {
  static constexpr ironlaw_hardware kHardware = {sizeof(ironlaw_hardware),
                                                 kInfo.year,
                                                 kInfo.id,
                                                 kInfo.vendor,
                                                 kInfo.family,
                                                 kInfo.kind,
                                                 SpecTable<kSpecs>::kCount,
                                                 SpecTable<kSpecs>::kPointers.data(),
                                                 shape_function<Shape...>()};
};

template <class First, class... Others>
struct HardwarePlugin {
  static constexpr const ironlaw_hardware* kTargets[] = {&First::kHardware, &Others::kHardware...};
  static constexpr ironlaw_plugin kPlugin = {sizeof(ironlaw_plugin),
                                             IRONLAW_ABI_MAJOR,
                                             IRONLAW_ABI_MINOR,
                                             First::kHardware.id,
                                             "1.0.0",
                                             __VERSION__,
                                             0,
                                             1 + sizeof...(Others),
                                             nullptr,
                                             kTargets};
};

}  // namespace detail

// A target for a plugin of several: a chip and its partitions, say.
template <const HardwareInfo& kInfo, const auto& kSpecs, class... Shape>
using Target = detail::Target<kInfo, kSpecs, Shape...>;

}  // namespace ironlaw

// IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs [, ShapeFunction]): makes the tables and the entry symbol.
#define IRONLAW_EXPORT_HARDWARE(...) IRONLAW_EXPORT_TARGETS(::ironlaw::Target<__VA_ARGS__>)
// IRONLAW_EXPORT_TARGETS(Target<kChip, kChipSpecs, Shape>, Target<kSlice, kSliceSpecs, SliceShape>, ...)
#define IRONLAW_EXPORT_TARGETS(...) \
  IRONLAW_EXPORT_PLUGIN((::ironlaw::detail::HardwarePlugin<__VA_ARGS__>::kPlugin))
