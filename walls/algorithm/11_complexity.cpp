// Wall 11, Complexity: training costs 6 FLOPs a parameter and token; how to split them between a larger model
// and more tokens, and what loss they buy, follows from a scaling law.
//
// The laws were fitted to dense models. N is the active parameters here, so that 6 N D is the run's own
// compute; what the idle experts of a mixture add to its quality, no published law says with enough data.
#include <ironlaw/wall.hpp>

#include "scaling_law.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 11,
    .id = "complexity",
    .title = "Complexity",
    .domain = "algorithm",
    .term = "flops",
    .statement =
        "A training run repeats its step until its tokens are through; a budget of FLOPs has one best "
        "split between parameters and tokens, which tokens served later move towards a smaller model.",
    .equation =
        "steps = tokens/(batch x length);  C = 6 N D;  N* = sqrt(C/(6 r)), D* = r N*;  L = E + A/N^a + "
        "B/D^b;  min 6 N D + 2 N D_served at the same L",
    .sources =
        "Kaplan et al. 2020 arXiv:2001.08361 (6 N D); Hoffmann et al. 2022 arXiv:2203.15556 (optimum, "
        "law); Besiroglu et al. 2024 arXiv:2404.10102 (the law fitted again); Sardana et al. 2023 "
        "arXiv:2401.00448 (served tokens); Korthikanti et al. 2022 arXiv:2205.05198 (FLOPs of attention)",
};

constexpr q::Count kTrainingTokens{"training_tokens", "tokens that the whole run trains on; 0: one step"};
constexpr q::Work kComputeBudget{"compute_budget", "FLOPs that the training run may cost; 0: none given"};
constexpr q::Count kAffordableTokens{"affordable_tokens",
                                     "tokens that the compute budget trains this model on"};
constexpr q::Count kInferenceTokens{"inference_tokens", "tokens that the trained model serves in its life"};
constexpr q::Count kTokensPerParameter{"optimal_tokens_per_parameter",
                                       "tokens a parameter at which training is compute-optimal"};
constexpr q::Count kScalingLaw{"scaling_law", "whose fit of the scaling law predicts the loss"};
constexpr q::Count kOptimalParameters{"optimal_parameters", "parameters of the compute-optimal model"};
constexpr q::Count kOptimalTokens{"optimal_tokens", "tokens of the compute-optimal run"};
constexpr q::Count kRunTokensPerParameter{"run_tokens_per_parameter", "tokens a parameter of this run"};
constexpr q::Count kPredictedLoss{"predicted_loss", "training loss by the scaling law, in nats a token"};
constexpr q::Count kOptimalLoss{"optimal_loss", "least loss by the law for the FLOPs of this run"};
constexpr q::Work kLifetimeFlops{"lifetime_flops", "FLOPs to train this model and to serve its tokens"};
constexpr q::Work kLeastLifetimeFlops{"least_lifetime_flops", "least such FLOPs for the same loss"};
constexpr q::Count kInferenceAwareParameters{"inference_aware_parameters",
                                             "parameters of the model that needs them"};
constexpr q::Count kInferenceAwareTokens{"inference_aware_tokens", "tokens that model trains on"};
constexpr q::Count kAttentionShare{"attention_flop_share",
                                   "attention's share of the FLOPs of a sequence, each token seeing those "
                                   "before it"};

constexpr double kTrainFlops = 6, kServeFlops = 2;  // a parameter and token

// Tokens of the run: those named, else those that the budget pays for; 0: the run is one step.
template <class T>
T tokens_of(const T& training_tokens, const T& affordable_tokens) {
  return training_tokens > T(0.0) ? training_tokens : affordable_tokens;
}

struct Budget {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "budget";
  static constexpr std::uint32_t kPhases = phase::train, kKinds = kind::transformer;
  static constexpr const char* kSupports = "6 FLOPs a parameter and token is training of transformers";

  template <class T>
  struct In {
    Flops<T> budget;
    T active;
    static constexpr auto ports() {
      return std::tuple{setting(kComputeBudget, &In::budget, {.value = 0}),
                        input(q::active_parameters, &In::active, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T tokens;
    static constexpr auto ports() { return std::tuple{work(kAffordableTokens, &Out::tokens, 0)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.budget.v / (in.active * T(kTrainFlops))};
  }
};
struct BudgetByHand {
  static constexpr const char* kText = "5.88e23 FLOP / (6 x 70e9 parameters) = 1.4e12 tokens";
  static constexpr Budget::In<double> kIn{Flops<double>(5.88e23), 70e9};
  static constexpr Budget::Out<double> kOut{1.4e12};
};

struct RunLength {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "run_length";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = "only training repeats its step until its tokens are through";

  template <class T>
  struct In {
    T batch, input_len, training_tokens, affordable_tokens, step_inflation;
    static constexpr auto ports() {
      return std::tuple{discrete(q::batch, &In::batch), input(q::input_len, &In::input_len, 1.0),
                        setting(kTrainingTokens, &In::training_tokens, {.value = 0}),
                        input(kAffordableTokens, &In::affordable_tokens),
                        input(q::step_inflation, &In::step_inflation, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T run_steps;
    static constexpr auto ports() { return std::tuple{work(q::run_steps, &Out::run_steps, 1)}; }
  };

  // Without a token budget the question is about one step. A run of fewer tokens than a step holds takes one.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T step_tokens = max(in.batch, T(1.0)) * in.input_len;
    const T tokens = tokens_of(in.training_tokens, in.affordable_tokens);
    return {max(tokens / step_tokens, T(1.0)) * in.step_inflation};
  }
};
struct RunLengthByHand {
  static constexpr const char* kText =
      "15.6e12 tokens at 2048 sequences of 8192 (16.78e6 tokens a step): 929,800 steps";
  static constexpr RunLength::In<double> kIn{2048, 8192, 15.6e12, 0, 1};
  static constexpr RunLength::Out<double> kOut{929832};
};

struct Optimum {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "optimum";
  static constexpr std::uint32_t kPhases = phase::train, kKinds = kind::decoder;
  static constexpr const char* kSupports = "scaling laws were fitted to the training of decoder models";

  template <class T>
  struct In {
    T active, training_tokens;
    Flops<T> budget;
    T ratio;
    static constexpr auto ports() {
      return std::tuple{
          input(q::active_parameters, &In::active, 1.0),
          setting(kTrainingTokens, &In::training_tokens, {.value = 0}),
          setting(kComputeBudget, &In::budget, {.value = 0}),
          setting(kTokensPerParameter, &In::ratio,
                  {.value = 20, .source = "Hoffmann et al. 2022 arXiv:2203.15556, approaches 1 and 2"}, 1)};
    }
  };
  template <class T>
  struct Out {
    T parameters, tokens;
    static constexpr auto ports() {
      return std::tuple{account(kOptimalParameters, &Out::parameters), account(kOptimalTokens, &Out::tokens)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool has_budget = in.budget.v > T(0.0);
    if (!has_budget && !(in.training_tokens > T(0.0))) return {T(kUnknown), T(kUnknown)};
    const T compute = has_budget ? in.budget.v : in.active * in.training_tokens * T(kTrainFlops);
    const T parameters = sqrt(compute / (in.ratio * T(kTrainFlops)));
    return {parameters, in.ratio * parameters};
  }
};
struct OptimumByHand {
  static constexpr const char* kText =
      "C = 1e24: N* = sqrt(1e24/120) = 91.29e9, D* = 20 x 91.29e9 = 1.826e12";
  static constexpr Optimum::In<double> kIn{70e9, 0, Flops<double>(1e24), 20};
  static constexpr Optimum::Out<double> kOut{91.287e9, 1.82574e12};
};

constexpr const char* kLawNames = "epoch|hoffmann";
constexpr Setting kUsualLaw{.value = 0, .source = "Besiroglu et al. 2024 arXiv:2404.10102"};

template <class T>
const Law& law_of(const T& choice) {
  return kLaws[choice > T(0.5) ? 1 : 0];
}

struct Loss {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "loss";
  static constexpr std::uint32_t kPhases = phase::train, kKinds = kind::decoder;
  static constexpr const char* kSupports = Optimum::kSupports;

  template <class T>
  struct In {
    T active, training_tokens, affordable_tokens, law;
    static constexpr auto ports() {
      return std::tuple{input(q::active_parameters, &In::active, 1.0),
                        setting(kTrainingTokens, &In::training_tokens, {.value = 0}),
                        input(kAffordableTokens, &In::affordable_tokens),
                        choice(kScalingLaw, &In::law, kLawNames, kUsualLaw)};
    }
  };
  template <class T>
  struct Out {
    T tokens_per_parameter, loss, optimal_loss;
    static constexpr auto ports() {
      return std::tuple{account(kRunTokensPerParameter, &Out::tokens_per_parameter),
                        account(kPredictedLoss, &Out::loss), account(kOptimalLoss, &Out::optimal_loss)};
    }
  };

  // On the line 6 N D = C the law is least where a x (excess of capacity) = b x (excess of data).
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T tokens = tokens_of(in.training_tokens, in.affordable_tokens);
    if (!(tokens > T(0.0))) return {T(kUnknown), T(kUnknown), T(kUnknown)};
    const Law& law = law_of(in.law);
    const double a = law.capacity_exponent, b = law.data_exponent;
    const double scale = std::pow(a * law.capacity / (b * law.data), 1 / (a + b));
    const T best_parameters = T(scale) * pow(in.active * tokens, b / (a + b));
    const Excess<T> run = excess_of(law, in.active, tokens);
    const Excess<T> best = excess_of(law, best_parameters, in.active * tokens / best_parameters);
    return {tokens / in.active, T(law.irreducible) + run.capacity + run.data,
            T(law.irreducible) + best.capacity + best.data};
  }
};
struct LossByHand {
  static constexpr const char* kText =
      "Chinchilla, N = 70e9, D = 1.4e12: 482.01/N^0.3478 = 0.0815, 2085.43/D^0.3658 = 0.0752; 1.8172 + "
      "0.0815 + 0.0752 = 1.9739, at 20 tokens a parameter; the best split of the FLOPs gains nothing: "
      "1.9738";
  static constexpr Loss::In<double> kIn{70e9, 1.4e12, 0, 0};
  static constexpr Loss::Out<double> kOut{20, 1.9739, 1.9738};
};

struct Lifetime {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "lifetime";
  static constexpr std::uint32_t kPhases = phase::train, kKinds = kind::decoder;
  static constexpr const char* kSupports = Optimum::kSupports;

  template <class T>
  struct In {
    T active, training_tokens, affordable_tokens, inference_tokens, law;
    static constexpr auto ports() {
      return std::tuple{input(q::active_parameters, &In::active, 1.0),
                        setting(kTrainingTokens, &In::training_tokens, {.value = 0}),
                        input(kAffordableTokens, &In::affordable_tokens),
                        setting(kInferenceTokens, &In::inference_tokens, {.value = 0}),
                        choice(kScalingLaw, &In::law, kLawNames, kUsualLaw)};
    }
  };
  template <class T>
  struct Out {
    Flops<T> flops, least_flops;
    T parameters, tokens;
    static constexpr auto ports() {
      return std::tuple{account(kLifetimeFlops, &Out::flops), account(kLeastLifetimeFlops, &Out::least_flops),
                        account(kInferenceAwareParameters, &Out::parameters),
                        account(kInferenceAwareTokens, &Out::tokens)};
    }
  };

  template <class T>
  static Flops<T> flops_of(const T& parameters, const T& tokens, const T& served) {
    return Flops<T>(parameters * (tokens * T(kTrainFlops) + served * T(kServeFlops)));
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T tokens = tokens_of(in.training_tokens, in.affordable_tokens);
    const Flops<T> unknown{T(kUnknown)};
    if (!(tokens > T(0.0))) return {unknown, unknown, T(kUnknown), T(kUnknown)};
    const Law& law = law_of(in.law);
    const double a = law.capacity_exponent, b = law.data_exponent;
    const Excess<T> run = excess_of(law, in.active, tokens);
    const T excess = run.capacity + run.data;
    const T weight = (overtraining(law, excess, in.inference_tokens) + T(1.0)) * T(b);
    const T parameters = pow(T(law.capacity) * (weight + T(a)) / (excess * weight), 1 / a);
    const T best_tokens = pow(T(law.data / a) * (weight + T(a)) / excess, 1 / b);
    return {flops_of(in.active, tokens, in.inference_tokens),
            flops_of(parameters, best_tokens, in.inference_tokens), parameters, best_tokens};
  }
};
struct LifetimeByHand {
  static constexpr const char* kText =
      "Chinchilla, 70e9 and 1.4e12, that serves 1e13 tokens: 70e9 x (6 x 1.4e12 + 2 x 1e13) = 1.988e24 "
      "FLOP. The same loss at 34.50e9 parameters and 3.747e12 tokens (0.1042 + 0.0524 instead of 0.0815 "
      "+ 0.0752): 34.50e9 x (6 x 3.747e12 + 2 x 1e13) = 1.466e24";
  static constexpr Lifetime::In<double> kIn{70e9, 1.4e12, 0, 1e13, 0};
  static constexpr Lifetime::Out<double> kOut{Flops<double>(1.988e24), Flops<double>(1.4656e24), 34.499e9,
                                              3.7472e12};
};

struct Attention {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "attention";
  static constexpr std::uint32_t kPhases = phase::train | phase::prefill, kKinds = kind::decoder;
  static constexpr const char* kSupports = "a whole sequence passes through a decoder at once";

  template <class T>
  struct In {
    T active, layers, hidden, input_len;
    static constexpr auto ports() {
      return std::tuple{input(q::active_parameters, &In::active, 1.0), discrete(q::layers, &In::layers, 1.0),
                        discrete(q::hidden_size, &In::hidden, 1.0), input(q::input_len, &In::input_len, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T share;
    static constexpr auto ports() { return std::tuple{account(kAttentionShare, &Out::share)}; }
  };

  // In training 12 L h S a token, half of it for keys that come later, against 6 P: L h S against P. A
  // prefill does a third of both.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T attention = in.layers * in.hidden * in.input_len;
    return {attention / (attention + in.active)};
  }
};
struct AttentionByHand {
  static constexpr const char* kText =
      "Llama 3 8B: 32 layers x 4096 x 8192 tokens = 1.074e9 against 8.03e9 parameters: 11.8%";
  static constexpr Attention::In<double> kIn{8.03e9, 32, 4096, 8192};
  static constexpr Attention::Out<double> kOut{0.11795};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Budget, BudgetByHand>, Example<RunLength, RunLengthByHand>,
                    Example<Optimum, OptimumByHand>, Example<Loss, LossByHand>,
                    Example<Lifetime, LifetimeByHand>, Example<Attention, AttentionByHand>)
