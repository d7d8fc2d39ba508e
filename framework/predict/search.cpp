#include "framework/predict/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

Candidate evaluate(const Scenario& s, const Pipeline& pipeline, const ParameterSet& parameters,
                   Evaluator& evaluator) {
  Candidate result{s.split, s.recompute, 0, 0, 0, {}};
  try {
    const Case c = prepare(s, pipeline);
    const CaseParameters values = resolve_parameters(c, parameters);
    const Case* const the_case = &c;
    const CaseParameters* const the_values = &values;
    Outcome out;
    evaluator.evaluate({&the_case, 1}, {&the_values, 1}, {&out, 1});
    result.time = is_closed_loop(s.task) ? out.time / (out.requests * c.replicas) : out.time;
    result.mfu = out.peak_time / out.time;
    result.memory_headroom = out.memory_headroom;
  } catch (const Error& e) {
    result.refused = e.what();
  }
  return result;
}

// In a closed loop time is that of one request, so that more replicas count.
bool is_better(const Candidate& a, const Candidate& b) {
  const auto rank = [](const Candidate& c) { return !c.refused.empty() ? 2 : c.memory_headroom < 0 ? 1 : 0; };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (rank(a) == 1) return a.memory_headroom > b.memory_headroom;
  return a.time < b.time;
}

}  // namespace

std::vector<Candidate> search_splits(const Scenario& scenario, int devices, Predictor& predictor,
                                     const ParameterSet& parameters) {
  if (devices < 1) throw Error(fmt::format("devices is {}; it must be 1 or more.", devices));
  const Pipeline& pipeline = predictor.pipeline(*scenario.hardware);
  const double domain = figure_of(scenario, "scaleup_size");
  const int most_tensor = std::isnan(domain) ? 1 : static_cast<int>(domain);
  const int layers = std::max(scenario.model->shape.layers, 1);
  std::vector<Recompute> recomputes = {scenario.recompute};
  if (scenario.task == Task::train && scenario.recompute == Recompute::none)
    recomputes.push_back(Recompute::full);

  std::vector<Candidate> result;
  Evaluator evaluator;
  for (int tensor = 1; tensor <= std::min(most_tensor, devices); tensor *= 2)
    for (int stages = 1; devices % tensor == 0 && stages <= std::min(layers, devices / tensor); ++stages) {
      if ((devices / tensor) % stages != 0) continue;
      for (const Recompute recompute : recomputes) {
        Scenario s = scenario;
        s.recompute = recompute;
        s.split.tensor = tensor;
        s.split.pipeline = stages;
        s.split.data = devices / tensor / stages;
        s.split.context = 1;
        s.split.expert =
            scenario.model->shape.experts > 0 ? std::min(tensor, scenario.model->shape.experts) : 1;
        if (stages == 1) s.split.interleave = 1;
        result.push_back(evaluate(s, pipeline, parameters, evaluator));
      }
    }
  std::stable_sort(result.begin(), result.end(), is_better);
  return result;
}

Scenario spread_fastest(const Scenario& scenario, int devices, Predictor& predictor,
                        const ParameterSet& parameters) {
  const std::vector<Candidate> all = search_splits(scenario, devices, predictor, parameters);
  if (all.empty()) throw Error("there is no split to try.");
  const Candidate& best = all.front();
  if (!best.refused.empty()) throw Error(best.refused);
  if (best.memory_headroom < 0)
    throw Error(fmt::format("{} does not fit on {} {}: the best split lacks {:.1f} GB on a device.",
                            scenario.model->id, devices, scenario.hardware->id, -best.memory_headroom / 1e9));
  Scenario result = scenario;
  result.split = best.split;
  result.recompute = best.recompute;
  return result;
}

}  // namespace ironlaw
