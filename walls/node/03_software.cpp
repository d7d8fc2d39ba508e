// Wall 3, Software: kernels reach a share of the peak and of the bandwidth, starting them takes time, and the
// host adds its own to every step. These shares are what calibration fits.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 3,
    .id = "software",
    .title = "Software",
    .domain = "node",
    .term = "mfu",
    .statement =
        "Kernels reach a share of peak and bandwidth, overlap the two imperfectly, and cost a launch; "
        "attention takes a prompt in tiles, each on one core and with a start of its own, or moves all "
        "scores where it is not fused; the host and scheduler add a time to every step, and in training "
        "to every layer. Unfused chains move their intermediate results, and a host that launches kernel "
        "by kernel may be slower than the device. A new model waits for its kernels to be tuned.",
    .equation =
        "t = ((t_compute/e_c)^(1/q) + (t_memory/e_m)^(1/q))^q + launches x t_launch;  step += t_host;  "
        "unfused: e_m / traffic;  attention of a prompt: t_compute and t_exp / min(1, scores/(cores x "
        "longest tile)), + tiles/cores x t_tile + exposed x t_memory, unfused: + scores x bytes/(e_m x "
        "bandwidth);  of a cache: e_m/(1 - e_m) x odds;  eager: + max(launches x t_eager - "
        "max(t_compute, t_memory), 0);  untuned: + t_node x backlog x left",
    .sources =
        "priors: large products reach 0.65-0.80 of the dense peak, decode attention and streams "
        "0.75-0.85 of the bandwidth, launches 3-10 us, attention as fitted to its kernels alone (NVIDIA "
        "aiconfigurator operator tables, snapshot 095f58a5, Apache-2.0); serving hosts 2-8 ms a step "
        "(its measured serving points); fusion: Ivanov et al. 2021 arXiv:2007.00072, Hsu et al. 2024 "
        "(Liger) arXiv:2410.10989; tiles: Dao 2023 arXiv:2307.08691; tuning: fitted to what MLPerf's "
        "rounds gain with the age of a benchmark",
    .version = 6,
};

constexpr q::Count kAttentionOdds{"attention_stream_odds",
                                  "odds of attention's share of the bandwidth over those of other kernels"};
constexpr q::Count kAttentionOverlap{
    "attention_overlap_deficit", "how far products, exponentials and traffic of attention fail to overlap"};
constexpr q::Time kTileTime{"attention_tile_time", "time that a core starts and ends a tile of queries in"};
constexpr q::Count kAttentionExposed{
    "attention_exposed", "attention's memory time that its arithmetic does not hide, over that time"};
constexpr q::Time kAttentionStarts{"attention_starts", "time to start and end attention's tiles"};
constexpr q::Time kLayerOverhead{"layer_overhead",
                                 "training: time of a layer's pass that its kernels wait for their launches"};
constexpr q::Count kAttentionKernel{"attention_kernel",
                                    "whether attention is one kernel or its scores pass through the memory"};
constexpr q::Size kScoreBytes{"score_bytes", "bytes that one score moves where attention is not fused"};
constexpr q::Count kLaunchMode{"launch_mode", "whether the host replays a graph or launches each kernel"};
constexpr q::Time kEagerLaunchTime{"eager_launch_time", "time the host needs to launch one kernel by itself"};
constexpr q::Time kEagerTime{"eager_time", "time that a device waits for the host's launches"};
constexpr q::Count kFusion{"fusion", "whether chains of element-wise operators are one kernel each"};
constexpr q::Count kUnfusedTraffic{"unfused_traffic",
                                   "bytes an unfused chain moves over those of the fused one"};
constexpr q::Count kUnfusedLaunches{"unfused_launches",
                                    "kernels of an unfused chain over those of the fused"};

// Counted on a decoder layer of Llama 3, whose fused chains move 21 hidden sizes a token:
//   residual and norm, twice: 10 passes (add 3; square, mean, scale, weight 7) instead of 4;
//   gated SiLU, 3.5 wide: 5 passes (SiLU 2, product 3) instead of 3;
//   rotary embedding of queries and keys, 1.25 wide: 10 passes instead of 2.
// (2 x 10 + 3.5 x 5 + 1.25 x 10)/(2 x 4 + 3.5 x 3 + 1.25 x 2) = 50/21 = 2.4; kernels 2 x 6 + 2 + 2 x 5 for 4.
constexpr Setting kCountedTraffic{
    2.4, "counted on a Llama 3 layer: 50 passes of hidden size instead of 21; Ivanov 2021, Hsu 2024"};
constexpr Setting kCountedLaunches{6, "counted on a Llama 3 layer: 24 kernels instead of 4"};

// At 16 bits, training with dropout. Forward: scores written 2, softmax 2 + 2, dropout 2 + 2 + a mask of 1,
// read by the product 2: 13. Backward: their gradient 2, dropout 2 + 1 + 2, softmax 2 + 2 + 2, read by two
// products 2 + 2, and the scores by one 2: 19. 16 on average; Ivanov et al. 2021.
constexpr Setting kCountedScores{16, "counted: passes of softmax, mask and dropout over the scores"};

constexpr std::uint32_t kByChip = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE;

struct Kernels {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "kernels";

  template <class T>
  struct In {
    T is_matmul, is_attention, is_convolution, is_vector, attention_tiles, launches;
    T matmul, attention, convolution, stream, overlap_deficit;
    Seconds<T> launch_latency, attention_latency;
    T fusion, unfused_traffic, unfused_launches, attention_odds, attention_overlap;
    T is_training;
    Seconds<T> layer_overhead;
    T attention_kernel, scores;
    Bytes<T> score_bytes;
    BytesPerSecond<T> bandwidth;
    static constexpr auto ports() {
      return std::tuple{
          discrete(q::is_matmul, &In::is_matmul, 0, 1),
          discrete(q::is_attention, &In::is_attention, 0, 1),
          discrete(q::is_convolution, &In::is_convolution, 0, 1),
          discrete(q::is_vector, &In::is_vector, 0, 1),
          discrete(q::attention_tiles, &In::attention_tiles),
          discrete(q::launches, &In::launches),
          parameter(
              q::matmul_efficiency, &In::matmul,
              {.link = IRONLAW_LINK_LOGIT,
               .textbook = 1,
               .prior_mean = 0.7,
               .prior_sd = 0.5,
               .scopes = kByChip | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_PRECISION | IRONLAW_SCOPE_GENERATION},
              0, 1),
          parameter(q::attention_efficiency, &In::attention,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 1,
                     .prior_mean = 0.6,
                     .prior_sd = 0.4,
                     .scopes = IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_PRECISION},
                    0, 1),
          parameter(
              q::convolution_efficiency, &In::convolution,
              {.link = IRONLAW_LINK_LOGIT,
               .textbook = 1,
               .prior_mean = 0.5,
               .prior_sd = 0.7,
               .scopes = kByChip | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_PRECISION | IRONLAW_SCOPE_GENERATION},
              0, 1),
          parameter(q::stream_efficiency, &In::stream,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 1,
                     .prior_mean = 0.8,
                     .prior_sd = 0.4,
                     .scopes = kByChip | IRONLAW_SCOPE_CLASS},
                    0, 1),
          parameter(q::overlap_deficit, &In::overlap_deficit,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 0,
                     .prior_mean = 0.4,
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_FAMILY},
                    0, 1),
          parameter(q::launch_latency, &In::launch_latency,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 3e-6,
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_CLASS}),
          parameter(q::attention_latency, &In::attention_latency,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 9e-6,  // 9-12 us of a decode kernel, less its launch
                     .prior_sd = 0.4,
                     .scopes = IRONLAW_SCOPE_CLASS}),
          choice(kFusion, &In::fusion, "fused|unfused", {.value = 0}),
          setting(kUnfusedTraffic, &In::unfused_traffic, kCountedTraffic, 1),
          setting(kUnfusedLaunches, &In::unfused_launches, kCountedLaunches, 1),
          parameter(kAttentionOdds, &In::attention_odds,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 1,
                     .prior_mean = 1.3,
                     .prior_sd = 0.3,
                     .scopes = IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE}),
          parameter(kAttentionOverlap, &In::attention_overlap,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 0,
                     .prior_mean = 0.85,
                     .prior_sd = 0.3,
                     .scopes = IRONLAW_SCOPE_FAMILY},
                    0, 1),
          discrete(q::is_training, &In::is_training, 0, 1),
          parameter(kLayerOverhead, &In::layer_overhead,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 100e-6,  // 10-30 kernels of 5-10 us that nothing hides
                     .prior_sd = 1.5,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_CLASS}),
          choice(kAttentionKernel, &In::attention_kernel, "fused|unfused", {.value = 0}),
          input(q::attention_scores, &In::scores),
          setting(kScoreBytes, &In::score_bytes, kCountedScores),
          input(q::memory_bandwidth, &In::bandwidth, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T compute_efficiency, bandwidth_efficiency, overlap_loss;
    Seconds<T> launch_time;
    static constexpr auto ports() {
      return std::tuple{factor(q::compute_efficiency, &Out::compute_efficiency, q::compute_time),
                        factor(q::bandwidth_efficiency, &Out::bandwidth_efficiency, q::memory_time),
                        supply(q::overlap_loss, &Out::overlap_loss, 0.0),
                        addend(q::launch_time, &Out::launch_time)};
    }
  };

  // An attention kernel's parts wait for each other (splits of the cache, their sums), however short they
  // are, and gather a cache that is neither one stream nor always stored as it is computed with. Element-wise
  // work is never near the peak, so its compute share is left at 1.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T any_product = in.is_matmul + in.is_attention + in.is_convolution;
    const bool is_chain = in.is_vector * in.fusion > T(0.5);
    const T kernels = is_chain ? in.launches * in.unfused_launches : in.launches;
    return {in.is_matmul * in.matmul + in.is_attention * in.attention + in.is_convolution * in.convolution +
                (T(1.0) - any_product),
            share_of_bandwidth(in, is_chain),
            in.is_attention > T(0.5) ? in.attention_overlap : in.overlap_deficit,
            in.launch_latency * kernels + once_a_layer(in) * in.is_attention + score_traffic(in)};
  }

 private:
  // A layer has one attention. In training the framework launches its kernels one by one.
  template <class T>
  static Seconds<T> once_a_layer(const In<T>& in) {
    return in.is_training > T(0.5) ? in.layer_overhead : in.attention_latency;
  }

  template <class T>
  static Seconds<T> score_traffic(const In<T>& in) {
    if (in.attention_kernel < T(0.5)) return Seconds<T>(T(0.0));
    return in.score_bytes * (in.scores / in.stream) / in.bandwidth;
  }

  template <class T>
  static T share_of_bandwidth(const In<T>& in, bool is_chain) {
    if (is_chain) return in.stream / in.unfused_traffic;
    const bool reads_cache = in.is_attention > T(0.5) && !(in.attention_tiles > T(0.0));
    if (!reads_cache) return in.stream;
    const T odds = in.stream * in.attention_odds;
    return odds / (T(1.0) - in.stream + odds);
  }
};

struct KernelsByHand {
  static constexpr const char* kText =
      "an unfused chain at 0.8 of the bandwidth moves 2.4 times the bytes, 0.8/2.4 = 0.3333, and starts 6 "
      "kernels of 3 us: 18 us";
  static constexpr Kernels::In<double> kIn{0,
                                           0,
                                           0,
                                           1,
                                           0,
                                           1,
                                           0.7,
                                           0.5,
                                           0.5,
                                           0.8,
                                           0.4,
                                           Seconds<double>(3e-6),
                                           Seconds<double>(7e-6),
                                           1,
                                           2.4,
                                           6,
                                           1,
                                           0.7,
                                           0,
                                           Seconds<double>(1e-4),
                                           0,
                                           0,
                                           Bytes<double>(16),
                                           BytesPerSecond<double>(1e12)};
  static constexpr Kernels::Out<double> kOut{1, 0.33333, 0.4, Seconds<double>(18e-6)};
};

// A core takes a tile of queries from its first key to its last, so fewer tiles than cores leave cores idle,
// and of a causal prompt the last tile takes longest. It reads the queries before it can multiply and writes
// its results after it has: a long prompt hides that, many short ones do not.
struct Tiles {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "tiles";

  template <class T>
  struct In {
    T attention_kernel, scores, tiles, tile_scores, cores;
    Seconds<T> memory, tile_time;
    T exposed;
    static constexpr auto ports() {
      return std::tuple{choice(kAttentionKernel, &In::attention_kernel, "fused|unfused", {.value = 0}),
                        input(q::attention_scores, &In::scores),
                        input(q::attention_tiles, &In::tiles),
                        input(q::attention_tile_scores, &In::tile_scores),
                        setting(q::cores, &In::cores, {.value = 0}),
                        input(q::memory_time, &In::memory),
                        parameter(kTileTime, &In::tile_time,
                                  {.link = IRONLAW_LINK_LOG,
                                   .textbook = 0,
                                   .prior_mean = 1.5e-6,  // 0.2-4 us of FlashAttention and TensorRT-LLM
                                   .prior_sd = 0.5,
                                   .scopes = IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_CLASS}),
                        parameter(kAttentionExposed, &In::exposed,
                                  {.link = IRONLAW_LINK_LOG,
                                   .textbook = 0,
                                   .prior_mean = 1.2,
                                   .prior_sd = 0.4,
                                   .scopes = IRONLAW_SCOPE_FAMILY})};
    }
  };
  template <class T>
  struct Out {
    T share, exponential_share;
    Seconds<T> time;
    static constexpr auto ports() {
      return std::tuple{factor(q::attention_share, &Out::share, q::compute_time),
                        factor(q::exponential_share, &Out::exponential_share, q::exponential_time),
                        addend(kAttentionStarts, &Out::time)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool is_fused = in.attention_kernel < T(0.5);
    const bool has_tiles = is_fused && in.tiles > T(0.0) && in.tile_scores > T(0.0);
    if (!has_tiles) return {T(1.0), T(1.0), Seconds<T>(T(0.0))};
    const Seconds<T> exposed = in.memory * in.exposed;
    const bool counts_cores = in.cores > T(0.0);
    if (!counts_cores) return {T(1.0), T(1.0), exposed};
    const T busy = in.scores / (in.tile_scores * in.cores);
    const T share = busy < T(1.0) ? busy : T(1.0);
    return {share, share, in.tile_time * (in.tiles / in.cores) + exposed};
  }
};

struct TilesByHand {
  static constexpr const char* kText =
      "8 heads of 1,024 queries: 64 tiles of 128, 4.2e6 scores, of which the longest tile has 128 x 960.5: "
      "4.2e6/(122,944 x 132) = 0.2588 of the cores; 64/132 x 2 us + 1.5 x 1 us = 2.47 us";
  static constexpr Tiles::In<double> kIn{
      0, 4.2e6, 64, 122944, 132, Seconds<double>(1e-6), Seconds<double>(2e-6), 1.5};
  static constexpr Tiles::Out<double> kOut{0.25881, 0.25881, Seconds<double>(2.4697e-6)};
};

// The host launches ahead while the device works; only what an operator is shorter than its launches shows.
struct Dispatch {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "dispatch";

  template <class T>
  struct In {
    T launch_mode, launches, is_vector, fusion, unfused_launches;
    Seconds<T> eager_launch, compute, memory;
    static constexpr auto ports() {
      return std::tuple{
          choice(kLaunchMode, &In::launch_mode, "graph|eager", {.value = 0}),
          discrete(q::launches, &In::launches),
          discrete(q::is_vector, &In::is_vector, 0, 1),
          choice(kFusion, &In::fusion, "fused|unfused", {.value = 0}),
          setting(kUnfusedLaunches, &In::unfused_launches, kCountedLaunches, 1),
          setting(
              kEagerLaunchTime, &In::eager_launch,
              {.value = 10e-6,
               .source = "mlsysim: 10 us a layer, 15 us a launch; NVIDIA aiconfigurator 095f58a5: on H100 "
                         "and H200 small all-reduces of vLLM take 16-17 us longer than in a graph"}),
          input(q::compute_time, &In::compute),
          input(q::memory_time, &In::memory)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(kEagerTime, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Seconds<T> none{T(0.0)};
    if (in.launch_mode < T(0.5)) return {none};
    const bool is_chain = in.is_vector * in.fusion > T(0.5);
    const T kernels = is_chain ? in.launches * in.unfused_launches : in.launches;
    return {max(in.eager_launch * kernels - max(in.compute, in.memory), none)};
  }
};

struct DispatchByHand {
  static constexpr const char* kText = "2 kernels of 10 us to launch, 6 us of memory traffic: 20 - 6 = 14 us";
  static constexpr Dispatch::In<double> kIn{
      1, 2, 0, 0, 6, Seconds<double>(10e-6), Seconds<double>(1e-6), Seconds<double>(6e-6)};
  static constexpr Dispatch::Out<double> kOut{Seconds<double>(14e-6)};
};

struct Host {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "host";

  template <class T>
  struct In {
    Seconds<T> overhead;
    static constexpr auto ports() {
      return std::tuple{
          parameter(q::step_overhead, &In::overhead,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 2e-3,
                     .prior_sd = 1.0,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_GENERATION})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(q::host_time, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.overhead};
  }
};

struct HostByHand {
  static constexpr const char* kText = "2 ms a step are 2 ms a step";
  static constexpr Host::In<double> kIn{Seconds<double>(2e-3)};
  static constexpr Host::Out<double> kOut{Seconds<double>(2e-3)};
};

constexpr q::Count kTuningLeft{"tuning_left",
                               "share of the tuning of kernels for this model that is still to be done"};
constexpr q::Count kTuningBacklog{"tuning_backlog",
                                  "kernels' time that tuning them for a new model saves, over the rest"};
constexpr q::Time kUntunedTime{"untuned_time",
                               "time lost to kernels that nobody has tuned for the model yet"};

// A new model runs on kernels written for others: MLPerf's benchmarks gain most between their first three
// rounds, on the same devices, whatever the year.
struct Tuning {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "tuning";

  template <class T>
  struct In {
    T left, backlog;
    Seconds<T> node;
    static constexpr auto ports() {
      return std::tuple{setting(kTuningLeft, &In::left,
                                {.value = 0, .source = "a model that is tuned; 1: a new one"}, 0, 1),
                        parameter(kTuningBacklog, &In::backlog,
                                  {.link = IRONLAW_LINK_LOG,
                                   .textbook = 0,
                                   .prior_mean = 0.2,
                                   .prior_sd = 1.0,
                                   .scopes = IRONLAW_SCOPE_CLASS}),
                        input(q::node_time, &In::node)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(kUntunedTime, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.node * (in.backlog * in.left)};
  }
};

struct TuningByHand {
  static constexpr const char* kText =
      "kernels of 10 ms, of which 0.2 could be saved at first, half of it still: 10 x 0.2 x 0.5 = 1 ms";
  static constexpr Tuning::In<double> kIn{0.5, 0.2, Seconds<double>(10e-3)};
  static constexpr Tuning::Out<double> kOut{Seconds<double>(1e-3)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Kernels, KernelsByHand>, Example<Tiles, TilesByHand>,
                    Example<Dispatch, DispatchByHand>, Example<Host, HostByHand>,
                    Example<Tuning, TuningByHand>)
