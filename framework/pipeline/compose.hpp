// The composition: how times become a time. Written once, over the roles of output ports; it knows no wall.
//
//   operator   t = norm_q(bound / product of its factors) + addends
//              norm_q(x) = (sum x^(1/q))^q with q = overlap_loss: 0 is the maximum, 1 the sum
//   step       T_replica = max(node_time, bounds / factors) + addends of walls that bind flops, peak or mfu
//              T_step    = T_replica + addends of walls that bind eta_scaling
//   run        T         = sum of T_step / product of factors + addends
//
// Any set of walls may be switched off: a bound is then 0, a factor 1, an addend 0, and overlap is perfect.
// Times are homogeneous of degree one in bounds and addends, so each of these has a share, its value times
// the derivative, and the shares add up to the time (Euler). A wall's share over the time is its elasticity.
#pragma once

#include <cstdint>
#include <span>

#include "framework/pipeline/table.hpp"

namespace ironlaw {

// Bit w: the wall with index w of the pipeline is on.
using WallMask = std::uint64_t;
inline constexpr WallMask kAllWalls = ~WallMask{0};
inline bool is_on(WallMask mask, int wall) {
  return wall < 0 || (mask >> wall & 1) != 0;
}

// One composed time. partials has the table's seeds() entries (may be empty when there are none); shares has
// one entry a wall (may be empty when nobody asks). Both are added to, scaled by `weight`.
struct TimeSink {
  double weight = 1;
  std::span<double> partials;
  std::span<double> shares;
};

// [s] Time of one operator row.
double compose_operator(const Rule& rule, const Table& table, std::size_t row, WallMask mask,
                        const TimeSink& sink);

struct StepTimes {
  double replica = 0;  // [s]
  double step = 0;     // [s]
};
// Times of one step row; node_column is the table's column of the reduced operator times. The sinks receive
// T_step; node_shares (one entry a wall) say how node_time is made up.
StepTimes compose_step(const Rule& rule, const Table& table, std::size_t row, WallMask mask, int node_column,
                       std::span<const double> node_shares, const TimeSink& replica, const TimeSink& step);

// [s] Time of a run whose steps take `steps` seconds together, with these partials and shares (either may be
// empty); goodput is steps over the result.
double compose_run(const Rule& rule, const Table& table, std::size_t row, WallMask mask, double steps,
                   std::span<const double> step_partials, std::span<const double> step_shares,
                   const TimeSink& sink);

}  // namespace ironlaw
