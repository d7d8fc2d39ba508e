// Wall 6, Streaming: weights that do not live in the device's memory pass through it, again for every pass
// over the layers.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 6,
    .id = "streaming",
    .title = "Streaming",
    .domain = "node",
    .term = "mfu",
    .statement =
        "A step whose weights stream in takes at least the time of their stream; only a batch large enough "
        "hides it.",
    .equation =
        "t_stream = passes x weights / stream_bandwidth;  balance: tokens = b P F eta / (2 P_active "
        "stream_bandwidth)",
    .sources =
        "Lie 2022, Cerebras architecture deep dive, Hot Chips 34 (weight streaming); "
        "Sheng et al. 2023 arXiv:2303.06865 (weights on the host)",
};

enum WeightSource { memory, host, flash, wafer };
constexpr const char* kWeightSources = "memory|host|flash|wafer";

constexpr q::Count kWeightSource{"weight_source",
                                 "where the weights live: the device's memory, its host, its flash, or "
                                 "outside a wafer of memory and compute"};
constexpr q::Count kBufferLayers{"stream_buffer_layers",
                                 "layers that lie in memory while weights stream from the host"};
constexpr q::Bandwidth kStreamBandwidth{"stream_bandwidth",
                                        "rate at which weights reach one device from where they live"};
constexpr q::Count kBalanceEfficiency{"balance_efficiency",
                                      "share of the peak that compute reaches where it hides the stream"};
constexpr q::Count kBalanceTokens{"balance_tokens",
                                  "tokens of a step from which compute takes as long as the stream"};
constexpr q::Count kKvMargin{"kv_margin", "memory that the KV cache takes in use over its size"};
constexpr q::Count kKvMemoryShare{"kv_memory_share",
                                  "KV cache with that margin over the memory of one device"};

// From the host, one layer is in use and the next arrives. Microcontrollers execute in place from flash, and
// a wafer applies weights as they arrive: neither stores them.
struct Residency {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "residency";

  template <class T>
  struct In {
    Bytes<T> weights;
    T layers, source, buffer;
    static constexpr auto ports() {
      return std::tuple{
          input(q::weight_bytes, &In::weights), discrete(q::layers, &In::layers, 1.0),
          choice(kWeightSource, &In::source, kWeightSources, {.value = 0}),
          setting(kBufferLayers, &In::buffer, {.value = 2, .source = "a double buffer, one layer each"})};
    }
  };
  template <class T>
  struct Out {
    Bytes<T> resident;
    static constexpr auto ports() { return std::tuple{supply(q::resident_weight_bytes, &Out::resident)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (in.source < T(host)) return {in.weights};
    if (in.source > T(host)) return {Bytes<T>(T(0.0))};
    return {in.weights * min(T(1.0), in.buffer / in.layers)};
  }
};

struct ResidencyByHand {
  static constexpr const char* kText =
      "140 GB in 80 layers stream from the host: two layers, 3.5 GB, are here";
  static constexpr Residency::In<double> kIn{Bytes<double>(140e9), 80, host, 2};
  static constexpr Residency::Out<double> kOut{Bytes<double>(3.5e9)};
};

// While one layer computes the next arrives: a bound. A micro-batch runs through all layers before the next
// begins, so each streams all weights, in training once forward and once backward (gradients leave by the
// other direction of the link, and recomputation is part of the backward pass).
struct Stream {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "stream";

  template <class T>
  struct In {
    Bytes<T> weights;
    T source, is_training, micro_batches;
    BytesPerSecond<T> bandwidth;
    static constexpr auto ports() {
      return std::tuple{input(q::weight_bytes, &In::weights),
                        choice(kWeightSource, &In::source, kWeightSources, {.value = 0}),
                        discrete(q::is_training, &In::is_training, 0, 1),
                        discrete(q::micro_batches, &In::micro_batches, 1.0),
                        setting(kStreamBandwidth, &In::bandwidth, {.value = kUnknown}, 1.0)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::stream_time, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (in.source < T(host)) return {Seconds<T>(T(0.0))};
    return {in.weights / in.bandwidth * ((T(1.0) + in.is_training) * in.micro_batches)};
  }
};

struct StreamByHand {
  static constexpr const char* kText =
      "180e9 weights of 2 B onto a wafer at 1.2 TB/s: 300 ms a token, however small the batch";
  static constexpr Stream::In<double> kIn{Bytes<double>(360e9), wafer, 0, 1, BytesPerSecond<double>(1.2e12)};
  static constexpr Stream::Out<double> kOut{Seconds<double>(0.3)};
};

struct Balance {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "balance";

  template <class T>
  struct In {
    FlopsPerSecond<T> peak;
    T bits, byte_factor, parameters, active, efficiency;
    BytesPerSecond<T> bandwidth;
    static constexpr auto ports() {
      return std::tuple{
          input(q::peak_flops, &In::peak),
          input(q::weight_bits, &In::bits),
          input(q::weight_byte_factor, &In::byte_factor),
          input(q::parameters, &In::parameters, 1.0),
          input(q::active_parameters, &In::active, 1.0),
          setting(kBalanceEfficiency, &In::efficiency,
                  {.value = 0.5, .source = "mlsysim: efficiency of compute where none is given"}, 0, 1),
          setting(kStreamBandwidth, &In::bandwidth, {.value = kUnknown}, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T tokens;
    static constexpr auto ports() { return std::tuple{account(kBalanceTokens, &Out::tokens)}; }
  };

  // Every weight streams; a token multiplies by the active ones, 2 FLOP each.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Bytes<T> streamed(in.parameters * (in.bits / T(8.0)) * in.byte_factor);
    const Flops<T> each(T(2.0) * in.active);
    return {streamed / in.bandwidth / (each / (in.peak * in.efficiency))};
  }
};

struct BalanceByHand {
  static constexpr const char* kText =
      "125 PFLOP/s at 40%, 2 B a weight, 1.2 TB/s: 2 x 125e15 x 0.4 / (2 x 1.2e12) = 41,667 tokens";
  static constexpr Balance::In<double> kIn{FlopsPerSecond<double>(125e15), 16, 1, 180e9, 180e9, 0.4,
                                           BytesPerSecond<double>(1.2e12)};
  static constexpr Balance::Out<double> kOut{41667};
};

struct CacheShare {
  static constexpr Level kLevel = Level::run;
  static constexpr const char* kName = "cache_share";

  template <class T>
  struct In {
    Bytes<T> kv, capacity;
    T margin;
    static constexpr auto ports() {
      return std::tuple{input(q::cycle_kv_bytes, &In::kv), input(q::memory_capacity, &In::capacity, 1.0),
                        setting(kKvMargin, &In::margin,
                                {.value = 1.1, .source = "mlsysim, weight streaming: 1.1 x KV"}, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T share;
    static constexpr auto ports() { return std::tuple{account(kKvMemoryShare, &Out::share)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.kv * in.margin / in.capacity};
  }
};

struct CacheShareByHand {
  static constexpr const char* kText =
      "127 requests of 2,048 tokens at 2 x 80 layers x 8 heads x 64 x 2 B are 42.61 GB; with 10% more they "
      "fill 99.2% of 44 GiB";
  static constexpr CacheShare::In<double> kIn{Bytes<double>(127 * 335544320.0), Bytes<double>(47244640256.0),
                                              1.1};
  static constexpr CacheShare::Out<double> kOut{0.99219};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Residency, ResidencyByHand>, Example<Stream, StreamByHand>,
                    Example<Balance, BalanceByHand>, Example<CacheShare, CacheShareByHand>)
