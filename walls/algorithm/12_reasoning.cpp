// Wall 12, Reasoning: a model that thinks before it answers, or that answers several times, generates tokens
// that nobody reads.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 12,
    .id = "reasoning",
    .title = "Reasoning",
    .domain = "algorithm",
    .term = "flops",
    .statement =
        "Chains of thought lengthen every sequence and best-of-N multiplies the sequences; each token costs "
        "a "
        "decode step at the context that has grown so far.",
    .equation =
        "generated = output + steps x tokens;  sequences = beams x N;  P(one of N is right) = 1 - (1 - p)^N",
    .sources =
        "Wei et al. 2022 arXiv:2201.11903 (chain of thought); Snell et al. 2024 arXiv:2408.03314 (test-time "
        "compute); Brown et al. 2024 arXiv:2407.21787 (repeated sampling)",
};

constexpr q::Count kSteps{"reasoning_steps", "steps of thought before the answer; 0: none"};
constexpr q::Count kTokensPerStep{"tokens_per_reasoning_step", "tokens of one step of thought"};
constexpr q::Count kBestOf{"best_of", "answers generated for one request, of which one is used"};
constexpr q::Count kPassAtOne{"pass_at_1", "chance that one answer is right"};
constexpr q::Count kPassAtN{"pass_at_n", "chance that one of the best_of answers is right"};
constexpr q::Count kReasoningShare{"reasoning_share", "share of the generated tokens that is reasoning"};
constexpr q::Energy kReasoningEnergy{"reasoning_energy", "energy of the run that decodes reasoning tokens"};
constexpr q::Time kTimeToAnswer{"time_to_answer", "time from the start of a request to the end of reasoning"};

struct Thought {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "thought";

  template <class T>
  struct In {
    T has_decode, output_len, beams, steps, tokens, best_of;
    static constexpr auto ports() {
      return std::tuple{
          discrete(q::has_decode, &In::has_decode, 0, 1),
          input(q::output_len, &In::output_len),
          discrete(q::beams, &In::beams, 1),
          setting(kSteps, &In::steps, {.value = 0}),
          setting(kTokensPerStep, &In::tokens, {.value = 50, .source = "mlsysim RegTokensPerReasoningStep"}),
          setting(kBestOf, &In::best_of, {.value = 1}, 1)};
    }
  };
  template <class T>
  struct Out {
    T generated, sequences;
    static constexpr auto ports() {
      return std::tuple{work(q::generated_len, &Out::generated), work(q::sequences, &Out::sequences)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.output_len + in.has_decode * in.steps * in.tokens, in.beams * in.best_of};
  }
};

struct ThoughtByHand {
  static constexpr const char* kText =
      "8 steps of 50 tokens before 100 of answer: 500 tokens a sequence; the best of 4 answers of one beam: "
      "4 "
      "sequences";
  static constexpr Thought::In<double> kIn{1, 100, 1, 8, 50, 4};
  static constexpr Thought::Out<double> kOut{500, 4};
};

// Energy follows the time: of the steps, those that decode, and of these, the tokens that are reasoning.
struct Yield {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "yield";
  static constexpr std::uint32_t kPhases = phase::decode | phase::offline | phase::serve,
                                 kKinds = kind::decoder;
  static constexpr const char* kSupports = "only decoders generate tokens";

  template <class T>
  struct In {
    T output_len, generated, decode_steps, draft_steps, best_of, pass_at_one;
    Seconds<T> decode_step, draft_step, steps, ttft, itl;
    Joules<T> energy;
    static constexpr auto ports() {
      return std::tuple{input(q::output_len, &In::output_len),
                        input(q::generated_len, &In::generated),
                        input(q::decode_steps, &In::decode_steps),
                        input(q::draft_steps, &In::draft_steps),
                        setting(kBestOf, &In::best_of, {.value = 1}, 1),
                        setting(kPassAtOne, &In::pass_at_one, {.value = kUnknown}, 0, 1),
                        input(q::decode_step_time, &In::decode_step),
                        input(q::draft_step_time, &In::draft_step),
                        input(q::steps_time, &In::steps),
                        input(q::ttft, &In::ttft),
                        input(q::itl, &In::itl),
                        input(q::run_energy, &In::energy)};
    }
  };
  template <class T>
  struct Out {
    T reasoning_share, pass_at_n;
    Joules<T> reasoning_energy;
    Seconds<T> time_to_answer;
    static constexpr auto ports() {
      return std::tuple{account(kReasoningShare, &Out::reasoning_share), account(kPassAtN, &Out::pass_at_n),
                        account(kReasoningEnergy, &Out::reasoning_energy),
                        account(kTimeToAnswer, &Out::time_to_answer)};
    }
  };

  // Independent samples: all best_of answers are wrong with the chance (1 - p)^N.
  template <class T>
  static T pass(const T& one, const T& samples) {
    const T wrong = T(1.0) - one;
    if (wrong <= T(0.0)) return T(1.0);
    return T(1.0) - exp(samples * log(wrong));
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T thoughts = max(in.generated - in.output_len, T(0.0));
    const T share = in.generated > T(0.0) ? thoughts / in.generated : T(0.0);
    const Seconds<T> decoding = (in.decode_step + in.draft_step * in.draft_steps) * in.decode_steps;
    return {share, pass(in.pass_at_one, in.best_of), in.energy * (decoding / in.steps * share),
            in.ttft + in.itl * thoughts};
  }
};

struct YieldByHand {
  static constexpr const char* kText =
      "400 of 500 tokens are thought: 0.8. 500 decode steps of 18 ms are 9 s of a cycle of 10 s: of 50 kJ, "
      "50 x "
      "0.9 x 0.8 = 36 kJ. 0.2668 s + 400 x 18.53 ms = 7.679 s until the answer begins. Right in 30% of the "
      "cases, one of 4 is in 1 - 0.7^4 = 76.0%";
  static constexpr Yield::In<double> kIn{100,
                                         500,
                                         500,
                                         0,
                                         4,
                                         0.3,
                                         Seconds<double>(0.018),
                                         Seconds<double>(0),
                                         Seconds<double>(10),
                                         Seconds<double>(0.2668),
                                         Seconds<double>(0.01853),
                                         Joules<double>(50e3)};
  static constexpr Yield::Out<double> kOut{0.8, 0.7599, Joules<double>(36e3), Seconds<double>(7.6788)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Thought, ThoughtByHand>, Example<Yield, YieldByHand>)
