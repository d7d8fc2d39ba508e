// The audit of a claim: what the model predicts under the stated conditions, under which others it would
// hold, and the verdict. One procedure for all claims.
//
//   1. A name that is not in the catalogue or the registry, or a figure that nobody published: not decidable.
//   2. The metric is read under the stated conditions. What is left open is as for like (stated_conditions).
//   3. The claim holds if it is not above the upper end of the 90% interval (of a figure: not above the
//      figure); it is rounded to two digits (least_called). One that is below the interval holds too: it
//      claims less.
//   4. A claim inside an interval of more than a factor of kWidest is not decidable: the model knows too
//      little to contradict anything.
//   5. Else sets of up to kMostChanges of the grid of what is left open are tried, those of the fewest
//      changes first and among them the smaller ones. The first at which the claim holds by the rule of 3,
//      with an interval that is not too wide: holds only if. None: contradicted.
//   6. No prediction is above what perfect software reaches under the same conditions (Reader::limit),
//      whatever its interval says. A claim that is above that under the stated conditions and all those sets
//      is above the physical limit: contradicted, however wide the interval is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/audit/reader.hpp"

namespace ironlaw {

inline constexpr double kWidest = 10;  // upper over lower end of a 90% interval that still decides something
inline constexpr std::size_t kMostChanges = 3;

enum class Verdict { holds, holds_only_if, contradicted, not_decidable };
const char* name_of(Verdict verdict);  // "holds only if"

// How a claimed value (its low end, where it is a range) stands to what was read.
enum class Standing { met, too_vague, missed };
Standing standing(const Reading& reading, double claimed);

// One factor of a value: their product is the value.
struct Factor {
  std::string what;  // the first one: what the others multiply
  double factor = 1;
};

// The wall that decides, and why in one sentence.
struct DecidingWall {
  int number = 0;
  std::string name, reason;
};

struct Audit {
  Claim claim;
  Verdict verdict = Verdict::not_decidable;
  std::string reason;             // one sentence
  std::string asked;              // the work that both sides are asked; empty for a figure
  std::string product, baseline;  // each side under the stated conditions; empty where it is not known
  std::vector<std::string> open;  // what the claim does not say
  std::optional<Reading> stated;  // under the stated conditions; none where a name is missing
  // Holds only if: what must be so, and the reading there. Contradicted: the set that comes nearest.
  std::vector<std::string> changes;
  std::optional<Reading> changed;
  std::size_t tried = 0;  // sets of conditions
  std::vector<Factor> factors;
  std::optional<double> limit;  // of a prediction that falls short: what perfect software would reach
  bool is_above_limit = false;
  std::optional<DecidingWall> wall;
  std::string settles;             // what would settle it
  std::vector<std::string> notes;  // figures that rest on doubtful sources
};

// What an audit works with; all must outlive it.
struct AuditInputs {
  const PluginHost& host;
  Predictor& predictor;
  const ParameterSet& parameters;
  std::span<const RentalPrice> prices;
};

// Never throws for what a claim says: what cannot be decided is a verdict.
Audit audit(const Claim& claim, const AuditInputs& inputs);

}  // namespace ironlaw
