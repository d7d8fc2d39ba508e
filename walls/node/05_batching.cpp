// Wall 5, Batching: how many requests run at once. Offline, a machine runs as many as its software is set to,
// and never more than the memory holds: the weights once, a KV cache for each request, at its mean age or as
// long as it may become.
#include <ironlaw/wall.hpp>

#include "../smooth.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 5,
    .id = "batching",
    .title = "Batching",
    .domain = "node",
    .term = "mfu",
    .statement =
        "The running batch is what is configured or, where nothing is, what memory holds after weights and "
        "reserve with every request at its mean age, or with whole lengths where the cache is static.",
    .equation =
        "requests = min(limit, (usable memory - weights - working memory) / (KV bytes per token x tokens x "
        "sequences)); tokens: mean context (paged) or longest length (static)",
    .sources =
        "Kwon et al. 2023 (paged attention) arXiv:2309.06180; Yu et al. 2022 (Orca, OSDI); mlsysim wall 5 "
        "(truncated exponential lengths)",
    .version = 2,
};

constexpr q::Count kAllocation{"kv_allocation",
                               "whether the KV cache grows by pages or is set aside whole for each request"};
constexpr q::Count kMaxLen{"max_len",
                           "longest length of a request, prompt and answer; 0: all have the mean length"};
constexpr q::Count kPageTokens{"kv_page_tokens", "tokens of one page of the KV cache"};
constexpr q::Count kStaticRequests{"static_requests", "requests that fit when each sets aside max_len"};
constexpr q::Count kPagedRequests{"paged_requests", "requests that fit, at their whole length, in pages"};
constexpr q::Count kStaticWaste{"static_fragmentation", "share of the cache that stays empty, static"};
constexpr q::Count kPagedWaste{"paged_fragmentation", "share of the cache that stays empty, in pages"};
constexpr q::Rate kStaticRate{"static_token_rate",
                              "tokens a second of a replica at the memory's bandwidth, static"};
constexpr q::Rate kPagedRate{"paged_token_rate",
                             "tokens a second of a replica at the memory's bandwidth, in pages"};
constexpr q::Count kPagedSpeedup{"paged_speedup", "token rate in pages over that of the static cache"};

struct Admission {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "admission";

  template <class T>
  struct In {
    T closed_loop, configured, limit, mean_context, input_len, generated, sequences, beams, allocation,
        max_len;
    Bytes<T> usable, weights, working, kv_per_token;
    static constexpr auto ports() {
      return std::tuple{discrete(q::closed_loop, &In::closed_loop, 0, 1),
                        input(q::configured_requests, &In::configured),
                        input(q::request_limit, &In::limit, 1.0),
                        input(q::mean_context, &In::mean_context),
                        input(q::input_len, &In::input_len, 1.0),
                        input(q::generated_len, &In::generated),
                        input(q::sequences, &In::sequences, 1.0),
                        discrete(q::beams, &In::beams, 1.0),
                        choice(kAllocation, &In::allocation, "paged|static", {.value = 0}),
                        setting(kMaxLen, &In::max_len, {.value = 0}),
                        input(q::usable_memory, &In::usable),
                        input(q::resident_weight_bytes, &In::weights),
                        input(q::working_bytes, &In::working),
                        input(q::kv_bytes_per_token, &In::kv_per_token)};
    }
  };
  template <class T>
  struct Out {
    T running;
    static constexpr auto ports() { return std::tuple{work(q::running_requests, &Out::running)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool is_configured = in.configured > T(0.0);
    if (in.closed_loop < T(0.5) && is_configured) return {in.configured};
    const T wanted = is_configured ? in.configured : in.limit;
    const bool is_static = in.allocation > T(0.5);
    const T tokens = is_static ? max(in.max_len, in.input_len + in.generated) : in.mean_context;
    // kv_bytes_per_token counts the beams; further sequences are as many times that.
    const Bytes<T> each = in.kv_per_token * (tokens * in.sequences / in.beams);
    if (!(each > Bytes<T>(T(0.0)))) return {wanted};  // no cache: memory does not limit the batch
    // Below one request nothing runs; one is kept so that the memory gate can say by how much it fails.
    return {max(min(wanted, (in.usable - in.weights - in.working) / each), T(1.0))};
  }
};

struct AdmissionByHand {
  static constexpr const char* kText =
      "Llama 3.1 8B: (72 - 15 - 1) GB over 131,072 B x 1000 tokens of each of 2 sequences: 213.6 requests";
  static constexpr Admission::In<double> kIn{1,
                                             0,
                                             2048,
                                             1000,
                                             850,
                                             300,
                                             2,
                                             1,
                                             0,
                                             0,
                                             Bytes<double>(72e9),
                                             Bytes<double>(15e9),
                                             Bytes<double>(1e9),
                                             Bytes<double>(131072)};
  static constexpr Admission::Out<double> kOut{213.62};
};

// Slots for whole requests, which is how servers are planned. Lengths are spread as S = min(X, max_len), X
// exponential with mu from the mean = mu (1 - e^(-max_len/mu)).
struct Slots {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "slots";
  static constexpr std::uint32_t kPhases = phase::decode | phase::offline | phase::serve,
                                 kKinds = kind::decoder;
  static constexpr const char* kSupports = "only decoders keep a KV cache while they generate";

  template <class T>
  struct In {
    T limit, input_len, generated, sequences, beams, max_len, page;
    Bytes<T> usable, weights, read_weights, working, kv_per_token;
    BytesPerSecond<T> bandwidth;
    static constexpr auto ports() {
      return std::tuple{input(q::request_limit, &In::limit, 1.0),
                        input(q::input_len, &In::input_len, 1.0),
                        input(q::generated_len, &In::generated),
                        input(q::sequences, &In::sequences, 1.0),
                        discrete(q::beams, &In::beams, 1.0),
                        setting(kMaxLen, &In::max_len, {.value = 0}),
                        setting(kPageTokens, &In::page,
                                {.value = 16, .source = "vLLM's block size, arXiv:2309.06180"}, 1.0),
                        input(q::usable_memory, &In::usable),
                        input(q::resident_weight_bytes, &In::weights),
                        input(q::weight_bytes, &In::read_weights),
                        input(q::working_bytes, &In::working),
                        input(q::kv_bytes_per_token, &In::kv_per_token),
                        input(q::memory_bandwidth, &In::bandwidth, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T static_requests, paged_requests, static_waste, paged_waste;
    PerSecond<T> static_rate, paged_rate;
    T speedup;
    static constexpr auto ports() {
      return std::tuple{account(kStaticRequests, &Out::static_requests),
                        account(kPagedRequests, &Out::paged_requests),
                        account(kStaticWaste, &Out::static_waste),
                        account(kPagedWaste, &Out::paged_waste),
                        account(kStaticRate, &Out::static_rate),
                        account(kPagedRate, &Out::paged_rate),
                        account(kPagedSpeedup, &Out::speedup)};
    }
  };

  // y = max_len/mu, from (1 - e^-y)/y = mean/max_len; between 0 (no spread) and max_len/mean. The step of
  // Newton at the root gives it its derivative.
  template <class T>
  static T spread_of(const T& mean_share) {
    const double share = value_of(mean_share);
    double low = 0, high = 1 / share;
    for (int i = 0; i < 60 && high - low > 1e-12 * high; ++i) {
      const double middle = (low + high) / 2;
      (smooth::mean_decay(middle) > share ? low : high) = middle;
    }
    const double root = share < 1 ? (low + high) / 2 : 0;
    const Dual<1> decay = smooth::mean_decay(Dual<1>::variable(root, 0));
    return T(root) - (T(decay.a) - mean_share) / T(decay.v[0]);
  }

  // Pages of a request on average: E[ceil(S/page)] = (1 - r^K)/(1 - r), r = e^(-page/mu), K = ceil(max/page).
  template <class T>
  static T mean_pages(const T& longest, const T& page, const T& spread) {
    const T most = ceil(longest / page), step = spread * page / longest;
    return most * smooth::mean_decay(step * most) / smooth::mean_decay(step);
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T mean = in.input_len + in.generated, longest = max(in.max_len, mean);
    const T held = mean_pages(longest, in.page, spread_of(mean / longest)) * in.page;
    const Bytes<T> token = in.kv_per_token * (in.sequences / in.beams);
    const Bytes<T> room = in.usable - in.weights - in.working;
    const auto fitting = [&](const T& tokens) {
      return max(min(floor(room / (token * tokens)), in.limit), T(0.0));
    };
    const auto rate = [&](const T& requests) {
      return in.bandwidth * requests / (in.read_weights + token * mean * requests);
    };
    const T whole = fitting(longest), paged = fitting(held);
    const PerSecond<T> whole_rate = rate(whole), paged_rate = rate(paged);
    return {whole,
            paged,
            T(1.0) - mean / longest,
            T(1.0) - mean / held,
            whole_rate,
            paged_rate,
            whole > T(0.0) ? paged_rate / whole_rate : T(kUnknown)};
  }
};

struct SlotsByHand {
  static constexpr const char* kText =
      "Llama 3.1 8B on an H100 of 85.90 GB, requests of 2048 tokens, 8192 at most: 69.84 GB hold 65 of 1.074 "
      "GB "
      "(3/4 of it empty), or 259 at 128.5 pages of 2.097 MB; 3.35 TB/s over 16.06 + 65 x 0.2684 GB times 65: "
      "6498 tokens/s, with 259: 10138, 1.560 times as many";
  static constexpr Slots::In<double> kIn{1e6,
                                         1536,
                                         512,
                                         1,
                                         1,
                                         8192,
                                         16,
                                         Bytes<double>(85899345920.0),
                                         Bytes<double>(16.06e9),
                                         Bytes<double>(16.06e9),
                                         Bytes<double>(0),
                                         Bytes<double>(131072),
                                         BytesPerSecond<double>(3.35e12)};
  static constexpr Slots::Out<double> kOut{
      65, 259, 0.75, 0.0038190, PerSecond<double>(6498.39), PerSecond<double>(10137.9), 1.56006};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Admission, AdmissionByHand>, Example<Slots, SlotsByHand>)
