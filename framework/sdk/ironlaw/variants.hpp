// Variants of a chip that follow from its own table: slices of a partitioned GPU (MIG) and boards that may
// draw less power than the reference board. Included by the targets that need it.
//
//   constexpr Partition kOne{.slice_cores = 14, .slice_memory = 1, .chip_memory = 8};
//   constexpr HardwareInfo kOneInfo{.id = "A100-SXM-80GB-MIG-1x1g.10gb", ...};
//   constexpr auto kOneSpecs = partition_specs<kSpecs, kOne>();
//   IRONLAW_EXPORT_TARGETS(Target<kInfo, kSpecs, GpuTiles<kCores>>,
//                          Target<kOneInfo, kOneSpecs, GpuTiles<kOne.slice_cores>>)
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "ironlaw/hardware.hpp"
#include "ironlaw/shapes.hpp"

namespace ironlaw {

// How a GPU is cut. A slice has whole multiprocessors and whole memory slices (each a part of the capacity,
// the bandwidth and the last-level cache). NVIDIA, "Multi-Instance GPU User Guide": an A100 has 8 memory
// slices and gives 14 of its 108 multiprocessors to each of 7 compute slices; an A30 has 4 memory slices and
// gives 14 of 56 to each of 4.
struct Partition {
  int slice_cores = 0;   // multiprocessors of a slice
  int slice_memory = 0;  // memory slices of it
  int chip_memory = 0;   // memory slices of the chip
};

namespace detail {

// What a partition has a share of.
enum class Share { none, cores, memory };

constexpr Share share_of(std::string_view quantity) {
  if (quantity.starts_with("peak_") || quantity == spec::cores.quantity ||
      quantity == spec::exponential_rate.quantity)
    return Share::cores;
  const bool is_memory = quantity == spec::memory_capacity.quantity ||
                         quantity == spec::memory_bandwidth.quantity ||
                         quantity == spec::last_level_cache.quantity || quantity == spec::scratchpad.quantity;
  return is_memory ? Share::memory : Share::none;
}

void the_table_has_no_such_figure();  // not constexpr and nowhere defined: the compiler's message

template <const auto& kChip>
constexpr double cores_of() {
  for (const Spec& s : kChip)
    if (std::string_view(s.name.quantity) == spec::cores.quantity) return s.value;
  return 0;
}

template <const auto& kChip>
constexpr std::size_t shared_figures() {
  std::size_t count = 0;
  for (const Spec& s : kChip) count += share_of(s.name.quantity) != Share::none;
  return count;
}

}  // namespace detail

// The table of one slice from its chip's: peaks by the share of multiprocessors, memory and last-level cache
// by the share of memory slices, source and flags as the chip has them, and a domain of one, for slices have
// no link. What cannot be told from the chip (power, price, links, network) is left out. The chip's table
// must have spec::cores. A card that is cut into seven is seven such devices, each with its own copy of the
// weights.
//
// Its limit: a chip whose power limits its clock gives one slice more clock than this says while the others
// idle. An A30's slice is measured at 0.295 of the whole instead of 0.25, an A100's at 0.130 as said here
// (MLPerf Inference v2.0, BERT Offline: 502 of 1700 and 490 of 3770 samples/s).
template <const auto& kChip, Partition kPart>
constexpr auto partition_specs() {
  static_assert(detail::cores_of<kChip>() > 0, "a partition needs the chip's spec::cores");
  static_assert(kPart.slice_cores > 0 && kPart.slice_memory > 0);
  static_assert(kPart.slice_cores <= detail::cores_of<kChip>(), "more cores than the chip has");
  static_assert(kPart.slice_memory <= kPart.chip_memory, "more memory than the chip has");
  constexpr double kCoreShare = kPart.slice_cores / detail::cores_of<kChip>();
  constexpr double kMemoryShare = double{kPart.slice_memory} / kPart.chip_memory;
  std::array<Spec, detail::shared_figures<kChip>() + 1> table{};
  std::size_t row = 0;
  for (const Spec& s : kChip) {
    const detail::Share share = detail::share_of(s.name.quantity);
    if (share == detail::Share::none) continue;
    table[row] = s;
    table[row].value *= share == detail::Share::cores ? kCoreShare : kMemoryShare;
    table[row].note = share == detail::Share::cores ? "the chip's figure by the share of its multiprocessors"
                                                    : "the chip's figure by the share of its memory slices";
    ++row;
  }
  table[row] = {spec::scaleup_size, 1, "NVIDIA, Multi-Instance GPU User Guide",
                "no peer-to-peer between slices"};
  return table;
}

// The chip's table with one figure replaced: a board of the same chip that may draw another power, say. Does
// not compile when the table has no such figure.
template <const auto& kChip>
consteval auto with_figure(const Spec& figure) {
  std::array<Spec, std::size(kChip)> table{};
  std::size_t replaced = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const bool is_it = std::string_view(kChip[i].name.quantity) == figure.name.quantity;
    table[i] = is_it ? figure : kChip[i];
    replaced += is_it;
  }
  if (replaced != 1) detail::the_table_has_no_such_figure();
  return table;
}

// A shape function for a board that may draw kCapWatts of the kDesignWatts at which the peak of its table
// holds: Shape's share times the clock that the cap leaves.
//
//   P = P_idle + P_dynamic,  P_dynamic ~ f V^2,  V ~ f near the top of the range
//   f / f_design = cbrt((cap - idle) / (design - idle)), never above 1; idle = kIdlePercent of the design
//   power
//
// Switching power: Chandrakasan, Sheng and Brodersen, "Low-Power CMOS Digital Design", IEEE JSSC 1992. The
// idle share is wall 18's. Limits: at the lower end of the range the voltage no longer falls and the clock
// falls faster than this (the root is then the optimistic side); small products and decoding draw less than
// the cap and lose less, but memory bounds those. A cap above the design power gains nothing: what the
// reference board could do with it is unknown.
template <class Shape, int kCapWatts, int kDesignWatts, int kIdlePercent = 30>
struct PowerCapped : detail::ShapeFunction<PowerCapped<Shape, kCapWatts, kDesignWatts, kIdlePercent>> {
  static constexpr const char* kName = "power_capped";
  static_assert(kIdlePercent >= 0 && kIdlePercent < 100);
  static_assert(100 * kCapWatts > kIdlePercent * kDesignWatts, "the cap does not even leave the idle power");

  static double clock() {
    constexpr double kIdle = kDesignWatts * kIdlePercent / 100.0;
    return std::min(1.0, std::cbrt((kCapWatts - kIdle) / (kDesignWatts - kIdle)));
  }
  static double share(double m, double n, double k) { return clock() * Shape::share(m, n, k); }
};

}  // namespace ironlaw
