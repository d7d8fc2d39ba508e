// One answer: the time, the five terms of the Iron Law, what every wall costs, and an error bar.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/predict/accounts.hpp"
#include "framework/predict/evaluator.hpp"

namespace ironlaw {

// Time = flops / (n x peak x mfu x eta_scaling x goodput). A term that no loaded wall models is empty and
// left out of the product.
struct IronLaw {
  double flops = 0;  // model FLOPs in `time`, without recomputation
  double n = 0;      // devices
  double peak = 0;   // [FLOP/s] dense, of one device
  std::optional<double> mfu, eta_scaling, goodput;
};

// What one wall costs: the waterfall from the time at peak to the predicted time.
struct LedgerEntry {
  int number = 0;
  std::string name;       // "memory"
  double seconds = 0;     // how much longer the time gets when this wall is switched on after those before it
  double elasticity = 0;  // share of the predicted time that follows this wall's bounds and addends
  bool in_time = true;    // false: it shapes the work (batch, lengths) and has no time of its own
};

struct Interval {
  double low = 0, high = 0;
};

// [log scale] Variance of log(time per request): of the parameters, of levels nobody has measured, what is
// left between a fit and its observations, and what is added outside the range of those (fitted_range.hpp).
// The first is normal. The others have heavy tails: the fit takes what is left as Student's t with four
// degrees of freedom, of which `noise` is the squared scale, and a new level is drawn from a spread that
// itself was estimated from few levels. Of new devices and models, they are at least what the fit itself
// found of such errors (ParameterSet::novelty_error).
struct LogVariance {
  double parameters = 0, unseen = 0, noise = 0, outside = 0;
  // Half the width of the central interval that holds 50% or 90%, on the log scale. The two kinds are
  // combined by their squared quantiles, which is exact where only one is there.
  double half50() const;
  double half90() const;
};
// [B] What fills the tightest device; `capacity` less `reserve` is what may be filled.
struct MemoryUse {
  double weights = 0, kv = 0, activations = 0, states = 0, reserve = 0, capacity = 0;
};

struct Prediction {
  Case resolved;
  Outcome outcome;
  std::string time_is;  // "one decode step", ...
  double throughput = 0;
  std::string throughput_unit;  // "tokens/s" or "samples/s"
  IronLaw iron_law;
  double peak_seconds = 0;  // flops / (n x peak): where the ledger begins
  std::vector<LedgerEntry> ledger;
  std::optional<std::size_t> binding;  // index into ledger: the largest elasticity
  std::vector<Account> accounts;
  std::optional<MemoryUse> memory;
  std::vector<Violation> violations;  // of gates other than memory
  bool feasible = true;
  std::string infeasible_because;  // one sentence, and what would make it feasible
  std::vector<double>
      gradient;  // of log(time per request), as Evaluator says; empty with textbook parameters
  std::optional<LogVariance> variance;  // of log time; empty with textbook parameters
  std::optional<Interval> interval90;   // of time
  std::vector<std::string> notes;       // what the answer rests on that the user should know
};

// How much of a prediction is wanted.
enum class Depth {
  full,
  numbers  // all but what switches walls off and on: no ledger, no binding wall. For searches: several times
           // faster
};

// Makes and keeps one pipeline a hardware target.
class Predictor {
 public:
  // `walls` and the hardware that scenarios name must outlive the predictor.
  explicit Predictor(std::vector<const ironlaw_wall*> walls) : walls_(std::move(walls)) {}

  // Throws Error when the walls do not fit together.
  const Pipeline& pipeline(const ironlaw_hardware& hardware);

  // The evaluator holds what stands behind the last prediction: its row is the last of the block.
  const Evaluator& evaluator() const { return evaluator_; }

  // Answers one scenario. Infeasible scenarios are answered too, with feasible = false.
  Prediction predict(const Scenario& scenario, const ParameterSet& parameters, Depth depth = Depth::full);

 private:
  std::vector<const ironlaw_wall*> walls_;
  std::map<const ironlaw_hardware*, std::unique_ptr<Pipeline>> pipelines_;
  Evaluator evaluator_;
};

// What shares a noise: "decoder training", "encoder inference".
std::string noise_group(const Scenario& scenario);

// gradient: d log time / d link-scale parameter, as Evaluator returns it.
LogVariance log_variance(const Case& c, std::span<const double> gradient, const ParameterSet& parameters);
// Of log(time of a / time of b): what both rest on cancels as far as they follow it alike. Their noises, and
// what being outside the fitted range adds, are taken to be independent.
LogVariance log_variance_of_ratio(const Prediction& a, const Prediction& b, const ParameterSet& parameters);

}  // namespace ironlaw
