// What the host itself says on result rows: rates, totals and the Iron Law's terms, with their derivatives.
#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/predict/evaluator.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A value and where its partials go (null without derivatives).
struct Cell {
  double& value;
  double* partials;
};

// into += scale x from, for n partials; either may be null.
void add(const double* from, double scale, double* into, std::size_t n) {
  if (from && into)
    for (std::size_t s = 0; s < n; ++s) into[s] += scale * from[s];
}

// What counts as a token of one request in a cycle: a scenario column or a plain number.
struct TokensOfRequest {
  int column;
  double otherwise;
};
TokensOfRequest tokens_of_request(const Case& c, const Columns& at) {
  if (c.scenario.model->kind != ModelKind::decoder) return {-1, kUnknown};
  switch (c.scenario.task) {
    case Task::decode:
      return {at.accepted_tokens, 1};
    case Task::offline:
    case Task::serve:
      return {at.generated_len, c.output_len};
    case Task::train:
    case Task::prefill:
      return {at.input_len, c.input_len};
  }
  return {-1, kUnknown};
}

}  // namespace

// Where less arrives than even one request at a time keeps busy, a service waits for the next one.
void Evaluator::add_idle_time(const Case& c, std::size_t row) {
  if (c.inputs[static_cast<std::size_t>(at_->requests_input)] > 1) return;  // it is never alone
  const auto input = static_cast<std::size_t>(at_->arrival_input);
  const double arrivals = c.inputs[input];
  double& time = result_.column(at_->cycle_time)[row];
  const double requests = result_.column(at_->replica_requests)[row] * c.replicas;
  if (requests / time <= arrivals) return;
  time = requests / arrivals;
  if (seeds_ == 0) return;
  double* const partials = result_.partials(at_->cycle_time, row);
  std::fill_n(partials, seeds_, 0.0);
  add(result_.partials(at_->replica_requests, row), c.replicas / arrivals, partials, seeds_);
  if (wanted_.input_seeds) partials[input_seed(input)] -= time / arrivals;
}

void Evaluator::fill_result(const Case& c, std::size_t row, const Outcome& out) {
  const Columns& at = *at_;
  const auto cell = [&](int column) {
    return Cell{result_.column(column)[row], seeds_ > 0 ? result_.partials(column, row) : nullptr};
  };
  const auto partials = [&](std::vector<double>& all) {
    return seeds_ > 0 ? partials_of(all, row) : nullptr;
  };
  // target = numerator / denominator
  const auto divide = [&](int target, double numerator, const double* of_numerator, double denominator,
                          const double* of_denominator) {
    const Cell x = cell(target);
    x.value = numerator / denominator;
    add(of_numerator, 1 / denominator, x.partials, seeds_);
    add(of_denominator, -x.value / denominator, x.partials, seeds_);
  };
  const auto multiply = [&](int target, int a, int b) {
    const Cell x = cell(target);
    const Cell left = cell(a);
    const Cell right = cell(b);
    x.value = left.value * right.value;
    add(left.partials, right.value, x.partials, seeds_);
    add(right.partials, left.value, x.partials, seeds_);
  };

  const Cell time = cell(at.cycle_time);
  time.value = out.time;
  add(partials(time_partials_), 1, time.partials, seeds_);
  const Cell requests = cell(at.replica_requests);
  requests.value = out.requests;
  if (seeds_ > 0 && c.scenario.task != Task::train)
    add_scenario_partials(at.running_requests, row, 1, requests.partials);
  if (c.capacity_row >= 0) add_idle_time(c, row);
  const Cell replica = cell(at.replica_time);
  replica.value = out.replica_time;
  add(partials(replica_partials_), 1, replica.partials, seeds_);
  const Cell useful = cell(at.useful_flops);
  useful.value = out.useful_flops;
  add(partials(useful_partials_), 1, useful.partials, seeds_);

  // The Iron Law's terms, each from its own times.
  divide(at.mfu, out.peak_time, nullptr, out.replica_time, partials(replica_partials_));
  if (seeds_ > 0) {
    const double of_flops = out.peak_time / out.useful_flops / out.replica_time;
    add(partials(useful_partials_), of_flops, result_.partials(at.mfu, row), seeds_);
    if (wanted_.input_seeds && at.peak_input >= 0)
      result_.partials(at.mfu, row)[input_seed(static_cast<std::size_t>(at.peak_input))] -=
          out.peak_time / out.replica_time / c.peak;
  }
  divide(at.eta_scaling, out.replica_time, partials(replica_partials_), out.step_time,
         partials(step_partials_));
  divide(at.useful_time_share, out.step_time, partials(step_partials_), out.time, partials(time_partials_));

  divide(at.request_rate, out.requests * c.replicas, nullptr, time.value, time.partials);
  add(requests.partials, c.replicas / time.value,
      seeds_ > 0 ? result_.partials(at.request_rate, row) : nullptr, seeds_);

  const TokensOfRequest tokens = tokens_of_request(c, at);
  const Cell rate = cell(at.request_rate);
  const Cell token_rate = cell(at.token_rate);
  const double each = scenario_value(tokens.column, row, tokens.otherwise);
  token_rate.value = rate.value * each;
  add(rate.partials, each, token_rate.partials, seeds_);
  if (seeds_ > 0) add_scenario_partials(tokens.column, row, rate.value, token_rate.partials);

  // A service's limits are those of the same machine in a closed loop, which stands in its own row.
  const bool has_limits = c.capacity_row >= 0;
  const auto limit_row = has_limits ? static_cast<std::size_t>(c.capacity_row) : row;
  for (const auto& [target, source] :
       {std::pair{at.request_capacity, at.request_rate}, {at.replica_request_limit, at.replica_requests}}) {
    const Cell x = cell(target);
    x.value = result_.column(source)[limit_row];
    add(seeds_ > 0 ? result_.partials(source, limit_row) : nullptr, 1, x.partials, seeds_);
  }

  // The whole run: as long as it is operated, or as many cycles as it has.
  const Cell run_time = cell(at.run_time);
  const double duration = at.duration_input >= 0 ? c.inputs[static_cast<std::size_t>(at.duration_input)] : 0;
  if (duration > 0) {
    run_time.value = duration;
    if (wanted_.input_seeds && run_time.partials)
      run_time.partials[input_seed(static_cast<std::size_t>(at.duration_input))] += 1;
  } else {
    const double cycles = scenario_value(at.run_steps, row, 1);
    run_time.value = time.value * cycles;
    add(time.partials, cycles, run_time.partials, seeds_);
    if (seeds_ > 0) add_scenario_partials(at.run_steps, row, time.value, run_time.partials);
  }
  multiply(at.run_requests, at.request_rate, at.run_time);
  multiply(at.run_tokens, at.token_rate, at.run_time);

  const Cell headroom = cell(at.least_headroom);
  headroom.value = std::isfinite(out.memory_headroom) ? out.memory_headroom : kUnknown;
  if (seeds_ > 0 && at.memory_headroom >= 0) {
    const auto [first, last] = steps_of(row);
    for (std::size_t s = first; s < last; ++s)
      if (step_.column(at.memory_headroom)[s] == out.memory_headroom && step_.active(at.memory_headroom)) {
        step_.add_partials(at.memory_headroom, s, 1, headroom.partials);
        break;
      }
  }
}

}  // namespace ironlaw
