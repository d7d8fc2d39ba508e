// Wall 4, Serving: a request is a prompt, run at once, and then tokens, one step each. What the steps work
// on, and how many of them the running requests need, follows from the lengths.
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
        "A request costs its share of a prefill step and one decode step a token, at a context that grows "
        "from its prompt to its end.",
    .equation =
        "context = input + output/2;  T(requests) = requests/prefill_requests x t_prefill + output x "
        "t_decode",
    .sources =
        "Pope et al. 2022 arXiv:2211.05102; Agrawal et al. 2024 arXiv:2403.02310 (prefill steps of a fixed "
        "size)",
};

struct Lengths {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "lengths";

  template <class T>
  struct In {
    T input_len, output_len;
    static constexpr auto ports() {
      return std::tuple{input(q::input_len, &In::input_len, 1.0), input(q::output_len, &In::output_len)};
    }
  };
  template <class T>
  struct Out {
    T mean_context;
    static constexpr auto ports() { return std::tuple{work(q::mean_context, &Out::mean_context)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.input_len + in.output_len / T(2.0)};
  }
};

struct Schedule {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "schedule";

  template <class T>
  struct In {
    T closed_loop, has_prefill, has_decode, running, prefill_tokens, input_len, output_len;
    static constexpr auto ports() {
      return std::tuple{discrete(q::closed_loop, &In::closed_loop, 0, 1),
                        discrete(q::has_prefill, &In::has_prefill, 0, 1),
                        discrete(q::has_decode, &In::has_decode, 0, 1),
                        input(q::running_requests, &In::running),
                        input(q::prefill_tokens, &In::prefill_tokens, 1.0),
                        input(q::input_len, &In::input_len, 1.0),
                        input(q::output_len, &In::output_len)};
    }
  };
  template <class T>
  struct Out {
    T prefill_requests, prefill_steps, decode_steps;
    static constexpr auto ports() {
      return std::tuple{work(q::prefill_requests, &Out::prefill_requests),
                        work(q::prefill_steps, &Out::prefill_steps),
                        work(q::decode_steps, &Out::decode_steps)};
    }
  };

  // In a closed loop prompts enter in steps of prefill_tokens and every running request generates its whole
  // output; otherwise the scenario is one step over the requests it names.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool queued = in.closed_loop > T(0.5);
    const T fitting = max(in.prefill_tokens / in.input_len, T(1.0));
    const T prompts = queued ? min(fitting, in.running) : in.running;
    return {prompts, in.has_prefill * (queued ? in.running / prompts : T(1.0)),
            in.has_decode * (queued ? in.output_len : T(1.0))};
  }
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Lengths, Schedule)
