// Parameters and their scopes: what software reaches of a datasheet, for everything, a vendor, a family, ...
//
// On the link scale (log or logit) a parameter's value for a case is a sum:
//   prior mean + global deviation + effect of its vendor + of its family + device + class + precision
//              + the increments of every generation of its software up to its own (a random walk in time;
//                training, inference and serving walk by themselves).
// Each of these is one entry of theta with a normal prior around zero: the port's prior sd for the global
// one, the spread of its scope for the others. An unseen level has effect zero and adds its spread to the
// variance.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "framework/pipeline/pipeline.hpp"

namespace ironlaw {

// Where a case stands on every scope.
struct ScopeKey {
  std::string vendor, family, device;
  std::string workload;    // class: "decoder.decode"
  std::string generation;  // of software, ordered as text ("2025-09"); empty: the newest that was seen
  std::string precision;   // of the matrix products
  // Within its class; kUnknownModel: one that no other case can have. Empty: the case is of no model.
  std::string model = {};
  std::string software = {};   // whose generations those are: "training"
  std::string framework = {};  // "Megatron-DeepSpeed"; empty: what vendors submit

  // "training 2025-06" for generations.
  std::string level(ironlaw_scope scope) const;
};

// Inside a class: a model starts from its class. Parameters that vary by class vary by it too. It is no scope
// of the ABI, but a value that the ABI's type can hold.
inline constexpr auto kModelScope = static_cast<ironlaw_scope>(IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_VENDOR);
// Other software than the one whose generations are known: what a paper trained with, beside what vendors
// submit. Parameters that vary by generation vary by it too.
inline constexpr auto kFrameworkScope =
    static_cast<ironlaw_scope>(IRONLAW_SCOPE_GENERATION | IRONLAW_SCOPE_VENDOR);
inline constexpr const char* kUnknownModel = "?";
// One value for everything, of the fit that knows no levels (ParameterSet::flat_share).
inline constexpr auto kFlatScope = static_cast<ironlaw_scope>(IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_FAMILY);

inline constexpr ironlaw_scope kScopes[] = {
    IRONLAW_SCOPE_VENDOR,     IRONLAW_SCOPE_FAMILY,    IRONLAW_SCOPE_DEVICE, IRONLAW_SCOPE_CLASS,
    IRONLAW_SCOPE_GENERATION, IRONLAW_SCOPE_PRECISION, kModelScope,          kFrameworkScope};
bool varies_by(const ironlaw_port& port, ironlaw_scope scope);
const char* name_of(ironlaw_scope scope);  // "device"; "global" for 0
// Throws Error for anything else.
ironlaw_scope parse_scope(std::string_view name);

// value <-> link scale, and d value / d link. Values at the ends of the range are kept off them.
double to_link(ironlaw_link link, double value);
double from_link(ironlaw_link link, double x);
double link_slope(ironlaw_link link, double value);

// A parameter's value kept in the range its port allows: the effects of levels that were never seen together
// may sum to more.
double within(const ironlaw_port& port, double value);

// One entry of theta.
struct Effect {
  std::string parameter;
  ironlaw_scope scope{};  // 0: global
  std::string level;      // empty for global
  double prior_sd = 0;    // on the link scale
  double value = 0;       // fitted, on the link scale
  double sd = 0;          // posterior
};
// False: the data leave it where the prior put it.
bool is_determined(const Effect& effect);

// What the rows of a fit span, of one workload class.
struct FittedRange {
  struct Span {
    double low = 0, high = 0;
  };
  std::set<std::string> vendors, families, devices, models, precisions;
  std::map<std::string, Span> spans;  // by quantity, see fitted_range.hpp
  int rows = 0;
};
using FittedRanges = std::map<std::string, FittedRange>;  // by workload class, "decoder.decode"

// A parameter for one case.
struct Resolved {
  double value;     // in the port's unit
  double slope;     // d value / d link scale; 0 when it is fixed
  double variance;  // of unseen levels, on the link scale
};

// An entry of theta and the share of it that a parameter takes.
struct Term {
  int effect;  // index
  double share;
};

// A level that no fitted row had; its effect is zero, give or take.
struct Unseen {
  ironlaw_scope scope;
  std::string level;
  double variance;  // link scale
};

class ParameterSet {
 public:
  // Every parameter at its plain first-principles value, exactly.
  static ParameterSet textbook();
  // Nothing fitted: every parameter at its prior.
  static ParameterSet prior();

  bool is_textbook() const { return textbook_; }

  // Adds an entry of theta and returns its index; the same (parameter, scope, level) twice is one entry.
  int add(const Effect& effect);
  int find(const std::string& parameter, ironlaw_scope scope, const std::string& level) const;  // or -1
  std::vector<Effect>& effects() { return effects_; }
  const std::vector<Effect>& effects() const { return effects_; }

  // [link scale] sd of the levels of a scope, for one parameter.
  double spread(const std::string& parameter, ironlaw_scope scope) const;
  void set_spread(const std::string& parameter, ironlaw_scope scope, double sd);
  using Spreads = std::map<std::pair<std::string, int>, double>;
  const Spreads& spreads() const { return spreads_; }

  // The fitted generations of a software, "2025-06", from the second on.
  std::set<std::string> generations(const std::string& software) const;

  // What of a case no fitted row had: "new model", "new device", "new family" (of devices), "new model and
  // device", "new model and family"; empty where all was there, or where the case has no such thing.
  std::string novelty(const ScopeKey& key) const;
  // Between levels that were fitted, a parameter is the sum over its scopes. Effects of single devices and
  // models bend what all share to their faults, though, so where the case is of a new one, its parameters
  // lean on the fit that knows no levels: this is the share of that, from `flat_shares`; 0 where nothing is
  // new.
  double flat_share(const ScopeKey& key) const;
  // By software and novelty: "inference, new model".
  std::map<std::string, double> flat_shares;
  // [log rate] What 90% of the errors lie within where the case is new, in the sense of that; 0 where nothing
  // is, or nobody estimated it. By software and novelty, as the shares.
  double novelty_error(const ScopeKey& key) const;
  std::map<std::string, double> novelty_errors;

  // The entries of theta that a parameter sums for a case.
  std::vector<Term> terms(const ironlaw_port& port, const ScopeKey& key) const;
  Resolved resolve(const ironlaw_port& port, const ScopeKey& key) const;
  // What stands behind the variance of resolve(): one entry an unseen level.
  std::vector<Unseen> unseen(const ironlaw_port& port, const ScopeKey& key) const;
  // [link scale] Of the parameter's value: of its entries of theta together, and of levels nobody has seen.
  double variance(const ironlaw_port& port, const ScopeKey& key) const;

  // Posterior covariance of theta, row-major; empty: the prior (diagonal).
  std::vector<double> covariance;
  // Scale of what no parameter explains of log time, by group of workloads ("decoder inference").
  std::map<std::string, double> noise;
  std::map<std::string, double> flat_noise;  // the same of the fit that knows no levels
  FittedRanges ranges;                       // of the rows behind it; empty: nothing was fitted
  std::string origin = "prior";              // shown to people: "textbook", "prior", "fit of ..."

 private:
  double of_novelty(const std::map<std::string, double>& values, const ScopeKey& key) const;
  bool textbook_ = false;
  std::vector<Effect> effects_;
  std::map<std::string, int, std::less<>> index_;
  std::set<std::pair<int, std::string>> levels_;  // that have an effect, by scope
  Spreads spreads_;
};

}  // namespace ironlaw
