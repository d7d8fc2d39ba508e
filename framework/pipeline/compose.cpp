#include "framework/pipeline/compose.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw {
namespace {

constexpr double kPerfectOverlap = 1e-6;  // below it the norm is the maximum to double precision

double value_at(const Table& table, int column, std::size_t row) {
  return table.column(column)[row];
}

// sink.partials += scale x the partials of one value.
void add_partials(const Table& table, int column, std::size_t row, double scale, std::span<double> into) {
  if (!into.empty() && table.active(column)) table.add_partials(column, row, scale, into.data());
}

void add_share(std::span<double> shares, int wall, double value) {
  if (!shares.empty() && wall >= 0) shares[static_cast<std::size_t>(wall)] += value;
}

// A bound after its efficiencies, 0 when its wall is off.
double divided(const Bound& bound, const Table& table, std::size_t row, WallMask mask) {
  if (!is_on(mask, bound.wall)) return 0;
  double x = value_at(table, bound.column, row);
  for (const Contribution& f : bound.factors)
    if (is_on(mask, f.wall)) x /= value_at(table, f.column, row);
  return x;
}

// Adds scale x d(divided bound)/d(seeds).
void add_divided_partials(const Bound& bound, const Table& table, std::size_t row, WallMask mask,
                          double scale, double x, std::span<double> into) {
  if (into.empty()) return;
  double product = 1;
  for (const Contribution& f : bound.factors) {
    if (!is_on(mask, f.wall)) continue;
    const double factor = value_at(table, f.column, row);
    product *= factor;
    add_partials(table, f.column, row, -scale * x / factor, into);
  }
  add_partials(table, bound.column, row, scale / product, into);
}

double add_addends(std::span<const Contribution> addends, const Table& table, std::size_t row, WallMask mask,
                   const TimeSink& sink) {
  double sum = 0;
  for (const Contribution& a : addends) {
    if (!is_on(mask, a.wall)) continue;
    const double value = value_at(table, a.column, row);
    sum += value;
    add_partials(table, a.column, row, sink.weight, sink.partials);
    add_share(sink.shares, a.wall, sink.weight * value);
  }
  return sum;
}

}  // namespace

double compose_operator(const Rule& rule, const Table& table, std::size_t row, WallMask mask,
                        const TimeSink& sink) {
  std::array<double, kMaxBounds> x;
  const std::size_t n = rule.bounds.size();  // Pipeline allows kMaxBounds
  double largest = 0;
  for (std::size_t b = 0; b < n; ++b) {
    x[b] = divided(rule.bounds[b], table, row, mask);
    largest = std::max(largest, x[b]);
  }
  const bool has_overlap = rule.overlap_loss >= 0 && is_on(mask, rule.overlap_wall);
  const double q = has_overlap ? value_at(table, rule.overlap_loss, row) : 0;

  double norm = largest;
  if (largest > 0 && q > kPerfectOverlap) {
    std::array<double, kMaxBounds> power;  // (x / largest)^(1/q)
    double sum = 0;
    for (std::size_t b = 0; b < n; ++b) {
      power[b] = x[b] <= 0 ? 0 : x[b] == largest ? 1 : std::pow(x[b] / largest, 1 / q);
      sum += power[b];
    }
    const bool is_mixed = sum != 1;  // more than the largest counts
    if (is_mixed) norm = largest * std::pow(sum, q);
    if (is_mixed && !sink.partials.empty()) {
      double log_sum = 0;
      for (std::size_t b = 0; b < n; ++b)
        if (power[b] > 0) log_sum += power[b] * std::log(x[b] / largest);
      add_partials(table, rule.overlap_loss, row, sink.weight * norm * (std::log(sum) - log_sum / (q * sum)),
                   sink.partials);
    }
    for (std::size_t b = 0; b < n; ++b) {
      if (x[b] <= 0) continue;
      const double share = sink.weight * norm * (power[b] / sum);  // d norm / dx = power / sum x norm / x
      add_divided_partials(rule.bounds[b], table, row, mask, share / x[b], x[b], sink.partials);
      add_share(sink.shares, rule.bounds[b].wall, share);
    }
  } else if (largest > 0) {
    const std::size_t b = static_cast<std::size_t>(
        std::max_element(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n)) - x.begin());
    add_divided_partials(rule.bounds[b], table, row, mask, sink.weight, x[b], sink.partials);
    add_share(sink.shares, rule.bounds[b].wall, sink.weight * x[b]);
  }
  double time = norm;
  time += add_addends(rule.replica_addends, table, row, mask, sink);
  time += add_addends(rule.scaling_addends, table, row, mask, sink);
  return time;
}

StepTimes compose_step(const Rule& rule, const Table& table, std::size_t row, WallMask mask, int node_column,
                       std::span<const double> node_shares, const TimeSink& replica, const TimeSink& step) {
  // The node's own time is one bound among those of the step.
  double longest = node_column >= 0 ? value_at(table, node_column, row) : 0;
  const Bound* winner = nullptr;
  for (const Bound& bound : rule.bounds) {
    const double x = divided(bound, table, row, mask);
    if (x > longest) {
      longest = x;
      winner = &bound;
    }
  }
  for (const TimeSink& sink : {replica, step}) {
    if (winner) {
      add_divided_partials(*winner, table, row, mask, sink.weight, longest, sink.partials);
      add_share(sink.shares, winner->wall, sink.weight * longest);
    } else if (node_column >= 0) {
      add_partials(table, node_column, row, sink.weight, sink.partials);
      for (std::size_t w = 0; w < node_shares.size(); ++w)
        add_share(sink.shares, static_cast<int>(w), sink.weight * node_shares[w]);
    }
  }
  StepTimes times;
  times.replica = longest + add_addends(rule.replica_addends, table, row, mask, replica);
  add_addends(rule.replica_addends, table, row, mask, step);  // T_step contains them too
  times.step = times.replica + add_addends(rule.scaling_addends, table, row, mask, step);
  return times;
}

double compose_run(const Rule& rule, const Table& table, std::size_t row, WallMask mask, double steps,
                   std::span<const double> step_partials, std::span<const double> step_shares,
                   const TimeSink& sink) {
  double time = steps;
  double product = 1;
  for (const Contribution& f : rule.run_factors) {
    if (!is_on(mask, f.wall)) continue;
    const double factor = value_at(table, f.column, row);
    time /= factor;
    product *= factor;
  }
  for (std::size_t s = 0; s < sink.partials.size() && s < step_partials.size(); ++s)
    sink.partials[s] += sink.weight * step_partials[s] / product;
  for (std::size_t w = 0; w < step_shares.size(); ++w)
    add_share(sink.shares, static_cast<int>(w), sink.weight * step_shares[w] / product);
  for (const Contribution& f : rule.run_factors)
    if (is_on(mask, f.wall))
      add_partials(table, f.column, row, -sink.weight * time / value_at(table, f.column, row), sink.partials);
  return time + add_addends(rule.run_addends, table, row, mask, sink);
}

}  // namespace ironlaw
