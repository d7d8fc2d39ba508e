#include "framework/audit/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/audit/condition_search.hpp"
#include "framework/audit/deciding_wall.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

std::string ratio_text(double factor) {
  return factor < 10 ? fmt::format("{:.2f}x", factor) : fmt::format("{:.1f}x", factor);
}

// The value as steps from the plain conditions. A step that cannot be read on its own (the model does not
// fit, a figure is missing) is told together with the next.
std::vector<Factor> decomposed(Reader& reader, const Conditions& plain, const std::vector<Change>& changes,
                               bool is_ratio) {
  std::vector<Factor> factors;
  std::vector<std::string> untold;
  Conditions c = plain;
  double before = 0;
  if (const Reading r = reader.read(c); r.has_value()) {
    factors.push_back({is_ratio ? "like for like" : "dense, nothing added", r.value});
    before = r.value;
  }
  for (const Change& change : changes) {
    change.apply(c);
    untold.push_back(change.text);
    const Reading r = reader.read(c);
    if (!r.has_value()) continue;
    factors.push_back(
        {fmt::format("{}", fmt::join(untold, " and ")), before > 0 ? r.value / before : r.value});
    untold.clear();
    before = r.value;
  }
  return factors;
}

// Searches for the conditions under which the claim holds, and how high the others reach.
class ClaimSearch {
 public:
  ClaimSearch(const Subject& subject, Reader& reader, const Conditions& stated, std::vector<Change> changes)
      : subject_(subject), reader_(reader), stated_(stated), changes_(std::move(changes)) {}

  // True when it found a set at which the claim holds; else set() is the one that reaches most, if any
  // reaches more than `stated`.
  bool run(const Reading& stated) {
    const std::vector<ChangeSet> sets = change_sets(changes_, kMostChanges);
    double most = stated.has_value() ? stated.value : 0;
    // An interval that decides something reaches no further than this factor above its middle.
    const double worth_an_interval = least_called(subject_.claim.low) / std::sqrt(kWidest);
    for (const ChangeSet& set : sets) {
      ++tried_;
      const Reading r = reader_.read(with_changes(stated_, changes_, set), worth_an_interval);
      if (!r.has_value()) continue;
      if (standing(r, subject_.claim.low) == Standing::met) {
        set_ = set;
        reading_ = r;
        return true;
      }
      if (r.value <= most) continue;
      most = r.value;
      set_ = set;
      reading_ = r;
    }
    if (reading_) reading_ = reader_.read(conditions());
    return false;
  }

  // What perfect software reaches under the stated conditions and every set: the most of it, or the first
  // that the claim is not above; nothing where nothing can be read.
  std::optional<double> limit() {
    std::vector<ChangeSet> sets = change_sets(changes_, kMostChanges);
    sets.insert(sets.begin(), ChangeSet{});
    std::optional<double> most;
    for (const ChangeSet& set : sets) {
      const Reading r = reader_.limit(with_changes(stated_, changes_, set));
      if (r.has_value()) most = std::max(most.value_or(0), r.value);
      if (most && *most >= least_called(subject_.claim.low)) break;
    }
    return most;
  }

  const ChangeSet& set() const { return set_; }
  const std::optional<Reading>& reading() const { return reading_; }
  std::size_t tried() const { return tried_; }
  Conditions conditions() const { return with_changes(stated_, changes_, set_); }
  std::vector<Change> changes() const {
    std::vector<Change> chosen;
    for (const std::size_t i : set_) chosen.push_back(changes_[i]);
    return chosen;
  }

 private:
  const Subject& subject_;
  Reader& reader_;
  const Conditions& stated_;
  std::vector<Change> changes_;
  ChangeSet set_;
  std::optional<Reading> reading_;
  std::size_t tried_ = 0;
};

// What a side's part of the answer rests on that its own datasheet calls unverified.
void add_doubts(const ironlaw_hardware* hardware, const SideConditions& side, const MetricFacts& metric,
                std::vector<std::string>& notes) {
  if (!hardware) return;
  const std::string peak = fmt::format("peak_{}{}", name_of(side.precision), side.is_sparse ? "_sparse" : "");
  const bool is_of_memory = metric.metric == Metric::bandwidth || metric.metric == Metric::bandwidth_ratio ||
                            metric.metric == Metric::capacity || metric.metric == Metric::capacity_ratio;
  for (std::uint32_t i = 0; i < hardware->n_specs; ++i) {
    const ironlaw_spec& spec = *hardware->specs[i];
    const std::string_view name = spec.quantity;
    const bool is_memory = name == "memory_bandwidth" || name == "memory_capacity";
    const bool is_used =
        metric.is_figure ? (is_of_memory ? is_memory : name == peak) : is_memory || name == peak;
    if (is_used && (spec.flags & IRONLAW_SPEC_UNVERIFIED))
      notes.push_back(
          fmt::format("{} of {} is unverified{}{}.", name, hardware->id, *spec.note ? ": " : "", spec.note));
  }
}

// "fp8 on A against bf16 accounts for 1.98x and sparsity counted on A for 2.00x of the 3.96x"
std::string told(const std::vector<Factor>& factors, const std::vector<std::string>& without) {
  constexpr double kTelling = 0.02;
  std::vector<std::string> parts;
  double all = 1;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    all *= factors[i].factor;
    const bool is_left_out = std::find(without.begin(), without.end(), factors[i].what) != without.end();
    if (i > 0 && !is_left_out && std::abs(factors[i].factor - 1) > kTelling)
      parts.push_back(fmt::format("{} {}{}", factors[i].what, parts.empty() ? "accounts for " : "for ",
                                  ratio_text(factors[i].factor)));
  }
  return parts.empty() ? "" : fmt::format("; {} of it", fmt::join(parts, " and "));
}

// "sparsity is counted on A (2.00x of it) and ...": what must be so, and what each makes.
std::string told_changes(const Audit& a) {
  std::vector<std::string> parts;
  for (const std::string& change : a.changes) {
    const auto factor =
        std::find_if(a.factors.begin(), a.factors.end(), [&](const Factor& f) { return f.what == change; });
    parts.push_back(factor == a.factors.end()
                        ? change
                        : fmt::format("{} ({} of it)", change, ratio_text(factor->factor)));
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

std::string reason_of(const Audit& a) {
  const MetricFacts& metric = facts_of(a.claim.metric);
  const std::string behind =
      told(a.factors, a.verdict == Verdict::holds ? std::vector<std::string>{} : a.changes);
  switch (a.verdict) {
    case Verdict::holds:
      if (metric.is_figure) return "the datasheets' figures give it" + behind;
      if (!a.stated->interval90) return "the prediction reaches it" + behind;
      if (a.claim.low < a.stated->interval90->low) return "the model predicts more than is claimed" + behind;
      return (a.claim.low <= a.stated->value ? "the prediction reaches it"
                                             : "it lies above the prediction, but within its error bar") +
             behind;
    case Verdict::holds_only_if:
      return told_changes(a) + behind;
    case Verdict::contradicted:
      if (a.is_above_limit && metric.is_ratio)
        return fmt::format(
            "it is above the physical limit: with every efficiency of the product at its ideal, against the "
            "slowest that the baseline may be, it would be {} of the claim at the most",
            ratio_text(*a.limit / a.claim.low));
      if (a.is_above_limit)
        return fmt::format(
            "it is above the physical limit: with every efficiency at its ideal it would be {} "
            "of the claim at the most",
            ratio_text(*a.limit / a.claim.low));
      if (!a.stated->has_value()) return a.stated->refused;
      return fmt::format("nothing that it leaves open reaches it{}", behind);
    case Verdict::not_decidable:
      break;
  }
  return "";
}

std::string settles(const Audit& a) {
  switch (a.verdict) {
    case Verdict::holds:
      return a.open.empty() ? "a published run under these conditions"
                            : "a published run that says what is left open";
    case Verdict::holds_only_if:
      return fmt::format("whoever claims it says whether {}", fmt::join(a.changes, " and "));
    case Verdict::contradicted:
      return "a published run that reaches it, with all its conditions";
    case Verdict::not_decidable:
      return a.stated && a.stated->has_value()
                 ? "measurements of such work on these devices, to fit the model to"
                 : "what is missing";
  }
  return "";
}

class Auditor {
 public:
  Auditor(const Claim& claim, const AuditInputs& inputs)
      : inputs_(inputs),
        subject_(resolve(claim, inputs.host)),
        reader_(subject_, inputs.predictor, inputs.parameters, inputs.prices) {
    result_.claim = claim;
  }

  Audit run() {
    result_.open = open_conditions(subject_);
    if (!subject_.missing.empty()) {
      result_.reason = fmt::format("{}", fmt::join(subject_.missing, " "));
      result_.settles = settles(result_);
      return std::move(result_);
    }
    stated_ = reader_.on_enough_devices(stated_conditions(subject_));
    conditions_ = stated_;
    describe();
    result_.stated = reader_.read(stated_);
    judge();
    Conditions plain;
    std::vector<Change> steps = differences(subject_, stated_, plain);
    steps.insert(steps.end(), chosen_.begin(), chosen_.end());
    result_.factors = decomposed(reader_, plain, steps, facts_of(subject_.claim.metric).is_ratio);
    if (result_.reason.empty()) result_.reason = reason_of(result_);
    result_.wall = deciding_wall(subject_, conditions_, reader_, inputs_.predictor);
    result_.settles = settles(result_);
    return std::move(result_);
  }

 private:
  void describe() {
    const MetricFacts& metric = facts_of(subject_.claim.metric);
    result_.asked = described_work(subject_, stated_);
    result_.product = described(*subject_.product, stated_.product, stated_, metric.is_figure);
    if (subject_.baseline)
      result_.baseline = described(*subject_.baseline, stated_.baseline, stated_, metric.is_figure);
    add_doubts(subject_.product, stated_.product, metric, result_.notes);
    if (subject_.baseline != subject_.product)
      add_doubts(subject_.baseline, stated_.baseline, metric, result_.notes);
  }

  // Why there is nothing to judge, if so. That it does not fit on one device says nothing where the claim
  // does not say how many there are.
  bool is_undecided(const Reading& stated) {
    if (stated.has_value()) return false;
    const Claim& claim = subject_.claim;
    const bool is_open = !claim.product.devices && !(claim.baseline && claim.baseline->devices);
    if (stated.is_unknown)
      result_.reason = stated.refused;
    else if (is_open)
      result_.reason = fmt::format("no number of devices up to {} was found that does it: {}",
                                   kMostDevicesTried, stated.refused);
    return stated.is_unknown || is_open;
  }

  // With textbook parameters the baseline is perfect too, and a worse one is always possible.
  bool has_limit() const {
    return !facts_of(subject_.claim.metric).is_figure &&
           !(subject_.baseline && inputs_.parameters.is_textbook());
  }

  void judge() {
    const Reading& stated = *result_.stated;
    if (is_undecided(stated)) return;
    const Standing stands = stated.has_value() ? standing(stated, subject_.claim.low) : Standing::missed;
    if (stands == Standing::met) {
      result_.verdict = Verdict::holds;
      return;
    }
    ClaimSearch search(subject_, reader_, stated_, open_changes(subject_, stated_, inputs_.parameters));
    if (stands == Standing::missed && search.run(stated)) {
      result_.verdict = Verdict::holds_only_if;
      use(search);
      return;
    }
    if (has_limit()) {
      result_.limit = search.limit();
      result_.is_above_limit = result_.limit && *result_.limit < least_called(subject_.claim.low);
    }
    if (stands == Standing::missed || result_.is_above_limit) {
      result_.verdict = Verdict::contradicted;
      if (search.reading()) use(search);
      return;
    }
    result_.reason = fmt::format("the 90% interval is a factor of {:.0f} wide, which decides nothing",
                                 stated.interval90->high / stated.interval90->low);
  }

  void use(const ClaimSearch& search) {
    chosen_ = search.changes();
    for (const Change& change : chosen_) result_.changes.push_back(change.text);
    result_.changed = search.reading();
    result_.tried = search.tried();
    conditions_ = search.conditions();
  }

  const AuditInputs& inputs_;
  Subject subject_;
  Reader reader_;
  Conditions stated_, conditions_;
  std::vector<Change> chosen_;
  Audit result_;
};

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::holds_only_if:
      return "holds only if";
    case Verdict::contradicted:
      return "contradicted";
    case Verdict::not_decidable:
      return "not decidable";
  }
  return "";
}

Standing standing(const Reading& r, double claimed) {
  const double needed = least_called(claimed);
  if (!r.interval90) return r.value >= needed ? Standing::met : Standing::missed;
  if (needed > r.interval90->high || needed > r.limit.value_or(needed)) return Standing::missed;
  const bool is_vague = r.interval90->high / r.interval90->low > kWidest && claimed > r.interval90->low;
  return is_vague ? Standing::too_vague : Standing::met;
}

Audit audit(const Claim& claim, const AuditInputs& inputs) {
  return Auditor(claim, inputs).run();
}

}  // namespace ironlaw
