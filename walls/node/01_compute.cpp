// Wall 1, Compute: no schedule runs an operator's arithmetic faster than the chip's peaks.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 1,
    .id = "compute",
    .title = "Compute",
    .domain = "node",
    .term = "peak",
    .statement =
        "An operator takes at least its FLOPs divided by the dense peak at its precision, and attention at "
        "least its exponentials divided by what the special function units make.",
    .equation =
        "t_compute = FLOPs x weight_flop_factor (of products with weights) / peak(precision);  t_exp = "
        "scores / exponential_rate",
    .sources =
        "Williams, Waterman, Patterson 2009, Roofline, doi:10.1145/1498765.1498785; Shah et al. 2024 "
        "arXiv:2407.08608 section 3.1: an H100 has 256 times the FLOPs of exponentials",
    .version = 3,
};

struct Arithmetic {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "arithmetic";

  template <class T>
  struct In {
    Flops<T> flops;
    FlopsPerSecond<T> peak;
    Bytes<T> weight_bytes;
    T weight_flop_factor;
    static constexpr auto ports() {
      return std::tuple{input(q::operator_flops, &In::flops), input(q::operator_peak, &In::peak, 1.0),
                        input(q::operator_weight_bytes, &In::weight_bytes),
                        input(q::weight_flop_factor, &In::weight_flop_factor)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::compute_time, &Out::time)}; }
  };

  // Pruned weights are not multiplied; attention and element-wise work have none.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool has_weights = in.weight_bytes.v > T(0.0);
    return {in.flops / in.peak * (has_weights ? in.weight_flop_factor : T(1.0))};
  }
};

struct ArithmeticByHand {
  static constexpr const char* kText =
      "16e9 FLOP with 70% of the weights left on an H100 (989.4 TFLOP/s, dense bf16): 16.17 us x 0.7 = 11.32 "
      "us";
  static constexpr Arithmetic::In<double> kIn{Flops<double>(16e9), FlopsPerSecond<double>(989.4e12),
                                              Bytes<double>(33.6e6), 0.7};
  static constexpr Arithmetic::Out<double> kOut{Seconds<double>(11.320e-6)};
};

// From V100 to H100 the peak of products grew eightfold and that of exponentials twofold: for a head of 128
// the 512 FLOPs of a score take an H100 twice as long as its exponential, not more.
struct Softmax {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "softmax";

  template <class T>
  struct In {
    T scores;
    PerSecond<T> exponentials;
    static constexpr auto ports() {
      return std::tuple{input(q::attention_scores, &In::scores),
                        setting(q::exponential_rate, &In::exponentials, {.value = 0})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::exponential_time, &Out::time)}; }
  };

  // Where nobody says how fast a chip's exponentials are, they are no bound.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool is_known = in.exponentials.v > T(0.0);
    return {Seconds<T>(is_known ? in.scores / in.exponentials.v : T(0.0))};
  }
};

struct SoftmaxByHand {
  static constexpr const char* kText =
      "32 heads of 8,192 queries that see 4,096.5 keys each, 1.074e9 scores; 132 multiprocessors make 16 a "
      "clock at 1.83 GHz, 3.865e12/s: 277.8 us";
  static constexpr Softmax::In<double> kIn{1.07387e9, PerSecond<double>(3.865e12)};
  static constexpr Softmax::Out<double> kOut{Seconds<double>(277.85e-6)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Arithmetic, ArithmeticByHand>, Example<Softmax, SoftmaxByHand>)
