// The whole validation: every hold-out that means something, each fitted without its rows, and what they say
// together.
//
// Rounds go first to last, each predicted from what was published before it; a round's fit is looked for from
// the fit of the round before on, so it never rests on anything that saw its future. The other hold-outs
// start from the full fit, estimate spreads and noises anew, and re-evaluate only rows that move; that this
// finds what a fit from nothing finds is checked with `cold`.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "calibration/insight.hpp"
#include "calibration/metrics.hpp"
#include "calibration/operator_study.hpp"
#include "calibration/peers.hpp"
#include "calibration/validation.hpp"

namespace ironlaw {

inline constexpr const char* kHoldOutKeys[] = {"round", "hardware", "model", "submitter", "source", "shape"};

struct StudyOptions {
  std::vector<std::string> keys;  // of kHoldOutKeys: these kinds of hold-outs only; empty: all
  bool with_goals = false;        // of other kinds, those that a goal (goals.hpp) is about
  // A round is predicted when its suite has this many earlier rows; fewer hold no hierarchy.
  std::size_t enough_rows = 100;
  int cold = 0;  // of the hold-outs, this many are fitted from nothing too
  std::function<void(const std::string&)> progress;
};

// What the model is compared with, on the rounds.
enum Rival : std::size_t { kTextbook, kRidge, kPeak, kFlat, kRivals };
inline constexpr std::array<const char*, kRivals> kRivalNames = {"textbook", "ridge", "peak", "no hierarchy"};

// One held-out row, predicted.
struct HeldRow {
  const Row* row = nullptr;
  std::size_t holdout = 0;  // index into Study::holdouts
  const char* group = "";   // of kSeenGroups
  double rate = 0;
  LogVariance variance;
  std::array<std::optional<double>, kRivals> rivals;  // rates; of rounds only
  Insight insight;
  Scored scored() const;
};

// How far a warm fit is from one from nothing.
struct ColdCheck {
  double largest = 0, median = 0;  // of |log(warm rate / cold rate)| over the held-out rows
  double in_sds = 0;               // the largest in sds of the prediction's own uncertainty
  double median_ape_warm = 0, median_ape_cold = 0;
};

struct StudiedHoldOut {
  HoldOut holdout;
  int fitted_rows = 0, fitted_cells = 0, held_rows = 0;
  double seconds = 0;
  bool converged = false;
  std::vector<std::string> undetermined;  // global parameters that these rows leave at their prior
  std::optional<ColdCheck> cold;
  std::string skipped;  // why it was not made; empty: it was
};

struct Study {
  std::vector<Row> pool;  // all rows in all precisions that some hold-out gives them
  std::vector<StudiedHoldOut> holdouts;
  std::vector<HeldRow> rows;               // in the order of the hold-outs
  Fit full;                                // empty where only rounds were asked for
  std::optional<OperatorStudy> operators;  // of the microbenchmarks, where there are any
  std::vector<PeerComparison> peers;       // on the rows that both predict
  int observations = 0, lowered = 0;       // of them
  double seconds = 0;

  // Rows of one kind of hold-out ("round") that fulfil a condition.
  std::vector<const HeldRow*> select(const std::string& key,
                                     const std::function<bool(const HeldRow&)>& is_wanted) const;
};

// Fits and predicts. `full` is the fit of all rows, if it is known already.
std::unique_ptr<Study> run_study(const ValidationInputs& inputs, const std::optional<Fit>& full,
                                 const StudyOptions& options);

// Errors of held-out rows, with the bootstrap, or of a rival on the same rows where it has a number.
Metrics measure(const std::string& group, const std::vector<const HeldRow*>& rows);
Metrics measure(const std::string& group, const std::vector<const HeldRow*>& rows, Rival rival);

}  // namespace ironlaw
