// What the rows of a fit span, and where a case stands to them.
//
// A class of work ("decoder.decode") is spanned by the devices, models and precisions of its fitted rows, and
// by these quantities, of one case:
//   batch        requests that run at once, or training samples, of one replica; unknown in a closed loop
//                where nobody configures it
//   devices      accelerators
//   context      tokens: of a prompt or training sample; in decode halfway through the answer. Transformers.
//
// Outside what is spanned the error of a prediction is larger. It is taken as a random walk in the log of a
// quantity: the variance grows by one noise variance (of the kind of work, as the fit found it) for each
// e-fold outside, and quantities walk each by itself. Within the range the errors at different sizes lie as
// far apart as that noise says; a walk that gathers the same in one e-fold is the process without a
// preferred direction that has forgotten what was fitted there after a factor of about three. The rule was
// chosen for this reason and not by trying it on held-out rows.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "framework/predict/scenario.hpp"

namespace ironlaw {

// Adds a fitted row to the range of each class of its steps (not those of a draft model).
void add_to_ranges(const Case& c, FittedRanges& ranges);

// What stands behind something: it was fitted at work of the same class, at other work, its relatives were
// (of a device those of its family, else its vendor; of a model those of its class), or nothing was.
enum class Support { here, other_work, family, vendor, workload, never };
const char* name_of(Support support);  // "fitted", "other work", "family", "vendor", "class", "never"

// A quantity of a case against what is fitted of it.
struct Regime {
  std::string workload;  // class
  std::string quantity;  // "batch"
  double given = 0, low = 0, high = 0;
  // |log| of how far outside; 0 inside.
  double distance() const;
};

// Where a case stands. Of several steps (prefill and decode) the worst counts.
struct Standing {
  bool is_fitted = false;  // false: nothing was fitted, so there is nothing to stand to
  Support device = Support::never, model = Support::never;
  bool precision_fitted = false;       // in the case's classes of work
  std::vector<std::string> workloads;  // its classes
  std::vector<Regime> regimes;         // what is known of both sides; of each quantity the farthest outside
  // [log] Of all quantities outside; what the variance of log time grows by, in noise variances.
  double distance() const;
};
Standing standing_of(const Case& c, const FittedRanges& ranges);

// The same distance alone, without looking at devices and models.
double distance_outside(const Case& c, const FittedRanges& ranges);

// Why nothing supports an answer; empty when something does: no row of the device, its family or its vendor
// was fitted at any work, nor any of this class of work on any device.
std::string nothing_supports(const Case& c, const Standing& standing);

// One sentence for each way in which the case lies outside what was fitted.
std::vector<std::string> warnings_of(const Case& c, const Standing& standing);

}  // namespace ironlaw
