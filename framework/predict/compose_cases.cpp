// From times of steps to times of cases: cycles, goodput, and what the run's walls read.
#include <algorithm>
#include <array>
#include <limits>

#include "framework/predict/evaluator.hpp"

namespace ironlaw {

// The run's rows: what the steps add up to begins at zero.
void Evaluator::ready_runs(std::size_t n_cases, bool wants_shares) {
  const Columns& at = *at_;
  run_.reset(pipeline_->stage(IRONLAW_LEVEL_RUN).columns.size(), n_cases, seeds_);
  activate_imports(IRONLAW_LEVEL_RUN);
  const std::array<int, 7> given = {at.steps_time,      at.prefill_step_time, at.decode_step_time,
                                    at.draft_step_time, at.cycle_flops,       at.cycle_bytes,
                                    at.cycle_kv_bytes};
  for (const int column : given)
    if (column >= 0) {
      if (seeds_ > 0) run_.activate(column);
      std::fill_n(run_.column(column), n_cases, 0.0);
    }
  step_partials_.assign(n_cases * seeds_, 0.0);
  replica_partials_.assign(n_cases * seeds_, 0.0);
  useful_partials_.assign(n_cases * seeds_, 0.0);
  step_shares_.assign(wants_shares ? n_cases * pipeline_->walls().size() : 0, 0.0);
  one_step_.resize(seeds_);
  one_replica_.resize(seeds_);
  sums_.resize(seeds_);
}

// A step's flops, bytes, cache and time, in the row of its case.
void Evaluator::add_to_run(std::size_t s, const StepTimes& times, double devices) {
  const Columns& at = *at_;
  const StepRow& step = steps_[s];
  const std::size_t row = step.case_index;
  const auto add = [&](int column, double value) {
    if (column >= 0) run_.column(column)[row] += value;
  };
  add(at.cycle_flops, step.count * step.flops);
  add(at.cycle_bytes, step.count * step.bytes);
  const bool has_most_kv =
      at.cycle_kv_bytes >= 0 && step.facts.kv_bytes > run_.column(at.cycle_kv_bytes)[row];
  if (has_most_kv) run_.column(at.cycle_kv_bytes)[row] = step.facts.kv_bytes;
  const int own_time = step.is_draft                  ? at.draft_step_time
                       : step.phase == Phase::decode  ? at.decode_step_time
                       : step.phase == Phase::prefill ? at.prefill_step_time
                                                      : -1;
  add(own_time, times.step);
  if (seeds_ > 0) add_partials_to_run(s, times, devices, own_time, has_most_kv);
}

// The same for the derivatives: one_step_ and one_replica_ hold those of the step's times.
void Evaluator::add_partials_to_run(std::size_t s, const StepTimes& times, double devices, int own_time,
                                    bool has_most_kv) {
  const Columns& at = *at_;
  const StepRow& step = steps_[s];
  const std::size_t row = step.case_index;
  if (own_time >= 0) std::copy_n(one_step_.data(), seeds_, run_.partials(own_time, row));
  // d (count x) = count dx + x dcount, where count is a product of up to two columns.
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (const int factor : step.count_of)
    if (factor >= 0 && scenario_.column(factor)[row] != 0)
      add_scenario_partials(factor, row, step.count / scenario_.column(factor)[row], sums_.data());
  double* const step_partials = partials_of(step_partials_, row);
  double* const replica_partials = partials_of(replica_partials_, row);
  for (std::size_t seed = 0; seed < seeds_; ++seed) {
    step_partials[seed] += step.count * one_step_[seed] + times.step * sums_[seed];
    replica_partials[seed] += step.count * one_replica_[seed] + times.replica * sums_[seed];
    if (at.cycle_flops >= 0) run_.partials(at.cycle_flops, row)[seed] += step.flops * sums_[seed];
    if (at.cycle_bytes >= 0) run_.partials(at.cycle_bytes, row)[seed] += step.bytes * sums_[seed];
    partials_of(useful_partials_, row)[seed] += devices * step.useful_flops * sums_[seed];
  }
  if (!loads_active_) return;
  const auto chain = [&](std::size_t slope, double scale, double* into) {
    for (std::size_t j = 0; j < kLoads; ++j) {
      const double x = scale * step_slopes_[(s * kStepSlopes + slope) * kLoads + j];
      const double* load = &load_partials_[(s * kLoads + j) * seeds_];
      if (x != 0)
        for (std::size_t seed = 0; seed < seeds_; ++seed) into[seed] += x * load[seed];
    }
  };
  if (has_most_kv) {
    std::fill_n(run_.partials(at.cycle_kv_bytes, row), seeds_, 0.0);
    chain(0, 1, run_.partials(at.cycle_kv_bytes, row));
  }
  if (at.cycle_flops >= 0) chain(4, step.count, run_.partials(at.cycle_flops, row));
  if (at.cycle_bytes >= 0) chain(5, step.count, run_.partials(at.cycle_bytes, row));
  chain(kUsefulSlope, step.count * devices, partials_of(useful_partials_, row));
}

void Evaluator::compose_steps(std::span<const Case* const> cases, std::span<Outcome> outcomes,
                              bool wants_shares) {
  const Columns& at = *at_;
  const std::size_t n_walls = pipeline_->walls().size();
  const Rule& rule = pipeline_->rule(IRONLAW_LEVEL_STEP);
  ready_runs(cases.size(), wants_shares);
  for (std::size_t row = 0; row < cases.size(); ++row) {
    outcomes[row] = {};
    outcomes[row].memory_headroom = std::numeric_limits<double>::infinity();
  }
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const StepRow& step = steps_[s];
    const std::size_t row = step.case_index;
    const Case& c = *cases[row];
    Outcome& out = outcomes[row];
    std::span<double> shares;
    std::span<const double> node_shares;
    if (wants_shares) {
      shares = std::span(step_shares_).subspan(row * n_walls, n_walls);
      node_shares = std::span(node_shares_).subspan(s * n_walls, n_walls);
    }
    std::fill(one_step_.begin(), one_step_.end(), 0.0);
    std::fill(one_replica_.begin(), one_replica_.end(), 0.0);
    // Shares count as often as the step runs, partials are those of one step.
    const TimeSink replica_sink{1.0, wanted_.results ? std::span(one_replica_) : std::span<double>{}, {}};
    const StepTimes times =
        compose_step(rule, step_, s, wanted_.mask, at.channel[0], {}, replica_sink, {1.0, one_step_, {}});
    if (wants_shares)
      compose_step(rule, step_, s, wanted_.mask, at.channel[0], node_shares, {}, {step.count, {}, shares});

    out.replica_time += step.count * times.replica;
    out.step_time += step.count * times.step;
    const double devices = c.scenario.split.devices();
    out.useful_flops += step.count * step.useful_flops * devices;
    const Slot& slot = c.slots[static_cast<std::size_t>(step.slot)];
    const bool is_decode = slot.plan.phase == Phase::decode;
    if (slot.is_draft)
      out.draft_step = times.step;
    else if (is_decode)
      out.decode_step = times.step;
    else if (slot.plan.phase == Phase::prefill)
      out.prefill_step = times.step;
    if (at.memory_headroom >= 0)
      out.memory_headroom = std::min(out.memory_headroom, step_.column(at.memory_headroom)[s]);

    add_to_run(s, times, devices);
  }
  for (std::size_t row = 0; row < cases.size(); ++row) {
    const Case& c = *cases[row];
    Outcome& out = outcomes[row];
    out.requests =
        c.slots[0].plan.phase == Phase::train ? c.samples : scenario_.column(at.running_requests)[row];
    out.peak_time = out.useful_flops / (c.peak * c.scenario.split.devices());
    put(run_, at.steps_time, row, out.step_time);
    if (at.steps_time >= 0 && seeds_ > 0)
      std::copy_n(partials_of(step_partials_, row), seeds_, run_.partials(at.steps_time, row));
  }
}

void Evaluator::run_runs(std::span<const Case* const> cases,
                         std::span<const CaseParameters* const> parameters) {
  for (std::size_t row = 0; row < cases.size(); ++row)
    fill_imports(IRONLAW_LEVEL_RUN, row, row + 1, row, cases[row]->n_slots - 1, *parameters[row]);
  run_level(IRONLAW_LEVEL_RUN, cases);
}

void Evaluator::compose_runs(std::span<const Case* const> cases, std::span<Outcome> outcomes,
                             std::span<double> gradients, std::span<double> shares) {
  const std::size_t n_walls = pipeline_->walls().size();
  const std::size_t stride = gradient_stride(*pipeline_);
  std::fill(shares.begin(), shares.end(), 0.0);
  std::fill(gradients.begin(), gradients.end(), 0.0);
  time_partials_.assign(cases.size() * seeds_, 0.0);
  for (std::size_t row = 0; row < cases.size(); ++row) {
    Outcome& out = outcomes[row];
    const auto of_case = [&](std::vector<double>& all, std::size_t n) {
      return all.empty() ? std::span<double>{} : std::span(all).subspan(row * n, n);
    };
    out.time = compose_run(pipeline_->rule(IRONLAW_LEVEL_RUN), run_, row, wanted_.mask, out.step_time,
                           of_case(step_partials_, seeds_), of_case(step_shares_, n_walls),
                           {1.0, of_case(time_partials_, seeds_),
                            shares.empty() ? shares : shares.subspan(row * n_walls, n_walls)});
    if (gradients.empty()) continue;
    const auto gradient = gradients.subspan(row * stride, parameter_seeds_);
    sums_.assign(seeds_, 0.0);
    for (std::size_t seed = 0; seed < seeds_; ++seed)
      sums_[seed] = time_partials_[row * seeds_ + seed] / out.time;
    if (is_closed_loop(cases[row]->scenario.task))
      add_scenario_partials(at_->running_requests, row, -1 / out.requests, sums_.data());
    std::copy_n(sums_.begin(), gradient.size(), gradient.begin());
  }
}

}  // namespace ironlaw
