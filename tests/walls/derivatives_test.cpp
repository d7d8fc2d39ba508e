// The exact derivatives of every function where it is awkward: at each choice, with features off and on.
#include <algorithm>
#include <cmath>

#include "tests/walls/points.hpp"

namespace ironlaw {
namespace {

using testing::Block;
using testing::for_each_function;
using testing::rows_of;
using testing::run;

bool is_flagged(const ironlaw_port& port, std::uint32_t flag) {
  return (port.flags & flag) != 0;
}

// The slope of a smooth place, or of either side of a kink: where a fit of queues or a host is full, two
// forms meet.
void expect_slope(double slope, double below, double value, double above, double step) {
  const double left = (value - below) / step, right = (above - value) / step, middle = (left + right) / 2;
  const auto is_near = [&](double difference, double digits) {
    return std::abs(slope - difference) <= digits * (1 + std::abs(difference));
  };
  EXPECT_TRUE(is_near(middle, 1e-5) || is_near(left, 1e-4) || is_near(right, 1e-4))
      << slope << " against " << left << " and " << right;
}

// The derivatives by all continuous inputs, in elasticities; returns how many moved.
int expect_differences(const ironlaw_function& f, const std::vector<double>& row) {
  constexpr double kStep = 1e-6;
  const Block at = run(f, {row}, true);
  int moved = 0;
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
    const ironlaw_port& port = *f.inputs[i];
    const double h = kStep * std::abs(row[i]);
    // At the edge of its range an input has one side only.
    if (is_flagged(port, IRONLAW_PORT_DISCRETE) || !(row[i] - h >= port.min && row[i] + h <= port.max) ||
        h == 0)
      continue;
    auto above = row, below = row;
    above[i] += h;
    below[i] -= h;
    const auto high = run(f, {above}).out[0], low = run(f, {below}).out[0];
    for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
      const double value = at.out[0][o];
      if (value == 0 || std::isnan(value) || std::isnan(high[o] - low[o])) continue;
      SCOPED_TRACE(std::string(f.outputs[o]->name) + " by " + port.name + " at " + std::to_string(row[i]));
      const double scale = std::abs(value);
      expect_slope(at.jacobian[0][o * f.n_inputs + i] * row[i] / scale, low[o] / scale, value / scale,
                   high[o] / scale, std::copysign(kStep, row[i]));
      moved += high[o] != low[o];
    }
  }
  return moved;
}

// Every combination of the values of the discrete inputs that have few of them, at most 64.
std::vector<std::vector<double>> with_every_choice(const ironlaw_function& f,
                                                   const std::vector<double>& base) {
  std::vector<std::vector<double>> rows = {base};
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
    const ironlaw_port& port = *f.inputs[i];
    if (!is_flagged(port, IRONLAW_PORT_DISCRETE) || !(port.max - port.min <= 6)) continue;
    // An operator is of one kind: Points::row chose it.
    if (std::string_view(port.name).starts_with("is_")) continue;
    std::vector<std::vector<double>> more;
    for (const auto& row : rows)
      for (int value = static_cast<int>(port.min); value <= static_cast<int>(port.max); ++value) {
        more.push_back(row);
        more.back()[i] = value;
      }
    if (more.size() > 64) break;
    rows = std::move(more);
  }
  return rows;
}

TEST(Derivatives, AreExactAtEveryChoice) {
  int functions_with_choices = 0;
  for_each_function([&](const ironlaw_function& f) {
    const std::size_t combinations = with_every_choice(f, rows_of(f, 1)[0]).size();
    int moved = 0;
    for (const auto& base : rows_of(f, std::max(12, 240 / static_cast<int>(combinations))))
      for (const auto& row : with_every_choice(f, base)) moved += expect_differences(f, row);
    EXPECT_GT(moved, 0);
    functions_with_choices += combinations > 1;
  });
  EXPECT_GE(functions_with_choices, 19);
}

// As most users have it: every setting at its usual value, which is mostly off.
TEST(Derivatives, AreExactAtTheUsualSettings) {
  for_each_function([](const ironlaw_function& f) {
    for (auto row : rows_of(f, 40)) {
      for (std::uint32_t i = 0; i < f.n_inputs; ++i)
        if (is_flagged(*f.inputs[i], IRONLAW_PORT_SETTING) && !std::isnan(f.inputs[i]->neutral))
          row[i] = f.inputs[i]->neutral;
      expect_differences(f, row);
    }
  });
}

// One setting at a time at its usual value or an edge of its range, the others anywhere: features meet.
TEST(Derivatives, AreExactWhereASettingIsAtItsEdge) {
  for_each_function([](const ironlaw_function& f) {
    const auto rows = rows_of(f, 6);
    for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
      const ironlaw_port& port = *f.inputs[i];
      if (!is_flagged(port, IRONLAW_PORT_SETTING)) continue;
      for (const double edge : {port.neutral, port.min, port.max})
        if (std::isfinite(edge))
          for (auto row : rows) {
            row[i] = edge;
            expect_differences(f, row);
          }
    }
  });
}

// What nobody knows spoils only what needs it: no output that is known has an unknown derivative.
TEST(Derivatives, OfKnownOutputsAreKnownWhereInputsAreUnknown) {
  int still_known = 0;
  for_each_function([&](const ironlaw_function& f) {
    for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
      const ironlaw_port& port = *f.inputs[i];
      if (!is_flagged(port, IRONLAW_PORT_SETTING) || !std::isnan(port.neutral)) continue;
      for (auto row : rows_of(f, 12)) {
        row[i] = NAN;
        const Block at = run(f, {row}, true);
        for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
          if (std::isnan(at.out[0][o])) continue;
          ++still_known;
          for (std::uint32_t j = 0; j < f.n_inputs; ++j)
            EXPECT_TRUE(std::isfinite(at.jacobian[0][o * f.n_inputs + j]))
                << f.outputs[o]->name << " by " << f.inputs[j]->name << " without " << port.name;
        }
      }
    }
  });
  EXPECT_GT(still_known, 100);
}

}  // namespace
}  // namespace ironlaw
