// Wall 1, Compute: no schedule runs an operator's arithmetic faster than the chip's peak.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 1,
    .id = "compute",
    .title = "Compute",
    .domain = "node",
    .term = "peak",
    .statement = "An operator takes at least its FLOPs divided by the dense peak at its precision.",
    .equation = "t_compute = FLOPs / peak(precision)",
    .sources = "Williams, Waterman, Patterson 2009, Roofline, doi:10.1145/1498765.1498785",
};

struct Arithmetic {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "arithmetic";

  template <class T>
  struct In {
    Flops<T> flops;
    FlopsPerSecond<T> peak;
    static constexpr auto ports() {
      return std::tuple{input(q::operator_flops, &In::flops), input(q::operator_peak, &In::peak, 1.0)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::compute_time, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.flops / in.peak};
  }
};

struct ArithmeticByHand {
  static constexpr const char* kText = "16e9 FLOP on an H100 (989.4 TFLOP/s, dense bf16): 16.2 us";
  static constexpr Arithmetic::In<double> kIn{Flops<double>(16e9), FlopsPerSecond<double>(989.4e12)};
  static constexpr Arithmetic::Out<double> kOut{Seconds<double>(16.171e-6)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Arithmetic, ArithmeticByHand>)
