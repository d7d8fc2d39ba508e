// Wall 4, Serving: a request is a prompt, run at once or in chunks, and then tokens, one step each or, where
// a small model drafts them, several. What the steps work on, how many of them the running requests need, and
// what a request sees of them, follows from the lengths.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 4,
    .id = "serving",
    .title = "Serving",
    .domain = "node",
    .term = "flops",
    .statement =
        "A request costs its share of the prefill steps and one decode step a token, or one for all tokens "
        "of "
        "a draft that are accepted, at a context that grows from its prompt to its end.",
    .equation =
        "context = input + generated/2;  T(requests) = chunks x requests/prefill_requests x t_prefill + "
        "generated/E x (t_decode + gamma t_draft);  E = 1 + a + ... + a^gamma",
    .sources =
        "Pope et al. 2022 arXiv:2211.05102; Agrawal et al. 2024 arXiv:2403.02310 (chunked prefill); "
        "Leviathan "
        "et al. 2023 arXiv:2211.17192 (speculative decoding); Zhong et al. 2024 arXiv:2401.09670, Patel et "
        "al. "
        "2024 arXiv:2311.18677 (disaggregation); Yu et al. 2022 (Orca), OSDI (batches that end as a whole)",
    .version = 3,
};

constexpr q::Count kCachedPrefix{"cached_prefix", "tokens of the prompt whose keys and values are cached"};
constexpr q::Count kPrefillChunk{"prefill_chunk",
                                 "most tokens of a prompt that one step takes; 0: the whole prompt"};
constexpr q::Count kPromptChunks{"prompt_chunks", "steps in which a prompt is run"};
constexpr q::Count kDraftTokens{"draft_tokens", "tokens that a draft model proposes for one decode step"};
constexpr q::Count kDraftAcceptance{"draft_acceptance", "chance that a proposed token is accepted"};
constexpr q::Count kLongestOutput{
    "longest_output",
    "tokens of the longest answer of a batch that ends as a whole; 0: requests come and go one by one"};
constexpr q::Count kServing{"serving", "whether prefill and decode steps run on the same devices"};
constexpr q::Time kWorstGap{"itl_worst", "longest time between two tokens of a request"};

struct Lengths {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "lengths";

  template <class T>
  struct In {
    T input_len, generated;
    static constexpr auto ports() {
      return std::tuple{input(q::input_len, &In::input_len, 1.0), input(q::generated_len, &In::generated)};
    }
  };
  template <class T>
  struct Out {
    T mean_context;
    static constexpr auto ports() { return std::tuple{work(q::mean_context, &Out::mean_context)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.input_len + in.generated / T(2.0)};
  }
};

struct LengthsByHand {
  static constexpr const char* kText = "1000 tokens and 300 generated: 1000 + 300/2 = 1150 on average";
  static constexpr Lengths::In<double> kIn{1000, 300};
  static constexpr Lengths::Out<double> kOut{1150};
};

struct Prompt {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "prompt";

  template <class T>
  struct In {
    T input_len, cached, chunk;
    static constexpr auto ports() {
      return std::tuple{input(q::input_len, &In::input_len, 1.0),
                        setting(kCachedPrefix, &In::cached, {.value = 0}),
                        setting(kPrefillChunk, &In::chunk, {.value = 0})};
    }
  };
  template <class T>
  struct Out {
    T tokens, context, chunks;
    static constexpr auto ports() {
      return std::tuple{work(q::prompt_tokens, &Out::tokens), work(q::prompt_context, &Out::context),
                        supply(kPromptChunks, &Out::chunks)};
    }
  };

  // At least one token is new: its step makes the first token of the answer.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T fresh = max(in.input_len - in.cached, T(1.0));
    const T chunks = in.chunk > T(0.0) ? ceil(fresh / max(in.chunk, T(1.0))) : T(1.0);
    const T tokens = fresh / chunks;
    return {tokens, in.input_len - fresh + (fresh - tokens) / T(2.0), chunks};
  }
};

struct PromptByHand {
  static constexpr const char* kText =
      "8192 tokens, 2048 of them cached: 6144 new ones in 3 chunks of 2048, behind 2048, 4096 and 6144 "
      "tokens, "
      "4096 on average";
  static constexpr Prompt::In<double> kIn{8192, 2048, 2048};
  static constexpr Prompt::Out<double> kOut{2048, 4096, 3};
};

struct Schedule {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "schedule";

  template <class T>
  struct In {
    T closed_loop, has_prefill, has_decode, running, prefill_tokens, prompt_tokens, chunks, generated;
    T longest, drafted, acceptance;
    static constexpr auto ports() {
      return std::tuple{
          discrete(q::closed_loop, &In::closed_loop, 0, 1),
          discrete(q::has_prefill, &In::has_prefill, 0, 1),
          discrete(q::has_decode, &In::has_decode, 0, 1),
          input(q::running_requests, &In::running),
          input(q::prefill_tokens, &In::prefill_tokens, 1.0),
          input(q::prompt_tokens, &In::prompt_tokens, 1e-3),
          input(kPromptChunks, &In::chunks, 1.0),
          input(q::generated_len, &In::generated),
          setting(kLongestOutput, &In::longest, {.value = 0}),
          whole(setting(kDraftTokens, &In::drafted, {.value = 0}, 0, 64)),
          setting(kDraftAcceptance, &In::acceptance,
                  {.value = 0.7, .source = "mlsysim, wall 4; it depends on the pair of models and the text"},
                  0, 1)};
    }
  };
  template <class T>
  struct Out {
    T prefill_requests, prefill_steps, decode_steps, decode_tokens, draft_steps, tokens_per_step;
    static constexpr auto ports() {
      return std::tuple{work(q::prefill_requests, &Out::prefill_requests),
                        work(q::prefill_steps, &Out::prefill_steps),
                        work(q::decode_steps, &Out::decode_steps),
                        work(q::decode_tokens, &Out::decode_tokens),
                        work(q::draft_steps, &Out::draft_steps),
                        supply(q::accepted_tokens, &Out::tokens_per_step)};
    }
  };

  // 1 + a + ... + a^gamma: a drafted token counts when it and all before it are accepted, and the large model
  // adds one of its own.
  template <class T>
  static T yield_of(const T& drafted, const T& acceptance) {
    T tokens(1.0);
    const int drafts = static_cast<int>(value_of(drafted));
    for (int i = 0; i < drafts; ++i) tokens = tokens * acceptance + T(1.0);
    return tokens;
  }

  // In a closed loop prompts enter in steps of prefill_tokens and every running request generates its whole
  // output (in a batch that ends as a whole, waits for the longest one); otherwise the scenario is one decode
  // step over the requests it names, or their whole prompts.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool queued = in.closed_loop > T(0.5);
    const T fitting = max(in.prefill_tokens / in.prompt_tokens, T(1.0));
    const T prompts = queued ? min(fitting, in.running) : in.running;
    const T drafted = floor(in.drafted), tokens = yield_of(drafted, in.acceptance);
    return {prompts,
            in.has_prefill * in.chunks * (queued ? in.running / prompts : T(1.0)),
            in.has_decode * (queued ? max(in.generated, in.longest) / tokens : T(1.0)),
            drafted + T(1.0),
            drafted,
            tokens};
  }
};

struct ScheduleByHand {
  static constexpr const char* kText =
      "256 requests, 8 prompts of 1024 new tokens a step of 8192, each in 2 chunks: 2 x 256/8 = 64 prefill "
      "steps; 4 drafted tokens at 0.7 yield 1 + 0.7 + 0.49 + 0.343 + 0.2401 = 2.773: 128/2.773 = 46.16 steps";
  static constexpr Schedule::In<double> kIn{1, 1, 1, 256, 8192, 1024, 2, 128, 0, 4, 0.7};
  static constexpr Schedule::Out<double> kOut{8, 64, 46.158, 5, 4, 2.7731};
};

struct Latency {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "latency";
  static constexpr std::uint32_t kPhases = phase::inference, kKinds = kind::decoder;
  static constexpr const char* kSupports = "only decoders answer token by token";

  template <class T>
  struct In {
    T closed_loop, has_prefill, has_decode, chunks, input_len, generated, draft_steps, tokens_per_step;
    Seconds<T> prefill_step, decode_step, draft_step, steps;
    Bytes<T> kv_per_token;
    BytesPerSecond<T> path;
    T serving;
    static constexpr auto ports() {
      return std::tuple{discrete(q::closed_loop, &In::closed_loop, 0, 1),
                        discrete(q::has_prefill, &In::has_prefill, 0, 1),
                        discrete(q::has_decode, &In::has_decode, 0, 1),
                        input(kPromptChunks, &In::chunks, 1.0),
                        input(q::input_len, &In::input_len, 1.0),
                        input(q::generated_len, &In::generated),
                        input(q::draft_steps, &In::draft_steps),
                        input(q::accepted_tokens, &In::tokens_per_step, 1.0),
                        input(q::prefill_step_time, &In::prefill_step),
                        input(q::decode_step_time, &In::decode_step),
                        input(q::draft_step_time, &In::draft_step),
                        input(q::steps_time, &In::steps),
                        input(q::kv_bytes_per_token, &In::kv_per_token),
                        input(q::network_path_bandwidth, &In::path, 1.0),
                        choice(kServing, &In::serving, "shared|disaggregated", {.value = 0})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> ttft, itl, request_time, worst_gap;
    static constexpr auto ports() {
      return std::tuple{headline(q::ttft, &Out::ttft), headline(q::itl, &Out::itl),
                        account(q::request_time, &Out::request_time), account(kWorstGap, &Out::worst_gap)};
    }
  };

  // On shared devices a request waits, while it generates, for all other prompts of the cycle; its own came
  // before its first token. What a phase does not have is unknown.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Seconds<T> unknown{T(kUnknown)};
    const bool has_prefill = in.has_prefill > T(0.5), is_shared = in.serving < T(0.5);
    const bool generates = in.has_decode > T(0.5) && in.generated > T(0.0);
    const Seconds<T> prompt = in.prefill_step * in.chunks;
    const Seconds<T> decode = in.decode_step + in.draft_step * in.draft_steps;

    Out<T> out{unknown, unknown, unknown, unknown};
    if (has_prefill) out.ttft = is_shared ? prompt : prompt + in.kv_per_token * in.input_len / in.path;
    if (!generates) return out;
    const bool is_interleaved = has_prefill && is_shared;
    out.itl = is_interleaved && in.closed_loop > T(0.5) ? (in.steps - prompt) / in.generated
                                                        : decode / in.tokens_per_step;
    out.worst_gap = is_interleaved ? decode + in.prefill_step : decode;
    out.request_time = out.ttft + out.itl * max(in.generated - T(1.0), T(0.0));
    return out;
  }
};

struct LatencyByHand {
  static constexpr const char* kText =
      "2 chunks of 150 ms: first token after 0.3 s. A cycle of 9.9 s, 0.3 s of it the own prompt, for 128 "
      "tokens: 9.6 s/128 = 75 ms each; 0.3 + 127 x 0.075 = 9.825 s. A chunk that delays a decode step of 20 "
      "ms "
      "and 4 draft steps of 2 ms: 28 + 150 = 178 ms";
  static constexpr Latency::In<double> kIn{1,
                                           1,
                                           1,
                                           2,
                                           1024,
                                           128,
                                           4,
                                           2.7731,
                                           Seconds<double>(0.15),
                                           Seconds<double>(0.02),
                                           Seconds<double>(0.002),
                                           Seconds<double>(9.9),
                                           Bytes<double>(131072),
                                           BytesPerSecond<double>(50e9),
                                           0};
  static constexpr Latency::Out<double> kOut{Seconds<double>(0.3), Seconds<double>(0.075),
                                             Seconds<double>(9.825), Seconds<double>(0.178)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Lengths, LengthsByHand>, Example<Prompt, PromptByHand>,
                    Example<Schedule, ScheduleByHand>, Example<Latency, LatencyByHand>)
