// Wall 20, Safety: privacy, guards and proof that a subgroup is served well cost FLOPs, steps and samples.
//
// mlsysim multiplies the training time by 1 + 2/epsilon, calibrated, not derived. It is not kept: epsilon
// does not change what a private step costs. Clipping does, by a further backward pass; epsilon and the
// length of the run set the noise (an account here), and how many more steps the noise costs depends on the
// task.
#include <ironlaw/wall.hpp>

#include "../queueing.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 20,
    .id = "safety",
    .title = "Safety",
    .domain = "operations",
    .term = "flops",
    .statement =
        "Private training clips every example's gradient and takes more steps; a guard model reads what "
        "the model reads and writes; a subgroup is judged by as many of its own samples as anyone.",
    .equation =
        "steps x dp_step_inflation;  t_clip = passes x t_backward;  mu = q sqrt(T (exp(1/sigma^2) - 1)), "
        "delta = Phi(mu/2 - eps/mu) - e^eps Phi(-mu/2 - eps/mu);  t_guard = t x P_guard/P;  n = z^2 p (1 "
        "- p)/e^2 / share",
    .sources =
        "Abadi et al. 2016 arXiv:1607.00133 (DP-SGD); Dong, Roth, Su 2019 arXiv:1905.02383 (mu and "
        "delta); Bu et al. 2019 arXiv:1911.11607 (sampling); Li et al. 2022 arXiv:2110.05679 (ghost "
        "clipping); Bu et al. 2022 arXiv:2210.00038; De et al. 2022 arXiv:2204.13650, Anil et al. 2022 "
        "arXiv:2108.01624 (batches, steps); Inan et al. 2023 arXiv:2312.06674 (guards); Cochran 1977, "
        "Sampling Techniques",
};

constexpr q::Count kEpsilon{"dp_epsilon", "privacy budget of the whole training; 0: training is not private"};
constexpr q::Count kDelta{"dp_delta", "chance that the budget does not hold"};
constexpr q::Count kDatasetSize{"dataset_size", "examples that training draws from"};
constexpr q::Count kStepInflation{"dp_step_inflation",
                                  "steps of private training over those of ordinary, at the same batch"};
constexpr q::Count kClipping{"dp_clipping", "how every example's gradient is clipped"};
constexpr q::Count kGhostPasses{"ghost_clipping_passes", "further backward passes of ghost clipping"};
constexpr q::Count kPerSamplePasses{
    "per_sample_clipping_passes",
    "further backward passes worth of time to form each example's own gradient"};
constexpr q::Count kNoiseMultiplier{"noise_multiplier",
                                    "standard deviation of the noise over the clipping norm"};
constexpr q::Count kPrivacyLoss{"gaussian_privacy_loss",
                                "mu: the budget as the distance of two normal distributions"};
constexpr q::Time kPrivacyTime{"privacy_time", "time that clipping every example's gradient adds"};
constexpr q::Count kGuardParameters{"guard_parameters",
                                    "parameters of a guard model beside this one; 0: there is none"};
constexpr q::Time kGuardTime{"guard_time", "time of the guard model on the same tokens"};
constexpr q::Count kSubgroupShare{"subgroup_share", "share of the samples that the smallest subgroup has"};
constexpr q::Count kSubgroupError{"subgroup_error", "margin to which its accuracy shall be known"};
constexpr q::Count kSubgroupConfidence{"subgroup_confidence", "chance that it is inside the margin"};
constexpr q::Count kSubgroupAccuracy{"subgroup_accuracy", "accuracy expected; 0.5 needs most samples"};
constexpr q::Count kSubgroupSamples{"subgroup_samples", "samples of the subgroup that this takes"};
constexpr q::Count kEvaluationSamples{"evaluation_samples", "samples of everyone to have so many of them"};

constexpr double kMostEpsilon = 100;

// The root of a growing function between low and high, in plain numbers.
template <class F>
double root_of(double low, double high, const F& f) {
  for (int i = 0; i < 64; ++i) {
    const double middle = 0.5 * (low + high);
    (f(middle) < 0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

struct PrivateSteps {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "private_steps";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = "a privacy budget is spent in training";

  template <class T>
  struct In {
    T epsilon, inflation;
    static constexpr auto ports() {
      return std::tuple{
          setting(kEpsilon, &In::epsilon, {.value = 0}, 0, kMostEpsilon),
          setting(
              kStepInflation, &In::inflation,
              {.value = 10,
               .source = "De et al. 2022 arXiv:2204.13650, ImageNet at epsilon 8: 72k steps of 16,384, 920 "
                         "epochs, against the usual 90 (recalled); fine-tuning needs 1 to 2"},
              1)};
    }
  };
  template <class T>
  struct Out {
    T inflation;
    static constexpr auto ports() { return std::tuple{supply(q::step_inflation, &Out::inflation, 1)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.epsilon > T(0.0) ? in.inflation : T(1.0)};
  }
};
struct PrivateStepsByHand {
  static constexpr const char* kText = "ImageNet at epsilon 8: 920 epochs / 90 = 10.2 times the steps";
  static constexpr PrivateSteps::In<double> kIn{8, 10.2};
  static constexpr PrivateSteps::Out<double> kOut{10.2};
};

struct Accountant {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "accountant";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = PrivateSteps::kSupports;

  template <class T>
  struct In {
    T epsilon, delta, dataset_size, batch, steps;
    static constexpr auto ports() {
      return std::tuple{
          setting(kEpsilon, &In::epsilon, {.value = 0}, 0, kMostEpsilon),
          setting(kDelta, &In::delta,
                  {.value = 1e-5, .source = "Abadi et al. 2016 arXiv:1607.00133: below 1/examples"}, 1e-15,
                  0.99),
          setting(kDatasetSize, &In::dataset_size, {.value = kUnknown}, 1), discrete(q::batch, &In::batch),
          input(q::run_steps, &In::steps, 1.0)};
    }
  };
  template <class T>
  struct Out {
    T noise, privacy_loss;
    static constexpr auto ports() {
      return std::tuple{account(kNoiseMultiplier, &Out::noise), account(kPrivacyLoss, &Out::privacy_loss)};
    }
  };

  template <class T>
  static T delta_of(const T& epsilon, const T& mu) {
    using queueing::normal_distribution;
    const T near = mu * T(0.5), far = epsilon / mu;
    return normal_distribution(near - far) - exp(epsilon) * normal_distribution(-near - far);
  }

  // d delta / d mu is the density at mu/2 - epsilon/mu. The last step is taken in T, so that it carries the
  // derivatives of the root.
  template <class T>
  static T mu_of(const T& epsilon, const T& delta) {
    const double eps = value_of(epsilon);
    const double log_mu = root_of(std::log(1e-12), std::log(1e3),
                                  [&](double x) { return delta_of(eps, std::exp(x)) - value_of(delta); });
    const double mu = std::exp(log_mu), slope = queueing::normal_density(mu / 2 - eps / mu);
    return T(mu) - (delta_of(epsilon, T(mu)) - delta) / T(slope);
  }

  // A central limit over many steps on a random share of the examples: close for the thousands of steps that
  // training takes, and no proof. Whoever promises a budget has it computed exactly.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (!(in.epsilon > T(0.0))) return {T(kUnknown), T(kUnknown)};
    const T sampled = min(max(in.batch, T(1.0)) / in.dataset_size, T(1.0));
    const T mu = mu_of(in.epsilon, in.delta), mu_of_step = mu / sampled;
    return {T(1.0) / sqrt(log(T(1.0) + mu_of_step * mu_of_step / in.steps)), mu};
  }
};
struct AccountantByHand {
  static constexpr const char* kText =
      "epsilon 1, delta 0.1269 = Phi(-0.5) - e Phi(-1.5) = 0.3085 - 2.718 x 0.0668: mu = 1; 10,000 steps "
      "on 1% of the examples: 1 = 0.01 x 100 x sqrt(exp(1/sigma^2) - 1), sigma = 1/sqrt(ln 2) = 1.201";
  static constexpr Accountant::In<double> kIn{1, 0.126937, 1e6, 1e4, 1e4};
  static constexpr Accountant::Out<double> kOut{1.2011, 1.0};
};

enum Clipping { kGhost, kPerSample };

struct ClippedStep {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "clipped_step";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = "gradients are clipped in training";

  template <class T>
  struct In {
    Seconds<T> node;
    T backward_share, epsilon, clipping, ghost_passes, per_sample_passes;
    static constexpr auto ports() {
      return std::tuple{
          input(q::node_time, &In::node),
          input(q::backward_share, &In::backward_share, 0, 1),
          setting(kEpsilon, &In::epsilon, {.value = 0}, 0, kMostEpsilon),
          choice(kClipping, &In::clipping, "ghost|per_sample", {.value = kGhost}),
          setting(
              kGhostPasses, &In::ghost_passes,
              {.value = 1,
               .source = "Li et al. 2022 arXiv:2110.05679: norms in a first backward pass, the clipped sum "
                         "in a second; Bu et al. 2022 arXiv:2210.00038 need next to none (recalled)"}),
          setting(kPerSamplePasses, &In::per_sample_passes,
                  {.value = 2,
                   .source = "Subramani et al. 2021 arXiv:2010.09063, Opacus: steps 2 to 3 times as long "
                             "(recalled)"})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(kPrivacyTime, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (!(in.epsilon > T(0.0))) return {Seconds<T>(T(0.0))};
    const T passes = in.clipping > T(0.5) ? in.per_sample_passes : in.ghost_passes;
    return {in.node * (in.backward_share * passes)};
  }
};
struct ClippedStepByHand {
  static constexpr const char* kText =
      "0.9 s, 2/3 of it backward; a second backward pass: 0.6 s more, 5/3 of the step";
  static constexpr ClippedStep::In<double> kIn{Seconds<double>(0.9), 2.0 / 3, 8, kGhost, 1, 2};
  static constexpr ClippedStep::Out<double> kOut{Seconds<double>(0.6)};
};

struct Guard {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "guard";
  static constexpr std::uint32_t kPhases = phase::prefill | phase::decode, kKinds = kind::transformer;
  static constexpr const char* kSupports = "a guard model reads the tokens of a transformer's requests";

  template <class T>
  struct In {
    Seconds<T> node;
    T active, guard;
    static constexpr auto ports() {
      return std::tuple{input(q::node_time, &In::node), input(q::active_parameters, &In::active, 1.0),
                        setting(kGuardParameters, &In::guard, {.value = 0})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(kGuardTime, &Out::time)}; }
  };

  // On the same devices, in the same batches and token by token: its FLOPs and its bytes are to the model's
  // as its parameters are. A guard that reads whole answers at once costs less than this in decode.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.node * (in.guard / in.active)};
  }
};
struct GuardByHand {
  static constexpr const char* kText =
      "A guard of 8e9 parameters beside 70e9, 20 ms a step: 20 x 8/70 = 2.286 ms";
  static constexpr Guard::In<double> kIn{Seconds<double>(20e-3), 70e9, 8e9};
  static constexpr Guard::Out<double> kOut{Seconds<double>(2.2857e-3)};
};

struct Subgroups {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "subgroups";

  template <class T>
  struct In {
    T share, error, confidence, accuracy;
    static constexpr auto ports() {
      return std::tuple{
          setting(kSubgroupShare, &In::share, {.value = kUnknown}, 1e-9, 1),
          setting(kSubgroupError, &In::error, {.value = 0.05, .source = "convention"}, 1e-4, 0.5),
          setting(kSubgroupConfidence, &In::confidence, {.value = 0.95, .source = "convention"}, 0.5, 0.9999),
          setting(kSubgroupAccuracy, &In::accuracy, {.value = 0.5, .source = "the worst case"}, 0, 1)};
    }
  };
  template <class T>
  struct Out {
    T subgroup_samples, samples;
    static constexpr auto ports() {
      return std::tuple{account(kSubgroupSamples, &Out::subgroup_samples),
                        account(kEvaluationSamples, &Out::samples)};
    }
  };

  // How many standard deviations to either side hold this share of a normal distribution.
  template <class T>
  static T deviations(const T& confidence) {
    using queueing::normal_distribution;
    const T quantile = (confidence + T(1.0)) * T(0.5);
    const double z = root_of(0, 10, [&](double x) { return normal_distribution(x) - value_of(quantile); });
    return T(z) - (T(normal_distribution(z)) - quantile) / T(queueing::normal_density(z));
  }

  // Where nobody names a subgroup there is nothing to say.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (std::isnan(value_of(in.share))) return {T(kUnknown), T(kUnknown)};
    const T z = deviations(in.confidence) / in.error;
    const T samples = z * z * in.accuracy * (T(1.0) - in.accuracy);
    return {samples, samples / in.share};
  }
};
struct SubgroupsByHand {
  static constexpr const char* kText =
      "1.96^2 x 0.5 x 0.5 / 0.05^2 = 384.1 samples of a subgroup; 1% of all: 384.1 / 0.01 = 38,410";
  static constexpr Subgroups::In<double> kIn{0.01, 0.05, 0.95, 0.5};
  static constexpr Subgroups::Out<double> kOut{384.15, 38415};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<PrivateSteps, PrivateStepsByHand>, Example<Accountant, AccountantByHand>,
                    Example<ClippedStep, ClippedStepByHand>, Example<Guard, GuardByHand>,
                    Example<Subgroups, SubgroupsByHand>)
