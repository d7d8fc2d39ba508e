#include "framework/predict/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/predict/accounts.hpp"
#include "ironlaw/dual.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

using Op = Operator<double>;
auto is(OperatorKind kind) {
  return [kind](const Op& op) { return op.kind == kind ? 1.0 : 0.0; };
}
auto is(Collective collective) {
  return [collective](const Op& op) { return op.collective == collective ? 1.0 : 0.0; };
}

}  // namespace

CaseParameters resolve_parameters(const Case& c, const ParameterSet& set) {
  const auto& ports = c.pipeline->parameters();
  CaseParameters result;
  for (int slot = 0; slot < c.n_slots; ++slot)
    for (const ParameterPort& p : ports) {
      const Resolved r = set.resolve(*p.port, c.slots[static_cast<std::size_t>(slot)].key);
      result.value.push_back(r.value);
      result.slope.push_back(r.slope);
    }
  for (const ForcedParameter& forced : c.forced_parameters)
    for (int slot = 0; slot < c.n_slots; ++slot) {
      const std::size_t seed =
          static_cast<std::size_t>(slot) * ports.size() + static_cast<std::size_t>(forced.parameter);
      result.value[seed] = forced.value;
      result.slope[seed] = 0;
    }
  return result;
}

void Evaluator::evaluate(std::span<const Case* const> cases,
                         std::span<const CaseParameters* const> parameters, std::span<Outcome> outcomes,
                         std::span<double> gradients, std::span<double> shares, const Wanted& wanted) {
  if (cases.empty()) return;
  use(*cases[0]->pipeline);
  wanted_ = wanted;
  int slots = 0;
  if (!gradients.empty() || wanted.input_seeds)
    for (const Case* c : cases) slots = std::max(slots, c->n_slots);
  parameter_seeds_ = static_cast<std::size_t>(slots) * pipeline_->parameters().size();
  seeds_ = parameter_seeds_ + (wanted.input_seeds ? pipeline_->inputs().size() : 0);
  run_scenarios(cases, parameters);
  lower_steps(cases);
  run_operators(cases, parameters);
  run_steps(cases, parameters, !shares.empty());
  compose_steps(cases, outcomes, !shares.empty());
  run_runs(cases, parameters);
  compose_runs(cases, outcomes, gradients, shares);
  if (wanted.results) run_results(cases, parameters, outcomes);
}

void Evaluator::time_operators(const Case& c, const CaseParameters& parameters,
                               std::span<const Operator<double>> operators, std::span<double> seconds,
                               std::span<double> gradients) {
  use(*c.pipeline);
  wanted_ = {};
  const std::size_t n_parameters = pipeline_->parameters().size();
  seeds_ = parameter_seeds_ = gradients.empty() ? 0 : n_parameters;
  const Case* const one_case = &c;
  const CaseParameters* const its_parameters = &parameters;
  run_scenarios({&one_case, 1}, {&its_parameters, 1});
  loads_active_ = false;  // these operators' sizes are given
  operators_.assign(operators.begin(), operators.end());
  operator_slopes_.clear();
  StepRow step{};
  step.last = operators.size();
  step.count = 1;
  step.requests = 1;
  step.phase = c.slots[0].plan.phase;
  steps_.assign(1, step);
  run_operators({&one_case, 1}, {&its_parameters, 1});
  const Rule& rule = pipeline_->rule(IRONLAW_LEVEL_OPERATOR);
  std::fill(gradients.begin(), gradients.end(), 0.0);
  for (std::size_t row = 0; row < operators.size(); ++row) {
    TimeSink sink;
    sink.weight = 1;
    if (seeds_ > 0) sink.partials = gradients.subspan(row * n_parameters, n_parameters);
    seconds[row] = compose_operator(rule, operator_, row, kAllWalls, sink);
  }
}

std::pair<std::size_t, std::size_t> Evaluator::steps_of(std::size_t case_index) const {
  const auto same = [&](const StepRow& step) { return step.case_index == case_index; };
  const auto first = std::find_if(steps_.begin(), steps_.end(), same);
  const auto last = std::find_if_not(first, steps_.end(), same);
  return {static_cast<std::size_t>(first - steps_.begin()), static_cast<std::size_t>(last - steps_.begin())};
}

void Evaluator::use(const Pipeline& pipeline) {
  if (pipeline_ == &pipeline) return;
  pipeline_ = nullptr;  // until every column is found
  at_.emplace(pipeline);
  pipeline_ = &pipeline;
}

void Evaluator::run_scenarios(std::span<const Case* const> cases,
                              std::span<const CaseParameters* const> parameters) {
  const auto& inputs = pipeline_->inputs();
  scenario_.reset(pipeline_->stage(IRONLAW_LEVEL_SCENARIO).columns.size(), cases.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_SCENARIO);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int column = inputs[i].column;
    if (column < 0) continue;
    const bool is_seeded = wanted_.input_seeds && !inputs[i].is_discrete;
    if (is_seeded) scenario_.activate_one(column);
    for (std::size_t row = 0; row < cases.size(); ++row) {
      put(scenario_, column, row, cases[row]->inputs[i]);
      if (is_seeded) scenario_.set_partial(column, row, input_seed(i), 1);
    }
  }
  // What admits requests belongs to the step that keeps them: the last one.
  for (std::size_t row = 0; row < cases.size(); ++row)
    fill_imports(IRONLAW_LEVEL_SCENARIO, row, row + 1, row, cases[row]->n_slots - 1, *parameters[row]);
  run_level(IRONLAW_LEVEL_SCENARIO, cases);
  loads_active_ = false;
  if (seeds_ == 0) return;
  for (const int column : {at_->running_requests, at_->prefill_requests, at_->mean_context, at_->input_len,
                           at_->sequences, at_->prompt_tokens, at_->prompt_context, at_->decode_tokens})
    if (column >= 0 && scenario_.active(column)) loads_active_ = true;
}

void Evaluator::lower_steps(std::span<const Case* const> cases) {
  steps_.clear();
  operators_.clear();
  operator_slopes_.clear();
  step_slopes_.clear();
  load_partials_.clear();
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (int slot = 0; slot < cases[i]->n_slots; ++slot) {
      if (loads_active_)
        lower_step(*cases[i], i, slot, lowered_dual_);
      else
        lower_step(*cases[i], i, slot, lowered_);
    }
}

template <class T>
void Evaluator::lower_step(const Case& c, std::size_t row, int slot, Step<T>& lowered) {
  constexpr bool kIsDual = !std::is_same_v<T, double>;
  const Columns& at = *at_;
  const Slot& what = c.slots[static_cast<std::size_t>(slot)];
  const StepPlan& plan = what.plan;
  const auto column = [&](int index) { return scenario_.column(index)[row]; };

  StepRow step{};
  step.case_index = row;
  step.slot = slot;
  step.count = 1;
  step.phase = plan.phase;
  step.is_draft = what.is_draft;
  std::array<double, kLoads> load{};
  std::array<int, kLoads> from{-1, -1, -1};  // the scenario column that a load follows
  double scale = 1;                          // of requests
  switch (plan.phase) {
    case Phase::train:
      load = {c.samples, c.input_len, 0};
      from[1] = at.input_len;
      break;
    case Phase::prefill:
      load = {column(at.prefill_requests), scenario_value(at.prompt_tokens, row, c.input_len),
              scenario_value(at.prompt_context, row, 0)};
      from = {at.prefill_requests, at.prompt_tokens >= 0 ? at.prompt_tokens : at.input_len,
              at.prompt_context};
      step.count = column(at.prefill_steps);
      step.count_of[0] = at.prefill_steps;
      break;
    case Phase::decode:
      scale = scenario_value(at.sequences, row, c.scenario.beams);
      load = {column(at.running_requests) * scale,
              what.is_draft ? 1 : scenario_value(at.decode_tokens, row, 1), column(at.mean_context)};
      from = {at.running_requests, what.is_draft ? -1 : at.decode_tokens, at.mean_context};
      step.count = column(at.decode_steps);
      step.count_of[0] = at.decode_steps;
      if (what.is_draft) {
        step.count *= scenario_value(at.draft_steps, row, 0);
        step.count_of[1] = at.draft_steps;
      }
      break;
  }

  if constexpr (kIsDual) {
    lower(plan, StepLoad<T>{T::variable(load[0], 0), T::variable(load[1], 1), T::variable(load[2], 2)},
          lowered);
    for (std::size_t j = 0; j < kLoads; ++j) {
      load_partials_.resize(load_partials_.size() + seeds_);
      double* const partials = load_partials_.data() + load_partials_.size() - seeds_;
      add_scenario_partials(from[j], row, j == 0 ? scale : 1, partials);
      if (j == 0 && plan.phase == Phase::decode)
        add_scenario_partials(at.sequences, row, column(at.running_requests), partials);
    }
  } else {
    lower(plan, StepLoad<T>{load[0], load[1], load[2]}, lowered);
  }

  step.first = operators_.size();
  step.requests = load[0];
  step.tokens = load[0] * load[1];
  step.facts.kv_bytes = value_of(lowered.kv_bytes);
  step.facts.activation_bytes = value_of(lowered.activation_bytes);
  step.facts.state_bytes = lowered.state_bytes;
  step.facts.idle_slots = lowered.idle_slots;
  step.facts.micro_batches = lowered.micro_batches;
  step.facts.interleave = lowered.interleave;
  step.facts.backward_share = lowered.backward_share;
  T flops(0.0), bytes(0.0), useful(0.0);
  for (const Operator<T>& op : lowered.operators) {
    flops = flops + op.flops * op.count;
    bytes = bytes + op.bytes * op.count;
    useful = useful + op.useful_flops * op.count;
    if constexpr (kIsDual) {
      operators_.push_back({op.name,         op.kind,
                            op.channel,      op.collective,
                            op.precision,    op.count,
                            op.flops.a,      op.useful_flops.a,
                            op.bytes.a,      op.weight_bytes.a,
                            op.m.a,          op.n.a,
                            op.k.a,          op.scores.a,
                            op.tiles.a,      op.tile_scores.a,
                            op.launches,     op.message_bytes.a,
                            op.ranks_inside, op.ranks_across});
      for (const T* x : {&op.flops, &op.bytes, &op.weight_bytes, &op.m, &op.scores, &op.tiles,
                         &op.tile_scores, &op.message_bytes})
        operator_slopes_.insert(operator_slopes_.end(), x->v, x->v + kLoads);
    } else {
      operators_.push_back(op);
    }
  }
  step.last = operators_.size();
  step.flops = value_of(flops);
  step.bytes = value_of(bytes);
  step.useful_flops = value_of(useful);
  if constexpr (kIsDual) {
    const T requests = T::variable(load[0], 0);
    const T tokens = requests * T::variable(load[1], 1);
    for (const T& x : {lowered.kv_bytes, lowered.activation_bytes, requests, tokens, flops, bytes, useful})
      step_slopes_.insert(step_slopes_.end(), x.v, x.v + kLoads);
  }
  steps_.push_back(step);
}

void Evaluator::run_operators(std::span<const Case* const> cases,
                              std::span<const CaseParameters* const> parameters) {
  const Columns& at = *at_;
  operator_.reset(pipeline_->stage(IRONLAW_LEVEL_OPERATOR).columns.size(), operators_.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_OPERATOR);
  const std::array<int, kOperatorSlopes> moving = {at.flops,  at.bytes, at.weight_bytes, at.m,
                                                   at.scores, at.tiles, at.tile_scores,  at.message};
  if (loads_active_ && at.requests >= 0) operator_.activate(at.requests);
  if (loads_active_)
    for (const int column : moving)
      if (column >= 0) operator_.activate(column);
  const bool is_peak_seeded = wanted_.input_seeds && at.peak >= 0 && at.peak_input >= 0;
  if (is_peak_seeded) operator_.activate_one(at.peak);

  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const StepRow& step = steps_[s];
    const Case& c = *cases[step.case_index];
    fill_imports(IRONLAW_LEVEL_OPERATOR, step.first, step.last, step.case_index, step.slot,
                 *parameters[step.case_index]);
    // By column: each is one short loop, and a column that no wall asks for costs nothing.
    const auto fill = [&](int column, const auto& value) {
      if (column < 0) return;
      double* const cells = operator_.column(column);
      for (std::size_t row = step.first; row < step.last; ++row)
        cells[row] = std::invoke(value, operators_[row]);
    };
    fill(at.flops, &Op::flops);
    fill(at.bytes, &Op::bytes);
    fill(at.weight_bytes, &Op::weight_bytes);
    fill(at.peak, [&](const Op& op) {
      const double peak = c.peaks[static_cast<std::size_t>(op.precision)];
      // Element-wise work has no FLOPs of its own; a device without a peak at its precision can still do it.
      return std::isnan(peak) && op.flops == 0 ? c.peak : peak;
    });
    fill(at.matmul, is(OperatorKind::matmul));
    fill(at.attention, is(OperatorKind::attention));
    fill(at.convolution, is(OperatorKind::convolution));
    fill(at.vector, is(OperatorKind::vector));
    fill(at.m, &Op::m);
    fill(at.n, &Op::n);
    fill(at.k, &Op::k);
    fill(at.scores, &Op::scores);
    fill(at.tiles, &Op::tiles);
    fill(at.tile_scores, &Op::tile_scores);
    fill(at.launches, &Op::launches);
    fill(at.message, &Op::message_bytes);
    fill(at.inside, &Op::ranks_inside);
    fill(at.across, &Op::ranks_across);
    fill(at.all_reduce, is(Collective::all_reduce));
    fill(at.gather, is(Collective::gather));
    fill(at.all_to_all, is(Collective::all_to_all));
    fill(at.point_to_point, is(Collective::point_to_point));
    // The peaks of all precisions rise and fall together.
    if (is_peak_seeded)
      for (std::size_t row = step.first; row < step.last; ++row)
        operator_.set_partial(at.peak, row, input_seed(static_cast<std::size_t>(at.peak_input)),
                              operator_.column(at.peak)[row] / c.peak);
    const double requests_per_load = 1 / std::max(1.0, step.facts.micro_batches);
    fill(at.requests, [&](const Op&) { return step.requests * requests_per_load; });
    const std::array<double, kLoads> request_slopes{requests_per_load};
    if (loads_active_)
      for (std::size_t row = step.first; row < step.last; ++row) {
        chain_load(operator_, at.requests, row, s, request_slopes.data());
        for (std::size_t x = 0; x < kOperatorSlopes; ++x)
          chain_load(operator_, moving[x], row, s, &operator_slopes_[(row * kOperatorSlopes + x) * kLoads]);
      }
  }
  run_level(IRONLAW_LEVEL_OPERATOR, cases);
}

void Evaluator::run_steps(std::span<const Case* const> cases,
                          std::span<const CaseParameters* const> parameters, bool wants_shares) {
  const Columns& at = *at_;
  const std::size_t n_walls = pipeline_->walls().size();
  step_.reset(pipeline_->stage(IRONLAW_LEVEL_STEP).columns.size(), steps_.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_STEP);
  for (const int column : at.channel)
    if (seeds_ > 0 && column >= 0) step_.activate(column);
  const std::array<int, kUsefulSlope> moving = {at.kv_bytes,    at.activation_bytes, at.step_requests,
                                                at.step_tokens, at.step_flops,       at.step_bytes};
  if (loads_active_)
    for (const int column : moving)
      if (column >= 0) step_.activate(column);
  node_shares_.assign(wants_shares ? steps_.size() * n_walls : 0, 0.0);
  channel_partials_.resize(seeds_ * kChannels);

  const Rule& rule = pipeline_->rule(IRONLAW_LEVEL_OPERATOR);
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const StepRow& step = steps_[s];
    fill_imports(IRONLAW_LEVEL_STEP, s, s + 1, step.case_index, step.slot, *parameters[step.case_index]);
    std::array<double, kChannels> sums{};
    std::fill(channel_partials_.begin(), channel_partials_.end(), 0.0);
    for (std::size_t row = step.first; row < step.last; ++row) {
      const Operator<double>& op = operators_[row];
      const auto channel = static_cast<std::size_t>(op.channel);
      TimeSink sink{op.count, std::span(channel_partials_).subspan(channel * seeds_, seeds_), {}};
      if (wants_shares && op.channel == Channel::node)
        sink.shares = std::span(node_shares_).subspan(s * n_walls, n_walls);
      sums[channel] += op.count * compose_operator(rule, operator_, row, wanted_.mask, sink);
    }
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
      const int column = at.channel[channel];
      if (column < 0) continue;
      step_.column(column)[s] = sums[channel];
      if (seeds_ > 0) std::copy_n(&channel_partials_[channel * seeds_], seeds_, step_.partials(column, s));
    }
    put(step_, at.idle_slots, s, step.facts.idle_slots);
    put(step_, at.micro_batches, s, step.facts.micro_batches);
    put(step_, at.interleave, s, step.facts.interleave);
    put(step_, at.backward_share, s, step.facts.backward_share);
    put(step_, at.kv_bytes, s, step.facts.kv_bytes);
    put(step_, at.activation_bytes, s, step.facts.activation_bytes);
    put(step_, at.state_bytes, s, step.facts.state_bytes);
    put(step_, at.step_requests, s, step.requests);
    put(step_, at.step_tokens, s, step.tokens);
    put(step_, at.step_flops, s, step.flops);
    put(step_, at.step_bytes, s, step.bytes);
    if (loads_active_)
      for (std::size_t x = 0; x < moving.size(); ++x)
        chain_load(step_, moving[x], s, s, &step_slopes_[(s * kStepSlopes + x) * kLoads]);
  }
  run_level(IRONLAW_LEVEL_STEP, cases);
}

void Evaluator::run_results(std::span<const Case* const> cases,
                            std::span<const CaseParameters* const> parameters,
                            std::span<const Outcome> outcomes) {
  result_.reset(pipeline_->stage(IRONLAW_LEVEL_RESULT).columns.size(), cases.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_RESULT);
  const Columns& at = *at_;
  if (seeds_ > 0)
    for (const int column :
         {at.cycle_time, at.run_time, at.run_requests, at.run_tokens, at.request_rate, at.request_capacity,
          at.token_rate, at.replica_requests, at.replica_request_limit, at.useful_flops, at.replica_time,
          at.mfu, at.eta_scaling, at.useful_time_share, at.least_headroom})
      if (column >= 0) result_.activate(column);
  for (std::size_t row = 0; row < cases.size(); ++row) {
    fill_imports(IRONLAW_LEVEL_RESULT, row, row + 1, row, cases[row]->n_slots - 1, *parameters[row]);
    fill_result(*cases[row], row, outcomes[row]);
  }
  run_level(IRONLAW_LEVEL_RESULT, cases);
}

void Evaluator::run_level(ironlaw_level level, std::span<const Case* const> cases) {
  const bool on_steps = level == IRONLAW_LEVEL_OPERATOR || level == IRONLAW_LEVEL_STEP;
  forced_.clear();
  phases_.clear();
  kinds_.clear();
  if (!pipeline_->stage(level).holds_everywhere) {
    const auto add = [&](std::size_t rows, std::uint32_t phase, const Case& c) {
      phases_.insert(phases_.end(), rows, phase);
      kinds_.insert(kinds_.end(), rows, bit_of(c.scenario.model->kind));
    };
    if (on_steps)
      for (const StepRow& step : steps_) {
        const Case& c = *cases[step.case_index];
        add(level == IRONLAW_LEVEL_STEP ? 1 : step.last - step.first,
            bit_of(c.slots[static_cast<std::size_t>(step.slot)].plan.phase), c);
      }
    else
      for (const Case* c : cases) add(1, bit_of(c->scenario.task), *c);
  }
  for (std::size_t row = 0; row < cases.size(); ++row)
    for (const ForcedColumn& f : cases[row]->forced_columns) {
      if (f.level != level) continue;
      if (!on_steps) {
        forced_.push_back({f.column, row, row + 1, f.value});
        continue;
      }
      for (std::size_t s = 0; s < steps_.size(); ++s)
        if (steps_[s].case_index == row)
          forced_.push_back(level == IRONLAW_LEVEL_STEP
                                ? Forced{f.column, s, s + 1, f.value}
                                : Forced{f.column, steps_[s].first, steps_[s].last, f.value});
    }
  run_stage(*pipeline_, level, *tables_[level], {phases_, kinds_, forced_, this}, scratch_);
}

// Of an operator or step row: what its case's scenario lacks.
std::vector<std::string> Evaluator::names(ironlaw_level level, int column, std::size_t row) const {
  if (level != IRONLAW_LEVEL_OPERATOR && level != IRONLAW_LEVEL_STEP)
    return unknown_inputs(*pipeline_, *this, level, column, row);
  const auto is_of_row = [&](const StepRow& step) {
    return level == IRONLAW_LEVEL_STEP ? &step == &steps_[row] : row >= step.first && row < step.last;
  };
  const auto step = std::find_if(steps_.begin(), steps_.end(), is_of_row);
  const Stage& stage = pipeline_->stage(level);
  for (const Import& import : stage.imports)
    if (import.column == column && import.source >= 0)
      return unknown_inputs(*pipeline_, *this, import.level, import.source, step->case_index);
  return {stage.columns[static_cast<std::size_t>(column)]};
}

void Evaluator::activate_imports(ironlaw_level level) {
  Table& table = *tables_[level];
  if (table.seeds() == 0) return;
  for (const Import& import : pipeline_->stage(level).imports) {
    if (import.parameter >= 0)
      table.activate_one(import.column);
    else
      table.activate_like(import.column, *tables_[import.level], import.source);
  }
}

void Evaluator::fill_imports(ironlaw_level level, std::size_t first, std::size_t last, std::size_t case_row,
                             int slot, const CaseParameters& parameters) {
  Table& table = *tables_[level];
  const std::size_t n_parameters = pipeline_->parameters().size();
  for (const Import& import : pipeline_->stage(level).imports) {
    double* column = table.column(import.column);
    if (import.parameter < 0) {
      const Table& outer = *tables_[import.level];
      std::fill(column + first, column + last, outer.column(import.source)[case_row]);
      if (table.seeds() > 0)
        for (std::size_t row = first; row < last; ++row)
          table.copy_partials(import.column, row, outer, import.source, case_row);
      continue;
    }
    const std::size_t seed =
        static_cast<std::size_t>(slot) * n_parameters + static_cast<std::size_t>(import.parameter);
    std::fill(column + first, column + last, parameters.value[seed]);
    if (table.seeds() > 0)
      for (std::size_t row = first; row < last; ++row)
        table.set_partial(import.column, row, seed, parameters.slope[seed]);
  }
}

void Evaluator::chain_load(Table& table, int column, std::size_t row, std::size_t step,
                           const double* slopes) {
  if (column < 0) return;
  double* partials = table.partials(column, row);
  for (std::size_t j = 0; j < kLoads; ++j) {
    if (slopes[j] == 0) continue;
    const double* load = &load_partials_[(step * kLoads + j) * seeds_];
    for (std::size_t s = 0; s < seeds_; ++s) partials[s] += slopes[j] * load[s];
  }
}

}  // namespace ironlaw
