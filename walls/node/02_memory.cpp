// Wall 2, Memory: every operator's bytes pass through the memory's bandwidth, and all that lives must fit.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 2,
    .id = "memory",
    .title = "Memory",
    .domain = "node",
    .term = "mfu",
    .statement =
        "An operator takes at least its bytes divided by the memory bandwidth, and weights, KV cache, "
        "activations and optimizer states must fit beside what the runtime keeps.",
    .equation =
        "t_memory = (bytes + weight bytes x (weight_byte_factor - 1)) / bandwidth;  weights + KV + "
        "activations + states <= (1 - reserve) x capacity",
    .sources =
        "Williams et al. 2009 doi:10.1145/1498765.1498785; Rajbhandari et al. 2020 arXiv:1910.02054 "
        "(states); "
        "Korthikanti et al. 2022 arXiv:2205.05198 (activations)",
    .version = 2,
};

struct Reserve {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "reserve";

  template <class T>
  struct In {
    Bytes<T> capacity;
    T reserve;
    static constexpr auto ports() {
      return std::tuple{input(q::memory_capacity, &In::capacity, 1.0),
                        parameter(q::memory_reserve, &In::reserve,
                                  {.link = IRONLAW_LINK_LOGIT,
                                   .textbook = 0.0,
                                   .prior_mean = 0.1,  // vLLM and TensorRT-LLM take 90% of the memory
                                   .prior_sd = 0.3},
                                  0.0, 1.0)};
    }
  };
  template <class T>
  struct Out {
    Bytes<T> usable;
    static constexpr auto ports() { return std::tuple{supply(q::usable_memory, &Out::usable)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.capacity * (T(1.0) - in.reserve)};
  }
};

struct ReserveByHand {
  static constexpr const char* kText = "80 GiB of which the runtime keeps a tenth: 0.9 x 85.90 GB = 77.31 GB";
  static constexpr Reserve::In<double> kIn{Bytes<double>(85.899e9), 0.1};
  static constexpr Reserve::Out<double> kOut{Bytes<double>(77.31e9)};
};

struct Traffic {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "traffic";

  template <class T>
  struct In {
    Bytes<T> bytes;
    BytesPerSecond<T> bandwidth;
    Bytes<T> weight_bytes;
    T weight_byte_factor;
    static constexpr auto ports() {
      return std::tuple{input(q::operator_bytes, &In::bytes), input(q::memory_bandwidth, &In::bandwidth, 1.0),
                        input(q::operator_weight_bytes, &In::weight_bytes),
                        input(q::weight_byte_factor, &In::weight_byte_factor)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::memory_time, &Out::time)}; }
  };

  // The operator's bytes count its weights at the bits of their precision; scales and pruning change those.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Bytes<T> bytes = in.bytes + in.weight_bytes * (in.weight_byte_factor - T(1.0));
    return {bytes / in.bandwidth};
  }
};
struct TrafficByHand {
  static constexpr const char* kText =
      "36 GB, 35 of them 4-bit weights with a scale for every 32 (4.25 bits, x 1.0625): 36 + 35 x 0.0625 = "
      "38.19 GB at 3.35 TB/s: 11.40 ms";
  static constexpr Traffic::In<double> kIn{Bytes<double>(36e9), BytesPerSecond<double>(3.35e12),
                                           Bytes<double>(35e9), 1.0625};
  static constexpr Traffic::Out<double> kOut{Seconds<double>(11.399e-3)};
};

struct Footprint {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "footprint";

  template <class T>
  struct In {
    Bytes<T> usable, weights, kv, activations, states;
    static constexpr auto ports() {
      return std::tuple{input(q::usable_memory, &In::usable), input(q::resident_weight_bytes, &In::weights),
                        input(q::kv_bytes, &In::kv), input(q::activation_bytes, &In::activations),
                        input(q::state_bytes, &In::states)};
    }
  };
  template <class T>
  struct Out {
    Bytes<T> headroom;
    static constexpr auto ports() { return std::tuple{gate(q::memory_headroom, &Out::headroom)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.usable - in.weights - in.kv - in.activations - in.states};
  }
};

struct FootprintByHand {
  static constexpr const char* kText =
      "77 GB usable, 16.06 GB of weights, 0.5 GB of KV cache, 2 GB of activations: 58.44 GB are left";
  static constexpr Footprint::In<double> kIn{Bytes<double>(77e9), Bytes<double>(16.06e9),
                                             Bytes<double>(0.5e9), Bytes<double>(2e9), Bytes<double>(0)};
  static constexpr Footprint::Out<double> kOut{Bytes<double>(58.44e9)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Reserve, ReserveByHand>, Example<Traffic, TrafficByHand>,
                    Example<Footprint, FootprintByHand>)
