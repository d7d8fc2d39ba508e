// A validation with what is behind its report: the prediction of each held-out row and the stored fit.
#pragma once

#include "calibration/stored_fit.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {

struct Answer {
  Validation report;
  FitRecord record;                          // what was stored
  std::map<std::int64_t, double> predicted;  // of held-out rows, by observation
  std::set<std::int64_t> fitted;             // observations
};

// How far spreads and noises settle does not matter here; two rounds are quick.
inline Answer ask(const std::vector<Observation>& observations, const HoldOut& holdout,
                  const std::vector<Round>& rounds = facts().rounds,
                  const std::vector<const ironlaw_hardware*>& chips = hardware()) {
  static int calls = 0;
  Predictor predictor(walls());
  Store store(facts().path, Store::Access::write);
  ValidationInputs in{observations, rounds, chips, predictor, &store, {}, {}};
  in.identity = {store.data_hash(), "model", fmt::format("call {}", ++calls), {}};
  in.options.rounds = 2;
  Answer answer;
  answer.report = validate(holdout, in);
  EXPECT_FALSE(answer.report.reused);
  answer.record = *store.load_fit(holdout.text(), true);
  for (const FitResidual& r : answer.record.residuals) {
    if (r.held_out)
      answer.predicted[r.observation] = r.predicted;
    else
      answer.fitted.insert(r.observation);
  }
  return answer;
}

// Observations made by hand, under ids that the database has.
inline std::vector<Observation> numbered(std::vector<Observation> observations) {
  for (std::size_t i = 0; i < observations.size(); ++i) observations[i].id = facts().observations[i].id;
  return observations;
}

inline const Metrics& group_of(const std::vector<Metrics>& groups, const std::string& name) {
  for (const Metrics& m : groups)
    if (m.group == name) return m;
  throw std::out_of_range(name);
}

}  // namespace ironlaw::test
