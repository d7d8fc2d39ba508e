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

// The outputs along one input. What cannot be evaluated or is unknown does not meet the target.
class Line {
 public:
  Line(const System& system, const Question& ask, std::uint32_t input)
      : system_(system),
        ask_(ask),
        input_(input),
        at_(system.values()),
        is_count_((system.inputs()[input]->flags & IRONLAW_VARIABLE_DISCRETE) != 0) {}

  double start() const { return system_.inputs()[input_]->value; }

  bool meets(double x) {
    at_[input_] = x;
    try {
      const std::vector<double> y = system_.evaluate(at_);
      return y[ask_.output] * ask_.sense >= ask_.target * ask_.sense && is_feasible(y);
    } catch (const std::exception&) {
      return false;
    }
  }

 private:
  // A gate that is closed where one starts is no matter of this input, unless more devices open it.
  bool is_feasible(const std::vector<double>& y) const {
    for (std::size_t o = 0; o < y.size(); ++o) {
      const ironlaw_variable& gate = *system_.outputs()[o];
      if ((gate.flags & IRONLAW_VARIABLE_GATE) != 0 && y[o] < 0 && (is_count_ || !(gate.value < 0)))
        return false;
    }
    return true;
  }

  const System& system_;
  const Question& ask_;
  std::uint32_t input_;
  std::vector<double> at_;
  bool is_count_;
};

// Two values next to each other in the search: one meets the target, the other does not.
struct Bracket {
  double meets, fails;
  bool found;
};

struct Inverse {
  static void run(const System& system, const Question& ask, const Emit& emit) {
    if (std::isnan(ask.target)) throw std::runtime_error("no target is given");
    if (ask.sense != 1 && ask.sense != -1)
      throw std::runtime_error("nobody says whether the target is a least or a most");
    const std::vector<double> slopes = system.gradient(ask.output);
    for (std::uint32_t i = 0; i < system.inputs().size(); ++i) {
      const ironlaw_variable& v = *system.inputs()[i];
      const bool is_discrete = (v.flags & IRONLAW_VARIABLE_DISCRETE) != 0;
      const bool is_asked = ask.input == i;
      if (!is_asked && (ask.input != IRONLAW_EVERY_INPUT || (!is_discrete && slopes[i] == 0))) continue;
      Line line(system, ask, i);
      if (is_discrete)
        count(line, v, i, emit);
      else
        solve(line, v, i, emit);
    }
  }

  // Walks away from the value at hand in both directions, each step twice the last, until the answer changes.
  static Bracket bracket(Line& line, const ironlaw_variable& v, bool start_meets) {
    constexpr int kDoublings = 40;
    double up = line.start();
    double down = line.start();
    for (int k = 0; k < kDoublings; ++k)
      for (double* const side : {&up, &down}) {
        const double next = side == &up ? std::min(up * 2, v.max) : std::max(down / 2, v.min);
        if (next == *side) continue;
        if (line.meets(next) != start_meets)
          return start_meets ? Bracket{*side, next, true} : Bracket{next, *side, true};
        *side = next;
      }
    return {0, 0, false};
  }

  static void solve(Line& line, const ironlaw_variable& v, std::uint32_t i, const Emit& emit) {
    if (!(line.start() > 0)) return emit(i, kUnknown, kUnknown, kUnknown, "it is 0 here: nothing to scale");
    const bool start_meets = line.meets(line.start());
    Bracket b = bracket(line, v, start_meets);
    if (!b.found)
      return emit(
          i, kUnknown, kUnknown, kUnknown,
          start_meets ? "every value of it meets the target" : "no value of it alone meets the target");
    constexpr int kHalvings = 60;
    for (int k = 0; k < kHalvings; ++k) {
      const double middle = b.meets * std::sqrt(b.fails / b.meets);  // finite near 0 as well
      (line.meets(middle) ? b.meets : b.fails) = middle;
    }
    emit(i, b.meets);
  }

  // The next count after x of 1, 2, 3, 4, 6, 8, 12, ...: what people build.
  static double next_count(double x) {
    const double power = std::exp2(std::floor(std::log2(x)));
    return power > 1 && x < 1.5 * power ? 1.5 * power : 2 * power;
  }

  // The least count that meets the target. More need not be better, so all are tried from the least on.
  static void count(Line& line, const ironlaw_variable& v, std::uint32_t i, const Emit& emit) {
    constexpr double kMostTimes = 1 << 14;
    const double start = line.start();
    const double most = std::min(v.max, start * kMostTimes);
    double x = v.min;
    while (x <= most) {
      if (line.meets(x)) return emit(i, x);
      if (x < start && start < next_count(x) && line.meets(start)) return emit(i, start);
      x = next_count(x);
    }
    emit(i, kUnknown, kUnknown, kUnknown, "no number of devices alone meets the target");
  }
};

}  // namespace

IRONLAW_EXPORT_ANALYSIS(kInfo, Inverse)
