// Several scenarios side by side: who wins, by what factor, because of which wall, and where that flips.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/predict/predictor.hpp"

namespace ironlaw {

// One scenario of a comparison, answered.
struct Contender {
  Prediction prediction;
  // What is raced: the prediction, or of a service the same machine with a queue that never ends.
  std::optional<Prediction> at_limit;
  const Prediction& raced() const { return at_limit ? *at_limit : prediction; }
  // What it is ranked by, more is better: work a second (its throughput), or of a service what it can serve
  // at the most. Empty where it is not feasible.
  std::optional<double> score;
  std::string refused;  // why it could not be asked at all; then there is no prediction
};

// How a loser stands to the winner.
struct Gap {
  std::size_t loser = 0;
  double factor = 1;                 // score of the winner over the loser's
  std::optional<Interval> factor90;  // empty with textbook parameters
  // The wall that differs most, and by how much of the difference; none where the loser is as fast. Times for
  // the same work. What the datasheet's peak alone makes counts for the wall that binds the peak.
  std::optional<std::size_t> wall;  // index into the ledgers
  double wall_seconds = 0, all_seconds = 0;
};

// From `from` on, up to the next stretch, this contender wins; none: nobody is feasible.
struct Stretch {
  double from = 0;
  std::optional<std::size_t> winner;
  std::string why;  // what ended the stretch before: it does not fit any more, or was overtaken
};
struct Scan {
  std::string along;         // "batch", "input_len"
  double low = 0, high = 0;  // what was looked at
  std::vector<Stretch> stretches;
};

struct Comparison {
  std::vector<Contender> contenders;
  std::vector<std::size_t> ranking;  // of those with a score, best first
  std::string ranked_by;             // "tokens/s", "requests/s at the most"; empty: they cannot be ranked
  std::vector<Gap> gaps;             // in the order of the ranking, without the winner
  double same_work = 0;              // ledger seconds x this over (time x throughput) are for the same work
  std::string same_work_is;          // "a cycle", "a token", "a sample"
  std::vector<Scan> scans;
};

// [s] What a wall adds to a time, with the time at peak where it binds the peak.
double wall_seconds(const Prediction& p, std::size_t wall);

// Answers all of them and ranks them, without looking for where that flips: the scans are empty. A scenario
// that cannot be evaluated is refused, the others are compared.
Comparison race(const std::vector<Scenario>& scenarios, Predictor& predictor, const ParameterSet& parameters);

// The same, with the scans.
Comparison compare(const std::vector<Scenario>& scenarios, Predictor& predictor,
                   const ParameterSet& parameters);

// [s] A ledger's entry for the comparison's unit of work.
double seconds_for_same_work(const Comparison& comparison, const Prediction& p, double seconds);

}  // namespace ironlaw
