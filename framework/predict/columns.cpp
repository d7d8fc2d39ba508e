#include "framework/predict/columns.hpp"

#include <fmt/format.h>

#include "framework/base/error.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {

Columns::Columns(const Pipeline& pipeline) {
  const auto at = [&](ironlaw_level level) {
    return [&pipeline, level](const auto& name) { return pipeline.column(level, name.name); };
  };
  const auto scenario = at(IRONLAW_LEVEL_SCENARIO);
  const auto required = [&](const auto& name) {
    const int column = scenario(name);
    if (column < 0) throw Error(fmt::format("no wall provides '{}' ({}).", name.name, name.meaning));
    return column;
  };
  running_requests = required(q::running_requests);
  prefill_requests = required(q::prefill_requests);
  prefill_steps = required(q::prefill_steps);
  decode_steps = required(q::decode_steps);
  mean_context = required(q::mean_context);
  input_len = scenario(q::input_len);
  generated_len = scenario(q::generated_len);
  sequences = scenario(q::sequences);
  prompt_tokens = scenario(q::prompt_tokens);
  prompt_context = scenario(q::prompt_context);
  decode_tokens = scenario(q::decode_tokens);
  accepted_tokens = scenario(q::accepted_tokens);
  draft_steps = scenario(q::draft_steps);
  run_steps = scenario(q::run_steps);
  peak_input = pipeline.input(q::peak_flops.name);
  duration_input = pipeline.input(q::duration.name);
  arrival_input = pipeline.input(q::arrival_rate.name);
  requests_input = pipeline.input(q::configured_requests.name);

  const auto op = at(IRONLAW_LEVEL_OPERATOR);
  flops = op(q::operator_flops);
  bytes = op(q::operator_bytes);
  weight_bytes = op(q::operator_weight_bytes);
  peak = op(q::operator_peak);
  matmul = op(q::is_matmul);
  attention = op(q::is_attention);
  convolution = op(q::is_convolution);
  vector = op(q::is_vector);
  m = op(q::matmul_m);
  n = op(q::matmul_n);
  k = op(q::matmul_k);
  scores = op(q::attention_scores);
  tiles = op(q::attention_tiles);
  tile_scores = op(q::attention_tile_scores);
  launches = op(q::launches);
  message = op(q::message_bytes);
  inside = op(q::ranks_inside);
  across = op(q::ranks_across);
  requests = op(q::operator_requests);
  all_reduce = op(q::is_all_reduce);
  gather = op(q::is_gather);
  all_to_all = op(q::is_all_to_all);
  point_to_point = op(q::is_point_to_point);

  const auto step = at(IRONLAW_LEVEL_STEP);
  channel = {step(q::node_time), step(q::tensor_time), step(q::pipeline_time), step(q::data_time),
             step(q::expert_time)};
  idle_slots = step(q::idle_slots);
  micro_batches = step(q::micro_batches);
  interleave = step(q::interleave);
  backward_share = step(q::backward_share);
  kv_bytes = step(q::kv_bytes);
  activation_bytes = step(q::activation_bytes);
  step_flops = step(q::step_flops);
  step_bytes = step(q::step_bytes);
  step_requests = step(q::step_requests);
  step_tokens = step(q::step_tokens);
  state_bytes = step(q::state_bytes);
  memory_headroom = step(q::memory_headroom);

  const auto run = at(IRONLAW_LEVEL_RUN);
  steps_time = run(q::steps_time);
  prefill_step_time = run(q::prefill_step_time);
  decode_step_time = run(q::decode_step_time);
  draft_step_time = run(q::draft_step_time);
  cycle_flops = run(q::cycle_flops);
  cycle_bytes = run(q::cycle_bytes);
  cycle_kv_bytes = run(q::cycle_kv_bytes);

  const auto result = at(IRONLAW_LEVEL_RESULT);
  cycle_time = result(q::cycle_time);
  run_time = result(q::run_time);
  run_requests = result(q::run_requests);
  run_tokens = result(q::run_tokens);
  request_rate = result(q::request_rate);
  request_capacity = result(q::request_capacity);
  token_rate = result(q::token_rate);
  replica_requests = result(q::replica_requests);
  replica_request_limit = result(q::replica_request_limit);
  useful_flops = result(q::useful_flops);
  replica_time = result(q::replica_time);
  mfu = result(q::mfu);
  eta_scaling = result(q::eta_scaling);
  useful_time_share = result(q::useful_time_share);
  least_headroom = result(q::least_headroom);
}

}  // namespace ironlaw
