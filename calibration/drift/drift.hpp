// What moved between two golden grids, by how much, and why.
//
// Why, for a point whose textbook or prior numbers moved (no data are in those): the datasheet of its device,
// else its model, where one of them changed; else the walls that changed (their numbers, ports or version);
// else the code between the walls, as far as the waterfall tells where the difference begins. For a point
// where only the calibrated number moved: whatever else changed, the data first; a fit is one, so all of it
// counts.
#pragma once

#include <string>
#include <vector>

#include "calibration/drift/golden.hpp"

namespace ironlaw {

// How far a number may move.
struct DriftBounds {
  // [relative] Of textbook and prior times: they are arithmetic. The last digits of exp and log differ
  // between machines, and a closed loop is solved to a billionth; whatever moves more is another equation or
  // figure.
  double equations = 1e-6;
  // [log] Of calibrated times and of half the width of their intervals. Fits from nothing on one core and on
  // two agree to seven digits; what may differ on another machine is the round of spreads and noises after
  // which the fit takes them as settled (FitOptions::settled, 2%).
  double fit = 0.01;
};

enum class DriftCause { equation, datasheet, model, data, fit };
const char* name_of(DriftCause cause);

// One point that moved.
struct DriftedPoint {
  const GoldenRow* was = nullptr;  // of the two grids that were compared
  const GoldenRow* is = nullptr;
  std::string
      what;  // the number that says most: "textbook", "prior", "calibrated", "interval", "outcome", "how"
  double change = 0;  // [log] of that number (interval: of its half width); NaN: it came, went, or is a word
  std::string shown;  // "7.93 ms -> 8.91 ms", "fits -> memory"
};

// Points that moved for one reason.
struct DriftGroup {
  DriftCause cause = DriftCause::equation;
  std::string why;                   // one or two sentences
  std::vector<DriftedPoint> points;  // the worst first
};

struct Drift {
  DriftBounds bounds;
  bool has_fit = false;  // were calibrated numbers compared?
  std::size_t compared = 0;
  std::vector<DriftGroup> groups;    // the worst first
  std::vector<std::string> missing;  // points that the grid has and nothing answers any more
  std::vector<std::string> added;    // points that are new, not in the grid
  // Sentences about walls whose numbers moved, whether or not a point did: "Wall 3 software computes ...; its
  // model_version is 2 as before: raise it."
  std::vector<std::string> walls;
  std::vector<std::string> notes;  // what else changed without moving a number beyond its bound
  double largest_fit_move = 0;     // [log] of calibrated times among points within the bounds
  // Did anything move that must not without a new grid? New points do not count.
  bool is_violated() const { return !groups.empty() || !missing.empty() || !walls.empty(); }
};

// Both must outlive the result. Calibrated numbers are compared where both have them.
Drift compare_golden(const Golden& was, const Golden& is, const DriftBounds& bounds = {});

}  // namespace ironlaw
