// Which hardware targets are like one another, by their datasheets.
#pragma once

#include <span>
#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw {

// [FLOP/s] The dense peak at fp16 or, where a chip lacks it (TPUs), bf16; NaN where it has neither.
double sixteen_bit_peak(const ironlaw_hardware& hardware);

// [FLOP/B] At how many operations a byte of memory traffic a dense peak is reached: peak / bandwidth; NaN
// where either is unknown.
double ridge_point(double peak, const ironlaw_hardware& hardware);

struct Relative {
  const ironlaw_hardware* hardware;
  double distance;                   // root mean square of the logs of the ratios that are known
  double peak, bandwidth, capacity;  // its figure over ours: 16-bit peak, memory; NaN where one is unknown
};

// The up to `most` targets of `among` (the target itself left out) that are nearest in 16-bit peak, memory
// bandwidth and memory capacity, nearest first. Those with fewer than two of the ratios known are left out.
std::vector<Relative> nearest_relatives(const ironlaw_hardware& hardware,
                                        std::span<const ironlaw_hardware* const> among, std::size_t most = 5);

}  // namespace ironlaw
