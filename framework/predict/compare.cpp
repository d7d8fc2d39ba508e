#include "framework/predict/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/predict/fitted_range.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

// The prediction is the predictor's last one.
std::optional<double> score_of(const Prediction& p, const Predictor& predictor) {
  if (!p.feasible) return std::nullopt;
  double score = p.throughput;
  if (p.resolved.scenario.task == Task::serve) {
    const Table& table = predictor.evaluator().table(IRONLAW_LEVEL_RESULT);
    const int column = p.resolved.pipeline->column(IRONLAW_LEVEL_RESULT, q::request_capacity.name);
    score = table.column(column)[table.rows() - 1];
  }
  return std::isfinite(score) ? std::optional(score) : std::nullopt;
}

Contender answer(const Scenario& scenario, Predictor& predictor, const ParameterSet& parameters) {
  Contender c;
  try {
    c.prediction = predictor.predict(scenario, parameters);
    const Case& asked = c.prediction.resolved;
    if (const std::string why = nothing_supports(asked, standing_of(asked, parameters.ranges)); !why.empty())
      throw Error(why);
    c.score = score_of(c.prediction, predictor);
    if (c.score && scenario.task == Task::serve) {
      Scenario offline = scenario;
      offline.task = Task::offline;
      c.at_limit = predictor.predict(offline, parameters);
    }
  } catch (const Error& e) {
    c = {};
    c.refused = e.what();
  }
  return c;
}

// Indices of those with a score, best first; the earlier one where two are equal.
std::vector<std::size_t> ranked(const std::vector<Contender>& contenders) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < contenders.size(); ++i)
    if (contenders[i].score) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return *contenders[a].score > *contenders[b].score; });
  return order;
}

// What they are ranked by; empty where they do different things.
std::string unit_of_ranking(const std::vector<Scenario>& scenarios) {
  const auto differs = [&](const Scenario& s) {
    return s.task != scenarios[0].task || s.model->kind != scenarios[0].model->kind;
  };
  if (std::any_of(scenarios.begin(), scenarios.end(), differs)) return "";
  if (scenarios[0].task == Task::serve) return "requests/s at the most";
  return scenarios[0].model->kind == ModelKind::decoder ? "tokens/s" : "samples/s";
}

double work_of(const Prediction& p) {
  return p.outcome.time * p.throughput;
}

// The same number of tokens a cycle: cycles can be compared. Else single tokens are.
void set_same_work(Comparison& c) {
  constexpr double kSame = 1e-9;
  const Prediction& first = c.contenders[c.ranking[0]].raced();
  const bool is_same = std::all_of(c.ranking.begin(), c.ranking.end(), [&](std::size_t i) {
    return std::abs(work_of(c.contenders[i].raced()) / work_of(first) - 1) < kSame;
  });
  c.same_work = is_same ? work_of(first) : 1;
  c.same_work_is = is_same                                                     ? first.time_is
                   : first.resolved.scenario.model->kind == ModelKind::decoder ? "one token"
                                                                               : "one sample";
  if (first.resolved.scenario.task == Task::offline && c.contenders[c.ranking[0]].at_limit)
    c.same_work_is += " at the most load";
}

Gap gap_between(const Comparison& c, std::size_t winner, std::size_t loser, const ParameterSet& parameters) {
  const Prediction& w = c.contenders[winner].raced();
  const Prediction& l = c.contenders[loser].raced();
  Gap gap;
  gap.loser = loser;
  gap.factor = *c.contenders[winner].score / *c.contenders[loser].score;
  if (!parameters.is_textbook()) {
    const double half = std::exp(log_variance_of_ratio(l, w, parameters).half90());
    gap.factor90 = Interval{gap.factor / half, gap.factor * half};
  }
  gap.all_seconds = seconds_for_same_work(c, l, l.outcome.time) - seconds_for_same_work(c, w, w.outcome.time);
  if (!(gap.all_seconds > 0)) return gap;
  for (std::size_t e = 0; e < std::min(w.ledger.size(), l.ledger.size()); ++e) {
    const double seconds =
        seconds_for_same_work(c, l, wall_seconds(l, e)) - seconds_for_same_work(c, w, wall_seconds(w, e));
    if (seconds > gap.wall_seconds) {
      gap.wall = e;
      gap.wall_seconds = seconds;
    }
  }
  return gap;
}

// ---- where the answer flips ----------------------------------------------------------------------------

class Along {
 public:
  Along(const std::vector<Scenario>& scenarios, std::string what, Predictor& predictor,
        const ParameterSet& parameters)
      : scenarios_(scenarios), what_(std::move(what)), predictor_(predictor), parameters_(parameters) {}

  // Powers of two times `low`, up to the last at which anyone is feasible; then the flips between them.
  std::optional<Scan> scan(double low, double most) {
    std::vector<double> grid;
    std::vector<std::optional<std::size_t>> winners;
    const int doublings = static_cast<int>(std::floor(std::log2(most / low)));
    for (int k = 0; k <= doublings; ++k) {
      const double x = std::ldexp(low, k);
      grid.push_back(x);
      winners.push_back(winner(x));
      const bool is_over = !winners.back() && std::any_of(winners.begin(), winners.end(),
                                                          [](const auto& w) { return w.has_value(); });
      if (is_over) break;
    }
    if (std::none_of(winners.begin(), winners.end(), [](const auto& w) { return w.has_value(); }))
      return std::nullopt;
    Scan result{what_, low, grid.back(), {{low, winners[0], ""}}};
    for (std::size_t i = 1; i < grid.size(); ++i) add_flips(grid[i - 1], grid[i], winners[i], result);
    return result;
  }

 private:
  Scenario at(const Scenario& s, double x) const {
    Scenario moved = s;
    if (what_ == "batch")
      moved.batch = x;
    else
      moved.input_len = x;
    return moved;
  }

  std::optional<std::size_t> winner(double x) {
    std::optional<std::size_t> best;
    double most = 0;
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      const std::optional<double> score = answer(at(scenarios_[i], x), predictor_, parameters_).score;
      if (score && (!best || *score > most)) {
        best = i;
        most = *score;
      }
    }
    return best;
  }

  void add_flips(double low, double high, const std::optional<std::size_t>& last, Scan& scan) {
    constexpr int kMostFlips = 8;  // tiles of matrix products make saws; nobody wants all their teeth
    for (int k = 0; k < kMostFlips && scan.stretches.back().winner != last; ++k) {
      const auto before = scan.stretches.back().winner;
      double same = low;
      double other = high;
      while (other - same > 1) {
        const double middle = std::floor((same + other) / 2);
        (winner(middle) == before ? same : other) = middle;
      }
      const bool still_fits =
          before && answer(at(scenarios_[*before], other), predictor_, parameters_).score.has_value();
      scan.stretches.push_back({other, winner(other),
                                still_fits ? "overtaken"
                                : before   ? "does not fit"
                                           : ""});
      low = other;
    }
    if (scan.stretches.back().winner != last) scan.stretches.push_back({high, last, ""});
  }

  const std::vector<Scenario>& scenarios_;
  std::string what_;
  Predictor& predictor_;
  const ParameterSet& parameters_;
};

std::vector<Scan> scans_of(const std::vector<Scenario>& scenarios, Predictor& predictor,
                           const ParameterSet& parameters) {
  constexpr double kMostBatch = 1 << 20, kLeastContext = 128, kMostContext = 1 << 20;
  std::vector<Scan> result;
  const auto add = [&](std::optional<Scan> scan) {
    if (scan) result.push_back(std::move(*scan));
  };
  if (!is_closed_loop(scenarios[0].task)) {  // those run as many as fit
    double least = 1;
    for (const Scenario& s : scenarios) least = std::max(least, static_cast<double>(s.split.data));
    add(Along(scenarios, "batch", predictor, parameters).scan(least, kMostBatch));
  }
  if (is_transformer(scenarios[0].model->kind))
    add(Along(scenarios, "input_len", predictor, parameters).scan(kLeastContext, kMostContext));
  return result;
}

}  // namespace

double wall_seconds(const Prediction& p, std::size_t wall) {
  const bool binds_peak = std::string_view(p.resolved.pipeline->walls()[wall]->term) == "peak";
  return p.ledger[wall].seconds + (binds_peak ? p.peak_seconds : 0);
}

double seconds_for_same_work(const Comparison& comparison, const Prediction& p, double seconds) {
  return seconds * comparison.same_work / work_of(p);
}

Comparison race(const std::vector<Scenario>& scenarios, Predictor& predictor,
                const ParameterSet& parameters) {
  Comparison result;
  for (const Scenario& s : scenarios) result.contenders.push_back(answer(s, predictor, parameters));
  result.ranked_by = unit_of_ranking(scenarios);
  if (result.ranked_by.empty()) return result;
  result.ranking = ranked(result.contenders);
  if (!result.ranking.empty()) {
    set_same_work(result);
    for (std::size_t i = 1; i < result.ranking.size(); ++i)
      result.gaps.push_back(gap_between(result, result.ranking[0], result.ranking[i], parameters));
  }
  return result;
}

Comparison compare(const std::vector<Scenario>& scenarios, Predictor& predictor,
                   const ParameterSet& parameters) {
  Comparison result = race(scenarios, predictor, parameters);
  if (!result.ranked_by.empty()) result.scans = scans_of(scenarios, predictor, parameters);
  return result;
}

}  // namespace ironlaw
