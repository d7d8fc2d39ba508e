// Wall 22, Synthesis: the inverse. Which value of an input would make an output what is wanted?
#include <cmath>
#include <ironlaw/analysis.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 22,
    .id = "synthesis",
    .title = "Synthesis",
    .domain = "analysis",
    .term = "none",
    .statement =
        "Given a target, solve the whole pipeline for the bandwidth, arithmetic, memory, link or count that "
        "would meet it.",
    .equation =
        "find x_i with Y(x_i) = target, all walls composed;  textbook case: bandwidth = bytes / target",
    .sources =
        "Williams et al. 2009 doi:10.1145/1498765.1498785 (roofline, read backwards); Jouppi et al. 2017 "
        "arXiv:1704.04760",
};

// Y(x) - target along one input; what cannot be evaluated counts as not met.
class Line {
 public:
  Line(const System& system, const Question& ask, std::uint32_t input)
      : system_(system), ask_(ask), input_(input), at_(system.values()) {}
  double start() const { return at_[input_]; }
  double operator()(double x) {
    at_[input_] = x;
    try {
      return system_.evaluate(at_, ask_.output) - ask_.target;
    } catch (const std::exception&) {
      return kUnknown;
    }
  }

 private:
  const System& system_;
  const Question& ask_;
  std::uint32_t input_;
  std::vector<double> at_;
};

struct Bracket {
  double low, high;  // low < high; the line changes its sign between them
  bool found;
};

struct Inverse {
  static void run(const System& system, const Question& ask, const Emit& emit) {
    if (std::isnan(ask.target)) throw std::runtime_error("no target is given");
    const std::vector<double> slopes = system.gradient(ask.output);
    for (std::uint32_t i = 0; i < system.inputs().size(); ++i) {
      const bool is_discrete = (system.inputs()[i]->flags & IRONLAW_PORT_DISCRETE) != 0;
      const bool is_asked = ask.input == i;
      if (!is_asked && (ask.input != IRONLAW_EVERY_INPUT || (!is_discrete && slopes[i] == 0))) continue;
      Line line(system, ask, i);
      if (is_discrete)
        count(line, *system.inputs()[i], i, emit);
      else
        solve(line, *system.inputs()[i], i, emit);
    }
  }

  // Doubles the distance from the value at hand, in both directions, until the sign changes.
  static Bracket bracket(Line& line, const ironlaw_variable& v) {
    constexpr int kDoublings = 40;
    const double start = line.start();
    const double sign = line(start);
    double last_up = start;
    double last_down = start;
    double step = 2;
    for (int k = 0; k < kDoublings; ++k, step *= 2) {
      const double up = std::min(start * step, v.max);
      const double down = std::max(start / step, v.min);
      if (const double y = line(up); !std::isnan(y) && (y > 0) != (sign > 0)) return {last_up, up, true};
      if (const double y = line(down); !std::isnan(y) && (y > 0) != (sign > 0))
        return {down, last_down, true};
      last_up = up;
      last_down = down;
    }
    return {0, 0, false};
  }

  static void solve(Line& line, const ironlaw_variable& v, std::uint32_t i, const Emit& emit) {
    if (!(line.start() > 0)) return;
    if (line(line.start()) == 0) return emit(i, line.start());
    Bracket b = bracket(line, v);
    if (!b.found) return emit(i, kUnknown, kUnknown, kUnknown, "no value of it alone meets the target");
    const bool low_is_above = line(b.low) > 0;
    constexpr int kHalvings = 60;
    for (int k = 0; k < kHalvings; ++k) {
      const double middle = std::sqrt(b.low * b.high);
      ((line(middle) > 0) == low_is_above ? b.low : b.high) = middle;
    }
    emit(i, std::sqrt(b.low * b.high));
  }

  // A count: the nearest power of two times the present one whose output is on the target's other side.
  static void count(Line& line, const ironlaw_variable& v, std::uint32_t i, const Emit& emit) {
    constexpr int kDoublings = 14;
    const double sign = line(line.start());
    double up = line.start();
    double down = line.start();
    for (int k = 0; k < kDoublings; ++k) {
      up *= 2;
      if (const double y = line(up); up <= v.max && !std::isnan(y) && (y > 0) != (sign > 0))
        return emit(i, up);
      down = std::floor(down / 2);
      if (down >= v.min)
        if (const double y = line(down); !std::isnan(y) && (y > 0) != (sign > 0)) return emit(i, down);
    }
    emit(i, kUnknown, kUnknown, kUnknown, "no number of devices alone meets the target");
  }
};

}  // namespace

IRONLAW_EXPORT_ANALYSIS(kInfo, Inverse)
