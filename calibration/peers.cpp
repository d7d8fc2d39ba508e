#include "calibration/peers.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "calibration/study.hpp"

namespace ironlaw {
namespace {

constexpr double kSameTime = 1e-3;  // of a measured time: sources round it

// Whether a row is compared in this kind of hold-out.
bool is_compared(const Observation& o, const std::string& key) {
  if (o.suite == "serving") return key == "model";
  return o.suite == "published-training" && (key == "shape" || key == "source");
}

// [s] What was measured: of a step, or of a token.
double time_of(const Observation& o) {
  const double units = o.suite == "serving" ? 1 : static_cast<double>(o.global_batch.value_or(0));
  return units / o.value;
}

bool is_about(const PeerRecord& peer, const Observation& o) {
  const char* const quantity = o.suite == "serving" ? "tpot_s" : "step_time_s";
  const auto agrees = [](const auto& a, const auto& b) { return !a || !b || *a == *b; };
  return peer.quantity == quantity && (peer.device.empty() || peer.device == o.device) &&
         agrees(peer.input_len, o.input_len) && agrees(peer.output_len, o.output_len);
}

using ByTime = std::multimap<double, const HeldRow*>;

const HeldRow* nearest(const PeerRecord& peer, const ByTime& rows) {
  const HeldRow* best = nullptr;
  double least = kSameTime;
  for (auto row = rows.lower_bound(peer.measured * (1 - kSameTime));
       row != rows.end() && row->first <= peer.measured * (1 + kSameTime); ++row) {
    const double off = std::abs(row->first / peer.measured - 1);
    // The last of equals: hold-outs of shapes come after those of sources.
    if (off > least || !is_about(peer, row->second->row->observation)) continue;
    best = row->second;
    least = off;
  }
  return best;
}

}  // namespace

std::vector<PeerComparison> compare_with_peers(const Study& study, const std::vector<PeerRecord>& peers) {
  ByTime rows;
  for (const HeldRow& h : study.rows) {
    const Observation& o = h.row->observation;
    if (is_compared(o, study.holdouts[h.holdout].holdout.key)) rows.emplace(time_of(o), &h);
  }
  struct Scores {
    int predictable = 0;
    std::vector<Scored> theirs, ours;
  };
  std::map<std::pair<std::string, std::string>, Scores> scores;
  for (const PeerRecord& peer : peers) {
    const HeldRow* const row = nearest(peer, rows);
    if (!row) continue;
    const std::string name =
        peer.variant.empty() ? peer.peer : fmt::format("{} ({})", peer.peer, peer.variant);
    Scores& s = scores[{name, peer.source}];
    ++s.predictable;
    if (!peer.predicted) continue;
    // Errors of times, as peers state theirs; ours are of rates.
    Scored ours = row->scored();
    ours.log_error = -ours.log_error;
    s.ours.push_back(ours);
    s.theirs.push_back({ours.cell, std::log(*peer.predicted / peer.measured), 0, 0});
  }
  std::vector<PeerComparison> result;
  for (const auto& [key, s] : scores) {
    PeerComparison c{key.first,
                     key.second,
                     s.predictable,
                     static_cast<int>(s.theirs.size()),
                     measure(key.first, s.theirs, false),
                     measure("ironlaw", s.ours, true)};
    bootstrap_median(s.theirs, c.theirs);
    bootstrap_median(s.ours, c.ours);
    result.push_back(std::move(c));
  }
  return result;
}

}  // namespace ironlaw
