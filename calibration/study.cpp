#include "calibration/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "calibration/baselines.hpp"
#include "calibration/flat.hpp"
#include "calibration/goals.hpp"
#include "calibration/published_rows.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kRowsOfShape = 20;  // at least, of a shape that is held out

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string value_of(const Observation& o, const std::string& key) {
  return key == "round"       ? o.round
         : key == "hardware"  ? o.device
         : key == "model"     ? o.model
         : key == "submitter" ? o.submitter
         : key == "shape"     ? shape_of(o)
                              : o.source;
}

// A hold-out with the rows of the pool that are fitted and predicted.
struct Split {
  std::size_t index = 0;
  std::vector<std::size_t> fitted, held;
};

class Planner {
 public:
  Planner(const ValidationInputs& in, const StudyOptions& options, Study& study)
      : in_(in), options_(options), study_(study) {
    Unlowered unused;
    selected_ = select_rows(in.observations, in.hardware, unused);
    study_.observations = static_cast<int>(in.observations.size());
  }

  std::vector<Split> plan() {
    std::vector<Split> tasks;
    for (const char* key : kHoldOutKeys) {
      const auto& keys = options_.keys;
      const bool is_wanted = keys.empty() || std::find(keys.begin(), keys.end(), key) != keys.end();
      if (!is_wanted && !options_.with_goals) continue;
      for (const HoldOut& h : holdouts_of(key)) {
        if (!is_wanted && !is_of_goal(h)) continue;
        study_.holdouts.push_back({});
        study_.holdouts.back().holdout = h;
        tasks.push_back(task_of(h, study_.holdouts.size() - 1));
      }
    }
    std::erase_if(tasks, [&](const Split& t) { return !study_.holdouts[t.index].skipped.empty(); });
    return tasks;
  }
  // The rows of a full fit.
  std::vector<std::size_t> all() {
    std::vector<std::size_t> every(selected_.size());
    std::iota(every.begin(), every.end(), std::size_t{0});
    const PrecisionRule rule = rule_of(every);
    return pool_rows(every, rule);
  }

 private:
  bool is_of_goal(const HoldOut& h) const {
    return std::any_of(selected_.begin(), selected_.end(), [&](const Row& row) {
      return is_held(row.observation, h) && std::any_of(goals().begin(), goals().end(), [&](const Goal& g) {
               return g.key == h.key && is_about(g, row.observation);
             });
    });
  }

  std::vector<HoldOut> holdouts_of(const std::string& key) const {
    std::map<std::string, std::size_t> values;  // with their rows
    for (const Row& row : selected_)
      if (const std::string v = value_of(row.observation, key); !v.empty()) ++values[v];
    std::vector<HoldOut> result;
    if (key != "round") {
      const std::size_t least = key == "shape" ? kRowsOfShape : 1;
      if (values.size() > 1)  // without the only source nothing is left
        for (const auto& [value, rows] : values)
          if (rows >= least) result.push_back({key, value});
      return result;
    }
    std::vector<Round> rounds = in_.rounds;
    std::stable_sort(rounds.begin(), rounds.end(),
                     [](const Round& a, const Round& b) { return a.published < b.published; });
    for (const Round& r : rounds)
      if (values.contains(r.id)) result.push_back({key, r.id});
    return result;
  }

  PrecisionRule rule_of(const std::vector<std::size_t>& selected) const {
    PrecisionRule rule;
    for (const std::size_t i : selected) {
      const Row& row = selected_[i];
      if (!row.observation.precision.empty())
        rule.learn(row.observation, *row.model, *row.hardware,
                   parse_precision("precision", row.observation.precision.c_str()));
    }
    return rule;
  }

  // Those that can be lowered, in the precisions of this rule.
  std::vector<std::size_t> pool_rows(const std::vector<std::size_t>& selected, const PrecisionRule& rule) {
    std::vector<std::size_t> result;
    for (const std::size_t i : selected) {
      const Row& row = selected_[i];
      try {
        const PrecisionRule::Choice choice = rule.choose(row.observation, *row.model, *row.hardware);
        const auto [found, is_new] = known_.try_emplace({i, choice.precision}, kNotLowered);
        if (is_new) {
          Row lowered = row;
          lower_row(lowered, choice, in_.predictor);
          found->second = study_.pool.size();
          study_.pool.push_back(std::move(lowered));
        }
        if (found->second != kNotLowered) result.push_back(found->second);
      } catch (const Error&) {
        continue;  // counted by `ironlaw calibrate`, with its reason
      }
    }
    return result;
  }

  Split task_of(const HoldOut& h, std::size_t index) {
    StudiedHoldOut& studied = study_.holdouts[index];
    Split task{index, {}, {}};
    std::vector<std::size_t> fitted;
    std::vector<std::size_t> held;
    const std::string before = published_before(h, in_.rounds);
    std::string suite;
    std::set<std::string> setups;
    for (std::size_t i = 0; i < selected_.size(); ++i) {
      const Observation& o = selected_[i].observation;
      if (!is_held(o, h)) continue;
      held.push_back(i);
      suite = o.suite;
      setups.insert(setup_of(o));
    }
    for (std::size_t i = 0; i < selected_.size(); ++i) {
      const Observation& o = selected_[i].observation;
      const bool is_repeat = h.key == "source" && setups.contains(setup_of(o));
      if (!is_held(o, h) && !is_repeat && (before.empty() || o.published < before)) fitted.push_back(i);
    }
    const PrecisionRule rule = rule_of(fitted);
    task.fitted = pool_rows(fitted, rule);
    task.held = pool_rows(held, rule);
    const auto of_suite = std::count_if(task.fitted.begin(), task.fitted.end(), [&](std::size_t r) {
      return study_.pool[r].observation.suite == suite;
    });
    if (task.held.empty())
      studied.skipped = "no row of it can be predicted";
    else if (h.key == "round" && static_cast<std::size_t>(of_suite) < options_.enough_rows)
      studied.skipped =
          fmt::format("its suite has {} earlier rows; {} are wanted", of_suite, options_.enough_rows);
    else if (task.fitted.empty())
      studied.skipped = "nothing is left to fit";
    studied.held_rows = static_cast<int>(task.held.size());
    return task;
  }

  static constexpr std::size_t kNotLowered = ~std::size_t{0};
  const ValidationInputs& in_;
  const StudyOptions& options_;
  Study& study_;
  std::vector<Row> selected_;
  std::map<std::pair<std::size_t, Precision>, std::size_t> known_;  // selected row, precision: pool row
};

class Runner {
 public:
  Runner(const ValidationInputs& in, const StudyOptions& options, Study& study, std::vector<Split> tasks)
      : in_(in), options_(options), study_(study), tasks_(std::move(tasks)), results_(tasks_.size()) {
    fit_options_ = in.options;
    fit_options_.progress = {};
  }

  void run() {
    std::vector<std::size_t> rounds;
    std::vector<std::size_t> others;
    for (std::size_t t = 0; t < tasks_.size(); ++t)
      (study_.holdouts[tasks_[t].index].holdout.key == "round" ? rounds : others).push_back(t);
    // The chain is long: it goes first.
    std::vector<Job> jobs = {[&](std::size_t) { run_chain(rounds); }};
    for (const std::size_t t : others) jobs.push_back([this, t](std::size_t worker) { run_one(t, worker); });
    run_jobs(jobs);
    check_cold();
    for (const std::vector<HeldRow>& rows : results_)
      study_.rows.insert(study_.rows.end(), rows.begin(), rows.end());
  }

 private:
  using Job = std::function<void(std::size_t worker)>;

  void run_jobs(const std::vector<Job>& jobs) {
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    refitters_.resize(workers);
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr error;
    const auto work = [&](std::size_t worker) {
      try {
        for (std::size_t job; (job = next++) < jobs.size();) jobs[job](worker);
      } catch (...) {
        const std::lock_guard lock(mutex);
        error = std::current_exception();
        next = jobs.size();
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t worker = 1; worker < workers; ++worker) threads.emplace_back(work, worker);
      work(0);
    }
    if (error) std::rethrow_exception(error);
  }

  std::vector<Row> rows_of(const std::vector<std::size_t>& rows) const {
    std::vector<Row> result;
    result.reserve(rows.size());
    for (const std::size_t r : rows) result.push_back(study_.pool[r]);
    return result;
  }

  void run_chain(const std::vector<std::size_t>& rounds) {
    Refitter refitter(study_.pool, fit_options_, 1);
    std::optional<Fit> last;
    for (const std::size_t t : rounds) {
      const auto start = Clock::now();
      Fit fit = last ? refitter.refit(tasks_[t].fitted, *last)
                     : fit_parameters(rows_of(tasks_[t].fitted), fit_options_);
      predict(t, fit);
      add_baselines(t, fit);
      finish(t, fit, start);
      last = std::move(fit);
    }
  }

  void run_one(std::size_t t, std::size_t worker) {
    std::unique_ptr<Refitter>& refitter = refitters_[worker];
    if (!refitter) {
      refitter = std::make_unique<Refitter>(study_.pool, fit_options_, 1);
      refitter->linearise_at(study_.full);
    }
    const auto start = Clock::now();
    const Fit fit = refitter->refit(tasks_[t].fitted, study_.full);
    predict(t, fit);
    finish(t, fit, start);
  }

  std::vector<const Row*> pointers(const std::vector<std::size_t>& rows) const {
    std::vector<const Row*> result;
    result.reserve(rows.size());
    for (const std::size_t r : rows) result.push_back(&study_.pool[r]);
    return result;
  }

  void predict(std::size_t t, const Fit& fit) {
    const Split& task = tasks_[t];
    Seen seen;
    for (const std::size_t r : task.fitted) seen.add(study_.pool[r].observation);
    const std::vector<RatePrediction> predictions = predict_rates(pointers(task.held), fit.parameters);
    Evaluator evaluator;
    for (std::size_t i = 0; i < task.held.size(); ++i) {
      const Row& row = study_.pool[task.held[i]];
      results_[t].push_back({&row,
                             task.index,
                             seen.group(row.observation),
                             predictions[i].rate,
                             predictions[i].variance,
                             {},
                             look_into(row, fit.parameters, evaluator)});
    }
  }

  void add_baselines(std::size_t t, const Fit& fit) {
    const Split& task = tasks_[t];
    const std::vector<const Row*> fitted = pointers(task.fitted);
    Evaluator evaluator;
    std::vector<double> flops;
    flops.reserve(fitted.size());
    for (const Row* row : fitted) flops.push_back(predict_plainly(*row, evaluator).unit_flops);
    const RidgeBaseline ridge(fitted);
    const PeakBaseline peak(fitted, flops);
    const auto flat = predict_rates(pointers(task.held), flat_of(fit).parameters);
    for (std::size_t i = 0; i < flat.size(); ++i) results_[t][i].rivals[kFlat] = flat[i].rate;
    for (HeldRow& held : results_[t]) {
      const PlainPrediction plain = predict_plainly(*held.row, evaluator);
      held.rivals[kTextbook] = plain.textbook;
      held.rivals[kRidge] = std::exp(ridge.log_rate(*held.row));
      held.rivals[kPeak] = std::exp(peak.log_rate(*held.row, plain.unit_flops));
    }
  }

  void finish(std::size_t t, const Fit& fit, Clock::time_point start) {
    StudiedHoldOut& studied = study_.holdouts[tasks_[t].index];
    studied.fitted_rows = fit.rows;
    studied.fitted_cells = fit.cells;
    studied.converged = fit.converged;
    for (const Effect& e : fit.parameters.effects())
      if (!e.scope && !is_determined(e)) studied.undetermined.push_back(e.parameter);
    studied.seconds = seconds_since(start);
    const std::lock_guard lock(mutex_);
    if (options_.progress)
      options_.progress(fmt::format("{} of {}: {} ({} rows fitted, {} predicted, {:.1f} s)", ++n_done_,
                                    tasks_.size(), studied.holdout.text(), fit.rows, studied.held_rows,
                                    studied.seconds));
  }

  // Evenly over all hold-outs, the last round among them.
  void check_cold() {
    const std::size_t n = std::min(tasks_.size(), static_cast<std::size_t>(std::max(options_.cold, 0)));
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t t = (tasks_.size() - 1) * (2 * k + 1) / (2 * n);
      StudiedHoldOut& studied = study_.holdouts[tasks_[t].index];
      if (options_.progress) options_.progress(fmt::format("{} from nothing", studied.holdout.text()));
      const Fit cold = fit_parameters(rows_of(tasks_[t].fitted), fit_options_);
      const auto predictions = predict_rates(pointers(tasks_[t].held), cold.parameters);
      std::vector<double> differences;
      std::vector<double> warm_errors;
      std::vector<double> cold_errors;
      ColdCheck check;
      for (std::size_t i = 0; i < predictions.size(); ++i) {
        const HeldRow& warm = results_[t][i];
        const double difference = std::abs(std::log(warm.rate / predictions[i].rate));
        const LogVariance& v = predictions[i].variance;
        differences.push_back(difference);
        check.in_sds = std::max(check.in_sds, difference / std::sqrt(v.parameters + v.unseen + v.noise));
        warm_errors.push_back(std::abs(warm.rate / warm.row->observation.value - 1));
        cold_errors.push_back(std::abs(predictions[i].rate / warm.row->observation.value - 1));
      }
      check.largest = *std::max_element(differences.begin(), differences.end());
      check.median = *quantile(differences, 0.5);
      check.median_ape_warm = *quantile(warm_errors, 0.5);
      check.median_ape_cold = *quantile(cold_errors, 0.5);
      studied.cold = check;
    }
  }

  const ValidationInputs& in_;
  const StudyOptions& options_;
  Study& study_;
  FitOptions fit_options_;
  std::vector<Split> tasks_;
  std::vector<std::vector<HeldRow>> results_;         // by task
  std::vector<std::unique_ptr<Refitter>> refitters_;  // of a worker
  std::mutex mutex_;
  std::size_t n_done_ = 0;
};

}  // namespace

Scored HeldRow::scored() const {
  return {&row->cell, std::log(rate / row->observation.value), variance.half50(), variance.half90()};
}

std::vector<const HeldRow*> Study::select(const std::string& key,
                                          const std::function<bool(const HeldRow&)>& is_wanted) const {
  std::vector<const HeldRow*> result;
  for (const HeldRow& h : rows)
    if (holdouts[h.holdout].holdout.key == key && is_wanted(h)) result.push_back(&h);
  return result;
}

std::unique_ptr<Study> run_study(const ValidationInputs& in, const std::optional<Fit>& full,
                                 const StudyOptions& options) {
  const auto start = Clock::now();
  auto study = std::make_unique<Study>();
  Planner planner(in, options, *study);
  const std::vector<std::size_t> all = planner.all();
  if (all.empty()) throw Error("there is no observation to fit.");
  study->lowered = static_cast<int>(all.size());
  std::vector<Split> tasks = planner.plan();
  const bool only_rounds = std::all_of(study->holdouts.begin(), study->holdouts.end(),
                                       [](const StudiedHoldOut& h) { return h.holdout.key == "round"; });
  if (only_rounds) {
    // They rest on each other.
  } else if (full) {
    study->full = *full;
  } else {
    std::vector<Row> rows;
    rows.reserve(all.size());
    for (const std::size_t r : all) rows.push_back(study->pool[r]);
    study->full = fit_parameters(rows, in.options);
  }
  Runner(in, options, *study, std::move(tasks)).run();
  if (const auto measured = in.store ? in.store->operators() : std::vector<OperatorRecord>{};
      !measured.empty()) {
    Unlowered unlowered;
    study->operators = study_operators(measured, in.hardware, in.predictor, in.options, unlowered);
  }
  if (in.store) study->peers = compare_with_peers(*study, in.store->peer_predictions());
  study->seconds = seconds_since(start);
  return study;
}

Metrics measure(const std::string& group, const std::vector<const HeldRow*>& rows) {
  std::vector<Scored> scored;
  scored.reserve(rows.size());
  for (const HeldRow* h : rows) scored.push_back(h->scored());
  Metrics m = measure(group, scored, true);
  bootstrap_median(scored, m);
  return m;
}

Metrics measure(const std::string& group, const std::vector<const HeldRow*>& rows, Rival rival) {
  std::vector<Scored> scored;
  for (const HeldRow* h : rows)
    if (const std::optional<double>& rate = h->rivals[rival])
      scored.push_back({&h->row->cell, std::log(*rate / h->row->observation.value), 0, 0});
  Metrics m = measure(group, scored, false);
  bootstrap_median(scored, m);
  return m;
}

}  // namespace ironlaw
