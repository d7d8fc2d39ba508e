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
        "An operator takes at least its bytes divided by the memory bandwidth, but for values that the "
        "operator before left on the chip, and weights, KV cache, activations and optimizer states must fit "
        "beside what the runtime keeps.",
    .equation =
        "t_memory = (weight bytes x weight_byte_factor + values x (1 - min(1, share x on-chip memory / "
        "values))) / "
        "bandwidth;  weights + KV + "
        "activations + states <= (1 - reserve) x capacity",
    .sources =
        "Williams et al. 2009 doi:10.1145/1498765.1498785; Rajbhandari et al. 2020 arXiv:1910.02054 "
        "(states); "
        "Korthikanti et al. 2022 arXiv:2205.05198 (activations)",
    .version = 3,
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

// What one operator writes and the next one reads does not pass through the memory where it still lies on the
// chip. A cache holds what the last kernel touched, so all requests of the step have to fit; a scratchpad is
// filled by a compiler that takes the requests one by one, so one of them has to. Weights stay from one step
// to the next in what is left. Training keeps its activations for the backward pass in memory.
struct Residency {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "residency";
  static constexpr std::uint32_t kPhases = phase::prefill | phase::decode;
  static constexpr const char* kSupports = "training writes its activations to memory";

  template <class T>
  struct In {
    Bytes<T> bytes, weight_bytes, stored_weights, cache, scratchpad;
    T is_matmul, is_convolution, is_vector, requests, cache_share;
    static constexpr auto ports() {
      return std::tuple{
          input(q::operator_bytes, &In::bytes),
          input(q::operator_weight_bytes, &In::weight_bytes),
          input(q::stored_weight_bytes, &In::stored_weights),
          setting(q::last_level_cache, &In::cache, {.value = 0}),
          setting(q::scratchpad, &In::scratchpad, {.value = 0}),
          discrete(q::is_matmul, &In::is_matmul, 0, 1),
          discrete(q::is_convolution, &In::is_convolution, 0, 1),
          discrete(q::is_vector, &In::is_vector, 0, 1),
          input(q::operator_requests, &In::requests),
          parameter(q::cache_share, &In::cache_share,
                    {.link = IRONLAW_LINK_LOGIT, .textbook = 0, .prior_mean = 0.5, .prior_sd = 0.7}, 0.0,
                    1.0)};
    }
  };
  template <class T>
  struct Out {
    T values_from_memory, weights_from_memory;
    static constexpr auto ports() {
      return std::tuple{supply(q::values_from_memory, &Out::values_from_memory, 1.0),
                        supply(q::weights_from_memory, &Out::weights_from_memory, 1.0)};
    }
  };

  // Attention reads a KV cache, once a step: that is no value which the operator before has left.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Bytes<T> values = max(in.bytes - in.weight_bytes, Bytes<T>(T(0.0)));
    const Bytes<T> held = in.cache * in.cache_share;
    const Bytes<T> at_once = in.scratchpad * in.cache_share * max(in.requests, T(1.0));
    const Bytes<T> on_chip = max(held, at_once);
    const T passes_values = in.is_matmul + in.is_convolution + in.is_vector;
    if (passes_values < T(0.5) || !(values.v > T(0.0))) return {T(1.0), T(1.0)};
    const bool fits = on_chip.v >= values.v;
    if (!fits) return {T(1.0) - on_chip / values, T(1.0)};
    const Bytes<T> left = on_chip - values;
    const bool weights_fit = in.stored_weights.v > T(0.0) && left.v < in.stored_weights.v;
    return {T(0.0), weights_fit ? T(1.0) - left / in.stored_weights : T(0.0)};
  }
};

struct ResidencyByHand {
  static constexpr const char* kText =
      "32 images of 1.6 MB are 51.2 MB of values; half of a 96 MB cache holds 48 of them: 3.2/51.2 = 0.0625 "
      "come "
      "from memory, and all weights";
  static constexpr Residency::In<double> kIn{Bytes<double>(53.2e6),
                                             Bytes<double>(2e6),
                                             Bytes<double>(25e6),
                                             Bytes<double>(96e6),
                                             Bytes<double>(0),
                                             0,
                                             1,
                                             0,
                                             32,
                                             0.5};
  static constexpr Residency::Out<double> kOut{0.0625, 1};
};

struct Traffic {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "traffic";

  template <class T>
  struct In {
    Bytes<T> bytes;
    BytesPerSecond<T> bandwidth;
    Bytes<T> weight_bytes;
    T weight_byte_factor, values_from_memory, weights_from_memory;
    static constexpr auto ports() {
      return std::tuple{input(q::operator_bytes, &In::bytes),
                        input(q::memory_bandwidth, &In::bandwidth, 1.0),
                        input(q::operator_weight_bytes, &In::weight_bytes),
                        input(q::weight_byte_factor, &In::weight_byte_factor),
                        input(q::values_from_memory, &In::values_from_memory, 0, 1),
                        input(q::weights_from_memory, &In::weights_from_memory, 0, 1)};
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
    const Bytes<T> weights = in.weight_bytes * in.weight_byte_factor * in.weights_from_memory;
    const Bytes<T> values = max(in.bytes - in.weight_bytes, Bytes<T>(T(0.0))) * in.values_from_memory;
    return {(weights + values) / in.bandwidth};
  }
};
struct TrafficByHand {
  static constexpr const char* kText =
      "36 GB, 35 of them 4-bit weights with a scale for every 32 (4.25 bits, x 1.0625): 36 + 35 x 0.0625 = "
      "38.19 GB at 3.35 TB/s: 11.40 ms";
  static constexpr Traffic::In<double> kIn{
      Bytes<double>(36e9), BytesPerSecond<double>(3.35e12), Bytes<double>(35e9), 1.0625, 1, 1};
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

IRONLAW_EXPORT_WALL(kInfo, Example<Reserve, ReserveByHand>, Example<Residency, ResidencyByHand>,
                    Example<Traffic, TrafficByHand>, Example<Footprint, FootprintByHand>)
