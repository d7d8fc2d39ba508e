// Derivatives against central differences, where there are any.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "framework/conformance/checks.hpp"
#include "framework/conformance/evaluate.hpp"

namespace ironlaw::conformance {
namespace {

constexpr double kSteps[] = {1e-6, 1e-4, 1e-5, 1e-7};  // relative; the best one depends on what cancels
constexpr double kTolerance = 1e-4;

// A function around one row, moved along one input. Slopes are compared as elasticities, d ln|out| / d ln in,
// so that bytes and seconds are judged alike.
class Differences {
 public:
  Differences(const ironlaw_function& f, const Row& row, std::uint32_t input) : at_(row[input]) {
    for (const double step : kSteps) {
      Row above = row;
      Row below = row;
      above[input] += step * at_;
      below[input] -= step * at_;
      // Outside the range the function promises nothing.
      const bool fits = below[input] >= f.inputs[input]->min && above[input] <= f.inputs[input]->max;
      rows_.push_back(fits ? above : row);
      rows_.push_back(fits ? below : row);
      fits_.push_back(fits);
    }
    out_ = evaluate(f, rows_).out;
  }

  bool is_usable() const {
    return out_.size() == rows_.size() && std::count(fits_.begin(), fits_.end(), true);
  }

  // Does a slope agree with the differences at any step, or lie between those of a kink's two sides?
  bool agrees(double slope, double value, std::uint32_t o) const {
    const double scale = at_ / std::abs(value);
    bool is_jump = true;
    for (std::size_t s = 0; s < fits_.size(); ++s) {
      if (!fits_[s]) continue;
      const double h = kSteps[s] * at_;
      const double right = (out_[2 * s][o] - value) / h * scale;
      const double left = (value - out_[2 * s + 1][o]) / h * scale;
      if (!std::isfinite(left) || !std::isfinite(right)) return true;
      const double tolerance = kTolerance * (1 + std::abs(left) + std::abs(right));
      const double own = slope * scale;
      if (own >= std::min(left, right) - tolerance && own <= std::max(left, right) + tolerance) return true;
      constexpr double kSteep = 1e3;  // an elasticity that large is a step, of a tile or a whole request
      is_jump &= std::max(std::abs(left), std::abs(right)) > kSteep;
    }
    return is_jump;
  }

  double central(double value, std::uint32_t o) const {
    for (std::size_t s = 0; s < fits_.size(); ++s)
      if (fits_[s]) return (out_[2 * s][o] - out_[2 * s + 1][o]) / (2 * kSteps[s]) / std::abs(value);
    return std::nan("");
  }

 private:
  double at_;
  std::vector<Row> rows_, out_;
  std::vector<bool> fits_;
};

}  // namespace

void check_derivatives(Subject& subject, Findings& findings) {
  if (subject.functions().empty())
    findings.skip(subject.has_walls() ? "an analysis has no function" : "it has no shape function");
  std::size_t compared = 0;
  std::size_t moved = 0;
  for (const NamedFunction& named : subject.functions()) {
    const ironlaw_function& f = *named.function;
    std::vector<Row> rows = subject.rows(f, 30);
    std::set<std::pair<std::uint32_t, std::uint32_t>> wrong;  // one row of each is enough to read
    constexpr std::size_t kQuickRows = 40;
    if (subject.is_quick()) rows.resize(std::min(rows.size(), kQuickRows));
    for (const Row& row : rows) {
      subject.at(named.who);
      const Evaluation at = evaluate(f, {row}, true);
      if (at.out.empty()) continue;
      for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
        if (f.inputs[i]->flags & IRONLAW_PORT_DISCRETE || row[i] == 0) continue;
        const Differences differences(f, row, i);
        if (!differences.is_usable()) continue;
        for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
          const double value = at.out[0][o];
          if (value == 0 || !std::isfinite(value)) continue;
          const double slope = at.jacobian[0][o * f.n_inputs + i];
          ++compared;
          moved += slope != 0;
          if (!differences.agrees(slope, value, o) && wrong.emplace(o, i).second)
            findings.fail(
                fmt::format("{}: d {} / d {} is {:.6g}, an elasticity of {:.6g}; differences say {:.6g}",
                            named.who, f.outputs[o]->name, f.inputs[i]->name, slope,
                            slope * row[i] / std::abs(value), differences.central(value, o)));
        }
      }
    }
  }
  if (compared > 0)
    findings.note(fmt::format("{} derivatives compared, {} of them not zero", compared, moved));
  else if (!subject.functions().empty())
    findings.skip("all its inputs change in steps: they have no derivatives");
}

}  // namespace ironlaw::conformance
