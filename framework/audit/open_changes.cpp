// The grid of what a claim leaves open. Stated here once for all claims: no claim has entries of its own.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "framework/audit/conditions.hpp"
#include "framework/predict/split.hpp"

namespace ironlaw {
namespace {

constexpr double kLatencies[] = {0.1, 0.05, 0.02, 0.01};  // [s] between two tokens of a request
constexpr double kBatches[] = {64, 8, 1};                 // requests at once where else as many run as fit
constexpr double kLargerBatches[] = {8, 32, 128};         // where else one request runs
constexpr std::pair<double, double> kLengths[] = {{128, 128}, {1024, 1024}, {8192, 128}, {128, 2048}};
constexpr int kLargestDomain = 576;  // devices; a torus of thousands is nobody's unit of comparison

// How much a change is: the doublings of what it changes. What one side alone has is more than what both
// have.
constexpr double kOfOneSide = 2;

class Grid {
 public:
  Grid(const Subject& subject, const Conditions& stated, const ParameterSet& parameters)
      : subject_(subject), claim_(subject.claim), stated_(stated), parameters_(parameters) {}

  std::vector<Change> all() {
    const bool is_figure = facts_of(claim_.metric).is_figure;
    if (!is_figure || claim_.metric == Metric::peak || claim_.metric == Metric::peak_ratio) {
      add_sparsity();
      add_precisions();
    }
    add_devices();
    if (is_figure) return std::move(changes_);
    add_split();
    add_lengths();
    add_models();
    add_latencies();
    add_batches();
    add_generations();
    return std::move(changes_);
  }

 private:
  void add(const char* dimension, std::string text, double size, std::function<void(Conditions&)> apply) {
    changes_.push_back({dimension, std::move(text), size, std::move(apply)});
  }
  const char* product() const { return subject_.product->id; }
  const char* baseline() const { return subject_.baseline->id; }
  bool is_open(const std::optional<double>& of_product) const {
    return !of_product && (!claim_.baseline || !claim_.baseline->batch);
  }

  void add_sparsity() {
    if (claim_.product.is_sparse) return;
    const auto known = precisions_of(*subject_.product);
    if (std::all_of(known.begin(), known.end(),
                    [&](Precision p) { return std::isnan(sparse_peak(*subject_.product, p)); }))
      return;
    add("sparsity", fmt::format("sparsity is counted on {}", product()), kOfOneSide + 1,
        [](Conditions& c) { c.product.is_sparse = true; });
  }

  // Faster arithmetic on the product, slower on the baseline: the other way round no claim gains.
  void add_precisions() {
    const auto add_side = [&](const char* dimension, const ironlaw_hardware& h, Precision now, bool is_faster,
                              const auto& set) {
      for (const Precision p : precisions_of(h)) {
        const double doublings = std::log2(dense_peak(h, p) / dense_peak(h, now));
        if (is_faster ? doublings > 0 : doublings < 0)
          add(dimension, fmt::format("{} computes in {}", h.id, name_of(p)), kOfOneSide + std::abs(doublings),
              [set, p](Conditions& c) { set(c) = p; });
      }
    };
    if (!claim_.product.precision)
      add_side("product precision", *subject_.product, stated_.product.precision, true,
               [](Conditions& c) -> Precision& { return c.product.precision; });
    if (subject_.baseline && !claim_.baseline->precision)
      add_side("baseline precision", *subject_.baseline, stated_.baseline.precision, false,
               [](Conditions& c) -> Precision& { return c.baseline.precision; });
  }

  static int domain_of(const ironlaw_hardware& hardware) {
    const double size = figure(hardware, "scaleup_size");
    return std::isnan(size) || size > kLargestDomain ? 1 : static_cast<int>(size);
  }

  // A system against a system, as each is sold: 72 against 8.
  void add_devices() {
    if (!subject_.baseline) {
      add_more_devices();
      return;
    }
    const int of_product = claim_.product.devices.value_or(domain_of(*subject_.product));
    const int of_baseline = claim_.baseline->devices.value_or(domain_of(*subject_.baseline));
    if (claim_.product.devices && claim_.baseline->devices) return;
    if (of_product <= of_baseline) return;
    add("devices",
        fmt::format("{} {} are held against {} {}", of_product, product(), of_baseline, baseline()),
        kOfOneSide + std::log2(static_cast<double>(of_product) / of_baseline), [=](Conditions& c) {
          c.product.devices = of_product;
          c.baseline.devices = of_baseline;
        });
  }

  // Of what is predicted: twice as many and more, up to a scale-up domain. Of a figure: a whole domain.
  void add_more_devices() {
    if (claim_.product.devices) return;
    const int now = stated_.product.devices;
    const int domain = domain_of(*subject_.product);
    for (int n = facts_of(claim_.metric).is_figure ? domain : 2 * now; n > now && n <= domain; n *= 2)
      add("devices", fmt::format("there are {} {}", n, product()), kOfOneSide + std::log2(double(n) / now),
          [n](Conditions& c) { c.product.devices = n; });
  }

  void add_split() {
    if (stated_.is_fastest_split) return;
    if (std::max(stated_.product.devices, stated_.baseline.devices) == 1) return;
    add("split", "both are split in the fastest way", 1, [](Conditions& c) { c.is_fastest_split = true; });
  }

  void add_lengths() {
    if (claim_.input_len || stated_.model->kind != ModelKind::decoder || stated_.task == Task::train) return;
    for (const auto& [in, out] : kLengths)
      add("lengths", fmt::format("requests have {} tokens in and {} out", in, out), 1,
          [in = in, out = out](Conditions& c) {
            c.input_len = in;
            c.output_len = out;
          });
  }

  void add_models() {
    if (!subject_.is_model_open) return;
    for (const ModelSpec& model : models())
      if (model.kind == stated_.model->kind && &model != stated_.model)
        add("model", fmt::format("the model is {}", model.id), 1,
            [to = &model](Conditions& c) { c.model = to; });
  }

  void add_latencies() {
    if (claim_.latency || stated_.task != Task::offline || stated_.model->kind != ModelKind::decoder ||
        !is_open(claim_.product.batch))
      return;
    double size = 0;
    for (const double limit : kLatencies)
      add("batch", fmt::format("no token may come later than {} ms after the one before", limit * 1e3),
          ++size, [limit](Conditions& c) { c.latency = limit; });
  }

  void add_batches() {
    if (stated_.task == Task::train || claim_.latency) return;
    const bool as_it_fits = stated_.task == Task::offline;
    const std::span<const double> batches = as_it_fits ? std::span<const double>(kBatches) : kLargerBatches;
    double size = 0;
    for (const double batch : batches) {
      ++size;
      if (is_open(claim_.product.batch))
        add("batch",
            subject_.baseline ? fmt::format("both run at batch {}", batch)
                              : fmt::format("it runs at batch {}", batch),
            size, [batch](Conditions& c) { c.product.batch = c.baseline.batch = batch; });
      if (subject_.baseline && !claim_.baseline->batch)
        add("batch", fmt::format("{} alone runs at batch {}", baseline(), batch), kOfOneSide + size,
            [batch](Conditions& c) { c.baseline.batch = batch; });
    }
  }

  // The last generation that was fitted of every year, newest first, without the newest of all.
  void add_generations() {
    if (!subject_.baseline) return;
    std::map<std::string, std::string, std::greater<>> last_of_year;
    std::string newest;
    for (const std::string& generation :
         parameters_.generations(stated_.task == Task::train ? "training" : "inference")) {
      std::string& last = last_of_year[generation.substr(0, 4)];
      last = std::max(last, generation);
      newest = std::max(newest, generation);
    }
    double size = 0;
    for (const auto& [year, level] : last_of_year)
      if (level != newest)
        add("software", fmt::format("{} runs software of {}", baseline(), level), kOfOneSide + size++,
            [to = level](Conditions& c) { c.baseline.generation = to; });
  }

  const Subject& subject_;
  const Claim& claim_;
  const Conditions& stated_;
  const ParameterSet& parameters_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> open_changes(const Subject& subject, const Conditions& stated,
                                 const ParameterSet& parameters) {
  return Grid(subject, stated, parameters).all();
}

}  // namespace ironlaw
