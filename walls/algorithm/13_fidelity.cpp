// Wall 13, Fidelity: fewer bits and fewer weights cost memory, bandwidth and FLOPs less, and the model some
// of its accuracy.
//
// Only weights shrink here: what that does to a step's time, beside a KV cache and overheads that stay, the
// composition says. A compression ratio is no speed-up.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 13,
    .id = "fidelity",
    .title = "Fidelity",
    .domain = "algorithm",
    .term = "flops",
    .statement =
        "A weight is stored at its bits and a share of its group's scale; pruning leaves a share of the "
        "weights and says which; both lose some accuracy.",
    .equation =
        "bits = b + scale/group;  stored = bits (dense), (1-s) bits (structured), bits/2 + 1 (2:4), "
        "(1-s) bits + 1 (unstructured);  score/score0 = (1 - l(b)) exp(-k (s/(1-s))^p) share^d",
    .sources =
        "Han et al. 2016 arXiv:1510.00149; OCP Microscaling Formats 1.0, 2023; Mishra et al. 2021 "
        "arXiv:2104.08378 (2:4); Frantar et al. 2022 arXiv:2210.17323 (GPTQ); Lin et al. 2023 "
        "arXiv:2306.00978 (AWQ); Xiao et al. 2022 arXiv:2211.10438 (SmoothQuant); Kurtic et al. 2024 "
        "arXiv:2411.02355; Frantar, Alistarh 2023 arXiv:2301.00774 (SparseGPT); Sanh et al. 2019 "
        "arXiv:1910.01108 (DistilBERT)",
};

constexpr q::Count kScaleGroup{"scale_group",
                               "weights that share a scale; 0: 32 below 8 bits, and none to speak of from 8"};
constexpr q::Count kScaleBits{"scale_bits", "bits of a group's scale and zero point; 0: scales are left out"};
constexpr q::Count kPruning{"pruning", "which weights are left out"};
constexpr q::Count kSparsity{"sparsity", "share of the weights that pruning leaves out; 2:4 (n_m): half"};
constexpr q::Count kSparseMathGain{"sparse_math_gain", "how much faster 2:4 products run than dense ones"};
constexpr q::Count kBaselineBits{"baseline_bits", "bits of a weight that compression is compared with"};
constexpr q::Count kStudentShare{
    "student_share", "parameters of this model over those of the teacher it was distilled from; 1: of none"};
constexpr q::Count kNumberFormat{"number_format", "how numbers of 8 bits and fewer were chosen"};
constexpr q::Count kCompressionRatio{"compression_ratio", "bytes of the weights before over after"};
constexpr q::Count kWeightSaving{"weight_saving", "share of those bytes that is saved"};
constexpr q::Size kSavedWeightBytes{"saved_weight_bytes", "those bytes, on one device"};
constexpr q::Count kAccuracyChange{"accuracy_change", "change of a benchmark's score, relative to it"};
constexpr q::Count kAccuracyChangeLow{"accuracy_change_low", "the same where published results are worst"};
constexpr q::Count kAccuracyChangeHigh{"accuracy_change_high", "the same where they are best"};

enum Pruning { kDense, kStructured, kTwoOfFour, kUnstructured };
constexpr const char* kPruningNames = "none|structured|n_m|unstructured";
constexpr double kMostSparsity = 0.95;

template <class T>
Pruning pruning_of(const T& choice) {
  return static_cast<Pruning>(static_cast<int>(value_of(choice)));
}

struct Storage {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "storage";

  template <class T>
  struct In {
    Bytes<T> weights;
    T bits, group, scale_bits, pruning, sparsity;
    static constexpr auto ports() {
      return std::tuple{
          input(q::stored_weight_bytes, &In::weights),
          discrete(q::weight_bits, &In::bits, 1.0),
          setting(
              kScaleGroup, &In::group,
              {.value = 0, .source = "OCP Microscaling Formats 1.0 (MXFP4: 32; NVFP4 16; GPTQ, AWQ 128)"}),
          setting(
              kScaleBits, &In::scale_bits,
              {.value = 8, .source = "OCP Microscaling Formats 1.0 (E8M0; NVFP4 8; GPTQ, AWQ 20 with zero)"},
              0, 64),
          choice(kPruning, &In::pruning, kPruningNames, {.value = kDense}),
          setting(kSparsity, &In::sparsity, {.value = 0}, 0, kMostSparsity)};
    }
  };
  template <class T>
  struct Out {
    T factor;
    Bytes<T> weights;
    static constexpr auto ports() {
      return std::tuple{supply(q::weight_byte_factor, &Out::factor, 1),
                        supply(q::weight_bytes, &Out::weights)};
    }
  };

  // Eight bits and more have a scale a tensor or a channel: thousands of weights share it.
  template <class T>
  static T dense_bits(const In<T>& in) {
    constexpr double kUsualGroup = 32, kFromHereUnscaled = 8;
    if (in.group > T(0.0)) return in.bits + in.scale_bits / in.group;
    return in.bits < T(kFromHereUnscaled) ? in.bits + in.scale_bits / T(kUsualGroup) : in.bits;
  }

  // 2:4 says in 2 bits for each of the two it keeps where it was among four; unstructured pruning has one
  // bit for every place, and leaves a tensor dense where that costs more than it saves.
  template <class T>
  static T pruned_bits(const In<T>& in) {
    const T dense = dense_bits(in), kept = T(1.0) - in.sparsity;
    switch (pruning_of(in.pruning)) {
      case kStructured:
        return kept * dense;
      case kTwoOfFour:
        return (dense + T(2.0)) * T(0.5);
      case kUnstructured:
        return min(kept * dense + T(1.0), dense);
      default:
        return dense;
    }
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T factor = pruned_bits(in) / in.bits;
    return {factor, in.weights * factor};
  }
};
struct StorageByHand {
  static constexpr const char* kText =
      "70e9 weights at 4 bits are 35 GB; with 8 bits of scale for every 32, 4.25 bits: x 1.0625 = 37.19 GB";
  static constexpr Storage::In<double> kIn{Bytes<double>(35e9), 4, 0, 8, kDense, 0};
  static constexpr Storage::Out<double> kOut{1.0625, Bytes<double>(37.1875e9)};
};

struct Products {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "products";

  template <class T>
  struct In {
    T pruning, sparsity, gain;
    static constexpr auto ports() {
      return std::tuple{
          choice(kPruning, &In::pruning, kPruningNames, {.value = kDense}),
          setting(kSparsity, &In::sparsity, {.value = 0}, 0, kMostSparsity),
          setting(kSparseMathGain, &In::gain,
                  {.value = 2,
                   .source = "Mishra et al. 2021 arXiv:2104.08378: twice the dense peak, 1.2 to "
                             "1.8 measured (recalled); claims.csv C003: BERT-Large int8 1.5"},
                  1, 4)};
    }
  };
  template <class T>
  struct Out {
    T factor;
    static constexpr auto ports() { return std::tuple{supply(q::weight_flop_factor, &Out::factor, 1)}; }
  };

  // Tensor cores skip zeros in the 2:4 pattern only; scattered ones are multiplied like any number.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    switch (pruning_of(in.pruning)) {
      case kStructured:
        return {T(1.0) - in.sparsity};
      case kTwoOfFour:
        return {T(1.0) / in.gain};
      default:
        return {T(1.0)};
    }
  }
};
struct ProductsByHand {
  static constexpr const char* kText = "30% of the heads and neurons gone: 1 - 0.3 = 0.7 of the FLOPs";
  static constexpr Products::In<double> kIn{kStructured, 0.3, 2};
  static constexpr Products::Out<double> kOut{0.7};
};

struct Compression {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "compression";

  template <class T>
  struct In {
    Bytes<T> weights;
    T bits, factor, baseline_bits, student_share;
    static constexpr auto ports() {
      return std::tuple{
          input(q::stored_weight_bytes, &In::weights), discrete(q::weight_bits, &In::bits, 1.0),
          input(q::weight_byte_factor, &In::factor, 1e-3),
          setting(kBaselineBits, &In::baseline_bits,
                  {.value = 32, .source = "FP32, as models are trained; mlsysim's baseline"}, 1, 64),
          setting(kStudentShare, &In::student_share, {.value = 1}, 0.01, 1)};
    }
  };
  template <class T>
  struct Out {
    T ratio, saving;
    Bytes<T> saved;
    static constexpr auto ports() {
      return std::tuple{account(kCompressionRatio, &Out::ratio), account(kWeightSaving, &Out::saving),
                        account(kSavedWeightBytes, &Out::saved)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T left = in.bits * in.factor / in.baseline_bits * in.student_share;
    const Bytes<T> before = in.weights * (in.baseline_bits / (in.bits * in.student_share));
    return {T(1.0) / left, T(1.0) - left, before * (T(1.0) - left)};
  }
};
struct CompressionByHand {
  static constexpr const char* kText =
      "70e9 weights from 32 to 4.25 bits: 32/4.25 = 7.529, 280 GB - 37.19 GB = 242.8 GB saved, 86.72%";
  static constexpr Compression::In<double> kIn{Bytes<double>(35e9), 4, 1.0625, 32, 1};
  static constexpr Compression::Out<double> kOut{7.5294, 0.86719, Bytes<double>(242.8125e9)};
};

// Over what was published: the best, the usual and the worst case.
struct Range {
  double best, usual, worst;
};

// Relative loss of score at 8 and at 4 bits. All recalled:
//   floating   Kurtic et al. 2024: FP8 lossless (99.3-100% of the score); NVFP4 within 1% on large models,
//              MXFP4 several percent on small ones (Egiazarian et al. 2025 arXiv:2509.23202)
//   integer    Kurtic et al. 2024: W8A8 1-3%; W4A16 (GPTQ, AWQ) rivals it, 96-99.7% on small to large models
//   unguided   rounding to nearest, without data: GPTQ and AWQ find twice to ten times the loss
struct FormatLoss {
  Range at_8_bits, at_4_bits;
};
constexpr FormatLoss kFormats[] = {{{0.0002, 0.001, 0.007}, {0.005, 0.02, 0.07}},
                                   {{0.001, 0.01, 0.03}, {0.003, 0.013, 0.04}},
                                   {{0.002, 0.02, 0.1}, {0.01, 0.05, 0.3}}};
constexpr const char* kFormatNames = "floating|integer|unguided";

// Losses grow by a like factor with every bit taken; below 4 bits by about 5 (GPTQ on OPT-175B and AWQ on
// Llama 2 7B lose 5 to 10 times as much at 3 bits as at 4; recalled).
inline double quantisation_loss(double bits, double at_8, double at_4) {
  constexpr double kLossless = 16;
  if (bits >= kLossless) return 0;
  if (bits >= 8) return at_8;
  const double loss = bits >= 4 ? at_4 * std::pow(at_8 / at_4, (bits - 4) / 4) : at_4 * std::pow(5, 4 - bits);
  return loss < 1 ? loss : 1;
}

// Loss k (s/(1-s))^p in the logarithm of the score. All recalled:
//   structured    Muralidharan et al. 2024 arXiv:2407.14679: half of a 15B model gone, retrained, 1-2%; Ma et
//                 al. 2023 arXiv:2305.11627 (LLM-Pruner): 5% at s = 0.2
//   2:4           Mishra et al. 2021: none after retraining; SparseGPT in one shot 4-5% at 65B, 16% at 7B
//   unstructured  Gale et al. 2019 arXiv:1902.09574: ResNet-50 5% at s = 0.9, retrained; SparseGPT in one
//   shot
//                 1% at 65B and 9% at 7B for s = 0.5, 27% at 7B for s = 0.7
struct PruningLoss {
  Range scale;
  double exponent;
};
constexpr PruningLoss kPrunings[] = {
    {{0, 0, 0}, 1}, {{0.02, 0.12, 0.21}, 1}, {{0.003, 0.05, 0.16}, 1}, {{0.002, 0.02, 0.09}, 1.5}};

// score = share^d: TinyBERT 96.8% at 13% of BERT's size, DistilBERT 97% at 60%, BERT-PKD of 3 layers 92% at
// 42% (arXiv:1909.10351, 1910.01108, 1908.09355; recalled).
constexpr Range kDistilling{0.016, 0.0596, 0.095};

struct Accuracy {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "accuracy";
  static constexpr std::uint32_t kPhases = phase::inference;
  static constexpr const char* kSupports = "published losses are of models compressed after their training";

  template <class T>
  struct In {
    T bits, format, pruning, sparsity, student_share;
    static constexpr auto ports() {
      return std::tuple{discrete(q::weight_bits, &In::bits, 1.0),
                        choice(kNumberFormat, &In::format, kFormatNames, {.value = 0}),
                        choice(kPruning, &In::pruning, kPruningNames, {.value = kDense}),
                        setting(kSparsity, &In::sparsity, {.value = 0}, 0, kMostSparsity),
                        setting(kStudentShare, &In::student_share, {.value = 1}, 0.01, 1)};
    }
  };
  template <class T>
  struct Out {
    T usual, low, high;
    static constexpr auto ports() {
      return std::tuple{account(kAccuracyChange, &Out::usual), account(kAccuracyChangeLow, &Out::low),
                        account(kAccuracyChangeHigh, &Out::high)};
    }
  };

  template <class T>
  static T pruning_loss(Pruning pruning, const T& sparsity, double Range::*which) {
    const PruningLoss& loss = kPrunings[pruning];
    const T removed = pruning == kTwoOfFour ? T(0.5) : sparsity;
    if (!(removed > T(0.0)) || pruning == kDense) return T(0.0);
    return T(loss.scale.*which) * pow(removed / (T(1.0) - removed), loss.exponent);
  }

  // Each loss takes its share of what the others leave.
  template <class T>
  static T change(const In<T>& in, double Range::*which) {
    const FormatLoss& format = kFormats[static_cast<int>(value_of(in.format))];
    const double quantised =
        quantisation_loss(value_of(in.bits), format.at_8_bits.*which, format.at_4_bits.*which);
    const T pruned = pruning_loss(pruning_of(in.pruning), in.sparsity, which);
    return T(1 - quantised) * exp(-pruned) * pow(in.student_share, kDistilling.*which) - T(1.0);
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {change(in, &Range::usual), change(in, &Range::worst), change(in, &Range::best)};
  }
};
struct AccuracyByHand {
  static constexpr const char* kText =
      "4-bit integers lose 1.3%, half of the weights pruned one by one exp(-0.02) = 2.0%: 0.987 x 0.9802 "
      "- 1 = -3.25%, from 0.96 x 0.9139 - 1 = -12.3% to 0.997 x 0.9980 - 1 = -0.50%";
  static constexpr Accuracy::In<double> kIn{4, 1, kUnstructured, 0.5, 1};
  static constexpr Accuracy::Out<double> kOut{-0.032544, -0.12263, -0.0049920};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Storage, StorageByHand>, Example<Products, ProductsByHand>,
                    Example<Compression, CompressionByHand>, Example<Accuracy, AccuracyByHand>)
