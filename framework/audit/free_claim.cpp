#include "framework/audit/free_claim.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "registry/model_file.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kLongestName = 5;  // words
constexpr int kDevicesOfNode = 8;        // a DGX or HGX

const std::set<std::string, std::less<>> kFillers = {
    "a",      "about",    "against",  "ai",     "an",          "and",     "as",    "at",     "better",
    "by",     "compared", "delivers", "does",   "faster",      "for",     "gets",  "gives",  "gpu",
    "gpus",   "has",      "higher",   "in",     "is",          "its",     "more",  "much",   "of",
    "offers", "on",       "over",     "per",    "performance", "reaches", "runs",  "than",   "that",
    "the",    "to",       "up",       "versus", "vs",          "with",    "model", "models", "large",
    "llm",    "llms",     "language", "lower",  "less",        "least",   "same"};

const std::map<std::string, Metric, std::less<>> kMetricWords = {{"peak", Metric::peak_ratio},
                                                                 {"compute", Metric::peak_ratio},
                                                                 {"flops", Metric::peak_ratio},
                                                                 {"bandwidth", Metric::bandwidth_ratio},
                                                                 {"capacity", Metric::capacity_ratio},
                                                                 {"latency", Metric::latency_ratio},
                                                                 {"response", Metric::latency_ratio},
                                                                 {"interactivity", Metric::latency_ratio},
                                                                 {"energy", Metric::energy_ratio},
                                                                 {"watt", Metric::energy_ratio},
                                                                 {"efficient", Metric::energy_ratio},
                                                                 {"efficiency", Metric::energy_ratio},
                                                                 {"cost", Metric::cost_ratio},
                                                                 {"dollar", Metric::cost_ratio},
                                                                 {"cheaper", Metric::cost_ratio},
                                                                 {"price", Metric::cost_ratio},
                                                                 {"mfu", Metric::mfu}};

const std::map<std::string, Task, std::less<>> kTaskWords = {
    {"inference", Task::offline}, {"throughput", Task::offline}, {"serving", Task::offline},
    {"offline", Task::offline},   {"training", Task::train},     {"train", Task::train},
    {"trains", Task::train},      {"decode", Task::decode},      {"decoding", Task::decode},
    {"prefill", Task::prefill}};

struct ValueUnit {
  const char* unit;  // lower case
  Metric metric;
  double scale;
};
constexpr ValueUnit kUnits[] = {{"tok/s", Metric::token_rate, 1},
                                {"tokens/s", Metric::token_rate, 1},
                                {"tok/s/user", Metric::user_token_rate, 1},
                                {"tokens/s/user", Metric::user_token_rate, 1},
                                {"tflop/s", Metric::peak, 1e12},
                                {"tflops", Metric::peak, 1e12},
                                {"pflop/s", Metric::peak, 1e15},
                                {"pflops", Metric::peak, 1e15},
                                {"eflop/s", Metric::peak, 1e18},
                                {"eflops", Metric::peak, 1e18},
                                {"tops", Metric::peak, 1e12},
                                {"gb/s", Metric::bandwidth, 1e9},
                                {"tb/s", Metric::bandwidth, 1e12},
                                {"pb/s", Metric::bandwidth, 1e15},
                                {"gb", Metric::capacity, 1e9},
                                {"tb", Metric::capacity, 1e12}};

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    while (!word.empty() && std::string_view(",.;:!?\"'()").find(word.back()) != std::string_view::npos)
      word.pop_back();
    while (!word.empty() && std::string_view("\"'(").find(word.front()) != std::string_view::npos)
      word.erase(0, 1);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// A number at the beginning, and what is behind it; nothing where there is none.
struct Numbered {
  double value;
  std::string rest;  // lower case
};
std::optional<Numbered> numbered(const std::string& word) {
  std::string digits = word;
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  double value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !(value > 0) || !std::isfinite(value)) return std::nullopt;
  return Numbered{
      value, lower(std::string_view(end, static_cast<std::size_t>(digits.data() + digits.size() - end)))};
}

bool is_times(const std::string& text) {
  return text == "x" || text == "times" || text == "\xc3\x97" || text == "fold" || text == "-fold";
}

std::optional<Precision> precision_of(const std::string& word) {
  for (int p = 0; p < kPrecisions; ++p)
    if (lower(word) == name_of(static_cast<Precision>(p))) return static_cast<Precision>(p);
  return std::nullopt;
}

class Parser {
 public:
  Parser(std::string_view text, const PluginHost& host) : host_(host), words_(words_of(text)) {
    claim_.id = "yours";
    claim_.vendor = "you";
    claim_.text = std::string(text);
    claim_.status = "yours";
    claim_.metric = Metric::throughput_ratio;
  }

  Claim parse() {
    if (words_.empty()) throw Error("--claim is empty; say for example \"H100 30x A100 llm inference\".");
    while (at_ < words_.size())
      if (!(value() || devices() || batch() || precision() || sparsity() || word() || name())) refuse();
    finish();
    return std::move(claim_);
  }

 private:
  const std::string& here() const { return words_[at_]; }
  bool has_value() const { return claim_.low > 0; }
  // What is being talked about: the product until the value is given, then the baseline.
  ClaimSide& side() { return has_value() || has_baseline_ ? baseline_ : claim_.product; }

  void set_value(double value, std::size_t words) {
    if (has_value())
      throw Error(fmt::format("--claim has two values, the second is '{}'; give one.", here()));
    claim_.low = claim_.high = value;
    at_ += words;
  }

  // "30x", "30 times", "40%", "12000 tok/s", "47% mfu"
  bool value() {
    const auto number = numbered(here());
    if (!number) return false;
    const std::string next = at_ + 1 < words_.size() ? lower(words_[at_ + 1]) : "";
    const bool has_own_unit = !number->rest.empty();
    const std::string unit = has_own_unit ? number->rest : next;
    const std::size_t words = has_own_unit ? 1 : 2;
    if (is_times(unit)) return times(number->value, words);
    if (unit == "%" || unit == "percent") {
      const bool is_mfu =
          std::any_of(words_.begin(), words_.end(), [](const std::string& w) { return lower(w) == "mfu"; });
      set_value(is_mfu ? number->value / 100 : 1 + number->value / 100, words);
      return true;
    }
    if (unit == "ms") {
      claim_.latency = number->value / 1e3;
      at_ += words;
      return true;
    }
    for (const ValueUnit& known : kUnits)
      if (unit == known.unit) {
        set_value(number->value * known.scale, words);
        set_metric(known.metric);
        return true;
      }
    return false;
  }

  // Before the product is named, and behind the value, "8x" counts devices.
  bool times(double factor, std::size_t words) {
    const bool is_count = has_value() || claim_.product.target.empty();
    if (!is_count) {
      set_value(factor, words);
      return true;
    }
    pending_devices_ = whole_devices(factor);
    at_ += words;
    return true;
  }

  int whole_devices(double count) const {
    if (count != std::floor(count) || count > kMostDevicesStated)
      throw Error(fmt::format("--claim: '{}' devices; it must be a whole number up to {}.", here(),
                              kMostDevicesStated));
    return static_cast<int>(count);
  }

  // "72 GB300", "DGX H100", "NVL72"
  bool devices() {
    const std::string word = lower(here());
    if (word == "dgx" || word == "hgx") {
      pending_devices_ = kDevicesOfNode;
    } else if (word.starts_with("nvl") && word.size() > 3) {
      const auto number = numbered(word.substr(3));
      if (!number || !number->rest.empty()) return false;
      ClaimSide& named = baseline_.target.empty() ? claim_.product : baseline_;
      named.devices = whole_devices(number->value);
    } else {
      const auto number = numbered(here());
      const bool is_before_name = number && number->rest.empty() && at_ + 1 < words_.size();
      if (!is_before_name) return false;
      pending_devices_ = whole_devices(number->value);
    }
    ++at_;
    return true;
  }

  bool batch() {
    if (lower(here()) != "batch") return false;
    const auto number = at_ + 1 < words_.size() ? numbered(words_[at_ + 1]) : std::nullopt;
    if (!number || !number->rest.empty() || number->value != std::floor(number->value))
      throw Error("--claim: behind 'batch' there must be a whole number.");
    side().batch = number->value;
    at_ += 2;
    return true;
  }

  bool precision() {
    const auto precision = precision_of(here());
    if (!precision) return false;
    side().precision = precision;
    ++at_;
    return true;
  }

  bool sparsity() {
    const std::string word = lower(here());
    const bool is_sparse = word == "sparse" || word == "sparsity";
    if (!is_sparse && word != "dense") return false;
    side().is_sparse = is_sparse;
    ++at_;
    return true;
  }

  void set_metric(Metric metric) {
    const auto ratio_of = [](Metric m) {
      return m == Metric::peak        ? Metric::peak_ratio
             : m == Metric::bandwidth ? Metric::bandwidth_ratio
             : m == Metric::capacity  ? Metric::capacity_ratio
                                      : m;
    };
    if (metric_ && ratio_of(*metric_) != ratio_of(metric))
      throw Error(fmt::format("--claim is about {} and about {}; it must be one of them.",
                              facts_of(*metric_).name, facts_of(metric).name));
    if (!metric_ || facts_of(*metric_).is_ratio) metric_ = metric;
  }

  bool word() {
    const std::string word = lower(here());
    if (const auto found = kMetricWords.find(word); found != kMetricWords.end()) {
      set_metric(found->second);
    } else if (const auto task = kTaskWords.find(word); task != kTaskWords.end()) {
      // "inference throughput", "decode inference": the more special one.
      if (!claim_.task || *claim_.task == Task::offline) claim_.task = task->second;
    } else if (word == "memory") {
      has_memory_ = true;
    } else if (!kFillers.contains(word)) {
      return false;
    }
    ++at_;
    return true;
  }

  // The longest run of words that is a target, or a model.
  bool name() {
    std::string ambiguous;
    for (std::size_t n = std::min(kLongestName, words_.size() - at_); n > 0; --n) {
      const auto first = words_.begin() + static_cast<std::ptrdiff_t>(at_);
      const std::string text =
          fmt::format("{}", fmt::join(first, first + static_cast<std::ptrdiff_t>(n), " "));
      if (normalised(text).size() < 2) continue;
      if (take_target(text, n, ambiguous) || take_model(text, n)) return true;
    }
    if (!ambiguous.empty()) throw Error("--claim: " + ambiguous);
    return false;
  }

  bool take_target(const std::string& text, std::size_t words, std::string& ambiguous) {
    const ironlaw_hardware* found = nullptr;
    try {
      found = &host_.find_hardware(text);
    } catch (const Error& e) {
      if (std::string_view(e.what()).find("ambiguous") != std::string_view::npos) ambiguous = e.what();
      return false;
    }
    // Two letters from the middle of a name are no name.
    const std::string name = normalised(text);
    if (name.size() < 3 && !normalised(found->id).starts_with(name)) return false;
    if (!baseline_.target.empty())
      throw Error(
          fmt::format("--claim names a third device, '{}'; it must be a product and a baseline.", text));
    ClaimSide& named = claim_.product.target.empty() ? claim_.product : baseline_;
    has_baseline_ = &named == &baseline_;
    named.name = text;
    named.target = found->id;
    if (pending_devices_) named.devices = std::exchange(pending_devices_, std::nullopt);
    at_ += words;
    return true;
  }

  bool take_model(const std::string& text, std::size_t words) {
    try {
      const std::string id = find_model(text).id;
      if (!claim_.model.empty() && claim_.model != id)
        throw Error(fmt::format("--claim names two models, {} and {}; give one.", claim_.model, id),
                    ExitCode::infeasible);
      claim_.model = id;
    } catch (const Error& e) {
      if (e.code() == ExitCode::infeasible) throw Error(e.what());
      return false;
    }
    at_ += words;
    return true;
  }

  [[noreturn]] void refuse() const {
    std::vector<std::string> known;
    for (const ironlaw_hardware* h : host_.hardware()) known.emplace_back(h->id);
    for (const ModelSpec& m : models()) known.emplace_back(m.id);
    for (const auto& [word, metric] : kMetricWords) known.push_back(word);
    for (const auto& [word, task] : kTaskWords) known.push_back(word);
    throw Error(
        fmt::format("--claim: '{}' is not understood.{} It is a product, a factor, a baseline and what "
                    "they are compared in, as \"H100 30x A100 llm inference\".",
                    here(), did_you_mean(here(), known)));
  }

  void finish() {
    if (pending_devices_)
      throw Error(fmt::format("--claim: '{}' counts no device that is named behind it.", *pending_devices_));
    if (has_memory_ && !metric_) metric_ = Metric::capacity_ratio;
    if (!baseline_.target.empty() || baseline_.precision || baseline_.batch || baseline_.is_sparse) {
      ClaimSide& product = claim_.product;
      // Given once, behind the value: of both, or of the product where there is no other.
      if (!product.precision) product.precision = baseline_.precision;
      if (!product.batch) product.batch = baseline_.batch;
      if (baseline_.target.empty() && !product.is_sparse) product.is_sparse = baseline_.is_sparse;
    }
    if (!baseline_.target.empty()) claim_.baseline = baseline_;
    if (metric_)
      claim_.metric = *metric_;
    else if (claim_.task)
      claim_.metric = *claim_.task == Task::train ? Metric::training_time_ratio : Metric::throughput_ratio;
    else if (has_value())
      throw Error(
          "--claim does not say what is compared; add inference, training, peak, bandwidth, capacity, "
          "latency, energy or cost.");
  }

  const PluginHost& host_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
  Claim claim_;
  ClaimSide baseline_;
  bool has_baseline_ = false, has_memory_ = false;
  std::optional<int> pending_devices_;
  std::optional<Metric> metric_;
};

void settle_side(ClaimSide& side, const char* what, const PluginHost& host) {
  if (side.target.empty()) throw Error(fmt::format("The claim names no {}.", what));
  side.target = host.find_hardware(side.target).id;
  if (side.name.empty()) side.name = side.target;
}

}  // namespace

Claim parse_free_claim(std::string_view text, const PluginHost& host) {
  return Parser(text, host).parse();
}

void settle_free_claim(Claim& claim, const PluginHost& host) {
  settle_side(claim.product, "product", host);
  if (!(claim.low > 0)) throw Error("The claim has no value: say 30x, 40% or 12000 tok/s.");
  const MetricFacts& metric = facts_of(claim.metric);
  if (metric.is_ratio && !claim.baseline)
    throw Error(fmt::format("The claim names no baseline, and {} is a ratio of two.", metric.name));
  if (!metric.is_ratio && claim.baseline)
    throw Error(
        fmt::format("The claim has a baseline, {}, but {} is no ratio.", claim.baseline->name, metric.name));
  if (claim.baseline) settle_side(*claim.baseline, "baseline", host);
  if (!claim.model.empty()) resolve_model(claim.model);  // throws
}

}  // namespace ironlaw
