#include "calibration/operator_study.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "calibration/metrics.hpp"
#include "calibration/operator_rows.hpp"

namespace ironlaw {
namespace {

constexpr int kThin = 4;              // every so many-th site is fitted
constexpr double kLargeBytes = 50e6;  // of a cache
constexpr std::int64_t kLeastWidth = 1024, kLeastCache = 256;

bool is_in_domain(const OperatorRecord& r) {
  if (r.op == "gemm") return r.n.value_or(0) >= kLeastWidth && r.k.value_or(0) >= kLeastWidth;
  if (r.op == "attention_decode") return r.past_len.value_or(0) >= kLeastCache;
  return true;
}

struct Predicted {
  const Row* row;
  RatePrediction prediction;
};

Metrics metrics_of(const std::vector<Predicted>& all) {
  std::vector<Scored> scored;
  scored.reserve(all.size());
  for (const Predicted& p : all)
    scored.push_back({&p.row->cell, std::log(p.prediction.rate / p.row->observation.value),
                      p.prediction.variance.half50(), p.prediction.variance.half90()});
  Metrics m = measure("", scored, true);
  bootstrap_median(scored, m);
  return m;
}

bool is_collective(const Row& row) {
  return row.operators.back().kind == OperatorKind::collective;
}

std::vector<OperatorErrors> group(const std::vector<Predicted>& all) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<Predicted>> groups;
  for (const Predicted& p : all) {
    const Observation& o = p.row->observation;
    groups[{o.model, "", ""}].push_back(p);
    if (is_collective(*p.row)) groups[{kCollectives, "", ""}].push_back(p);
    if (o.model == "attention_decode" && p.row->operators.back().bytes > kLargeBytes)
      groups[{kLargeCache, "", ""}].push_back(p);
    groups[{o.model, o.precision, ""}].push_back(p);
    groups[{o.model, o.precision, o.device + " " + o.submitter}].push_back(p);
  }
  std::vector<OperatorErrors> result;
  result.reserve(groups.size());
  for (const auto& [key, members] : groups)
    result.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), metrics_of(members)});
  return result;
}

std::vector<Predicted> predict(const std::vector<const Row*>& rows, const ParameterSet& parameters) {
  const std::vector<RatePrediction> predictions = predict_rates(rows, parameters);
  std::vector<Predicted> result;
  result.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back({rows[i], predictions[i]});
  return result;
}

}  // namespace

OperatorStudy study_operators(const std::vector<OperatorRecord>& records,
                              const std::vector<const ironlaw_hardware*>& hardware, Predictor& predictor,
                              const FitOptions& options, Unlowered& unlowered) {
  std::vector<OperatorRecord> fitted_records;
  std::vector<OperatorRecord> held_records;
  for (const OperatorRecord& r : records)
    if (is_in_domain(r)) (r.held ? held_records : fitted_records).push_back(r);
  const std::vector<Row> fitted = operator_rows(fitted_records, hardware, predictor, kThin, unlowered);
  const std::vector<Row> held = operator_rows(held_records, hardware, predictor, 1, unlowered);

  OperatorStudy study;
  study.fitted = static_cast<int>(fitted.size());
  study.held = static_cast<int>(held.size());
  const Fit full = fit_parameters(fitted, options);
  study.parameters = full.parameters;
  std::vector<const Row*> all;
  all.reserve(held.size());
  for (const Row& row : held) all.push_back(&row);
  study.shapes = group(predict(all, full.parameters));

  Refitter refitter(fitted, options);
  refitter.linearise_at(full);
  std::set<std::string> devices;
  for (const Row& row : fitted) devices.insert(row.observation.device);
  std::vector<Predicted> of_unseen;
  for (const std::string& device : devices) {
    std::vector<std::size_t> others;
    for (std::size_t r = 0; r < fitted.size(); ++r)
      if (fitted[r].observation.device != device) others.push_back(r);
    if (others.empty()) continue;
    const Fit without = refitter.refit(others, full);
    std::vector<const Row*> its_rows;
    for (const Row& row : held)
      if (row.observation.device == device) its_rows.push_back(&row);
    const std::vector<Predicted> its = predict(its_rows, without.parameters);
    of_unseen.insert(of_unseen.end(), its.begin(), its.end());
  }
  study.devices = group(of_unseen);
  return study;
}

}  // namespace ironlaw
