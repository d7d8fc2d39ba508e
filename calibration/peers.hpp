// What other programs predicted for the rows that a study held out, beside what Ironlaw predicted for them.
#pragma once

#include <string>
#include <vector>

#include "calibration/metrics.hpp"
#include "datasets/records.hpp"

namespace ironlaw {

struct Study;

// One peer, on the rows of one source of its predictions.
struct PeerComparison {
  std::string peer;      // "calculon", "aiconfigurator (silicon)"
  std::string rows;      // the source of its predictions
  int predictable = 0;   // of the peer's rows, those that a hold-out of ours covers
  int answered = 0;      // of these, by the peer
  Metrics theirs, ours;  // over those it answered; ours were predicted without their source, shape or model
};

// A peer's row is the held-out row whose time it was measured against: of the same device (and lengths, where
// they are stated), with the nearest observed time, within a thousandth. Published training counts when its
// source or its shape was held out, serving when its model was. Errors are of times. Time to first token is
// not compared: it is not predicted for these rows.
std::vector<PeerComparison> compare_with_peers(const Study& study, const std::vector<PeerRecord>& peers);

}  // namespace ironlaw
