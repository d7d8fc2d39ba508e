#include "framework/predict/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "framework/base/error.hpp"
#include "ironlaw/dual.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kLoads = 3;           // requests, tokens, context
constexpr std::size_t kOperatorSlopes = 4;  // flops, bytes, m, message
constexpr std::size_t kStepSlopes = 2;      // KV cache, activations

using Op = Operator<double>;
auto is(OperatorKind kind) {
  return [kind](const Op& op) { return op.kind == kind ? 1.0 : 0.0; };
}
auto is(Collective collective) {
  return [collective](const Op& op) { return op.collective == collective ? 1.0 : 0.0; };
}

void store(Table& table, int column, std::size_t row, double value) {
  if (column >= 0) table.column(column)[row] = value;
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
  return result;
}

void Evaluator::evaluate(std::span<const Case* const> cases,
                         std::span<const CaseParameters* const> parameters, std::span<Outcome> outcomes,
                         std::span<double> gradients, std::span<double> shares, WallMask mask) {
  if (cases.empty()) return;
  use(*cases[0]->pipeline);
  int slots = 0;
  if (!gradients.empty())
    for (const Case* c : cases) slots = std::max(slots, c->n_slots);
  seeds_ = static_cast<std::size_t>(slots) * pipeline_->parameters().size();
  run_scenarios(cases, parameters);
  lower_steps(cases);
  run_operators(cases, parameters);
  run_steps(cases, parameters, mask, !shares.empty());
  run_cases(cases, parameters, outcomes, gradients, shares, mask);
}

void Evaluator::use(const Pipeline& pipeline) {
  if (pipeline_ == &pipeline) return;
  pipeline_ = nullptr;  // until every column is found
  const auto find = [&](ironlaw_level level, const auto& name) { return pipeline.column(level, name.name); };
  const auto required = [&](const auto& name) {
    const int column = find(IRONLAW_LEVEL_SCENARIO, name);
    if (column < 0) throw Error(fmt::format("no wall provides '{}' ({}).", name.name, name.meaning));
    return column;
  };
  at_.sources.clear();
  for (const SourceColumn& source : scenario_sources())
    at_.sources.push_back(pipeline.column(IRONLAW_LEVEL_SCENARIO, source.name));
  at_.running_requests = required(q::running_requests);
  at_.prefill_requests = required(q::prefill_requests);
  at_.prefill_steps = required(q::prefill_steps);
  at_.decode_steps = required(q::decode_steps);
  at_.mean_context = required(q::mean_context);

  constexpr auto kOp = IRONLAW_LEVEL_OPERATOR;
  at_.flops = find(kOp, q::operator_flops);
  at_.bytes = find(kOp, q::operator_bytes);
  at_.peak = find(kOp, q::operator_peak);
  at_.matmul = find(kOp, q::is_matmul);
  at_.attention = find(kOp, q::is_attention);
  at_.convolution = find(kOp, q::is_convolution);
  at_.vector = find(kOp, q::is_vector);
  at_.m = find(kOp, q::matmul_m);
  at_.n = find(kOp, q::matmul_n);
  at_.k = find(kOp, q::matmul_k);
  at_.launches = find(kOp, q::launches);
  at_.message = find(kOp, q::message_bytes);
  at_.inside = find(kOp, q::ranks_inside);
  at_.across = find(kOp, q::ranks_across);
  at_.all_reduce = find(kOp, q::is_all_reduce);
  at_.gather = find(kOp, q::is_gather);
  at_.all_to_all = find(kOp, q::is_all_to_all);
  at_.point_to_point = find(kOp, q::is_point_to_point);

  constexpr auto kStep = IRONLAW_LEVEL_STEP;
  at_.channel = {find(kStep, q::node_time), find(kStep, q::tensor_time), find(kStep, q::pipeline_time),
                 find(kStep, q::data_time), find(kStep, q::expert_time)};
  at_.idle_slots = find(kStep, q::idle_slots);
  at_.micro_batches = find(kStep, q::micro_batches);
  at_.interleave = find(kStep, q::interleave);
  at_.backward_share = find(kStep, q::backward_share);
  at_.kv_bytes = find(kStep, q::kv_bytes);
  at_.activation_bytes = find(kStep, q::activation_bytes);
  at_.state_bytes = find(kStep, q::state_bytes);
  pipeline_ = &pipeline;
}

void Evaluator::run_scenarios(std::span<const Case* const> cases,
                              std::span<const CaseParameters* const> parameters) {
  const Stage& stage = pipeline_->stage(IRONLAW_LEVEL_SCENARIO);
  scenario_.reset(stage.columns.size(), cases.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_SCENARIO, scenario_);
  for (std::size_t i = 0; i < at_.sources.size(); ++i)
    for (std::size_t row = 0; row < cases.size(); ++row)
      store(scenario_, at_.sources[i], row, cases[row]->sources[i]);
  // What admits requests belongs to the step that keeps them: the last one.
  for (std::size_t row = 0; row < cases.size(); ++row)
    fill_imports(IRONLAW_LEVEL_SCENARIO, scenario_, row, row + 1, row, cases[row]->n_slots - 1,
                 *parameters[row]);
  run_stage(*pipeline_, IRONLAW_LEVEL_SCENARIO, scenario_, scratch_);
  loads_active_ =
      seeds_ > 0 && (scenario_.active(at_.running_requests) || scenario_.active(at_.prefill_requests) ||
                     scenario_.active(at_.mean_context));
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
  const StepPlan& plan = c.slots[static_cast<std::size_t>(slot)].plan;
  const auto column = [&](int at) { return scenario_.column(at)[row]; };

  std::array<double, kLoads> load{};
  std::array<int, kLoads> from{-1, -1, -1};  // the scenario column that a load follows
  double scale = 1;                          // of requests
  double count = 1;
  switch (plan.phase) {
    case Phase::train:
      load = {c.samples, c.input_len, 0};
      break;
    case Phase::prefill:
      load = {column(at_.prefill_requests), c.input_len, 0};
      from[0] = at_.prefill_requests;
      count = column(at_.prefill_steps);
      break;
    case Phase::decode:
      scale = c.scenario.beams;
      load = {column(at_.running_requests) * scale, 1, column(at_.mean_context)};
      from = {at_.running_requests, -1, at_.mean_context};
      count = column(at_.decode_steps);
      break;
  }

  if constexpr (kIsDual) {
    lower(plan, StepLoad<T>{T::variable(load[0], 0), T::variable(load[1], 1), T::variable(load[2], 2)},
          lowered);
    for (std::size_t j = 0; j < kLoads; ++j) {
      load_partials_.resize(load_partials_.size() + seeds_);
      if (from[j] >= 0 && scenario_.active(from[j]))
        scenario_.add_partials(from[j], row, j == 0 ? scale : 1,
                               load_partials_.data() + load_partials_.size() - seeds_);
    }
    for (const T* x : {&lowered.kv_bytes, &lowered.activation_bytes})
      step_slopes_.insert(step_slopes_.end(), x->v, x->v + kLoads);
  } else {
    lower(plan, StepLoad<T>{load[0], load[1], load[2]}, lowered);
  }

  StepRow& step = steps_.emplace_back();
  step.case_index = row;
  step.slot = slot;
  step.count = count;
  step.first = operators_.size();
  step.facts.kv_bytes = value_of(lowered.kv_bytes);
  step.facts.activation_bytes = value_of(lowered.activation_bytes);
  step.facts.state_bytes = lowered.state_bytes;
  step.facts.idle_slots = lowered.idle_slots;
  step.facts.micro_batches = lowered.micro_batches;
  step.facts.interleave = lowered.interleave;
  step.facts.backward_share = lowered.backward_share;
  double useful = 0;
  for (const Operator<T>& op : lowered.operators) {
    useful += op.count * value_of(op.useful_flops);
    if constexpr (kIsDual) {
      operators_.push_back({op.name, op.kind, op.channel, op.collective, op.precision, op.count, op.flops.a,
                            op.useful_flops.a, op.bytes.a, op.m.a, op.n.a, op.k.a, op.launches,
                            op.message_bytes.a, op.ranks_inside, op.ranks_across});
      for (const T* x : {&op.flops, &op.bytes, &op.m, &op.message_bytes})
        operator_slopes_.insert(operator_slopes_.end(), x->v, x->v + kLoads);
    } else {
      operators_.push_back(op);
    }
  }
  step.last = operators_.size();
  step.useful_flops = useful;
}

void Evaluator::run_operators(std::span<const Case* const> cases,
                              std::span<const CaseParameters* const> parameters) {
  operator_.reset(pipeline_->stage(IRONLAW_LEVEL_OPERATOR).columns.size(), operators_.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_OPERATOR, operator_);
  const std::array<int, kOperatorSlopes> moving = {at_.flops, at_.bytes, at_.m, at_.message};
  if (loads_active_)
    for (const int column : moving)
      if (column >= 0) operator_.activate(column);

  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const StepRow& step = steps_[s];
    const Case& c = *cases[step.case_index];
    fill_imports(IRONLAW_LEVEL_OPERATOR, operator_, step.first, step.last, step.case_index, step.slot,
                 *parameters[step.case_index]);
    // By column: each is one short loop, and a column that no wall asks for costs nothing.
    const auto fill = [&](int column, const auto& value) {
      if (column < 0) return;
      double* const cells = operator_.column(column);
      for (std::size_t row = step.first; row < step.last; ++row)
        cells[row] = std::invoke(value, operators_[row]);
    };
    fill(at_.flops, &Op::flops);
    fill(at_.bytes, &Op::bytes);
    fill(at_.peak, [&](const Op& op) {
      const double peak = c.peaks[static_cast<std::size_t>(op.precision)];
      // Element-wise work has no FLOPs of its own; a device without a peak at its precision can still do it.
      return std::isnan(peak) && op.flops == 0 ? c.peak : peak;
    });
    fill(at_.matmul, is(OperatorKind::matmul));
    fill(at_.attention, is(OperatorKind::attention));
    fill(at_.convolution, is(OperatorKind::convolution));
    fill(at_.vector, is(OperatorKind::vector));
    fill(at_.m, &Op::m);
    fill(at_.n, &Op::n);
    fill(at_.k, &Op::k);
    fill(at_.launches, &Op::launches);
    fill(at_.message, &Op::message_bytes);
    fill(at_.inside, &Op::ranks_inside);
    fill(at_.across, &Op::ranks_across);
    fill(at_.all_reduce, is(Collective::all_reduce));
    fill(at_.gather, is(Collective::gather));
    fill(at_.all_to_all, is(Collective::all_to_all));
    fill(at_.point_to_point, is(Collective::point_to_point));
    if (loads_active_)
      for (std::size_t row = step.first; row < step.last; ++row)
        for (std::size_t x = 0; x < kOperatorSlopes; ++x)
          chain_load(operator_, moving[x], row, s, &operator_slopes_[(row * kOperatorSlopes + x) * kLoads]);
  }
  run_stage(*pipeline_, IRONLAW_LEVEL_OPERATOR, operator_, scratch_);
}

void Evaluator::run_steps(std::span<const Case* const> cases,
                          std::span<const CaseParameters* const> parameters, WallMask mask,
                          bool wants_shares) {
  const std::size_t n_walls = pipeline_->walls().size();
  step_.reset(pipeline_->stage(IRONLAW_LEVEL_STEP).columns.size(), steps_.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_STEP, step_);
  for (const int column : at_.channel)
    if (seeds_ > 0 && column >= 0) step_.activate(column);
  for (const int column : {at_.kv_bytes, at_.activation_bytes})
    if (loads_active_ && column >= 0) step_.activate(column);
  node_shares_.assign(wants_shares ? steps_.size() * n_walls : 0, 0.0);
  channel_partials_.resize(seeds_ * kChannels);

  const Rule& rule = pipeline_->rule(IRONLAW_LEVEL_OPERATOR);
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const StepRow& step = steps_[s];
    (void)cases;
    fill_imports(IRONLAW_LEVEL_STEP, step_, s, s + 1, step.case_index, step.slot,
                 *parameters[step.case_index]);
    std::array<double, kChannels> sums{};
    std::fill(channel_partials_.begin(), channel_partials_.end(), 0.0);
    for (std::size_t row = step.first; row < step.last; ++row) {
      const Operator<double>& op = operators_[row];
      const auto channel = static_cast<std::size_t>(op.channel);
      TimeSink sink{op.count, std::span(channel_partials_).subspan(channel * seeds_, seeds_), {}};
      if (wants_shares && op.channel == Channel::node)
        sink.shares = std::span(node_shares_).subspan(s * n_walls, n_walls);
      sums[channel] += op.count * compose_operator(rule, operator_, row, mask, sink);
    }
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
      const int column = at_.channel[channel];
      if (column < 0) continue;
      step_.column(column)[s] = sums[channel];
      if (seeds_ > 0) std::copy_n(&channel_partials_[channel * seeds_], seeds_, step_.partials(column, s));
    }
    store(step_, at_.idle_slots, s, step.facts.idle_slots);
    store(step_, at_.micro_batches, s, step.facts.micro_batches);
    store(step_, at_.interleave, s, step.facts.interleave);
    store(step_, at_.backward_share, s, step.facts.backward_share);
    store(step_, at_.kv_bytes, s, step.facts.kv_bytes);
    store(step_, at_.activation_bytes, s, step.facts.activation_bytes);
    store(step_, at_.state_bytes, s, step.facts.state_bytes);
    if (loads_active_) {
      chain_load(step_, at_.kv_bytes, s, s, &step_slopes_[s * kStepSlopes * kLoads]);
      chain_load(step_, at_.activation_bytes, s, s, &step_slopes_[(s * kStepSlopes + 1) * kLoads]);
    }
  }
  run_stage(*pipeline_, IRONLAW_LEVEL_STEP, step_, scratch_);
}

void Evaluator::run_cases(std::span<const Case* const> cases,
                          std::span<const CaseParameters* const> parameters, std::span<Outcome> outcomes,
                          std::span<double> gradients, std::span<double> shares, WallMask mask) {
  const std::size_t n_walls = pipeline_->walls().size();
  const Rule& rule = pipeline_->rule(IRONLAW_LEVEL_STEP);
  std::fill(shares.begin(), shares.end(), 0.0);

  const Stage& run_level = pipeline_->stage(IRONLAW_LEVEL_RUN);
  run_.reset(run_level.columns.size(), cases.size(), seeds_);
  activate_imports(IRONLAW_LEVEL_RUN, run_);
  for (std::size_t row = 0; row < cases.size(); ++row)
    fill_imports(IRONLAW_LEVEL_RUN, run_, row, row + 1, row, cases[row]->n_slots - 1, *parameters[row]);
  run_stage(*pipeline_, IRONLAW_LEVEL_RUN, run_, scratch_);

  for (std::size_t s = 0; s < steps_.size();) {
    const std::size_t row = steps_[s].case_index;
    const Case& c = *cases[row];
    Outcome& out = outcomes[row];
    out = {};
    out.requests =
        c.slots[0].plan.phase == Phase::train ? c.samples : scenario_.column(at_.running_requests)[row];
    out.memory_headroom = std::numeric_limits<double>::infinity();
    step_partials_.assign(seeds_, 0.0);
    step_shares_.assign(shares.empty() ? 0 : n_walls, 0.0);

    for (; s < steps_.size() && steps_[s].case_index == row; ++s) {
      const StepRow& step = steps_[s];
      const auto node_shares = shares.empty()
                                   ? std::span<const double>{}
                                   : std::span<const double>(node_shares_).subspan(s * n_walls, n_walls);
      const TimeSink step_sink{step.count, step_partials_, step_shares_};
      const StepTimes times = compose_step(rule, step_, s, mask, at_.channel[0], node_shares, {}, step_sink);
      out.replica_time += step.count * times.replica;
      out.step_time += step.count * times.step;
      const double devices = c.scenario.split.devices();
      out.useful_flops += step.count * step.useful_flops * devices;
      const Phase phase = c.slots[static_cast<std::size_t>(step.slot)].plan.phase;
      if (phase == Phase::decode) out.decode_step = times.step;
      if (phase == Phase::prefill) out.prefill_step = times.step;
      for (const Contribution& gate : rule.gates)
        out.memory_headroom = std::min(out.memory_headroom, step_.column(gate.column)[s]);
      // How often a step runs may follow parameters too.
      const int count = phase == Phase::prefill  ? at_.prefill_steps
                        : phase == Phase::decode ? at_.decode_steps
                                                 : -1;
      if (count >= 0 && seeds_ > 0 && scenario_.active(count))
        scenario_.add_partials(count, row, times.step, step_partials_.data());
    }

    const std::size_t stride = gradient_stride(*pipeline_);
    const auto whole_gradient = gradients.empty() ? gradients : gradients.subspan(row * stride, stride);
    std::fill(whole_gradient.begin(), whole_gradient.end(), 0.0);
    const auto gradient = whole_gradient.first(seeds_);
    const auto case_shares = shares.empty() ? shares : shares.subspan(row * n_walls, n_walls);
    out.time = compose_run(pipeline_->rule(IRONLAW_LEVEL_RUN), run_, row, mask, out.step_time, step_partials_,
                           step_shares_, {1.0, gradient, case_shares});
    out.peak_time = out.useful_flops / (c.peak * c.scenario.split.devices());
    for (double& g : gradient) g /= out.time;
    if (!gradient.empty() && scenario_.active(at_.running_requests) && c.scenario.task == Task::offline)
      scenario_.add_partials(at_.running_requests, row, -1 / out.requests, gradient.data());
  }
}

void Evaluator::activate_imports(ironlaw_level level, Table& table) {
  if (table.seeds() == 0) return;
  for (const Import& import : pipeline_->stage(level).imports) {
    if (import.parameter >= 0)
      table.activate_one(import.column);
    else if (scenario_.active(import.source))
      table.activate(import.column);
  }
}

void Evaluator::fill_imports(ironlaw_level level, Table& table, std::size_t first, std::size_t last,
                             std::size_t case_row, int slot, const CaseParameters& parameters) {
  const std::size_t n_parameters = pipeline_->parameters().size();
  for (const Import& import : pipeline_->stage(level).imports) {
    double* column = table.column(import.column);
    if (import.parameter < 0) {
      std::fill(column + first, column + last, scenario_.column(import.source)[case_row]);
      if (table.seeds() > 0 && scenario_.active(import.source))
        for (std::size_t row = first; row < last; ++row)
          std::copy_n(scenario_.partials(import.source, case_row), table.seeds(),
                      table.partials(import.column, row));
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
