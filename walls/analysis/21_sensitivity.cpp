// Wall 21, Sensitivity: which number to change next. Elasticities of one output to every input.
#include <algorithm>
#include <cmath>
#include <ironlaw/analysis.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 21,
    .id = "sensitivity",
    .title = "Sensitivity",
    .domain = "analysis",
    .term = "none",
    .statement =
        "One percent more of an input changes an output by its elasticity in percent; the largest one says "
        "what binds.",
    .equation = "e_i = (dY/dx_i) x_i/Y, exact;  tornado: Y((1-d) x_i), Y((1+d) x_i)",
    .sources =
        "Williams et al. 2009 doi:10.1145/1498765.1498785; Ofenbeck et al. 2014 "
        "doi:10.1109/ISPASS.2014.6844463. The reference perturbs three inputs by +10%; derivatives here are "
        "exact, for every input",
};

struct Entry {
  std::uint32_t input;
  double elasticity, low, high;
};

struct Elasticities {
  static void run(const System& system, const Question& ask, const Emit& emit) {
    const std::vector<double> at = system.values();
    const std::vector<double> slopes = system.gradient(ask.output);
    const double output = system.evaluate(at, ask.output);
    if (!std::isfinite(output) || output == 0) throw std::runtime_error("the output is zero or unknown here");
    std::vector<Entry> entries;
    for (std::uint32_t i = 0; i < at.size(); ++i) {
      if (ask.input != IRONLAW_EVERY_INPUT && ask.input != i) continue;
      const bool is_discrete = (system.inputs()[i]->flags & IRONLAW_VARIABLE_DISCRETE) != 0;
      const double elasticity = is_discrete ? 0 : slopes[i] * at[i] / output;
      if (elasticity == 0 && ask.input == IRONLAW_EVERY_INPUT) continue;
      entries.push_back({i, elasticity, moved(system, ask, at, i, -1), moved(system, ask, at, i, 1)});
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::abs(a.elasticity) > std::abs(b.elasticity);
    });
    for (const Entry& e : entries) emit(e.input, e.elasticity, e.low, e.high);
  }

  // The output with one input moved by the asked share; NaN where there is none.
  static double moved(const System& system, const Question& ask, std::vector<double> at, std::uint32_t input,
                      double sign) {
    const ironlaw_variable& v = *system.inputs()[input];
    at[input] *= 1 + sign * ask.change;
    if (v.flags & IRONLAW_VARIABLE_DISCRETE || !(ask.change > 0) || at[input] < v.min || at[input] > v.max)
      return kUnknown;
    try {
      return system.evaluate(at, ask.output);
    } catch (const std::exception&) {
      return kUnknown;  // there is no such case: less than one request, say
    }
  }
};

}  // namespace

IRONLAW_EXPORT_ANALYSIS(kInfo, Elasticities)
